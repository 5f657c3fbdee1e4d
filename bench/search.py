"""A person found in her structure, among a million: by the product's own search, as requests run.

`make bench SUBJECTS=search`, or `python -m bench.search 1000000 OUTPUT`. Structures and Regions
are those of a small national data set, which says how many persons each has; names come from a
vocabulary in which few are frequent and most are rare. Each query names a person who is drawn
beforehand, spoilt in a way that is known; whether she comes among the first three is counted too.
"""

import json
import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, islice
from pathlib import Path

from django.db import connections

from bench import machine
from bench.base import manage, running_base
from bench.measures import Results, Target, percentile

SUBJECT = "Search"
QUERIES = 100  # of each kind
FIRST = 3
P95 = Target(50)
ENDS = re.findall(
    r"\w+", "et in on eau ard ier ot el aud ez eux ais ou ac ec ic as is it at oux ert and ent al"
)
PARTICLES = ("de ", "De La ", "Le ", "Du ", "d'", "Ben ", "El ", "Aït ")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Known:
    """A person as she was copied."""

    structure: int
    region: str
    last: str
    first: str
    birth: str
    born: date


class Vocabulary:
    """Names of the generation, and many more made of their beginnings; the first are frequent."""

    def __init__(self, chance: random.Random) -> None:
        from indicators.generation.names import Names

        names = Names()
        stems = sorted({name[:-2] for name in names.last if len(name) > 5 and name.isalpha()})
        made = [stem + end for stem in stems for end in ENDS]
        chance.shuffle(made)
        self._chance = chance
        self._last = [*names.last, *made]
        self._weights = list(accumulate(1 / (rank + 40) for rank in range(len(self._last))))
        self._first = [name for of_sex in names.first.values() for name in of_sex]
        self._first_weights = list(accumulate(1 / (rank + 20) for rank in range(len(self._first))))
        chance.shuffle(self._first)

    def last(self) -> str:
        (name,) = self._chance.choices(self._last, cum_weights=self._weights)
        turn = self._chance.random()
        if turn < 0.05:
            return self._chance.choice(PARTICLES) + name
        return f"{name}-{self.last()}" if turn < 0.08 else name

    def first(self) -> str:
        (name,) = self._chance.choices(self._first, cum_weights=self._first_weights)
        return name


# ── What one types ───────────────────────────────────────────────────────────────────────────


def typed_wrong(name: str, chance: random.Random) -> str:
    """One letter left out, added, changed, or two of them exchanged; the first one stays."""
    at = chance.randrange(1, max(len(name) - 1, 2))
    return chance.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + chance.choice(LETTERS) + name[at:],
            name[:at] + chance.choice(LETTERS) + name[at + 1 :],
            name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
        )
    )


def apart(name: str) -> str:
    return name.replace("-", " ").replace("'", " ")


def together(name: str) -> str:
    return name.replace("-", "").replace("'", "").replace(" ", "")


def without_particle(name: str) -> str:
    return next((name[len(p) :] for p in PARTICLES if name.startswith(p)), name)


Typing = Callable[[Known, random.Random], str]
KINDS: dict[str, Typing] = {
    "as written": lambda one, _: f"{one.last} {one.first}",
    "inverted, small letters": lambda one, _: f"{one.first} {one.last}".lower(),
    "a letter wrong in the name": lambda one, c: f"{typed_wrong(one.last, c)} {one.first}",
    "a letter wrong in the given name": lambda one, c: f"{one.last} {typed_wrong(one.first, c)}",
    "inverted, a letter wrong": lambda one, c: f"{one.first} {typed_wrong(one.last, c)}",
    "hyphens and apostrophes left out": lambda one, _: apart(f"{one.first} {one.last}"),
    "written together": lambda one, _: f"{together(one.first)} {together(one.last)}",
    "particle left out": lambda one, _: f"{without_particle(one.last)} {one.first}",
    "birth name": lambda one, _: f"{one.birth or one.last} {one.first}",
    "not typed to the end": lambda one, _: f"{one.last} {one.first[:3]}",
    "name and birth date": lambda one, c: f"{typed_wrong(one.last, c)} {one.born:%d/%m/%Y}",
    "name alone, a letter wrong": lambda one, c: typed_wrong(one.last, c),
}
# Nobody can tell namesakes apart by these alone: what they find is not counted.
UNCOUNTED = {"not typed to the end", "name alone, a letter wrong"}


# ── A million persons ────────────────────────────────────────────────────────────────────────


