"""What happens to an edition: its journal, the attacks it held against, contestations, recounts."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from indicators.models.editions import Edition, EditionCell
from indicators.models.work import national_only
from regions.models import User
from sprocep.tenancy import (
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    REGIONS,
    USER,
    WITHOUT_STRUCTURE,
    Grants,
    RowPolicy,
)

# Of an edition of that territory, in one's own name: the nation, or what is a Region's to say.
EVENTS_WRITTEN = (
    f"territory = ANY ({REGIONS}) AND ({USER} IS NULL OR by_id = {USER}) "
    "AND EXISTS (SELECT FROM indicators_edition e "
    "WHERE e.id = edition_id AND e.territory = indicators_editionevent.territory) "
    f"AND ({IN_NATIONAL_SCOPE} OR ({IN_WHOLE_REGIONS} "
    "AND kind IN ('commented', 'opened', 'acknowledged', 'contested')))"
)


class EditionEvent(models.Model):
    """One line of the history of an edition: insert-only, read by its Region and the nation."""

    class Kind(models.TextChoices):
        REVIEW_OPENED = "review_opened", "relecture ouverte"
        COMMENTED = "commented", "commentaire de la Région"
        VALIDATED = "validated", "validation"
        TAKEN_BACK = "taken_back", "validation reprise"
        SEALED = "sealed", "scellement"
        TRANSMITTED = "transmitted", "transmission"
        OPENED = "opened", "ouverture par la Région"
        ACKNOWLEDGED = "acknowledged", "accusé de réception"
        CONTESTED = "contested", "contestation"
        ANSWERED = "answered", "réponse à une contestation"
        ERRATUM_OPENED = "erratum_opened", "erratum ouvert"
        SUPERSEDED = "superseded", "remplacement par un erratum"

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="events")
    territory = models.CharField("territoire", max_length=2)
    kind = models.CharField("fait", max_length=16, choices=Kind)
    at = models.DateTimeField("le", auto_now_add=True)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="par"
    )
    text = models.TextField("texte", max_length=2000, blank=True)

    class Meta:
        verbose_name = "fait d’édition"
        ordering = ["at", "pk"]
        constraints = [
            RowPolicy(
                name="edition_event_territory",
                using=f"territory = ANY ({REGIONS})",
                check=EVENTS_WRITTEN,
            ),
            Grants(name="edition_event_grants", app="SELECT, INSERT"),
            UniqueConstraint(
                name="edition_event_once",
                fields=["territory", "edition", "kind"],
                condition=Q(
                    kind__in=["sealed", "transmitted", "opened", "acknowledged", "superseded"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.kind}"


class Contestation(models.Model):
    """A cell of a transmitted edition that its Region does not hold for right, and the answer."""

    class Outcome(models.TextChoices):
        MAINTAINED = "maintained", "valeur maintenue"
        ERRATUM = "erratum", "corrigée par un erratum"

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="contestations")
    territory = models.CharField("territoire", max_length=2)
    # No key in SQL: what is sealed is never deleted, and drafts are, by the hundred thousand.
    cell = models.ForeignKey(
        EditionCell, models.PROTECT, related_name="+", verbose_name="case", db_constraint=False
    )
    reason = models.TextField("motif", max_length=2000)
    raised_at = models.DateTimeField("contestée le", auto_now_add=True)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    outcome = models.CharField("suite", max_length=12, choices=Outcome, blank=True)
    answer = models.TextField("réponse", max_length=2000, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="répondue par"
    )
    erratum = models.ForeignKey(
        Edition, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="erratum"
    )
    # When its Region first opened the answer.
    read_at = models.DateTimeField("réponse lue le", null=True, blank=True)
    read_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lue par"
    )

    class Meta:
        verbose_name = "contestation"
        constraints = [
            RowPolicy(
                name="contestation_territory",
                using=f"territory = ANY ({REGIONS})",
                check=f"territory = ANY ({REGIONS}) AND {WITHOUT_STRUCTURE}",
            ),
            Grants(
                name="contestation_grants",
                app=(
                    "SELECT, INSERT, "
                    "UPDATE (outcome, answer, answered_at, answered_by_id, erratum_id, "
                    "read_at, read_by_id)"
                ),
            ),
            CheckConstraint(
                name="contestation_answered_by_someone",
                condition=Q(
                    outcome="",
                    answer="",
                    answered_at__isnull=True,
                    answered_by__isnull=True,
                    erratum__isnull=True,
                )
                | ~Q(outcome="")
                & ~Q(answer="")
                & Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
            CheckConstraint(
                name="contestation_erratum",
                condition=~Q(outcome="erratum") | Q(erratum__isnull=False),
            ),
            CheckConstraint(
                name="contestation_read_by_someone",
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False) & ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.cell_id}"


class AttackReport(models.Model):
    """What an attacker by linear programming finds in all that is published together: nothing."""

    period = models.CharField("période", max_length=7)
    threshold = models.PositiveSmallIntegerField("seuil")
    cells = models.PositiveIntegerField("cases")
    hidden = models.PositiveIntegerField("cases secrètes")
    hidden_volume = models.DecimalField("part du volume", max_digits=5, decimal_places=4)
    smallest_interval = models.PositiveIntegerField("plus petit intervalle", null=True)
    found = models.PositiveIntegerField("cases retrouvées")
    too_narrow = models.PositiveIntegerField("intervalles trop étroits")
    # Editions that were out: what came out since may give away what they did not.
    given = ArrayField(models.BigIntegerField(), default=list, verbose_name="éditions connues")
    created_at = models.DateTimeField("établi le", auto_now_add=True)

    class Meta:
        verbose_name = "rapport d’attaque"
        constraints = [
            Grants(name="attack_report_grants", app="SELECT", compiler="SELECT, INSERT"),
            CheckConstraint(name="attack_report_finds_nothing", condition=Q(found=0, too_narrow=0)),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.hidden}/{self.cells}"


class Recount(models.Model):
    """A published cell that the audit has counted again from the facts, and why."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    # No key in SQL: what is sealed is never deleted, and drafts are, by the hundred thousand.
    cell = models.ForeignKey(
        EditionCell, models.PROTECT, related_name="+", verbose_name="case", db_constraint=False
    )
    reason = models.CharField("motif", max_length=1000)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    requested_at = models.DateTimeField("demandé le", auto_now_add=True)
    done_at = models.DateTimeField("fait le", null=True, blank=True)
    value = models.DecimalField("valeur", max_digits=16, decimal_places=1, null=True)
    units = models.PositiveIntegerField("unités", null=True)
    contributors = models.PositiveIntegerField("structures", null=True)
    # Pseudonymous: structure, dates, level; no key that another table holds.
    rows = models.JSONField("lignes", default=list)

    class Meta:
        verbose_name = "recomptage"
        constraints = [
            Grants(
                name="recount_grants",
                app="SELECT, INSERT, UPDATE (done_at, value, units, contributors, rows)",
            ),
            national_only("recount_national"),
        ]

    def __str__(self) -> str:
        return f"{self.cell_id} {self.requested_at}"
