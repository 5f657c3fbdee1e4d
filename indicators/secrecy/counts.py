"""What a count counts, and where it belongs: its owner, its zone, its block, its group."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from indicators.definitions import SHARED_OUT
from indicators.secrecy.system import NOBODY, NOWHERE

TOTAL = "total"
MAIN, EVERY = "reason", "reason_all"

_WHOLE = {part: whole for whole, parts in SHARED_OUT.items() for part in parts}

Row = tuple[list[int], list[int]]  # variables, and their coefficients


class Key(NamedTuple):
    """What a count counts: the same under every label that shows it. `source` is the breakdown or
    the measure (`indicators.computation.grid`), `place` the rank of a set of départements; of a
    stock, both days are the last one."""

    population: str
    source: str
    category: str
    place: int
    operator: str
    level: str
    starts: date
    ends: date

    @property
    def is_whole(self) -> bool:
        return self.operator == TOTAL and self.level == TOTAL


def whereabouts(
    keys: list, rows: list[Row], places: Sequence[frozenset]
) -> tuple[list[int], list[int], list]:
    """Owner, zone, and (population, breakdown) of each variable; a difference has those of what
    it is the difference of, where they agree."""
    operators = sorted({key.operator for key in keys if type(key) is Key} - {TOTAL})
    zones = _zones(places)
    owner, zone = [NOBODY] * len(keys), [NOWHERE] * len(keys)
    name: list = [None] * len(keys)
    for n, key in enumerate(keys):
        while type(key) is not Key and type(key[0]) is Key:
            key = key[0]
        if type(key) is Key:
            if key.operator != TOTAL:
                owner[n] = operators.index(key.operator)
            zone[n] = zones[key.place]
            name[n] = _name(key)
    for columns, _ in rows:
        n, parts = columns[-1], columns[:-1]
        if name[n] is None:
            owners, around = {owner[i] for i in parts}, {zone[i] for i in parts}
            owner[n] = owners.pop() if len(owners) == 1 else NOBODY
            zone[n] = around.pop() if len(around) == 1 else NOWHERE
            names = sorted(name[i] for i in parts)
            name[n] = next((x for x in names if x[1] != TOTAL), names[0])
    return owner, zone, name


def _name(key: Key) -> tuple[str, str]:
    """What moves together: all reasons with main ones, what has one outcome with all of it."""
    population = _WHOLE.get(key.population, key.population)
    return population, MAIN if key.source == EVERY else key.source


def _zones(places: Sequence[frozenset]) -> list[int]:
    """Of each place: the largest one around it but the nation."""
    zones = [NOWHERE] * len(places)
    roots: list[int] = []
    for place in sorted(range(len(places)), key=lambda p: (-len(places[p]), p)):
        if len(places[place]) == max(map(len, places)):
            continue
        around = (root for root in roots if places[place] <= places[root])
        zones[place] = next(around, place)
        if zones[place] == place:
            roots.append(place)
    return zones


def groups_of(name: list, rows: list[Row]) -> dict[str, int]:
    """Populations, together where a relation binds two."""
    group = {population: i for i, population in enumerate(sorted({x[0] for x in name}))}
    for columns, _ in rows:
        found = {group[name[n][0]] for n in columns}
        if len(found) > 1:
            least = min(found)
            group = {x: least if g in found else g for x, g in group.items()}
    return group
