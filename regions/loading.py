"""The territory and the networks, from `regions/data/`: loaded as owner, as often as wanted."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from django.db import models, transaction

from regions.models import (
    Commune,
    Department,
    DepartmentRegion,
    Network,
    NetworkName,
    Region,
    RegionName,
    RegionPhase,
    RegionSuccession,
)
from regions.queries import commune_key

DATA = Path(__file__).parent / "data"
OWNER = "owner"

# Conventions of regions/data/SOURCES.md.
BEGINNING = date(1982, 1, 1)
PREFIGURATION = date(2013, 9, 1)
GENERALISATION = date(2015, 1, 1)


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def put(model: type[models.Model], key: Iterable[str], rows: Iterable[dict]) -> None:
    """Insert the rows that are not there and correct those that differ; delete none.

    Rows that others refer to keep their ids: this is why nothing is emptied first.
    """
    key = tuple(key)
    present = {tuple(getattr(row, k) for k in key): row for row in model.objects.using(OWNER)}
    new, changed, fields = [], [], set()
    for values in rows:
        row = present.get(tuple(values[k] for k in key))
        if row is None:
            new.append(model(**values))
            continue
        differing = {name for name, value in values.items() if getattr(row, name) != value}
        if differing:
            for name in differing:
                setattr(row, name, values[name])
            changed.append(row)
            fields |= differing
    model.objects.using(OWNER).bulk_create(new, batch_size=5_000)
    if changed:
        model.objects.using(OWNER).bulk_update(changed, fields, batch_size=1_000)


def load_territory() -> None:
    """34 Regions with names, successions and phases, 101 départements, 34,875 communes."""
    old = {row["code"]: row for row in rows_of(DATA / "regions_2015.csv")}
    new = {row["code"]: row for row in rows_of(DATA / "regions_2016.csv")}
    mergers = [r for r in rows_of(DATA / "region_mergers.csv") if r["change"] == "merged"]
    with transaction.atomic(using=OWNER):
        _load_regions(old, new, mergers)
        _load_departments()
        _load_communes()
        _load_networks()


def _load_regions(old: dict, new: dict, mergers: list[dict]) -> None:
    ended = {m["region_2015"]: day_of(m["effective_date"]) for m in mergers}
    begun = {m["region_2016"]: day_of(m["effective_date"]) for m in mergers}
    spans = {code: (BEGINNING, ended.get(code)) for code in old}
    spans |= {code: (day, None) for code, day in begun.items()}
    put(Region, ["code"], [_region(code, spans[code], old, new) for code in spans])
    put(RegionName, ["region_id", "starts_on"], _region_names(spans, old, new))
    put(
        RegionSuccession,
        ["predecessor_id", "successor_id"],
        [
            {
                "predecessor_id": m["region_2015"],
                "successor_id": m["region_2016"],
                "on": day_of(m["effective_date"]),
            }
            for m in mergers
        ],
    )
    put(RegionPhase, ["region_id", "starts_on"], _phases(spans, old))


def _region(code: str, span: tuple, old: dict, new: dict) -> dict:
    source = (old if code in old else new)[code]
    return {
        "code": code,
        "zone": source["zone"],
        "chef_lieu": source["chef_lieu"],
        "starts_on": span[0],
        "ends_on": span[1],
    }


def _region_names(spans: dict, old: dict, new: dict) -> list[dict]:
    renamed = [
        {
            "region_id": row["code"],
            "name": row["name"],
            "starts_on": day_of(row["starts_on"]),
            "ends_on": day_of(row["ends_on"]),
        }
        for row in rows_of(DATA / "region_names.csv")
    ]
    done = {row["region_id"] for row in renamed}
    return renamed + [
        {
            "region_id": code,
            "name": (old if code in old else new)[code]["name"],
            "starts_on": starts_on,
            "ends_on": ends_on,
        }
        for code, (starts_on, ends_on) in spans.items()
        if code not in done
    ]


def _phases(spans: dict, old: dict) -> Iterator[dict]:
    """Eight préfiguratrices from September 2013, the SPRO everywhere from 2015."""
    for code, (starts_on, ends_on) in spans.items():
        if code in old and old[code]["spro_prefiguration_2013"] == "1":
            yield {
                "region_id": code,
                "phase": RegionPhase.Phase.PREFIGURATION,
                "starts_on": PREFIGURATION,
                "ends_on": GENERALISATION,
            }
        yield {
            "region_id": code,
            "phase": RegionPhase.Phase.GENERAL,
            "starts_on": max(starts_on, GENERALISATION),
            "ends_on": ends_on,
        }


def _load_departments() -> None:
    rows = list(rows_of(DATA / "departements.csv"))
    put(Department, ["code"], [{"code": r["code"], "name": r["name"]} for r in rows])
    ends = {r.code: r.ends_on for r in Region.objects.using(OWNER)}
    spans = []
    for row in rows:
        former, present = row["region_2015"], row["region_2016"]
        spans.append((row["code"], former, BEGINNING, ends[former]))
        if present != former:
            spans.append((row["code"], present, ends[former], None))
    put(
        DepartmentRegion,
        ["department_id", "starts_on"],
        [
            {"department_id": d, "region_id": r, "starts_on": s, "ends_on": e}
            for d, r, s, e in spans
        ],
    )


def _load_communes() -> None:
    put(
        Commune,
        ["code"],
        (
            {
                "code": row["code"],
                "name": row["name"],
                "sort_key": commune_key(row["name"]),
                "department_id": row["departement"],
                "population": int(row["population"]),
                "postcodes": re.sub(r"[ ;|]+", " ", row["postcodes"]),
                "epci": row["epci"],
            }
            for row in rows_of(DATA / "communes_2026.csv")
        ),
    )


def _load_networks() -> None:
    put(
        Network,
        ["code"],
        [
            {"code": row["code"], "publics": row["publics"], "position": position}
            for position, row in enumerate(rows_of(DATA / "reseaux_spro.csv"), start=1)
        ],
    )
    put(
        NetworkName,
        ["network_id", "starts_on"],
        [
            {
                "network_id": row["code"],
                "name": row["name"],
                "starts_on": day_of(row["starts_on"]),
                "ends_on": day_of(row["ends_on"]),
            }
            for row in rows_of(DATA / "network_names.csv")
        ],
    )
