"""What an adviser has begun to type, before it is a fact."""

from django.db import models
from django.db.models import CheckConstraint, UniqueConstraint
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from beneficiaries.models.columns import DRAFT
from beneficiaries.models.keys import held_by, isolation
from regions.models import Membership, Region, Structure
from sprocep.constraints import CompositeKey
from sprocep.tenancy import Grants

LONGEST_DRAFT = 20_000


class Draft(models.Model):
    """A session or a workshop that is not sent yet, as its form is: `key` is the one that it will
    be sent with.

    It goes when the fact is stored, when its author drops it, or `queries.DRAFT_DAYS` after the
    last letter.
    """

    class Page(models.TextChoices):
        SESSION = "session", "entretien"
        WORKSHOP = "workshop", "atelier"

    key = models.UUIDField("clé d’envoi", editable=False)
    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    author = held_by(Membership, "commencé par")
    page = models.CharField(
        "page", max_length=8, choices=Page, default=Page.SESSION, db_default=Page.SESSION
    )
    typed = models.TextField("ce qui est tapé")
    kept_at = models.DateTimeField("gardé le", auto_now=True)

    class Meta:
        verbose_name = "brouillon"
        constraints = [
            *isolation("draft"),
            Grants(
                name="draft_grants",
                app="SELECT, INSERT, UPDATE (typed, kept_at), DELETE",
                compiler=DRAFT.compiler,
            ),
            CompositeKey(
                name="draft_author",
                columns=["structure_id", "author_id"],
                to="regions.Membership",
                to_columns=["structure_id", "id"],
            ),
            CheckConstraint(
                name="draft_length",
                condition=LessThanOrEqual(Length("typed"), LONGEST_DRAFT),
                violation_error_message="Ce texte est trop long pour être gardé.",
            ),
            UniqueConstraint(fields=["structure", "author", "key"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return str(self.key)
