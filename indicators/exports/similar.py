"""Which Regions are like one another: as many inhabitants, as rural.

The rule: the logarithm of the inhabitants and the share of them who live in rural communes, each
in standard deviations over the Regions of the same borders; the nearest by distance, then by code.
Its data are a file that never changes (`regions/data/department_profiles.csv`): an edition keeps
its peers for ever.
"""

from collections.abc import Mapping
from functools import cache
from math import hypot, log
from statistics import pstdev

from indicators.exports.borders import Ground
from regions.loading import DATA, rows_of

HOW_MANY = 3


def nearest(territory: str, regions: Mapping[str, Ground]) -> list[str]:
    """The Regions nearest to this one among those of the same borders, the nearest first."""
    others = sorted(regions.keys() - {territory})
    sizes = {code: log(inhabitants(ground)) for code, ground in regions.items()}
    rurality = {code: _rural_share(ground) for code, ground in regions.items()}
    size_unit, rural_unit = pstdev(sizes.values()) or 1, pstdev(rurality.values()) or 1

    def distance(code: str) -> float:
        return hypot(
            (sizes[code] - sizes[territory]) / size_unit,
            (rurality[code] - rurality[territory]) / rural_unit,
        )

    return sorted(others, key=lambda code: (round(distance(code), 9), code))[:HOW_MANY]


def inhabitants(ground: Ground) -> int:
    return sum(_profiles()[department][0] for department in ground)


def _rural_share(ground: Ground) -> float:
    return sum(_profiles()[department][1] for department in ground) / inhabitants(ground)


@cache
def _profiles() -> dict[str, tuple[int, int]]:
    """Inhabitants of each département, and those of its rural communes."""
    return {
        row["code"]: (int(row["inhabitants"]), int(row["rural_inhabitants"]))
        for row in rows_of(DATA / "department_profiles.csv")
    }
