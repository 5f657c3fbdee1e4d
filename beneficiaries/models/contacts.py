"""Anonymous level-1 contacts: counted, never kept one by one (docs/adr/0061)."""

import uuid

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import CheckConstraint, F, Func, GeneratedField, Q, UniqueConstraint

from beneficiaries.models.columns import CONTACT_FORMS, CONTACT_TALLY
from beneficiaries.models.keys import department_on, held_by, isolation
from regions.models import Department, Region, Site, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import Grants

# What the desk answers. Each is counted apart: which answers were of one person is nowhere.
ANSWERS = ("theme", "audience", "result", "age_band", "channel", "commune")


def counts_of(label: str) -> models.JSONField:
    """How many gave each code: `{"T01": 3}`. PostgreSQL holds to the codes and the sums."""
    return models.JSONField(label, default=dict)


class ContactTally(models.Model):
    """The contacts of a place and a month: how many each day, and how many gave each answer. No
    row is of one person; none says in which order or at what hour they came, nor who received.

    Keys are drawn, and tell no order. `is_settled`: written again with all others of its hour, so
    that its version does not tell the instant of the last contact either.
    """

    id = models.UUIDField("clé", primary_key=True, default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    department = held_by(Department, "département")
    site = held_by(Site, "lieu d’accueil")
    month = models.DateField("mois")  # its first day
    held = GeneratedField(
        expression=Func(
            F("month"),
            template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
            output_field=DateRangeField(),
        ),
        output_field=DateRangeField(),
        db_persist=True,
    )
    total = models.PositiveIntegerField("accueils", default=0)
    days = counts_of("accueils par jour")  # `{"2016-02-10": 3}`
    theme = counts_of("thème")
    audience = counts_of("public")
    result = counts_of("résultat")
    age_band = counts_of("tranche d’âge")
    channel = counts_of("canal")
    commune = counts_of("commune")
    is_settled = models.BooleanField("repris avec les autres", default=False)

    class Meta:
        verbose_name = "décompte d’accueils de niveau 1"
        constraints = [
            *isolation("contact_tally"),
            Grants(
                name="contact_tally_grants",
                app=f"SELECT, INSERT, UPDATE (total, days, {', '.join(ANSWERS)}, is_settled)",
                compiler=CONTACT_TALLY.compiler,
            ),
            department_on("contact_tally_department", "department_id", "region_id", "held"),
            CompositeKey(
                name="contact_tally_site",
                columns=["structure_id", "site_id"],
                to="regions.Site",
                to_columns=["structure_id", "id"],
                violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
            ),
            CheckConstraint(name="contact_tally_month", condition=Q(month__day=1)),
            UniqueConstraint(
                fields=["structure", "site", "month", "department", "region"],
                name="contact_tally_once",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "month"], name="contact_tally_region_month"),
            models.Index(
                fields=["structure"], condition=Q(is_settled=False), name="contact_tally_unsettled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ContactForms(models.Model):
    """The forms that a desk sent in a day, so that none is counted twice: fingerprints of their
    keys, in their own order. Gone after a day."""

    id = models.UUIDField("clé", primary_key=True, default=uuid.uuid4, editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    site = held_by(Site, "lieu d’accueil")
    sent_on = models.DateField("date d’envoi")
    fingerprints = ArrayField(models.BinaryField(), verbose_name="empreintes des envois")

    class Meta:
        verbose_name = "envois d’accueils d’un jour"
        constraints = [
            *isolation("contact_forms"),
            Grants(
                name="contact_forms_grants",
                app="SELECT, INSERT, UPDATE (fingerprints), DELETE",
                compiler=CONTACT_FORMS.compiler,
            ),
            UniqueConstraint(
                fields=["structure", "site", "sent_on", "region"], name="contact_forms_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sent_on}"
