"""Rollups and raw figures, which only the compilation reads; editions and their cells, which all
pages and files read; the list of work to do."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from regions.models import Region, Structure, User
from sprocep.tenancy import (
    APP,
    COMPILER,
    IN_ANY_SCOPE,
    IN_NATIONAL_SCOPE,
    REGIONS,
    Grants,
    RegionIsolation,
    RowPolicy,
)


def national_only(name: str) -> RowPolicy:
    return RowPolicy(name=name, using=IN_NATIONAL_SCOPE)


class CalendarEntry(models.Model):
    """When a period is computed, and when its dashboards are due: rows that the DGEFP edits."""

    period = models.CharField("période", max_length=7, primary_key=True)
    starts_on = models.DateField("début")
    computed_on = models.DateField("calculé et protégé le")
    due_on = models.DateField("échéance de transmission")
    launched_at = models.DateTimeField("lancé le", null=True, blank=True)

    class Meta:
        verbose_name = "échéance"
        ordering = ["starts_on"]
        constraints = [
            Grants(name="calendar_entry_grants", app="SELECT, INSERT, UPDATE", compiler="SELECT"),
            CheckConstraint(
                name="calendar_entry_order",
                condition=Q(due_on__gte=models.F("computed_on")),
                violation_error_message="L'échéance suit le calcul.",
            ),
        ]

    def __str__(self) -> str:
        return self.period


class SecrecyThreshold(models.Model):
    """From which number of units a cell may be published (k), from a day on."""

    k = models.PositiveSmallIntegerField("seuil")
    starts_on = models.DateField("à partir du", unique=True)

    class Meta:
        verbose_name = "seuil de secret"
        constraints = [
            Grants(name="secrecy_threshold_grants", app="SELECT", compiler="SELECT"),
            CheckConstraint(name="secrecy_threshold_low", condition=Q(k__gte=3)),
        ]

    def __str__(self) -> str:
        return f"k = {self.k}"


class ExpectedReturn(models.Model):
    """A structure must deliver its activity of a period in a Region; its arrival is dated."""

    period = models.CharField("période", max_length=7)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    received_at = models.DateTimeField("reçue le", null=True, blank=True)

    class Meta:
        verbose_name = "remontée attendue"
        constraints = [
            RegionIsolation(name="expected_return_region"),
            Grants(name="expected_return_grants", app="SELECT", compiler="SELECT"),
            UniqueConstraint(fields=["region", "structure", "period"], name="expected_return_once"),
        ]
        indexes = [models.Index(fields=["period", "region"], name="expected_return_period")]

    def __str__(self) -> str:
        return f"{self.period} {self.region_id} {self.structure_id}"


class RollupMark(models.Model):
    """A (Region, month) whose facts changed since its rollups were built. Insert-only journal:
    two advisers who save at once never wait for each other."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    month = models.DateField("mois")

    class Meta:
        verbose_name = "mois à recalculer"
        constraints = [
            RegionIsolation(name="rollup_mark_region"),
            Grants(name="rollup_mark_grants", app="INSERT", compiler="SELECT, INSERT, DELETE"),
        ]
        indexes = [models.Index(fields=["region", "month"], name="rollup_mark_cell")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month}"


class Rollup(models.Model):
    """Additive counts of one structure in one département and month.

    `population = built` with no unit is the mark that the cell (Region, month) is built.
    """

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    department = models.CharField("département", max_length=3)
    month = models.DateField("mois")
    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    operator = models.CharField("catégorie d'opérateur", max_length=30)
    level = models.CharField("niveau", max_length=12)
    population = models.CharField("population", max_length=30)
    breakdown = models.CharField("ventilation", max_length=30)
    category = models.CharField("modalité", max_length=12)
    units = models.PositiveIntegerField("unités")

    class Meta:
        verbose_name = "agrégat"
        constraints = [
            RegionIsolation(name="rollup_region"),
            Grants(name="rollup_grants", compiler="SELECT, INSERT, DELETE, TRUNCATE"),
        ]
        indexes = [models.Index(fields=["region", "month", "population"], name="rollup_cell")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month} {self.population}"


