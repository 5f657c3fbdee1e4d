"""What was generated, measured in the tables and said in French."""

from dataclasses import dataclass
from pathlib import Path

from django.db import connections, transaction

from indicators.generation.ground import OWNER
from indicators.generation.national import COPYING, Made
from indicators.generation.rows import FACTS
from regions.models import Site, Structure

_BLOCK = 1 << 20
# Column → its code for « non renseigné ».
_PROFILE = {
    "education_level_id": "NR",
    "situation_id": "NR",
    "socio_professional_category_id": "NR",
    "sector_id": "NR",
    "contract_type_id": "K99",
    "boeth_id": "NR",
    "sex_id": "NR",
    "residence_area_id": "NR",
    "arrival_id": "NR",
}
_JOURNEYS = f"""
    SELECT count(*), count(closed_on), count(*) FILTER (WHERE age IS NULL),
           {", ".join(f"count(*) FILTER (WHERE {c} = '{nr}')" for c, nr in _PROFILE.items())}
    FROM beneficiaries_journey
"""
_BY_DEPARTMENT = """
    SELECT coalesce(opened, 0) FROM regions_department
    LEFT JOIN (SELECT department_id, count(*) AS opened FROM beneficiaries_journey
               GROUP BY department_id) j ON j.department_id = code
    ORDER BY 1
"""
# From the first that is awaited on, nothing is received.
_RETURNS = """
    SELECT count(*), count(*) FILTER (WHERE received_at IS NULL) FROM indicators_expectedreturn
    WHERE period < %s
"""
# Of the true persons, those whom two structures of one Region know.
_TRUTH = "CREATE TEMPORARY TABLE truth (file bigint, person bigint) ON COMMIT DROP"
_TWO_STRUCTURES = """
    SELECT count(DISTINCT person) FILTER (WHERE structures > 1)::float / count(DISTINCT person)
    FROM (SELECT person, count(DISTINCT structure_id) AS structures
          FROM truth JOIN beneficiaries_beneficiary ON id = file
          GROUP BY person, region_id) known
"""


@dataclass(frozen=True)
class Report:
    counts: dict[str, int]
    persons: int
    sessions_a_second_copying: float
    sessions_a_second: float
    gini: float
    share_closed: float
    share_two_structures: float
    sessions_a_journey: float
    share_unfilled: float
    share_not_received: float
    steps: dict[str, float]

    def lines(self) -> list[str]:
        return [
            *(f"{_number(count):>12}  {name}" for name, count in self.counts.items()),
            f"{_number(self.persons):>12}  personnes",
            f"Entretiens par seconde : {_number(self.sessions_a_second_copying)} pendant la copie, "
            f"{_number(self.sessions_a_second)} tout compris",
            f"Gini des parcours par département : {_decimal(self.gini, 2)}",
            f"Parcours clos : {_percent(self.share_closed)}",
            "Personnes suivies par deux structures d’une même Région : "
            f"{_percent(self.share_two_structures)}",
            f"Entretiens par parcours : {_decimal(self.sessions_a_journey, 2)}",
            f"Profils non renseignés : {_percent(self.share_unfilled)}",
            f"Remontées non reçues : {_percent(self.share_not_received)}",
            *(f"{_decimal(seconds, 1):>8} s  {step}" for step, seconds in self.steps.items()),
            f"{_decimal(sum(self.steps.values()), 1):>8} s  en tout",
        ]


def measure(made: Made, truth: Path) -> Report:
    counts = {model._meta.verbose_name: _count(model) for model, _ in FACTS.values()}
    counts |= {model._meta.verbose_name: _count(model) for model in (Structure, Site)}
    ((journeys, closed, *unfilled),) = _rows(_JOURNEYS)
    ((expected, not_received),) = _rows(_RETURNS, [made.plan.first_awaited.code])
    sessions = counts["entretien"]
    return Report(
        counts=counts,
        persons=made.persons,
        sessions_a_second_copying=sessions / made.timing.steps[COPYING],
        sessions_a_second=sessions / made.timing.total,
        gini=gini([opened for (opened,) in _rows(_BY_DEPARTMENT)]),
        share_closed=closed / journeys,
        share_two_structures=_two_structures(truth),
        sessions_a_journey=sessions / journeys,
        share_unfilled=sum(unfilled) / len(unfilled) / journeys,
        share_not_received=not_received / expected if expected else 0.0,
        steps=made.timing.steps,
    )


def gini(values: list[int]) -> float:
    """0 when all départements have as many, near 1 when one has everything; values in order."""
    total = sum(values)
    ranked = sum(rank * value for rank, value in enumerate(sorted(values), start=1))
    return 2 * ranked / (len(values) * total) - (len(values) + 1) / len(values)


def _two_structures(truth: Path) -> float:
    """Share of true persons known to two structures of one Region."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(_TRUTH)
        with (
            truth.open("rb") as lines,
            cursor.copy("COPY truth FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while block := lines.read(_BLOCK):
                copy.write(block)
        cursor.execute(_TWO_STRUCTURES)
        return cursor.fetchone()[0]


def _count(model) -> int:
    return model.objects.using(OWNER).count()


def _rows(query: str, values: list | None = None) -> list[tuple]:
    with connections[OWNER].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u202f")


def _decimal(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def _percent(share: float) -> str:
    return f"{_decimal(100 * share, 1)}\u00a0%"