def load(persons: int, chance: random.Random) -> list[Known]:
    """Copied as the owner; gives those whom queries will look for."""
    from beneficiaries.identity import sort_key

    words = Vocabulary(chance)
    wanted = set(chance.sample(range(persons), QUERIES * (len(KINDS) + 1)))
    kept = []
    with connections["owner"].cursor() as cursor:
        cursor.execute(PLACES)
        places = cursor.fetchall()
        weights = list(accumulate(count for *_, count in places))
        with cursor.copy(
            "COPY beneficiaries_beneficiary (public_id, region_id, structure_id, last_name, "
            "first_name, birth_name, birth_date, sex_id, email, phone, note, sort_key, "
            "recorded_at) FROM STDIN"
        ) as rows:
            for rank in range(persons):
                ((structure, region, _),) = chance.choices(places, cum_weights=weights)
                last, first = words.last(), words.first()
                birth = words.last() if chance.random() < 0.2 else ""
                born = date(1950, 1, 1) + timedelta(days=chance.randrange(50 * 365))
                key = sort_key(last, first, birth)
                rows.write(
                    f"{_uuid(chance)}\t{region}\t{structure}\t{last}\t{first}\t{birth}\t{born}\tNR"
                    f"\t\t\t\t{key}\t2016-01-01 00:00:00+01\n"
                )
                if rank in wanted:
                    kept.append(Known(structure, region, last, first, birth, born))
        cursor.execute("VACUUM ANALYZE beneficiaries_beneficiary")  # as after the first night
    return kept


def _uuid(chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"


PLACES = """
SELECT structure_id, region_id, count(*) FROM beneficiaries_beneficiary
 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""


def measure(results: Results, persons: int) -> None:
    import django

    django.setup()
    chance = random.Random(persons)
    people = load(persons, chance)
    with connections["owner"].cursor() as cursor:
        cursor.execute(PLACES)
        largest, region, count = cursor.fetchone()
    results.facts["largest searched"] = f"{count:,}"
    results.facts["queries of a kind"] = str(QUERIES)
    chance.shuffle(people)
    left = iter(people)
    waits, in_largest = [], []
    for kind, typing in KINDS.items():
        of_kind = [(one, *search(one, typing(one, chance))) for one in islice(left, QUERIES)]
        _add(results, kind, of_kind)
        waits += [wait for _, wait, _ in of_kind]
        in_largest += [
            wait for one, wait, _ in of_kind if (one.structure, one.region) == (largest, region)
        ]
    again = [propose(one, typed_wrong(one.last, chance)) for one in left]
    results.add(
        SUBJECT,
        "proposed while a new file is typed: p95",
        "ms",
        percentile(again, 0.95),
        target=P95,
    )
    results.add(SUBJECT, "all kinds: median", "ms", percentile(waits, 0.5))
    results.add(SUBJECT, "all kinds: p95", "ms", percentile(waits, 0.95), target=P95)
    results.add(SUBJECT, "all kinds: longest", "ms", max(waits))
    results.add(SUBJECT, "all kinds, in the largest alone: p95", "ms", percentile(in_largest, 0.95))


def _add(results: Results, kind: str, found: list[tuple[Known, float, bool]]) -> None:
    results.add(SUBJECT, f"{kind}: p95", "ms", percentile([wait for _, wait, _ in found], 0.95))
    if kind not in UNCOUNTED:
        among = sum(is_found for *_, is_found in found) * 100 / len(found)
        results.add(SUBJECT, f"{kind}: among the first three", "%", among)


def search(one: Known, text: str) -> tuple[float, bool]:
    """Milliseconds, and whether she, or three of her very name, come first: as a request runs."""
    from beneficiaries.queries import persons_found
    from regions.queries import region_scope
    from sprocep import tenancy

    regions = region_scope(one.region)
    with tenancy.scope(regions=regions, structures=[one.structure], read_only=True):
        began = time.perf_counter()
        found = persons_found(one.structure, regions, text)[:FIRST]
        wait = time.perf_counter() - began
    named = [p for p in found if (p.last_name, p.first_name) == (one.last, one.first)]
    is_found = len(named) == FIRST or any(p.birth_date == one.born for p in named)
    return wait * 1000, is_found


def propose(one: Known, last: str) -> float:
    """Milliseconds to say whom a new person resembles, who is a known one typed again."""
    from beneficiaries.queries import look_alikes
    from regions.queries import region_scope
    from sprocep import tenancy

    regions = region_scope(one.region)
    names = {"last_name": last, "first_name": one.first, "birth_name": one.birth}
    with tenancy.scope(regions=regions, structures=[one.structure], read_only=True):
        began = time.perf_counter()
        look_alikes(one.structure, regions, **names, birth_date=one.born)
        return (time.perf_counter() - began) * 1000


def main(persons: int, output: Path) -> None:
    results = Results(persons, machine.describe(), counted="persons")
    with running_base():
        manage("generate_activity", "--journeys", "20000", "--seed", "5", "--to", "2016-T1")
        measure(results, persons)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
