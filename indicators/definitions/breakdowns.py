"""What a figure is broken down by: national lists, on the last day of a period."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, permutations

from operators.models import (
    AgeBand,
    Arrival,
    Boeth,
    Channel,
    ContractType,
    DeclineReason,
    EducationLevel,
    Funder,
    Nomenclature,
    Outcome,
    Reason,
    ResidenceArea,
    Sector,
    Service,
    ServiceLevel,
    Sex,
    Situation,
    SocioProfessionalCategory,
    SteeringResult,
    Theme,
)
from operators.queries import choices
from regions.models import NetworkName
from sprocep.memory import remembered
from sprocep.periods import Period

Codes = list[tuple[str, str]]
# Of some units: what is known of each, and the codes that it may have.
Conditions = Mapping[str, frozenset[str]]


@remembered
def in_force(nomenclature: type[Nomenclature], day: date) -> Codes:
    """Read (code, label) of a national list on a day, in its own order."""
    return list(choices(nomenclature, day).values_list("code", "label"))


def _list_of(nomenclature: type[Nomenclature]) -> Callable[[Period], Codes]:
    return lambda period: in_force(nomenclature, period.last_day)


def _sex_and_age(period: Period) -> Codes:
    return [
        (f"{sex}|{band}", f"{sex_label}, {band_label.lower()}")
        for sex, sex_label in in_force(Sex, period.last_day)
        for band, band_label in in_force(AgeBand, period.last_day)
    ]


def _sets_of_levels(period: Period) -> Codes:
    levels = [code for code, _ in in_force(ServiceLevel, period.last_day)]
    sets = [s for size in range(1, len(levels) + 1) for s in combinations(levels, size)]
    return [("_".join(s), " + ".join(f"niveau {code[1:]}" for code in s)) for s in sets]


@remembered
def _networks(period: Period) -> Codes:
    """Networks have no end: any of them may receive. Names of the date, or the last they bore."""
    names = NetworkName.objects.filter(starts_on__lte=period.last_day).order_by(
        "network__position", "starts_on"
    )
    return list(dict(names.values_list("network_id", "name")).items())


def _months(period: Period) -> Codes:
    return [(month.code, month.label) for month in period.months]


def _documents(period: Period) -> Codes:
    """A document is owed from level 2 on."""
    return [("handed", "Remis"), ("owed", "Non remis"), ("not_owed", "Niveau 1 seul")]


def _structures(period: Period) -> Codes:
    return [("one", "Une seule structure"), ("several", "Au moins deux structures")]


def changes_of_level(levels: Iterable[str]) -> Codes:
    """From the session before, of the same journey, to this one."""
    return [
        ("none", "Premier entretien, ou même niveau"),
        *(
            (f"{before}_{after}", f"Du niveau {before[1:]} au niveau {after[1:]}")
            for before, after in permutations(levels, 2)
        ),
    ]


def _level_changes(period: Period) -> Codes:
    return changes_of_level(code for code, _ in in_force(ServiceLevel, period.last_day))


def _payers(period: Period) -> Codes:
    return [("none", "Aucun"), ("one", "Un seul"), ("several", "Plusieurs")]


@dataclass(frozen=True)
class Breakdown:
    """A one-way margin; `is_special` (health) makes a zero as secret as a one. `says`: what a
    category tells of its units; their own code in this breakdown, unless said otherwise."""

    name: str
    label: str
    codes: Callable[[Period], Codes]
    is_special: bool = False
    says: Callable[[str], Conditions] | None = None

    def conditions(self, category: str) -> Conditions:
        return self.says(category) if self.says else {self.name: frozenset((category,))}


def _sex_and_age_of(category: str) -> Conditions:
    sex, age = category.split("|")
    return {"sex": frozenset((sex,)), "age": frozenset((age,))}


def _highest_level_of(category: str) -> Conditions:
    """« N1_N3 » is of level N3: sets of levels are written in their order."""
    return {"level": frozenset((category.split("_")[-1],))}


def _level_of_document(category: str) -> Conditions:
    return {"level": frozenset(("N1",))} if category == "not_owed" else {}


MONTH = Breakdown("month", "mois", _months)
OUTCOME = Breakdown("outcome", "issue du parcours", _list_of(Outcome))
CHANNEL = Breakdown("channel", "canal", _list_of(Channel))
THEME = Breakdown("theme", "thème", _list_of(Theme))
RESULT = Breakdown("steering_result", "résultat de l’accueil", _list_of(SteeringResult))
NETWORK = Breakdown("network", "réseau", _networks)
FROM_NETWORK = Breakdown("from_network", "réseau qui oriente", _networks)
TO_NETWORK = Breakdown("to_network", "réseau qui reçoit", _networks)
DECLINE_REASON = Breakdown("decline_reason", "motif de refus", _list_of(DeclineReason))
SEX_AGE = Breakdown("sex_age", "sexe et âge", _sex_and_age, says=_sex_and_age_of)
EDUCATION = Breakdown("education_level", "niveau de formation", _list_of(EducationLevel))
SITUATION = Breakdown("situation", "situation", _list_of(Situation))
PCS = Breakdown(
    "socio_professional_category",
    "catégorie socioprofessionnelle",
    _list_of(SocioProfessionalCategory),
)
BOETH = Breakdown("boeth", "obligation d’emploi", _list_of(Boeth), is_special=True)
SECTOR = Breakdown("sector", "secteur d’activité", _list_of(Sector))
CONTRACT = Breakdown("contract_type", "type de contrat", _list_of(ContractType))
RESIDENCE = Breakdown("residence_area", "commune de résidence", _list_of(ResidenceArea))
REASON = Breakdown("reason", "motif", _list_of(Reason))
SERVICE = Breakdown("service", "service", _list_of(Service))
JOURNEY_TYPE = Breakdown(
    "journey_type", "niveaux parcourus", _sets_of_levels, says=_highest_level_of
)
EXIT_SITUATION = Breakdown("exit_situation", "situation à la sortie", _list_of(Situation))
ARRIVAL = Breakdown("arrival", "venue", _list_of(Arrival))
STRUCTURES = Breakdown("structures", "structures traversées", _structures)
LEVEL_CHANGE = Breakdown("level_change", "changement de niveau", _level_changes)
DOCUMENT = Breakdown("document", "document de synthèse", _documents, says=_level_of_document)
FUNDER = Breakdown("funder", "financeur", _list_of(Funder))
PAYERS = Breakdown("payers", "financeurs qui accordent", _payers)
