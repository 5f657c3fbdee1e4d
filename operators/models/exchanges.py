"""Workshops where advisers of several networks exchange practice: announced by a Region, joined by
advisers of its structures. Names of professionals, and of nobody else (ADR 42)."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual

from operators.models.routing import BY_EITHER, BY_THE_COORDINATION, OF_THE_REGION
from regions.models import Membership, Region, Structure, User
from sprocep.constraints import CompositeKey
from sprocep.tenancy import APP, Grants, RowPolicy

MOST_SEATS = 500


class Exchange(models.Model):
    """No network has more than `share` percent of those who are in, once `least` are; before, no
    more than its share of `least`."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    title = models.CharField("intitulé", max_length=120)
    held_on = models.DateField("date")
    starts_at = models.TimeField("commence à")
    ends_at = models.TimeField("finit à")
    place = models.CharField("lieu ou lien", max_length=200)
    seats = models.PositiveSmallIntegerField("places")
    share = models.PositiveSmallIntegerField("part d’un réseau, au plus")
    least = models.PositiveSmallIntegerField("à partir de combien d’inscrits")
    cancelled_on = models.DateField("annulé le", null=True, blank=True)

    class Meta:
        verbose_name = "atelier d’échange de pratique"
        ordering = ["held_on", "starts_at", "pk"]
        constraints = [
            Grants(name="exchange_grants", app="SELECT, INSERT, UPDATE (cancelled_on)"),
            RowPolicy(
                name="exchange_region", using=OF_THE_REGION, check=BY_THE_COORDINATION, to=(APP,)
            ),
            UniqueConstraint(fields=["region", "id"], name="exchange_key"),
            UniqueConstraint(fields=["region", "public_id"], name="exchange_public_id"),
            CheckConstraint(
                name="exchange_hours",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message="Un atelier finit après avoir commencé.",
            ),
            CheckConstraint(
                name="exchange_seats",
                condition=Q(seats__gte=2, seats__lte=MOST_SEATS),
                violation_error_message="Un atelier compte de 2 à 500 places.",
            ),
            CheckConstraint(
                name="exchange_least",
                condition=Q(least__gte=1, least__lte=F("seats")),
                violation_error_message=(
                    "La part compte à partir d’un nombre de places prises qui va de 1 à toutes."
                ),
            ),
            CheckConstraint(
                name="exchange_share",
                condition=Q(share__gte=1, share__lte=100)
                # One of each network enters in any case.
                & Q(GreaterThanOrEqual(Cast("share", models.IntegerField()) * F("least"), 100)),
                violation_error_message=(
                    "Avec cette part et ce nombre, personne ne pourrait entrer : augmentez l’un ou "
                    "l’autre."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Registration(models.Model):
    """One adviser at an exchange; whether she is in or waits is computed (`operators.exchanges`).
    Withdrawn and never removed; `attended` is noted by who organises."""

    public_id = models.UUIDField("identifiant public", default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    exchange = models.ForeignKey(
        Exchange, models.PROTECT, related_name="registrations", db_index=False
    )
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    # The person, who may have several roles here, or change them.
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=120)  # the organiser reads no account of a structure
    registered_at = models.DateTimeField("inscription le", auto_now_add=True)
    withdrawn_at = models.DateTimeField("désistement le", null=True, blank=True)
    attended = models.BooleanField("présence", null=True, blank=True)

    class Meta:
        verbose_name = "inscription à un atelier d’échange"
        ordering = ["pk"]
        constraints = [
            Grants(
                name="registration_grants", app="SELECT, INSERT, UPDATE (withdrawn_at, attended)"
            ),
            RowPolicy(name="registration_region", using=OF_THE_REGION, check=BY_EITHER, to=(APP,)),
            CompositeKey(
                name="registration_exchange",
                columns=["region_id", "exchange_id"],
                to="operators.Exchange",
                to_columns=["region_id", "id"],
            ),
            CompositeKey(
                name="registration_member",
                columns=["structure_id", "member_id"],
                to="regions.Membership",
                to_columns=["structure_id", "id"],
            ),
            UniqueConstraint(fields=["region", "public_id"], name="registration_public_id"),
            UniqueConstraint(
                fields=["region", "exchange", "user"],
                condition=Q(withdrawn_at__isnull=True),
                name="registration_once",
                violation_error_message="Vous avez déjà une inscription à cet atelier.",
            ),
            CheckConstraint(
                name="registration_attended",
                condition=Q(attended__isnull=True) | Q(withdrawn_at__isnull=True),
                violation_error_message="Qui s’est désisté n’a pas de présence.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
