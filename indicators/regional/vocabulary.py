"""What may be composed: populations, what tells their units apart, what they measure.

The SQL stands over the temporary tables of `indicators.computation.facts` and reads no column that
identifies a person. Neither BOETH nor a health reason is a filter: a Region that narrows to them
would publish cells that the national base keeps at its coarsest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from indicators.contacts import CONTACTS
from indicators.definitions import Codes, in_force
from operators.models import (
    AgeBand,
    Channel,
    ContractType,
    EducationLevel,
    Nomenclature,
    OperatorCategoryName,
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
from regions.models import NetworkName
from regions.queries import in_force as on


@dataclass(frozen=True)
class Field:
    """What a filter or a breakdown tells apart. `phrase`: « le sexe est »."""

    label: str
    phrase: str
    nomenclature: type[Nomenclature] | None = None

    def codes(self, day: date) -> Codes:
        """(code, label) in force on a day: what a breakdown counts."""
        return in_force(self.nomenclature, day) if self.nomenclature else []

    def choices(self, day: date) -> Codes:
        """What a filter offers of them."""
        return self.codes(day)


class OfReasons(Field):
    def choices(self, day: date) -> Codes:
        health = set(Reason.objects.filter(is_health=True).values_list("code", flat=True))
        return [(code, label) for code, label in self.codes(day) if code not in health]


class OfOperators(Field):
    def codes(self, day: date) -> Codes:
        names = OperatorCategoryName.objects.filter(on(day), on(day, "category__"))
        return list(names.order_by("category__position").values_list("category_id", "name"))


class OfNetworks(Field):
    def codes(self, day: date) -> Codes:
        names = NetworkName.objects.filter(on(day)).order_by("network__position")
        return list(names.values_list("network_id", "name"))


FIELDS: dict[str, Field] = {
    "level": Field("niveau de service", "le niveau est", ServiceLevel),
    "operator": OfOperators("catégorie d’opérateur", "l’opérateur est"),
    "sex": Field("sexe", "le sexe est", Sex),
    "age": Field("tranche d’âge", "l’âge est", AgeBand),
    "situation": Field("situation", "la situation est", Situation),
    "education_level": Field("niveau de formation", "le niveau de formation est", EducationLevel),
    "socio_professional_category": Field(
        "catégorie socioprofessionnelle",
        "la catégorie socioprofessionnelle est",
        SocioProfessionalCategory,
    ),
    "sector": Field("secteur d’activité", "le secteur est", Sector),
    "contract_type": Field("type de contrat", "le contrat est", ContractType),
    "residence_area": Field("commune rurale ou urbaine", "la commune est", ResidenceArea),
    "reason": OfReasons("motif principal", "le motif principal est", Reason),
    "service": Field("service", "le service est", Service),
    "channel": Field("canal", "le canal est", Channel),
    "outcome": Field("issue du parcours", "l’issue est", Outcome),
    "exit_situation": Field("situation à la sortie", "la situation à la sortie est", Situation),
    "theme": Field("thème", "le thème est", Theme),
    "steering_result": Field("résultat de l’accueil", "le résultat est", SteeringResult),
    "network": OfNetworks("réseau", "le réseau est"),
}


@dataclass(frozen=True)
class Subject:
    """What a mean or a median is taken of."""

    label: str  # « la durée du parcours »
    unit: str
    column: str


@dataclass(frozen=True)
class Population:
    """`words`: « parcours ouverts dans la période »; `reading` gives one row a unit.

    `columns`: of each field; `place`: expressions of département, operator and rank; `total`: the
    national indicator that counts the same population.
    """

    words: str
    unit: str
    total: str
    reading: str
    department: str
    columns: Mapping[str, str]
    operator: str = "f.operator"
    rank: str = ""
    structure: str = "f.structure_id"
    person: str = "f.person"
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    # Answers that are counted each apart: one composition holds one of them at most.
    apart: frozenset[str] = frozenset()
    # Distinct persons, derived again in each place; sessions and services stand on persons.
    is_of_persons: bool = False
    stands_on_persons: bool = False

    @property
    def is_nominal(self) -> bool:
        """Behind its units are persons that can be counted."""
        return bool(self.person)

    @property
    def breakdowns(self) -> list[str]:
        return [name for name in self.columns if name not in ("level", "operator")]


_PROFILE = {
    "sex": "j.sex_id",
    "age": "split_part(f.sex_age, '|', 2)",
    "situation": "f.situation",
    "education_level": "f.education_level",
    "socio_professional_category": "f.socio_professional_category",
    "sector": "f.sector",
    "contract_type": "f.contract_type",
    "residence_area": "f.residence_area",
    "reason": "j.main_reason_id",
}
_RANKED = {"level": "", "operator": "f.operator"}
_JOURNEYS = "followed f JOIN beneficiaries_journey j ON j.id = f.journey_id"
_FIRST = """CROSS JOIN LATERAL (SELECT s.rank FROM beneficiaries_session s
    WHERE s.journey_id = f.journey_id ORDER BY s.held_on, s.id LIMIT 1) first"""
_SESSIONS = Subject("le nombre d’entretiens du parcours", "sessions", "f.sessions")
_ITS_JOURNEY = """JOIN followed f USING (journey_id)
    JOIN beneficiaries_journey j ON j.id = f.journey_id"""
# Of a session, and of a service in it: the place is the session's, the profile the journey's.
_OF_SESSIONS = {
    "department": "seen.department",
    "operator": "seen.operator",
    "structure": "seen.structure_id",
    "rank": "seen.rank",
    "stands_on_persons": True,
}
_SEEN_RANKED = {"level": "", "operator": "seen.operator"}

POPULATIONS: dict[str, Population] = {
    "journeys_opened": Population(
        words="parcours ouverts dans la période",
        unit="journeys",
        total="A1",
        reading=f"{_JOURNEYS} {_FIRST} WHERE f.opened_in IS NOT NULL",
        department="f.opened_in",
        rank="first.rank",
        columns={**_RANKED, **_PROFILE},
        subjects={
            "delay": Subject("le délai entre la demande et l’ouverture", "days", "f.delay"),
        },
    ),
    "journeys_open": Population(
        words="parcours en cours au dernier jour de la période",
        unit="journeys",
        total="A4",
        reading=f"{_JOURNEYS} WHERE f.open_in IS NOT NULL",
        department="f.open_in",
        rank="f.rank",
        columns={**_RANKED, **_PROFILE},
        subjects={
            "age": Subject(
                "l’ancienneté du parcours", "days", "(%(last_day)s::date - f.opened_on)"
            ),
            "sessions": _SESSIONS,
        },
    ),
    "journeys_closed": Population(
        words="parcours clos dans la période",
        unit="journeys",
        total="A5",
        reading=f"{_JOURNEYS} WHERE f.closed_in IS NOT NULL",
        department="f.closed_in",
        rank="f.rank",
        columns={
            **_RANKED,
            **_PROFILE,
            "outcome": "j.outcome_id",
            "exit_situation": "j.exit_situation_id",
        },
        subjects={
            "days": Subject("la durée du parcours", "days", "f.days"),
            "sessions": _SESSIONS,
        },
    ),
    "persons_seen": Population(
        words="personnes reçues dans la période",
        unit="persons",
        total="A3",
        reading=f"chosen c {_ITS_JOURNEY}",
        department="c.department",
        operator="c.operator",
        rank="c.rank",
        columns={"level": "", **_PROFILE},
        subjects={
            "sessions": Subject(
                "le nombre d’entretiens de la personne dans la période", "sessions", "c.sessions"
            ),
        },
        is_of_persons=True,
    ),
    "sessions": Population(
        words="entretiens de la période",
        unit="sessions",
        total="F1",
        reading=f"""seen {_ITS_JOURNEY}
    JOIN beneficiaries_session s ON s.id = seen.session_id""",
        columns={**_SEEN_RANKED, "channel": "seen.channel", **_PROFILE},
        subjects={"minutes": Subject("la durée de l’entretien", "minutes", "s.minutes")},
        **_OF_SESSIONS,
    ),
    "services": Population(
        words="services mobilisés dans les entretiens de la période",
        unit="services",
        total="D1",
        reading=f"""seen {_ITS_JOURNEY}
    JOIN beneficiaries_sessionservice v ON v.session_id = seen.session_id""",
        columns={
            **_SEEN_RANKED,
            "service": "v.service_id",
            "channel": "seen.channel",
            **_PROFILE,
        },
        **_OF_SESSIONS,
    ),
    "contacts": Population(
        words="accueils de niveau 1 de la période",
        unit="contacts",
        total="A6",
        reading=f"""{CONTACTS} c JOIN regions_structure t ON t.id = c.structure_id
   WHERE c.region_id = ANY (%(regions)s) AND c.department_id = ANY (%(departments)s)
     AND c.month >= %(starts)s AND c.month < %(ends)s""",
        department="c.department_id",
        operator="",
        structure="c.structure_id",
        person="",
        columns={
            "channel": "c.channel_id",
            "theme": "c.theme_id",
            "steering_result": "c.result_id",
            "network": "t.network_id",
            "age": "c.age_band_id",
        },
        apart=frozenset(("channel", "theme", "steering_result", "age")),
    ),
}
