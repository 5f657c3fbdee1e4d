"""The reference: DuckDB over Parquet copies of the same rows counts the same cells.

Same populations, margins, distinct persons, quantiles, and for secrecy the persons and structures
behind each value, for all territories of a quarter at once. What it does not do: lay the dense grid
and write it into PostgreSQL. The result is compared with the product's figures, cell by cell.
"""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb

from bench.parquet import COLUMNS
from bench.reference.counts import COUNTS
from bench.reference.facts import FACTS
from sprocep.periods import Period

Address = tuple[str, str, str, str, str, str, str]
Value = tuple[Decimal | None, int, int]


def count(folder: Path, period: Period, threads: int) -> None:
    """From the Parquet copies to one Parquet file of counts."""
    parameters = {
        "starts": period.starts,
        "ends": period.ends,
        "last_day": period.last_day,
        "year": period.starts.year,
    }
    with duckdb.connect(config={"threads": threads}) as reference:
        for table in COLUMNS:
            reference.execute(f"CREATE VIEW {table} AS FROM '{folder / table}.parquet'")
        for statement in filter(str.strip, FACTS.split(";")):
            own = {name: value for name, value in parameters.items() if f"${name}" in statement}
            reference.execute(statement, own)
        for statement in COUNTS:
            reference.execute(statement)
        reference.execute(f"COPY counted TO '{folder}/counted.parquet' (FORMAT parquet)")


def counted(folder: Path) -> dict[Address, Value]:
    """What `count` wrote, values rounded as the product rounds them."""
    with duckdb.connect() as reference:
        rows = reference.execute(f"FROM '{folder}/counted.parquet'").fetchall()
    return {tuple(row[:7]): (_rounded(row[7]), row[8], row[9]) for row in rows}


def _rounded(value: float | None) -> Decimal | None:
    if value is None:
        return None
    return Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
