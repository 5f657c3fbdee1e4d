"""Outlines of the métropole's départements, for maps (regions/data/SOURCES.md)."""

from functools import cache

from regions.loading import DATA, rows_of
from sprocep.rendering.maps import Outline, Ring

# Said beside every map.
ATTRIBUTION = "Fond de carte : svg-maps (Victor Cazanave), CC BY 4.0."


@cache
def department_outlines() -> dict[str, Outline]:
    """By code; the overseas départements have none."""
    return {
        row["department"]: Outline(
            rings=tuple(_ring(text) for text in row["outline"].split(";")),
            is_enlarged=row["enlarged"] == "1",
        )
        for row in rows_of(DATA / "department_outlines.csv")
    }


def _ring(text: str) -> Ring:
    return tuple(tuple(map(float, point.split(","))) for point in text.split())
