"""Invented people's names, from small lists of our own, and how an office may spell them."""

import unicodedata
from functools import cache
from random import Random

from indicators.generation.structures import DATA, read_rows

F, M = "F", "H"


class Names:
    def __init__(self):
        lists: dict[str, list[str]] = {}
        for row in read_rows(DATA / "names.csv"):
            lists.setdefault(row["kind"], []).append(row["name"])
        self.last = lists["last"]
        self.first = {F: lists["F"], M: lists["H"]}

    def last_name(self, chance: Random) -> str:
        return chance.choice(self.last)

    def first_name(self, chance: Random, sex: str | None = None) -> str:
        return chance.choice(self.first[sex or chance.choice((F, M))])


def as_is(name: str) -> str:
    return name


@cache
def capitals(name: str) -> str:
    return name.upper()


@cache
def unaccented(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c))


@cache
def typed_fast(name: str) -> str:
    """Capitals, no accent, no sign: what a busy counter types."""
    return unaccented(name).upper().replace("-", " ").replace("'", " ")


# All give the same person key.
SPELLINGS = (as_is, capitals, unaccented, typed_fast)
