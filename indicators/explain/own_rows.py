"""The rows of one structure behind a cell, read as `app`: row security shows no others."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from indicators.computation import Extent
from indicators.explain.address import CellAddress
from indicators.explain.units import OWN, behind, parameters

_WITH_PERSON = """
SELECT kept.happened_on, kept.department, kept.rank, j.public_id, b.last_name, b.first_name
  FROM kept LEFT JOIN beneficiaries_journey j ON j.id = kept.journey
  LEFT JOIN beneficiaries_beneficiary b ON b.id = j.beneficiary_id
 ORDER BY kept.happened_on DESC, kept.unit DESC LIMIT %(most)s OFFSET %(after)s
"""
_ANONYMOUS = """
SELECT happened_on, department, rank, NULL, '', ''
  FROM kept ORDER BY happened_on DESC, unit DESC LIMIT %(most)s OFFSET %(after)s
"""


@dataclass(frozen=True)
class OwnRow:
    """A journey, a session, a service, a fiche de liaison or an anonymous contact; `journey` is a
    public id, and a fiche may have none."""

    happened_on: date
    department: str
    rank: int | None
    journey: UUID | None
    last_name: str
    first_name: str


class OwnRows:
    """What stands behind a cell in the structure: as many rows as it declares units.

    A list for a paginator: counted, and read by slices.
    """

    ordered = True

    def __init__(self, address: CellAddress, extent: Extent, structure: int) -> None:
        self._kept = behind(address, OWN)
        self._asked = parameters(address, extent, structure=structure)
        self._select = _ANONYMOUS if address.population == "contacts" else _WITH_PERSON

    def count(self) -> int:
        return self._fetched("SELECT count(*) FROM kept")[0][0]

    __len__ = count

    def __getitem__(self, page: slice) -> list[OwnRow]:
        found = self._fetched(self._select, most=page.stop - page.start, after=page.start)
        return [OwnRow(*row) for row in found]

    def _fetched(self, select: str, **more: int) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(self._kept + select, self._asked | more)
            return cursor.fetchall()
