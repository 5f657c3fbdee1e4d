"""The pages of returns as files: the rows that they show, on all their pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.utils import timezone

from indicators.models import ExpectedReturn
from indicators.returns import STATES
from sprocep.periods import Period
from sprocep.rendering.spreadsheets import Column, DataSheet, Value, xlsx_bytes
from sprocep.rendering.tables import csv_bytes

FORMATS = ("csv", "xlsx")
_PLACE = (Column("période"), Column("libellé de la période", width=24), Column("code de Région"))
_COUNTS = ("attendues", "reçues", "en retard", "à venir")


@dataclass(frozen=True)
class Table:
    name: str
    columns: Sequence[Column]
    rows: list[tuple[Value, ...]]


def table_of_counts(rows: Iterable[dict]) -> Table:
    return Table(
        "remontées par Région",
        (*_PLACE, Column("Région", width=28), *(Column(head, "whole") for head in _COUNTS)),
        [
            (
                *_place(row["period"], row["region_id"], row["region_name"]),
                *(row[name] for name in ("expected", *STATES)),
            )
            for row in rows
        ],
    )


def table_of_structures(rows: Iterable[ExpectedReturn], limits: dict[str, date]) -> Table:
    columns = (
        *(*_PLACE, Column("Région", width=28)),
        *(Column("structure", width=44), Column("Siret", width=18), Column("état")),
        *(Column("en retard à partir du"), Column("reçue le")),
    )
    return Table(
        "remontées par structure",
        columns,
        [
            (
                *_place(row.period, row.region_id, row.region_name),
                *(row.structure_name, row.structure.siret, STATES[row.state]),
                limits[row.period].isoformat(),
                timezone.localdate(row.received_at).isoformat() if row.received_at else "",
            )
            for row in rows
        ],
    )


def _place(period: str, region: str, region_name: str) -> tuple[str, ...]:
    return period, _label(period), region, region_name


@cache
def _label(period: str) -> str:
    return Period.parse(period).label


def file_of(table: Table, file_format: str) -> bytes:
    """The table as `csv` or `xlsx`; the same rows give the same bytes."""
    if file_format == "csv":
        numbers = [column.head for column in table.columns if column.is_number]
        rows = [tuple(str(value) for value in row) for row in table.rows]
        return csv_bytes([column.head for column in table.columns], rows, numbers=numbers)
    newest = max((row[0] for row in table.rows), default="2015-T1")
    sheet = DataSheet(table.name, table.columns, table.rows)
    created = datetime.combine(Period.parse(str(newest)).ends, datetime.min.time())
    return xlsx_bytes([sheet], title=table.name, created=created)
