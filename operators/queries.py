"""Reads of the operators, their categories and the code lists, on a day."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from operators.models import (
    Audience,
    Capacity,
    Channel,
    ContractType,
    CostKind,
    DeclineReason,
    EducationLevel,
    Exchange,
    Funder,
    FundingHint,
    FundingRight,
    Nomenclature,
    Operator,
    OperatorCategoryName,
    Outcome,
    Reason,
    RecruitingTrade,
    Sector,
    Service,
    Situation,
    SocioProfessionalCategory,
    SteeringResult,
    Theme,
    TradeList,
)
from regions import returned_mail
from regions.models import Membership, Site, Structure, StructureName
from regions.permissions import ROLES, Permission
from regions.queries import departments_of, heirs, in_force, name_of, region_scope
from sprocep import periods, sms, tenancy
from sprocep.memory import remembered

# Lists to which the DGEFP adds codes, by the word of their address: (title, list).
EDITED_LISTS: dict[str, tuple[str, type[Nomenclature]]] = {
    "services": ("Services", Service),
    "motifs": ("Motifs de sollicitation", Reason),
    "canaux": ("Canaux", Channel),
    "issues": ("Issues des parcours", Outcome),
    "situations": ("Situations", Situation),
    "niveaux-de-formation": ("Niveaux de formation", EducationLevel),
    "categories-socioprofessionnelles": (
        "Catégories socioprofessionnelles",
        SocioProfessionalCategory,
    ),
    "secteurs": ("Secteurs d’activité", Sector),
    "contrats": ("Types de contrat", ContractType),
    "themes": ("Thèmes d’accueil", Theme),
    "publics": ("Publics accueillis", Audience),
    "resultats-accueil": ("Résultats d’accueil", SteeringResult),
    "motifs-de-refus": ("Motifs de refus d’une fiche de liaison", DeclineReason),
    "couts": ("Types de coût", CostKind),
    "financeurs": ("Financeurs", Funder),
    "droits": ("Droits mobilisables", FundingRight),
}


def operator_of(structure_id: int, day: date) -> Operator | None:
    """The right of this structure to deliver CEP on this day."""
    return Operator.objects.filter(in_force(day), structure_id=structure_id).first()


def operator_structures() -> list[int]:
    """Every structure that ever was an operator: the holders of nominal files."""
    return list(Operator.objects.values_list("structure_id", flat=True).distinct())


def address_of(structure: int, region: str) -> str:
    """Where the fiches of a structure go in this Region, or in what it became today, by mail or to
    a mobile: as the structure or its coordination said last."""
    regions = [held for heir in heirs(region) for held in region_scope(heir)]
    with tenancy.scope(regions=regions):
        said = Capacity.objects.filter(structure=structure, region__in=regions)
        last = said.order_by("-region__starts_on").values_list("address", flat=True).first() or ""
        return last if "@" in last or sms.is_available() else ""


def reached(structures: Iterable[int], regions: list[str]) -> set[int]:
    """Of these, those that a fiche comes to in one of these Regions: somebody has an account and
    may answer, or there is an address where mails arrive. Said to whoever sends, from wherever."""
    answering = [role for role, rights in ROLES.items() if Permission.ANSWER_REFERRALS in rights]
    here = {"structure__in": list(structures), "region__in": regions}
    with tenancy.scope(regions=[*regions, tenancy.NATION]):
        accounts = Membership.objects.filter(
            in_force(periods.today()),
            role__in=answering,
            user__is_active=True,
            unconfirmed_since__isnull=True,
            **here,
        )
        said = Capacity.objects.filter(**here).order_by("region__starts_on")
        last = dict(said.values_list("structure_id", "address"))
        refused = returned_mail.unreached(last.values())
        written_to = {
            structure
            for structure, address in last.items()
            if "@" in address or (address and sms.is_available())
            if not (address in refused and refused[address].is_of_the_mailbox)
        }
        return written_to.union(accounts.values_list("structure_id", flat=True))


def choices(nomenclature: type[Nomenclature], day: date) -> QuerySet[Nomenclature]:
    """Codes of a list that are in force on this day, in their order."""
    return nomenclature.objects.filter(in_force(day)).order_by("position")


@remembered
def labels(nomenclature: type[Nomenclature]) -> dict[str, str]:
    """Words of each code of a list, of all times."""
    return dict(nomenclature.objects.values_list("code", "label"))


def funding_hints(region: str, day: date) -> QuerySet[FundingHint]:
    """Advice in force on this day by funder: national, and of this Region or of those it was made
    of."""
    return FundingHint.objects.filter(
        in_force(day), Q(region=None) | Q(region__in=region_scope(region))
    ).select_related("funder")


def hints_of(region: str | None) -> QuerySet[FundingHint]:
    """All advice of a Region and of those it was made of; the national one for none."""
    whose = Q(region__in=region_scope(region)) if region else Q(region=None)
    return FundingHint.objects.filter(whose).select_related("funder")


def exchanges_of(region: str) -> QuerySet[Exchange]:
    """Workshops between networks, of a Region and of those it was made of."""
    return Exchange.objects.filter(region__in=region_scope(region))


def trade_lists(region: str) -> QuerySet[TradeList]:
    """Every list of trades that recruit, of a Region and of those it was made of, by source, the
    newest first."""
    return TradeList.objects.filter(region__in=region_scope(region))


def latest_of(lists: Iterable[TradeList]) -> list[TradeList]:
    """Of each source, what it says of its last year; none that was replaced or withdrawn."""
    found: dict[str, TradeList] = {}
    for one in sorted(lists, key=lambda one: (-one.year, -one.pk)):
        if one.ends_on is None:
            found.setdefault(one.source.lower(), one)
    return list(found.values())


def trades_of(lists: Iterable[TradeList]) -> QuerySet[RecruitingTrade]:
    """With `asked` and `hard`: projects and difficult share, last where the source says none."""
    lists = list(lists)
    return (
        RecruitingTrade.objects.filter(
            region__in={one.region_id for one in lists}, trade_list__in=lists
        )
        .select_related("trade_list", "department")
        .annotate(asked=Coalesce("projects", -1), hard=Coalesce("difficult", Decimal(-1)))
    )


def category_name(code: str, day: date) -> str:
    """Name of a category on this day; the last it bore when it is over."""
    names = OperatorCategoryName.objects.filter(category_id=code)
    on_the_day = names.filter(in_force(day)).first()
    return (on_the_day or names.latest("starts_on")).name


def category_names(day: date) -> dict[str, str]:
    """Name of each category on this day, in their order; the last it bore for those over."""
    names: dict[str, str] = {}
    for row in OperatorCategoryName.objects.order_by("category__position", "starts_on"):
        if row.starts_on <= day or row.category_id not in names:
            names[row.category_id] = row.name
    return names


def described(operators: QuerySet[Operator], day: date) -> QuerySet[Operator]:
    """Rights to deliver CEP with `siret`, `network`, `departments` where it receives, and
    `name`: that of the day, the first day of the right when it is later, or the last it bore."""
    names = StructureName.objects.filter(
        structure_id=OuterRef("structure_id"), starts_on__lte=Greatest(OuterRef("starts_on"), day)
    ).order_by("-starts_on")
    places = Site.objects.filter(structure_id=OuterRef("structure_id"), is_remote_platform=False)
    return operators.annotate(
        siret=F("structure__siret"),
        network=F("structure__network_id"),
        name=Subquery(names.values("name")[:1]),
        departments=ArraySubquery(
            places.order_by("department_id").values("department_id").distinct()
        ),
    )


def receiving_structures(region: str, day: date) -> QuerySet[Structure]:
    """Operators that receive in a Region, with `name`, by name."""
    return (
        Structure.objects.filter(
            Exists(sites_receiving(region, day).filter(structure=OuterRef("pk"))),
            Exists(Operator.objects.filter(in_force(day), structure=OuterRef("pk"))),
        )
        .annotate(name=name_of("structure", day))
        .order_by("name", "pk")
    )


def sites_receiving(region: str, day: date) -> QuerySet[Site]:
    """Places of a Region where people are received, or answered from afar, with their hours."""
    return (
        Site.objects.filter(department__in=departments_of(region, day))
        .select_related("commune", "structure")
        .prefetch_related("hours", "premises")
        .order_by("commune__name", "pk")
    )
