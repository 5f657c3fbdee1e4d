"""What the base of indicators starts from, from `indicators/data/`: loaded as owner."""

from pathlib import Path

from indicators.models import Definition
from regions.loading import day_of, put, rows_of

DATA = Path(__file__).parent / "data"


def load_definitions() -> None:
    """First versions of the national definitions; the DGEFP publishes the next ones on screen."""
    rows = [
        row | {"version": int(row["version"]), "starts_on": day_of(row["starts_on"])}
        for row in rows_of(DATA / "definitions.csv")
    ]
    put(Definition, ["code", "version"], rows)
