"""Persons of a structure, found as one types."""

import re
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import OuterRef, Q, QuerySet, Subquery

from beneficiaries.identity import normalised
from beneficiaries.models import Beneficiary, Journey, Session

_DAY = re.compile(r"\b(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})\b|\b(\d{2})(\d{2})(\d{4})\b")
_LAST = "\U0010ffff"
ENOUGH = 8
# Lower, « Durand » answers « Dupont »; higher, a doubled letter is no longer forgiven.
LIKENESS = 0.5


@dataclass(frozen=True)
class SearchedPerson:
    """What the text of a search says: words of a name without accents, a birth date."""

    words: tuple[str, ...]
    birth_date: date | None

    @classmethod
    def read(cls, text: str) -> "SearchedPerson":
        birth = None
        if match := _DAY.search(text):
            day, month, year = (int(part) for part in match.groups() if part)
            birth = _date(year, month, day)
            text = text[: match.start()] + " " + text[match.end() :]
        words = tuple(word for word in map(normalised, re.split(r"[\s,;]+", text)) if word)
        return cls(words, birth)

    @property
    def is_empty(self) -> bool:
        return not self.words and self.birth_date is None

    @property
    def held(self) -> Q:
        """Every word stands somewhere in the name, in any order."""
        condition = Q()
        for word in self.words:
            condition &= Q(sort_key__contains=word)
        if self.birth_date:
            condition &= Q(birth_date=self.birth_date)
        return condition


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# ── Ids first: the index (structure, Region, name) holds all that a search reads ─────────────


def persons_named(structure: int, regions: list[str], text: str) -> list[int]:
    """Ids of the persons whose name begins so; failing these, of those who hold every word."""
    wanted = SearchedPerson.read(text)
    if wanted.is_empty:
        return []
    held = _ids(structure, regions).filter(wanted.held)
    return (wanted.words and list(beginning_with(held, wanted.words[0]))) or list(held)


def persons_found(
    structure: int, regions: list[str], text: str, count: int = ENOUGH
) -> list[Beneficiary]:
    """Persons whose name begins so, then those who hold every word; failing these, look-alikes.

    Under row security an index serves comparisons alone: `LIKE` and likeness, which are not
    leakproof, only filter what it gave (docs/adr/0007, 0011). So likeness is looked for among the
    names with the same first letter.
    """
    wanted = SearchedPerson.read(text)
    if wanted.is_empty:
        return []
    known = _ids(structure, regions)
    held = known.filter(wanted.held)
    found = list(beginning_with(held, wanted.words[0])[:count]) if wanted.words else []
    if len(found) < count:
        found += held.exclude(pk__in=found)[: count - len(found)]
    if not found and wanted.words:
        found = list(_looking_like(known, wanted)[:count])
    persons = _shown(structure, found).in_bulk()
    return [persons[pk] for pk in found]


def _ids(structure: int, regions: list[str]) -> QuerySet:
    """Ids of the persons of the structure, by name."""
    known = Beneficiary.objects.filter(structure=structure, region__in=regions)
    return known.order_by("sort_key", "pk").values_list("pk", flat=True)


def beginning_with(persons: QuerySet, word: str) -> QuerySet:
    """As comparisons, which are leakproof: row security lets the index answer them."""
    return persons.filter(sort_key__gte=word, sort_key__lt=word + _LAST)


def _looking_like(persons: QuerySet, wanted: SearchedPerson) -> QuerySet:
    likeness = TrigramWordSimilarity(" ".join(wanted.words), "sort_key")
    born = Q(birth_date=wanted.birth_date) if wanted.birth_date else Q()
    return (
        beginning_with(persons, wanted.words[0][0])
        .filter(born)
        .alias(likeness=likeness)
        .filter(likeness__gte=LIKENESS)
        .order_by("-likeness", "sort_key")
    )


def _shown(structure: int, ids: list[int]) -> QuerySet[Beneficiary]:
    """These persons, with the opening of their journey and their last session."""
    opened = Journey.objects.filter(beneficiary=OuterRef("pk"), closed_on__isnull=True)
    last = Session.objects.filter(journey__beneficiary=OuterRef("pk")).order_by("-held_on")
    return Beneficiary.objects.filter(structure=structure, pk__in=ids).annotate(
        opened_on=Subquery(opened.order_by("-opened_on").values("opened_on")[:1]),
        last_held_on=Subquery(last.values("held_on")[:1]),
    )


def person(structure: int, public_id) -> QuerySet[Beneficiary]:
    return Beneficiary.objects.filter(structure=structure, public_id=public_id).select_related(
        "commune"
    )
