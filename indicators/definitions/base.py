"""The national base, first version: each indicator is declared here, once."""

from dataclasses import dataclass, field
from datetime import date

from indicators.definitions.breakdowns import (
    ARRIVAL,
    BOETH,
    CHANNEL,
    CONTRACT,
    DECLINE_REASON,
    DOCUMENT,
    EDUCATION,
    EXIT_SITUATION,
    FROM_NETWORK,
    FUNDER,
    JOURNEY_TYPE,
    LEVEL_CHANGE,
    MONTH,
    NETWORK,
    OUTCOME,
    PAYERS,
    PCS,
    REASON,
    RESIDENCE,
    RESULT,
    SECTOR,
    SERVICE,
    SEX_AGE,
    SITUATION,
    STRUCTURES,
    THEME,
    TO_NETWORK,
    Breakdown,
)
from sprocep.periods import Period

TOTAL = "total"
LEGAL_SOURCE = "arrêté du 16 juillet 2014, annexe, § 4"
_LOOP_SOURCE = "arrêté du 16 juillet 2014, annexe, § 3.1"  # « outils de liaison »
# Amounts are printed to the nearest of these (euros), and never where one person makes up more of
# them than this share: docs/adr/0038.
EUROS_TO = 10_000
DOMINANT = 0.85


@dataclass(frozen=True)
class Indicator:
    """One declaration. `source` is the name, in the computation, of what fills its cells: the
    breakdown itself for counts, a measure for means and quantiles. `lacks`: a count of the units of
    which this is not known."""

    code: str
    label: str
    unit: str
    populations: tuple[str, ...]
    breakdowns: tuple[Breakdown, ...] = ()
    by_level: bool = False
    by_operator: bool = False
    by_department: bool = False
    measure: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    least_units: int = 0
    lacks: str = ""
    legal_source: str = LEGAL_SOURCE
    starts_on: date = date(2015, 1, 1)

    @property
    def is_count(self) -> bool:
        """A count over nothing is 0; a mean or a quantile over nothing is empty."""
        return not self.measure or self.unit == "journeys"

    @property
    def is_whole(self) -> bool:
        """Neither a mean nor a quantile, which are read to the tenth."""
        return self.is_count or self.unit == "euros"


_ENTRIES = ("journeys_opened",)
_EXITS = ("journeys_closed",)
_PROFILE = ("journeys_opened", "persons_seen")
_NETWORKS = (FROM_NETWORK, TO_NETWORK)
# What became of a fiche de liaison, by the states that say so: each fiche sent is in one of them.
SENT = "referrals"
OUTCOMES_OF_REFERRALS = {
    "referrals_accepted": ("accepted", "missed"),
    "referrals_received": ("received",),
    "referrals_declined": ("declined",),
    "referrals_unanswered": ("sent", "opened", "escalated"),
    "referrals_withdrawn": ("withdrawn",),
}
# Plans that were closed; requests that their funder answered, by what it answered.
PLANS = "financing_plans"
ANSWERED = "fundings"
OUTCOMES_OF_FUNDINGS = {"fundings_granted": ("granted",), "fundings_refused": ("refused",)}
# What is shared out among others, and among which.
SHARED_OUT = {SENT: OUTCOMES_OF_REFERRALS, ANSWERED: OUTCOMES_OF_FUNDINGS}


def _profile(code: str, label: str, breakdown: Breakdown) -> Indicator:
    return Indicator(
        code, label, "journeys", _PROFILE, (breakdown,), by_level=True, by_operator=True
    )


def _of_exits(code: str, label: str, unit: str, measure: str) -> Indicator:
    return Indicator(code, label, unit, _EXITS, by_level=True, by_operator=True, measure=measure)


def _of_delay(
    code: str, label: str, unit: str, measure: str, least_units: int = 0, lacks: str = ""
) -> Indicator:
    return Indicator(
        code,
        label,
        unit,
        _ENTRIES,
        by_operator=True,
        by_department=True,
        measure=measure,
        least_units=least_units,
        lacks=lacks,
    )


