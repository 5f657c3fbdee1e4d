"""Compilations and the list of their units of work."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, UniqueConstraint

from regions.models import User
from sprocep.tenancy import (
    IN_NATIONAL_SCOPE,
    Grants,
    RowPolicy,
)


def national_only(name: str) -> RowPolicy:
    return RowPolicy(name=name, using=IN_NATIONAL_SCOPE)


class Compilation(models.Model):
    """One launch of the work for a period: by whom, why, for which territories."""

    period = models.CharField("période", max_length=7)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField("demandée le", auto_now_add=True)

    class Meta:
        verbose_name = "compilation"
        constraints = [
            Grants(name="compilation_grants", app="SELECT, INSERT"),
            national_only("compilation_national"),
        ]

    def __str__(self) -> str:
        return f"{self.period} n° {self.pk}"


class Work(models.Model):
    """One idempotent unit of work. The broker is a bell, this table is the list.

    A worker holds a row by a lease that it renews; a row whose lease ran out is free again, and
    after three tries it stops with its cause.
    """

    class Step(models.IntegerChoices):
        COMPUTE = 1, "calculer"
        PROTECT = 2, "protéger"
        FILES = 3, "mettre en fichiers"
        DECLARE = 4, "compter les remontées"
        RECOUNT = 5, "recompter une case"

    class State(models.TextChoices):
        WAITING = "waiting", "en attente"
        RUNNING = "running", "en cours"
        DONE = "done", "fait"
        FAILED = "failed", "en échec"

    MAX_TRIES = 3

    compilation = models.ForeignKey(
        Compilation, models.CASCADE, null=True, related_name="work", verbose_name="compilation"
    )
    step = models.PositiveSmallIntegerField("étape", choices=Step)
    period = models.CharField("période", max_length=7)
    starts_on = models.DateField("début de la période")
    territory = models.CharField("territoire", max_length=2)
    borders = models.CharField("périmètre", max_length=6, default="date")
    regions = ArrayField(models.CharField(max_length=2), verbose_name="Régions touchées")
    state = models.CharField("état", max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    claimed_by = models.CharField("pris par", max_length=80, blank=True)
    lease_until = models.DateTimeField("bail jusqu’à", null=True, blank=True)
    heartbeat_at = models.DateTimeField("dernier signe", null=True, blank=True)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    finished_at = models.DateTimeField("fini le", null=True, blank=True)
    cause = models.CharField("cause", max_length=400, blank=True)

    class Meta:
        verbose_name = "travail"
        constraints = [
            Grants(name="work_grants", app="SELECT, INSERT, UPDATE"),
            national_only("work_national"),
            UniqueConstraint(
                fields=["compilation", "step", "territory", "borders"], name="work_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["step", "period"],
                condition=~Q(state="done"),
                name="work_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.period} {self.territory}"
