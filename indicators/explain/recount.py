"""Count one cell again from the facts, as `compiler`: what the audit compares with the seal."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connections

from indicators.computation import Extent
from indicators.definitions import TOTAL
from indicators.explain.address import CellAddress
from indicators.explain.units import ACTS, AUDIT, PERSONS, VALUES, behind, measure_of, parameters
from sprocep import tenancy

MOST_ROWS = 300

_COUNT = """
SELECT {value}, {units},
       (SELECT count(DISTINCT structure) FROM {structures})
  FROM kept
"""
# Structures are numbered within one recount, persons not at all: nothing leads to another table.
_ROWS = """
SELECT dense_rank() OVER (ORDER BY structure), operator, department, happened_on, rank
  FROM kept ORDER BY happened_on, 1, department, rank LIMIT %(most)s
"""


@dataclass(frozen=True)
class Counted:
    """`rows`: structure (numbered here alone), operator category, département, day, level."""

    value: Decimal | None
    units: int
    contributors: int
    rows: list[list]


def count_again(address: CellAddress, extent: Extent, *, with_rows: bool = True) -> Counted:
    """One cell of a territory, from its facts as they are now.

    Raises:
        NotCountable: the indicator is not of the national base.
    """
    asked = parameters(address, extent, most=MOST_ROWS)
    kept = behind(address, AUDIT)
    with (
        tenancy.scope(regions=extent.scope, read_only=True, using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(kept + _counting(address), asked)
        value, units, contributors = cursor.fetchone()
        rows = []
        if with_rows:
            cursor.execute(kept + _ROWS, asked)
            rows = [[*row[:3], row[3].isoformat(), row[4]] for row in cursor.fetchall()]
    return Counted(value, units, contributors, rows)


def _counting(address: CellAddress) -> str:
    """Behind sessions, services and fiches stand persons; behind a person, all structures that saw
    her, and behind her profile the one that drew it up."""
    counted = VALUES.get(measure_of(address), "count(*)::numeric")
    is_of_all_facts = address.population in PERSONS and address.breakdown == TOTAL
    of_persons = "(SELECT here.structure FROM here JOIN kept USING (person)) seen"
    return _COUNT.format(
        value=f"round({counted}, 1)",
        units="count(DISTINCT person)" if address.population in ACTS else "count(*)",
        structures=of_persons if is_of_all_facts else "kept",
    )
