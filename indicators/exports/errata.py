"""What an erratum changes: cells published before and after, with another value.

What is secret in one of the two is not listed and not counted: that a hidden value changed, or did
not, is not said.
"""

from dataclasses import dataclass
from decimal import Decimal

from indicators.exports.blocks import own_block
from indicators.exports.rows import COLUMNS, written
from indicators.models import Edition, EditionCell
from sprocep.rendering.tables import csv_bytes

ADDRESS = (
    "indicator", "population", "department", "operator", "level", "breakdown", "category",
)  # fmt: skip
CHANGE_COLUMNS = ("edition", "supersedes", *COLUMNS[1:3], *ADDRESS, "former_value", "value")


@dataclass(frozen=True)
class Change:
    cell: EditionCell
    former: Decimal

    @property
    def value(self) -> Decimal:
        return self.cell.value


def changes(erratum: Edition) -> list[Change]:
    """By address. Two queries."""
    former = {_address(cell): cell.value for cell in _published(erratum.supersedes)}
    found = [
        Change(cell, former[_address(cell)])
        for cell in _published(erratum)
        if former.get(_address(cell), cell.value) != cell.value
    ]
    return sorted(found, key=lambda change: _address(change.cell))


def _published(edition: Edition):
    return own_block(edition).cells.filter(status=EditionCell.Status.PUBLISHED)


def _address(cell: EditionCell) -> tuple[str, ...]:
    return tuple(getattr(cell, name) for name in ADDRESS)


def changes_csv(erratum: Edition) -> bytes:
    head = (erratum.code, erratum.supersedes.code, erratum.period, erratum.territory)
    rows = [
        (*head, *_address(change.cell), written(change.former), written(change.value))
        for change in changes(erratum)
    ]
    return csv_bytes(CHANGE_COLUMNS, rows, numbers=("former_value", "value"))
