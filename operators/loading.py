"""Categories of operators and national code lists, from `operators/data/`: loaded as owner."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from django.db import transaction

from operators.models import (
    AgeBand,
    Arrival,
    Audience,
    Boeth,
    Channel,
    ContractType,
    CostKind,
    DeclineReason,
    EducationLevel,
    Funder,
    FundingHint,
    FundingRight,
    IndividualRight,
    Nomenclature,
    OperatorCategory,
    OperatorCategoryName,
    Outcome,
    Reason,
    ResidenceArea,
    RoutingRule,
    Sector,
    Service,
    ServiceLevel,
    Sex,
    Situation,
    SocioProfessionalCategory,
    SteeringResult,
    Theme,
)
from regions.loading import OWNER, day_of, put, rows_of

DATA = Path(__file__).parent / "data"

CODES_FROM = date(2014, 1, 1)
# arrêté du 16 juillet 2014 (JO du 24), in force the day after its publication
LEVELS_FROM = date(2014, 7, 25)
FRAMEWORK = "CDC2014"

# Lists of code_lists_proposed.csv; its lists of states are not nomenclatures.
_LISTS: dict[str, type[Nomenclature]] = {
    "issue_parcours": Outcome,
    "situation": Situation,
    "sexe": Sex,
    "handicap": Boeth,
    "type_contrat": ContractType,
    "theme_accueil": Theme,
    "public_accueil": Audience,
    "resultat_accueil": SteeringResult,
    "motif_refus_liaison": DeclineReason,
    "financeur": Funder,
}
_YOUNGEST = {"A1": 14, "A2": 26, "A3": 35, "A4": 45, "A5": 55, "NR": None}
_PLATFORM = "PLATFORM"  # in the column of the network: members of one
_HEALTH_REASONS = frozenset({"M11"})
_ON_SITE = frozenset({"PRE", "BOR"})
NOT_STATED = ("NR", "Non renseigné")


def load_nomenclatures() -> None:
    lists: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(
        rows_of(DATA / "code_lists_proposed.csv"), key=lambda r: (r["list"], int(r["position"]))
    ):
        lists.setdefault(row["list"], []).append((row["code"], row["label_fr"]))
    with transaction.atomic(using=OWNER):
        _load_categories()
        for name, model in _LISTS.items():
            _put_codes(model, lists[name])
        _put_codes(AgeBand, lists["tranche_age"], lambda c: {"youngest": _YOUNGEST[c]})
        _put_codes(Reason, lists["motif"], lambda c: {"is_health": c in _HEALTH_REASONS})
        _put_codes(Channel, lists["canal"], lambda c: {"is_remote": c not in _ON_SITE})
        _load_levels_and_services(lists)
        _put_codes(EducationLevel, _pairs("niveaux_formation.csv", "code_2019", "label_2019"))
        _put_codes(SocioProfessionalCategory, [*_pairs("pcs_niveau1.csv"), NOT_STATED])
        _put_codes(Sector, [*_pairs("naf_sections_rev2.csv"), NOT_STATED])
        _put_codes(ResidenceArea, _pairs("residence_areas.csv"))
        _put_codes(Arrival, _pairs("arrivals.csv"))
        _load_funding()
        _load_routing()


def _pairs(file: str, code: str = "code", label: str = "label") -> Iterator[tuple[str, str]]:
    for row in rows_of(DATA / file):
        yield row[code], row[label]


def _put_codes(
    model: type[Nomenclature], codes: Iterable[tuple[str, str]], more=lambda code: {}
) -> None:
    put(
        model,
        ["code"],
        [
            {"code": code, "label": label, "position": position, "starts_on": CODES_FROM}
            | more(code)
            for position, (code, label) in enumerate(codes, start=1)
        ],
    )


def _load_levels_and_services(lists: dict[str, list[tuple[str, str]]]) -> None:
    # No end date: the DGEFP ends a framework and starts another by rows.
    _put_codes(
        ServiceLevel,
        lists["niveau_2014"],
        lambda code: {
            "framework": FRAMEWORK,
            "rank": int(code.removeprefix("N")),
            "starts_on": LEVELS_FROM,
        },
    )
    levels = {r["service"]: f"N{r['level_2014']}" for r in rows_of(DATA / "service_levels.csv")}
    _put_codes(Service, lists["service"], lambda code: {"level_id": levels[code]})


def _load_funding() -> None:
    _put_codes(CostKind, _pairs("cost_kinds.csv"))
    rights = {row["code"]: row for row in rows_of(DATA / "funding_rights.csv")}
    _put_codes(
        FundingRight,
        [(code, row["label"]) for code, row in rights.items()],
        lambda code: {"funder_id": rights[code]["funder"]} | _dates(rights[code]),
    )
    own = {row["code"]: row for row in rows_of(DATA / "individual_rights.csv")}
    _put_codes(
        IndividualRight,
        [(code, row["label"]) for code, row in own.items()],
        lambda code: _dates(own[code]),
    )
    put(
        FundingHint,
        ["funder_id", "region_id", "text"],
        [
            {
                "funder_id": row["funder"],
                "region_id": row["region"] or None,
                "text": row["text"],
                "source": row["source"],
            }
            | _dates(row)
            for row in rows_of(DATA / "funding_hints.csv")
        ],
    )


def _load_routing() -> None:
    """The rules of a Region that wrote none. Networks are loaded with the territory."""
    lists = ("reasons", "situations", "categories")
    put(
        RoutingRule,
        ["region_id", "position", "starts_on"],
        [
            {
                "region_id": None,
                "position": int(row["position"]),
                "level_id": row["level"] or None,
                "youngest": int(row["youngest"]) if row["youngest"] else None,
                "oldest": int(row["oldest"]) if row["oldest"] else None,
                "of_dropouts": bool(row["dropouts"]),
                "to_platform": row["network"] == _PLATFORM,
                "network_id": None if row["network"] == _PLATFORM else row["network"],
                "excludes": row["effect"] == "exclude",
                "source": row["source"],
            }
            | {name: row[name].split() for name in lists}
            | _dates(row)
            for row in rows_of(DATA / "routing_rules.csv")
        ],
    )


def _dates(row: dict[str, str]) -> dict:
    """An end that the file does not give is left as the DGEFP set it."""
    return {name: day_of(row[name]) for name in ("starts_on", "ends_on") if row[name]}


def _load_categories() -> None:
    rows = list(rows_of(DATA / "operator_categories.csv"))
    categories = {row["code"]: row for row in rows}
    put(
        OperatorCategory,
        ["code"],
        [
            {
                "code": code,
                "position": position,
                "starts_on": day_of(row["starts_on"]),
                "ends_on": day_of(row["ends_on"]),
            }
            for position, (code, row) in enumerate(categories.items(), start=1)
        ],
    )
    put(
        OperatorCategoryName,
        ["category_id", "starts_on"],
        [
            {
                "category_id": row["code"],
                "name": row["name"],
                "starts_on": day_of(row["name_starts_on"]),
                "ends_on": day_of(row["name_ends_on"]),
            }
            for row in rows
        ],
    )
