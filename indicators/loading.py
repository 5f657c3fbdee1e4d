"""What the base of indicators starts from, from `indicators/data/`: loaded as owner."""

from pathlib import Path

from indicators.models import Definition, QualityRule
from regions.loading import OWNER, day_of, put, rows_of

DATA = Path(__file__).parent / "data"


def load_definitions() -> None:
    """First versions of the national definitions; the DGEFP publishes the next ones on screen."""
    rows = [
        row | {"version": int(row["version"]), "starts_on": day_of(row["starts_on"])}
        for row in rows_of(DATA / "definitions.csv")
    ]
    put(Definition, ["code", "version"], rows)


def load_quality_rules() -> None:
    """Rules that are not there yet: thresholds that the DGEFP has set stay."""
    present = set(QualityRule.objects.using(OWNER).values_list("code", flat=True))
    new = [row for row in rows_of(DATA / "quality_rules.csv") if row["code"] not in present]
    put(QualityRule, ["code"], [row | {"position": int(row["position"])} for row in new])