def _of_referrals(code: str, label: str, population: str, *more: Breakdown) -> Indicator:
    return Indicator(
        code,
        label,
        "referrals",
        (population,),
        (*_NETWORKS, *more),
        by_department=population == SENT,  # outcomes of a département would mostly be secret
        legal_source=_LOOP_SOURCE,
    )


def _of_answers(code: str, label: str, measure: str, least_units: int = 0) -> Indicator:
    return Indicator(
        code,
        label,
        "days",
        (SENT,),
        _NETWORKS,
        measure=measure,
        sources={one.name: f"{measure}_{one.name}" for one in _NETWORKS},
        least_units=least_units,
        legal_source=_LOOP_SOURCE,
    )


def _of_fundings(code: str, label: str, population: str) -> Indicator:
    """By funder alone: crossed with operators, nearly all would be secret (docs/adr/0038)."""
    return Indicator(code, label, "fundings", (population,), (FUNDER,))


def _of_answered(code: str, label: str, unit: str, measure: str, least_units: int = 0) -> Indicator:
    return Indicator(
        code,
        label,
        unit,
        (ANSWERED,),
        (FUNDER,),
        measure=measure,
        sources={"funder": f"{measure}_funder"},
        least_units=least_units,
    )


def _of_plans(code: str, label: str, measure: str) -> Indicator:
    return Indicator(code, label, "euros", (PLANS,), by_operator=True, measure=measure)


