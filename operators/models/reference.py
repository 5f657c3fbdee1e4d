"""Who has the right to deliver CEP, at which levels, and the national code lists."""

from django.db import models
from django.db.models import CheckConstraint, F, Q

from regions.models import DatedName, Structure, edited_reference, reference_grants
from sprocep.constraints import TemporalKey, span


class OperatorCategory(models.Model):
    """The statistical category, column `operator` of figures (L. 6111-6)."""

    code = models.CharField("code", max_length=30, primary_key=True)
    position = models.PositiveSmallIntegerField("rang")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "catégorie d’opérateur CEP"
        ordering = ["position"]
        constraints = [reference_grants("operator_category_grants")]

    def __str__(self) -> str:
        return self.code


class OperatorCategoryName(DatedName):
    category = models.ForeignKey(OperatorCategory, models.PROTECT, related_name="names")

    class Meta:
        verbose_name = "nom de catégorie d’opérateur"
        constraints = [
            reference_grants("operator_category_name_grants"),
            TemporalKey(name="operator_category_name_once", columns=["category_id"]),
        ]


class Operator(models.Model):
    """The right of a structure to deliver CEP: a category, a highest level, dates."""

    structure = models.ForeignKey(Structure, models.PROTECT, related_name="operators")
    category = models.ForeignKey(OperatorCategory, models.PROTECT, related_name="operators")
    max_rank = models.PositiveSmallIntegerField("niveau le plus élevé")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    valid = span("starts_on", "ends_on")

    class Meta:
        verbose_name = "opérateur CEP"
        constraints = [
            reference_grants("operator_grants"),
            CheckConstraint(
                name="operator_span",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
            ),
            TemporalKey(name="operator_once", columns=["structure_id"]),
            TemporalKey(name="operator_category_key", columns=["structure_id", "category_id"]),
            TemporalKey(
                name="operator_rank_key", columns=["structure_id", "category_id", "max_rank"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.structure_id} · {self.category_id}"


class OperatorSuccession(models.Model):
    """Where the legal body or the category changed hands. The Opacif have no successor."""

    predecessor = models.ForeignKey(Operator, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Operator, models.PROTECT, related_name="+")
    on = models.DateField("le")

    class Meta:
        verbose_name = "succession d’opérateurs"
        constraints = [reference_grants("operator_succession_grants")]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"


# ── National code lists: the code of the CSV is the published code ───────────────────────────


class Nomenclature(models.Model):
    """One national code list, dated code by code."""

    code = models.CharField("code", max_length=12, primary_key=True)
    label = models.CharField("libellé", max_length=120)
    position = models.PositiveSmallIntegerField("rang")
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class ServiceLevel(Nomenclature):
    """The three levels of the arrêté of 16 July 2014; another framework is other rows."""

    framework = models.CharField("cahier des charges", max_length=10)
    rank = models.PositiveSmallIntegerField("rang du niveau")
    valid = span("starts_on", "ends_on")

    class Meta(Nomenclature.Meta):
        verbose_name = "niveau de service"
        constraints = [
            reference_grants("service_level_grants"),
            TemporalKey(name="service_level_key", columns=["code", "rank"]),
        ]


class Service(Nomenclature):
    """National service; its level is that of `service_levels.csv`."""

    level = models.ForeignKey(ServiceLevel, models.PROTECT, related_name="services")

    class Meta(Nomenclature.Meta):
        verbose_name = "service"
        constraints = edited_reference("service")


class Reason(Nomenclature):
    is_health = models.BooleanField("relève de la santé", default=False)

    class Meta(Nomenclature.Meta):
        verbose_name = "motif de sollicitation"
        constraints = edited_reference("reason")


class Channel(Nomenclature):
    is_remote = models.BooleanField("à distance", default=False)

    class Meta(Nomenclature.Meta):
        verbose_name = "canal"
        constraints = edited_reference("channel")


class Outcome(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "issue du parcours"
        constraints = edited_reference("outcome")


class Situation(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "situation"
        constraints = edited_reference("situation")


class Sex(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "sexe"
        constraints = [reference_grants("sex_grants")]


class AgeBand(Nomenclature):
    """Ages from `youngest` to below the next band's; `NR` has none."""

    youngest = models.PositiveSmallIntegerField("âge le plus bas", null=True)

    class Meta(Nomenclature.Meta):
        verbose_name = "tranche d’âge"
        constraints = [reference_grants("age_band_grants")]


class Boeth(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "bénéficiaire de l’obligation d’emploi"
        constraints = [reference_grants("boeth_grants")]


class EducationLevel(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "niveau de formation"
        constraints = edited_reference("education_level")


class SocioProfessionalCategory(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "catégorie socioprofessionnelle"
        constraints = edited_reference("socio_professional_category")


class Sector(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "secteur d’activité"
        constraints = edited_reference("sector")


class ContractType(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "type de contrat"
        constraints = edited_reference("contract_type")


class ResidenceArea(Nomenclature):
    """Rural or urban commune of residence: a convention (fewer than 2,000 inhabitants)."""

    class Meta(Nomenclature.Meta):
        verbose_name = "commune rurale ou urbaine"
        constraints = [reference_grants("residence_area_grants")]


class Arrival(Nomenclature):
    """How a person came to her journey. Two are told by what she brings and asked of nobody."""

    FROM_A_STRUCTURE, WITH_A_CODE = "V3", "V4"
    KNOWN = frozenset({FROM_A_STRUCTURE, WITH_A_CODE})

    class Meta(Nomenclature.Meta):
        verbose_name = "venue"
        constraints = [reference_grants("arrival_grants")]


class Theme(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "thème de l’accueil"
        constraints = edited_reference("theme")


class Audience(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "public de l’accueil"
        constraints = edited_reference("audience")


class SteeringResult(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "résultat de l’accueil"
        constraints = edited_reference("steering_result")


class DeclineReason(Nomenclature):
    """Why a structure refuses the person that a fiche de liaison sends to it."""

    class Meta(Nomenclature.Meta):
        verbose_name = "motif de refus d’une fiche de liaison"
        constraints = edited_reference("decline_reason")


class CostKind(Nomenclature):
    """What a project costs: the lines of a financing plan."""

    class Meta(Nomenclature.Meta):
        verbose_name = "type de coût"
        constraints = edited_reference("cost_kind")


class Funder(Nomenclature):
    class Meta(Nomenclature.Meta):
        verbose_name = "financeur"
        constraints = edited_reference("funder")


class FundingRight(Nomenclature):
    """What may be asked of a funder, from a day to another."""

    funder = models.ForeignKey(
        Funder, models.PROTECT, related_name="rights", verbose_name="financeur"
    )
    valid = span("starts_on", "ends_on")

    class Meta(Nomenclature.Meta):
        verbose_name = "droit mobilisable"
        constraints = [
            *edited_reference("funding_right"),
            TemporalKey(name="funding_right_key", columns=["code"]),
        ]


class IndividualRight(Nomenclature):
    """A right of the person that a step of her plan mobilises, whoever pays."""

    class Meta(Nomenclature.Meta):
        verbose_name = "droit individuel"
        constraints = edited_reference("individual_right")


# By the name of the column or breakdown of figures that they are the codes of, where one is.
NOMENCLATURES: dict[str, type[Nomenclature]] = {
    "level": ServiceLevel,
    "service": Service,
    "reason": Reason,
    "channel": Channel,
    "outcome": Outcome,
    "situation": Situation,
    "sex": Sex,
    "age_band": AgeBand,
    "boeth": Boeth,
    "education_level": EducationLevel,
    "socio_professional_category": SocioProfessionalCategory,
    "sector": Sector,
    "contract_type": ContractType,
    "residence_area": ResidenceArea,
    "arrival": Arrival,
    "theme": Theme,
    "audience": Audience,
    "steering_result": SteeringResult,
    "decline_reason": DeclineReason,
    "cost_kind": CostKind,
    "funder": Funder,
    "funding_right": FundingRight,
    "individual_right": IndividualRight,
}
