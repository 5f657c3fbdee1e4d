"""Editions, their protected cells and their files: what all pages read."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from indicators.models.figures import CellKey
from regions.models import User
from sprocep.constraints import StateMoves
from sprocep.tenancy import (
    APP,
    COMPILER,
    IN_ANY_SCOPE,
    IN_NATIONAL_SCOPE,
    IN_WHOLE_REGIONS,
    REGIONS,
    Grants,
    RowPolicy,
)


class EditionState(models.TextChoices):
    DRAFT = "draft", "brouillon"
    UNDER_REVIEW = "under_review", "en relecture"
    VALIDATED = "validated", "validée"
    SEALED = "sealed", "scellée"
    TRANSMITTED = "transmitted", "transmise"
    ACKNOWLEDGED = "acknowledged", "reçue par la Région"
    SUPERSEDED = "superseded", "remplacée"


# The whole life of an edition. Its figures are recomputed in place until it is validated; what is
# sealed is only ever replaced, by its erratum, which is an edition of its own and is born a draft.
_MOVES = {
    EditionState.DRAFT: frozenset({EditionState.UNDER_REVIEW}),
    EditionState.UNDER_REVIEW: frozenset({EditionState.VALIDATED}),
    EditionState.VALIDATED: frozenset({EditionState.UNDER_REVIEW, EditionState.SEALED}),
    EditionState.SEALED: frozenset({EditionState.TRANSMITTED, EditionState.SUPERSEDED}),
    EditionState.TRANSMITTED: frozenset({EditionState.ACKNOWLEDGED, EditionState.SUPERSEDED}),
    EditionState.ACKNOWLEDGED: frozenset({EditionState.SUPERSEDED}),
    EditionState.SUPERSEDED: frozenset(),
}


class Edition(models.Model):
    """The dashboard of a territory (a Region or `FR`) for a period: sealed, then transmitted."""

    State = EditionState
    MOVES = _MOVES
    # Who acts next; nobody once the Region has received it, or has its erratum.
    WHOSE_TURN = {
        State.DRAFT: "dgefp_officer",
        State.UNDER_REVIEW: "regional_coordinator",
        State.VALIDATED: "dgefp_officer",
        State.SEALED: "dgefp_officer",
        State.TRANSMITTED: "regional_coordinator",
        State.ACKNOWLEDGED: None,
        State.SUPERSEDED: None,
    }

    period = models.CharField("période", max_length=7)
    territory = models.CharField("territoire", max_length=2)
    number = models.PositiveSmallIntegerField("numéro", default=1)
    # An erratum is an edition of the next number: why, and which it replaces.
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="remplace"
    )
    cause = models.CharField("cause", max_length=1000, blank=True, db_default="")
    state = models.CharField("état", max_length=12, choices=State, default=State.DRAFT)
    compiled_at = models.DateTimeField("compilée le")
    figures_seal = models.CharField("sceau des valeurs", max_length=64)
    # Of the nation: constant borders are published with it, and under no seal of an edition.
    borders_seal = models.CharField(
        "empreinte des limites constantes", max_length=64, blank=True, db_default=""
    )
    # Covers the figures seal and the chained seal of the territory's edition before it.
    chained_seal = models.CharField("sceau chaîné", max_length=64, blank=True, db_default="")
    attack_report = models.ForeignKey(
        "indicators.AttackReport",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="rapport d’attaque",
    )
    sealed_at = models.DateTimeField("scellée le", null=True, blank=True)
    sealed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="scellée par"
    )
    transmitted_at = models.DateTimeField("transmise le", null=True, blank=True)
    transmitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="transmise par"
    )

    class Meta:
        verbose_name = "édition"
        constraints = [
            Grants(
                name="edition_grants",
                app=(
                    "SELECT, INSERT, UPDATE (state, chained_seal, sealed_at, sealed_by_id, "
                    "transmitted_at, transmitted_by_id)"
                ),
                compiler=(
                    "SELECT, INSERT, DELETE, "
                    "UPDATE (compiled_at, figures_seal, borders_seal, attack_report_id)"
                ),
            ),
            # Sealed: read in any scope. Under review: by the nation and the Region itself. Before:
            # by the nation alone, which writes; a Region only says that it has received its own.
            RowPolicy(
                name="edition_reading",
                using=(
                    f"{IN_NATIONAL_SCOPE} OR (sealed_at IS NOT NULL AND {IN_ANY_SCOPE}) "
                    f"OR (state IN ('under_review', 'validated') AND {IN_WHOLE_REGIONS} "
                    f"AND territory = ANY ({REGIONS}))"
                ),
                check=(
                    f"{IN_NATIONAL_SCOPE} OR (state = 'acknowledged' AND {IN_WHOLE_REGIONS} "
                    f"AND territory = ANY ({REGIONS}))"
                ),
            ),
            # The compilation neither sees nor changes what is validated.
            RowPolicy(
                name="edition_compiling",
                using=(
                    "state IN ('draft', 'under_review') AND sealed_at IS NULL "
                    f"AND territory = ANY ({REGIONS})"
                ),
                to=(COMPILER,),
            ),
            StateMoves(
                name="edition_moves",
                born=EditionState.DRAFT,
                moves=_MOVES,
                violation_error_message=(
                    "Cette édition a changé d’état entre-temps: rechargez la page pour voir ce "
                    "qui peut en être fait."
                ),
            ),
            UniqueConstraint(fields=["period", "territory", "number"], name="edition_number"),
            CheckConstraint(
                name="edition_sealed_by_someone",
                condition=Q(
                    state__in=["draft", "under_review", "validated"],
                    sealed_at__isnull=True,
                    sealed_by__isnull=True,
                )
                | Q(
                    state__in=["sealed", "transmitted", "acknowledged", "superseded"],
                    sealed_at__isnull=False,
                    sealed_by__isnull=False,
                ),
            ),
            CheckConstraint(
                name="edition_sealed_after_an_attack",
                condition=Q(sealed_at__isnull=True) | Q(attack_report__isnull=False),
            ),
            CheckConstraint(
                name="edition_sealed_in_its_chain",
                condition=Q(sealed_at__isnull=True, chained_seal="")
                | Q(sealed_at__isnull=False, chained_seal__regex="^[0-9a-f]{64}$"),
            ),
            CheckConstraint(
                name="edition_transmitted_by_someone",
                condition=Q(
                    ~Q(state__in=["transmitted", "acknowledged"]),
                    transmitted_at__isnull=True,
                    transmitted_by__isnull=True,
                )
                | Q(
                    state__in=["transmitted", "acknowledged", "superseded"],
                    transmitted_at__isnull=False,
                    transmitted_by__isnull=False,
                ),
            ),
            CheckConstraint(
                name="edition_erratum_has_a_cause",
                condition=Q(number=1, supersedes__isnull=True, cause="")
                | Q(number__gt=1, supersedes__isnull=False) & ~Q(cause=""),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"{self.period}/{self.territory}/{self.number}"

    @property
    def is_sealed(self) -> bool:
        return self.sealed_at is not None


class EditionCell(CellKey):
    """One protected cell: all that pages, API and files read.

    Constant-border cells are published with the nation's edition and are no edition themselves.
    """

    class Status(models.TextChoices):
        PUBLISHED = "published", "publiée"
        SECRET = "secret", "secret statistique"
        MISSING = "missing", "non disponible"
        NOT_APPLICABLE = "not_applicable", "sans objet"

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="cells", db_index=False)
    status = models.CharField("statut", max_length=14, choices=Status)
    completeness = models.DecimalField("complétude", max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = "case"
        constraints = [
            Grants(name="edition_cell_grants", app="SELECT", compiler="SELECT, INSERT, DELETE"),
            # A cell is seen, or written, with its edition.
            RowPolicy(
                name="edition_cell_reading",
                using="edition_id IN (SELECT id FROM indicators_edition)",
                to=(APP, COMPILER),
            ),
            CheckConstraint(
                name="edition_cell_value_if_published",
                condition=Q(status="published", value__isnull=False)
                | Q(~Q(status="published"), value__isnull=True),
            ),
            UniqueConstraint(
                fields=[
                    "edition",
                    "borders",
                    "territory",
                    "indicator",
                    "population",
                    "breakdown",
                    "category",
                    "department",
                    "operator",
                    "level",
                ],
                name="edition_cell_once",
            ),
        ]


class EditionFile(models.Model):
    """A delivered file, kept as it was delivered: its digest is what `verify_edition` looks up."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="files", db_index=False)
    name = models.CharField("nom", max_length=60)
    media_type = models.CharField("type", max_length=80)
    content = models.BinaryField("contenu")
    sha256 = models.CharField("empreinte", max_length=64, db_index=True)
    size = models.PositiveIntegerField("taille en octets")
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    class Meta:
        verbose_name = "fichier d’édition"
        constraints = [
            Grants(name="edition_file_grants", app="SELECT, INSERT"),
            RowPolicy(
                name="edition_file_reading",
                using="edition_id IN (SELECT id FROM indicators_edition)",
                check=IN_NATIONAL_SCOPE,
            ),
            UniqueConstraint(fields=["edition", "name"], name="edition_file_once"),
        ]

    def __str__(self) -> str:
        return self.name