class CellKey(models.Model):
    """The address of a figure: the columns of a published file (docs/architecture.md)."""

    territory = models.CharField("territoire", max_length=2)
    borders = models.CharField("périmètre", max_length=6, default="date")
    indicator = models.CharField("indicateur", max_length=12)
    population = models.CharField("population", max_length=30)
    department = models.CharField("département", max_length=5)
    operator = models.CharField("catégorie d'opérateur", max_length=30)
    level = models.CharField("niveau", max_length=12)
    breakdown = models.CharField("ventilation", max_length=30)
    category = models.CharField("modalité", max_length=12)
    value = models.DecimalField("valeur", max_digits=16, decimal_places=1, null=True)
    unit = models.CharField("unité", max_length=12)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.indicator} {self.territory} {self.breakdown}={self.category}"


class Figure(CellKey):
    """One computed cell, raw, with what stands behind it: `compiler` only."""

    period = models.CharField("période", max_length=7)
    units = models.PositiveIntegerField("unités derrière la valeur")
    contributors = models.PositiveIntegerField("structures derrière la valeur")

    class Meta:
        verbose_name = "valeur"
        constraints = [
            RegionIsolation(name="figure_territory", column="territory"),
            Grants(name="figure_grants", compiler="SELECT, INSERT, DELETE, TRUNCATE"),
        ]
        indexes = [
            models.Index(fields=["period", "borders", "territory"], name="figure_of_territory")
        ]


class Edition(models.Model):
    """The dashboard of a territory (a Region or `FR`) for a period: sealed, then transmitted."""

    class State(models.TextChoices):
        DRAFT = "draft", "brouillon"
        SEALED = "sealed", "scellée"
        TRANSMITTED = "transmitted", "transmise"

    MOVES = {
        State.DRAFT: frozenset({State.SEALED}),
        State.SEALED: frozenset({State.TRANSMITTED}),
        State.TRANSMITTED: frozenset(),
    }
    WHOSE_TURN = {
        State.DRAFT: "dgefp_officer",
        State.SEALED: "dgefp_officer",
        State.TRANSMITTED: "regional_coordinator",
    }

    period = models.CharField("période", max_length=7)
    territory = models.CharField("territoire", max_length=2)
    number = models.PositiveSmallIntegerField("numéro", default=1)
    state = models.CharField("état", max_length=12, choices=State, default=State.DRAFT)
    compiled_at = models.DateTimeField("compilée le")
    figures_seal = models.CharField("sceau des valeurs", max_length=64)
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
                    "SELECT, UPDATE (state, sealed_at, sealed_by_id, transmitted_at, "
                    "transmitted_by_id)"
                ),
                compiler="SELECT, INSERT, DELETE, UPDATE (compiled_at, figures_seal)",
            ),
            # Sealed: read in any scope. Before: by the nation alone, which also writes.
            RowPolicy(
                name="edition_reading",
                using=f"{IN_NATIONAL_SCOPE} OR (sealed_at IS NOT NULL AND {IN_ANY_SCOPE})",
                check=IN_NATIONAL_SCOPE,
            ),
            # The compilation neither sees nor changes what is sealed.
            RowPolicy(
                name="edition_compiling",
                using=f"sealed_at IS NULL AND territory = ANY ({REGIONS})",
                to=(COMPILER,),
            ),
            UniqueConstraint(fields=["period", "territory", "number"], name="edition_number"),
            CheckConstraint(
                name="edition_sealed_by_someone",
                condition=Q(state="draft", sealed_at__isnull=True, sealed_by__isnull=True)
                | Q(~Q(state="draft"), sealed_at__isnull=False, sealed_by__isnull=False),
            ),
            CheckConstraint(
                name="edition_transmitted_by_someone",
                condition=Q(
                    ~Q(state="transmitted"),
                    transmitted_at__isnull=True,
                    transmitted_by__isnull=True,
                )
                | Q(
                    state="transmitted",
                    transmitted_at__isnull=False,
                    transmitted_by__isnull=False,
                ),
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
        verbose_name = "fichier d'édition"
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
    lease_until = models.DateTimeField("bail jusqu'à", null=True, blank=True)
    heartbeat_at = models.DateTimeField("dernier signe", null=True, blank=True)
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
