"""Persons of a structure who may be the one that is being typed, and what makes them alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import product

from beneficiaries.identity import normalised
from beneficiaries.models import Beneficiary
from beneficiaries.queries.persons import SearchedPerson, bearing, beginning, shown

MOST = 5
_COMPARED = 30
# Lower, « Marc » is near « Marie »; higher, « Sofie » is far from « Sophie ».
_NEAR = 0.7


@dataclass(frozen=True)
class Named:
    """A person by what tells her from others: normalised names, a birth date."""

    last_names: frozenset[str]
    first_name: str
    birth_date: date | None

    @classmethod
    def read(cls, last: str, first: str, birth: str, born: date | None) -> "Named":
        names = filter(None, map(normalised, (last, birth)))
        return cls(frozenset(names), normalised(first), born)


@dataclass(frozen=True)
class LookAlike:
    person: Beneficiary
    reasons: tuple[str, ...]


def look_alikes(
    structure: int,
    regions: list[str],
    *,
    last_name: str,
    first_name: str,
    birth_name: str = "",
    birth_date: date | None = None,
    but: Beneficiary | None = None,
) -> list[LookAlike]:
    """Those whose given name is the same or near, and so is a name, unless both were born on two
    other days; or who were born that day. The most alike first, without `but`."""
    typed = Named.read(last_name, first_name, birth_name, birth_date)
    if not typed.last_names or not typed.first_name:
        return []
    ids = set()
    for name in {last_name, birth_name} - {""}:
        wanted = SearchedPerson.read(f"{name} {first_name}")
        ids |= {*beginning(structure, regions, wanted, _COMPARED)}
        ids |= {*bearing(structure, regions, wanted, _COMPARED)}
    if birth_date:
        born = Beneficiary.objects.filter(
            structure=structure,
            region__in=regions,
            birth_date=birth_date,
            kept_in__isnull=True,
        )
        ids |= {*born.values_list("pk", flat=True)}
    if but:
        ids.discard(but.pk)
    found = []
    for person in shown(structure, list(ids)):
        known = Named.read(
            person.last_name, person.first_name, person.birth_name, person.birth_date
        )
        if reasons := _reasons(typed, known):
            found.append(LookAlike(person, reasons))
    found.sort(
        key=lambda one: (-sum(why.startswith("même") for why in one.reasons), one.person.sort_key)
    )
    return found[:MOST]


def _reasons(typed: Named, known: Named) -> tuple[str, ...]:
    """What makes them alike, in words; nothing when they are two."""
    given = _likeness([typed.first_name], [known.first_name])
    name = _likeness(typed.last_names, known.last_names)
    day = _likeness_of_days(typed.birth_date, known.birth_date)
    if not given or not day or not (name or day == "même date de naissance"):
        return ()
    return (*([f"{name} nom"] if name else []), f"{given} prénom", day)


def _likeness(ours: Iterable[str], theirs: Iterable[str]) -> str:
    """« même », « presque le même » or nothing, of the two names that are nearest."""
    pairs = list(product(ours, theirs))
    if any(one == other for one, other in pairs):
        return "même"
    return "presque le même" if any(_is_near(*pair) for pair in pairs) else ""


def _is_near(one: str, other: str) -> bool:
    """A letter or two otherwise, or one of the names of a compound, or without its particle."""
    short, long = sorted((one, other), key=len)
    is_part = len(short) > 3 and (long.startswith(short) or long.endswith(short))
    return is_part or SequenceMatcher(None, one, other).ratio() >= _NEAR


def _likeness_of_days(one: date | None, other: date | None) -> str:
    """Two of day, month and year the same, or day and month exchanged, is a date typed wrong."""
    if one is None or other is None:
        return "date de naissance à vérifier"
    if one == other:
        return "même date de naissance"
    same = sum(getattr(one, part) == getattr(other, part) for part in ("day", "month", "year"))
    is_exchanged = (one.day, one.month, one.year) == (other.month, other.day, other.year)
    return "date de naissance proche" if same == 2 or is_exchanged else ""
