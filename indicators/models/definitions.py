"""What an indicator means, since when, and who was heard; indicators that Regions compose."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint, Value
from django.db.models.functions import Concat

from regions.models import Region, User, edited_reference
from sprocep.constraints import StateMoves
from sprocep.tenancy import (
    APP,
    COMPILER,
    IN_ANY_SCOPE,
    REGIONS,
    Grants,
    RegionIsolation,
    RowPolicy,
)


class Definition(models.Model):
    """The words of an indicator of the national base from a day on: public, never rewritten."""

    code = models.CharField("indicateur", max_length=12)
    version = models.PositiveSmallIntegerField("version", default=1)
    starts_on = models.DateField("à partir du")
    label = models.CharField("intitulé", max_length=120)
    statement = models.TextField("définition")
    numerator = models.CharField("numérateur", max_length=400, blank=True)
    denominator = models.CharField("dénominateur", max_length=400, blank=True)
    legal_source = models.CharField("source", max_length=200)
    owner = models.CharField("tenue par", max_length=120)
    # A version that counts otherwise: no line of a chart crosses its first day.
    is_break = models.BooleanField("rupture de série", default=False)
    change = models.CharField("ce qui change", max_length=400, blank=True)

    class Meta:
        verbose_name = "définition"
        ordering = ["code", "version"]
        constraints = [
            *edited_reference("definition", "SELECT, INSERT"),
            UniqueConstraint(fields=["code", "version"], name="definition_version"),
            UniqueConstraint(fields=["code", "starts_on"], name="definition_one_a_day"),
            CheckConstraint(
                name="definition_change_is_said", condition=Q(version=1) | ~Q(change="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Opinion(models.Model):
    """What a council said of a version before it came into force (article L. 6123-1 and following
    of the Code du travail: CNEFOP for the nation, CREFOP in a Region)."""

    class Body(models.TextChoices):
        CNEFOP = "cnefop", "CNEFOP"
        CREFOP = "crefop", "CREFOP"

    class Sense(models.TextChoices):
        FAVOURABLE = "favourable", "favorable"
        RESERVED = "reserved", "favorable avec réserves"
        UNFAVOURABLE = "unfavourable", "défavorable"

    definition = models.ForeignKey(Definition, models.PROTECT, related_name="opinions")
    body = models.CharField("instance", max_length=10, choices=Body)
    given_on = models.DateField("rendu le")
    sense = models.CharField("sens", max_length=12, choices=Sense)
    reference = models.CharField("référence", max_length=200)

    class Meta:
        verbose_name = "avis"
        ordering = ["given_on"]
        constraints = [*edited_reference("opinion", "SELECT, INSERT")]

    def __str__(self) -> str:
        return f"{self.body} {self.given_on}"


# What is published never changes again (trigger `regional_indicator_stands`): another version is
# another row.
REGIONAL_MOVES = {
    "draft": ["published"],
    "published": ["withdrawn", "promoted"],
    "withdrawn": [],
    "promoted": [],
}


class RegionalIndicator(models.Model):
    """An indicator that a Region composes by form; once published it is never rewritten."""

    class Measure(models.TextChoices):
        COUNT = "count", "nombre"
        PERSONS = "persons", "personnes distinctes"
        SHARE = "share", "part"
        MEAN = "mean", "moyenne"
        MEDIAN = "median", "médiane"

    class State(models.TextChoices):
        DRAFT = "draft", "en préparation"
        PUBLISHED = "published", "publié"
        WITHDRAWN = "withdrawn", "retiré"
        PROMOTED = "promoted", "repris dans le socle national"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    code = models.CharField("code", max_length=12)  # R93.1
    version = models.PositiveSmallIntegerField("version", default=1)
    label = models.CharField("intitulé", max_length=120)
    statement = models.TextField("définition", max_length=1000)
    population = models.CharField("population", max_length=30)
    measure = models.CharField("mesure", max_length=10, choices=Measure)
    subject = models.CharField("grandeur", max_length=30, blank=True)  # of a mean or a median
    # [["field", ["code", …]], …]: which units, and of a share which of these.
    filters = models.JSONField("filtres", default=list)
    part = models.JSONField("numérateur", default=list)
    breakdown = models.CharField("ventilation", max_length=30, blank=True)
    by_level = models.BooleanField("par niveau", default=False)
    by_operator = models.BooleanField("par catégorie d’opérateur", default=False)
    by_department = models.BooleanField("par département", default=False)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    starts_on = models.DateField("à partir du", null=True, blank=True)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    opinion = models.CharField("avis du CREFOP", max_length=400, blank=True)
    created_at = models.DateTimeField("composé le", auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    promoted_as = models.CharField("code national", max_length=12, blank=True)

    class Meta:
        verbose_name = "indicateur régional"
        ordering = ["region", "code", "version"]
        constraints = [
            RowPolicy(
                name="regional_indicator_reading",
                using=(f"region_id = ANY ({REGIONS}) OR (state <> 'draft' AND {IN_ANY_SCOPE})"),
                check=f"region_id = ANY ({REGIONS})",
                to=(APP,),
            ),
            RegionIsolation(name="regional_indicator_region", to=(COMPILER,)),
            Grants(
                name="regional_indicator_grants",
                app="SELECT, INSERT, UPDATE, DELETE",
                compiler="SELECT",
            ),
            UniqueConstraint(
                fields=["region", "code", "version"], name="regional_indicator_version"
            ),
            CheckConstraint(
                name="regional_indicator_published",
                condition=Q(state="draft", published_at__isnull=True)
                | ~Q(state="draft") & Q(published_at__isnull=False, starts_on__isnull=False),
            ),
            CheckConstraint(
                name="regional_indicator_code",
                condition=Q(code__startswith=Concat(Value("R"), "region", Value("."))),
            ),
            CheckConstraint(
                name="regional_indicator_promoted",
                condition=Q(state="promoted", promoted_as__regex=r"^[A-Q][0-9]{1,2}$")
                | Q(~Q(state="promoted"), promoted_as=""),
            ),
            UniqueConstraint(
                fields=["promoted_as"],
                condition=~Q(promoted_as=""),
                name="regional_indicator_promoted_once",
            ),
            StateMoves(
                name="regional_indicator_moves",
                born="draft",
                moves=REGIONAL_MOVES,
                violation_error_message=(
                    "Cet indicateur a changé d’état entre-temps: rechargez la page."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def slug(self) -> str:
        """Its name in an address."""
        return f"{self.code}-v{self.version}"