INDICATORS = (
    Indicator(
        "A1",
        "Entrées en CEP",
        "journeys",
        _ENTRIES,
        (MONTH,),
        by_level=True,
        by_operator=True,
        by_department=True,
    ),
    Indicator(
        "A2",
        "Bénéficiaires (CEP commencé ou terminé)",
        "persons",
        ("persons_started_or_ended",),
        by_level=True,
        by_operator=True,
        by_department=True,
    ),
    Indicator(
        "A3",
        "Personnes reçues",
        "persons",
        ("persons_seen",),
        by_level=True,
        by_operator=True,
        by_department=True,
    ),
    Indicator(
        "A4",
        "Parcours en cours au dernier jour",
        "journeys",
        ("journeys_open",),
        by_level=True,
        by_operator=True,
        by_department=True,
    ),
    Indicator("A5", "Sorties", "journeys", _EXITS, (OUTCOME,), by_operator=True),
    Indicator(
        "A6",
        "Accueils de niveau 1",
        "contacts",
        ("contacts",),
        (CHANNEL, THEME, RESULT, NETWORK),
        by_department=True,
    ),
    Indicator("A7", "Venue des personnes", "journeys", _ENTRIES, (ARRIVAL,), by_operator=True),
    _profile("B1", "Sexe et tranche d’âge", SEX_AGE),
    _profile("B2", "Niveau de formation", EDUCATION),
    _profile("B3", "Situation", SITUATION),
    _profile("B4", "Catégorie socioprofessionnelle", PCS),
    _profile("B5", "Bénéficiaires de l’obligation d’emploi", BOETH),
    _profile("B6", "Secteur d’activité", SECTOR),
    _profile("B7", "Type de contrat", CONTRACT),
    _profile("B8", "Commune rurale ou urbaine", RESIDENCE),
    Indicator(
        "C1.main",
        "Motif principal",
        "journeys",
        _ENTRIES,
        (REASON,),
        by_level=True,
        by_operator=True,
    ),
    Indicator(
        "C1.all",
        "Tous motifs",
        "journeys",
        _ENTRIES,
        (REASON,),
        by_level=True,
        by_operator=True,
        sources={"reason": "reason_all"},
    ),
    Indicator(
        "D1",
        "Services mobilisés",
        "services",
        ("services",),
        (SERVICE,),
        by_level=True,
        by_operator=True,
    ),
    _of_exits("E1.mean", "Entretiens par parcours, moyenne", "sessions", "sessions_mean"),
    _of_exits("E1.median", "Entretiens par parcours, médiane", "sessions", "sessions_median"),
    _of_exits("E2.q1", "Durée du parcours, premier quartile", "days", "days_q1"),
    _of_exits("E2.median", "Durée du parcours, médiane", "days", "days_median"),
    _of_exits("E2.q3", "Durée du parcours, troisième quartile", "days", "days_q3"),
    _of_delay("E3.median", "Délai du premier entretien, médiane", "days", "delay_median"),
    _of_delay("E3.d9", "Délai du premier entretien, neuvième décile", "days", "delay_d9", 30),
    _of_delay(
        "E3.undated", "Entrées sans date de demande", "journeys", "delay_undated", lacks="delay"
    ),
    Indicator(
        "E4", "Typologie des parcours", "journeys", _EXITS, (JOURNEY_TYPE,), by_operator=True
    ),
    Indicator(
        "E5",
        "Structures traversées",
        "journeys",
        _EXITS,
        (STRUCTURES,),
        by_operator=True,
        legal_source=_LOOP_SOURCE,
    ),
    Indicator(
        "F1",
        "Canal des entretiens",
        "sessions",
        ("sessions",),
        (CHANNEL,),
        by_level=True,
        by_operator=True,
    ),
    Indicator("F2", "Changements de niveau", "sessions", ("sessions",), (LEVEL_CHANGE,)),
    Indicator(
        "G1",
        "Documents de synthèse remis",
        "journeys",
        _EXITS,
        (DOCUMENT,),
        by_operator=True,
    ),
    Indicator(
        "G2.plans",
        "Plans de financement bouclés",
        "plans",
        (PLANS,),
        (PAYERS,),
        by_operator=True,
    ),
    _of_plans("G2.costs", "Coût des plans bouclés", "costs"),
    _of_plans("G2.gap", "Reste à financer des plans bouclés", "gap"),
    _of_fundings("G2.answered", "Demandes de financement répondues", ANSWERED),
    _of_fundings("G2.granted", "Demandes de financement accordées", "fundings_granted"),
    _of_fundings("G2.refused", "Demandes de financement refusées", "fundings_refused"),
    _of_answered("G2.asked", "Montant demandé", "euros", "asked"),
    _of_answered("G2.given", "Montant accordé", "euros", "given"),
    _of_answered("G2.median", "Délai de réponse du financeur, médiane", "days", "funding_median"),
    _of_answered(
        "G2.d9", "Délai de réponse du financeur, neuvième décile", "days", "funding_d9", 30
    ),
    _of_referrals("H1.sent", "Fiches de liaison envoyées", SENT),
    _of_referrals("H1.accepted", "Fiches acceptées, personne non reçue", "referrals_accepted"),
    _of_referrals("H1.received", "Fiches dont la personne est reçue", "referrals_received"),
    _of_referrals("H1.declined", "Fiches refusées", "referrals_declined", DECLINE_REASON),
    _of_referrals("H1.silent", "Fiches sans réponse", "referrals_unanswered"),
    _of_referrals("H1.withdrawn", "Fiches retirées", "referrals_withdrawn"),
    _of_answers("H2.median", "Délai de réponse aux fiches, médiane", "answer_median"),
    _of_answers("H2.d9", "Délai de réponse aux fiches, neuvième décile", "answer_d9", 30),
    Indicator(
        "I1", "Situation à la sortie", "journeys", _EXITS, (EXIT_SITUATION,), by_operator=True
    ),
)


def unit_of(indicator: Indicator, population: str) -> str:
    """Profiles count journeys at the entry and persons where they are seen."""
    is_of_persons = population.startswith("persons") and indicator.unit == "journeys"
    return "persons" if is_of_persons else indicator.unit


def base_in_force(period: Period) -> list[Indicator]:
    return [indicator for indicator in INDICATORS if indicator.starts_on <= period.last_day]
