"""Persons of a structure, found as one types (docs/adr/0026)."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from beneficiaries.days import TYPED_DAY, read_day
from beneficiaries.identity import normalised
from beneficiaries.models import Beneficiary, Journey, Session
from beneficiaries.queries.journeys import in_index_order

_LAST = "\U0010ffff"
_PARTICLES = re.compile("DE?|DU|DES|L[AE]?|LES|BENT?|BIN|[AE]L|AIT|OULD")
# Beyond, words are no longer put together in all ways: nobody's name is so long.
_MOST_WORDS = 6
ENOUGH = 8
# Lower, « Durand » answers « Dupont »; higher, two letters exchanged are no longer forgiven. Of
# the few who were born that day, less is asked.
LIKENESS, BORN_THAT_DAY = 0.4, 0.25
_COMPARED = 50


@dataclass(frozen=True)
class SearchedPerson:
    """What the text of a search says: words of a name without accents, a birth date."""

    words: tuple[str, ...]
    birth_date: date | None

    @classmethod
    def read(cls, text: str) -> "SearchedPerson":
        birth = None
        if match := TYPED_DAY.search(text):
            birth = read_day(match, is_birth=True)
            text = text[: match.start()] + " " + text[match.end() :]
        words = tuple(word for word in map(normalised, re.split(r"[\s,;'’\-]+", text)) if word)
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

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Where the words may be cut into two names: « de la Tour Jean » is DELATOUR and JEAN."""
        bare = tuple(word for word in self.words if not _PARTICLES.fullmatch(word))
        found = {}
        for words in (self.words, bare):
            for cut in range(1, min(len(words), _MOST_WORDS)):
                found["".join(words[:cut]), "".join(words[cut:])] = None
        return list(found)

    @property
    def beginnings(self) -> list[str]:
        """How a key may begin: all words as one name, or two names in either order."""
        if not self.words:
            return []
        orders = [f"{a} {b}" for one, other in self.pairs for a, b in ((one, other), (other, one))]
        return ["".join(self.words), *orders]


def names_apart(text: str) -> tuple[str, str]:
    """Cut what was searched into a last name and a first name: « de la Fontaine Marie ».

    Particles go with the name behind them. Where some words are in capitals and others are not,
    these are the last name; where the particles come later, so does the last name.
    """
    words = [word for word in re.split(r"[\s,]+", TYPED_DAY.sub(" ", text)) if normalised(word)]
    if not words:
        return "", ""
    last = _last_name(words)
    first = [word for place, word in enumerate(words) if place not in last]
    return " ".join(_with_capitals(words[place]) for place in last), " ".join(
        _with_capitals(word) for word in first
    )


def _last_name(words: list[str]) -> range:
    """Where the last name stands among these words."""
    capitals = [place for place, word in enumerate(words) if word.isupper()]
    if capitals and len(capitals) < len(words):
        return range(capitals[0], capitals[-1] + 1)
    particles = [place for place, word in enumerate(words) if _is_particle(word)]
    start = particles[0] if particles and particles[0] < len(words) - 1 else 0
    end = start
    while end in particles and end < len(words) - 1:
        end += 1
    return range(start, end + 1)


def _is_particle(word: str) -> bool:
    return _PARTICLES.fullmatch(normalised(word)) is not None


def _with_capitals(word: str) -> str:
    """As it was typed where capitals were, else a capital to each name; « de » keeps its small."""
    if not word.isupper() and not word.islower():
        return word
    return word.lower() if normalised(word) in ("D", "DE", "DU", "DES", "LA") else word.title()


# ── Ids first: an index (structure, Region, key) holds all that a search reads ───────────────


def persons_named(structure: int, regions: list[str], text: str) -> list[int]:
    """Ids of the persons whose name begins so; failing these, of those who hold every word;
    failing these, of the few who resemble."""
    wanted = SearchedPerson.read(text)
    if wanted.is_empty:
        return []
    where = (structure, regions, wanted)
    return (
        beginning(*where)
        or list(_ids(structure, regions).filter(wanted.held))
        or bearing(*where, ENOUGH)
        or _resembling(*where, ENOUGH)
    )


def persons_found(
    structure: int, regions: list[str], text: str, count: int = ENOUGH
) -> list[Beneficiary]:
    """Persons whose name begins so, then those of whom one name is right and the rest resembles;
    failing these, those who hold every word, then look-alikes.

    Under row security an index serves comparisons alone: `LIKE` and likeness, which are not
    leakproof, only filter what it gave (docs/adr/0007). So likeness is looked for among those who
    bear one of the names or were born that day, at last among names with the same first letter.
    """
    wanted = SearchedPerson.read(text)
    if wanted.is_empty:
        return []
    where = (structure, regions, wanted)
    found = beginning(*where, count)
    if len(found) < count:
        found += [pk for pk in bearing(*where, count) if pk not in found]
    if not found or (len(found) < count and not wanted.pairs):
        held = _ids(structure, regions).filter(wanted.held).exclude(pk__in=found)
        found += held[: count - len(found)]
    found = found[:count] or _resembling(*where, count)
    persons = shown(structure, found).in_bulk()
    return [persons[pk] for pk in found]


def _ids(structure: int, regions: list[str]) -> QuerySet:
    """Ids of the persons of the structure, by name."""
    known = Beneficiary.objects.filter(
        structure=structure, region__in=regions, kept_in__isnull=True
    )
    return known.order_by("sort_key", "pk").values_list("pk", flat=True)


def beginning_with(persons: QuerySet, word: str) -> QuerySet:
    """As comparisons, which are leakproof: row security lets the index answer them."""
    return persons.filter(sort_key__gte=word, sort_key__lt=word + _LAST)


def _of_each_key(limit: str) -> str:
    """Rows of the persons in scope, by each of the three keys, between two bounds."""
    return " UNION ALL ".join(
        f"(SELECT id, sort_key, {rank} AS key FROM beneficiaries_beneficiary "
        "WHERE structure_id = %(structure)s AND region_id = place.region AND kept_in_id IS NULL "
        f"AND {key} >= wanted.first AND {key} < wanted.last "
        "AND (%(born)s::date IS NULL OR birth_date = %(born)s::date) "
        f"ORDER BY {key}, id {limit})"
        for rank, key in enumerate(("sort_key", "given_key", "birth_key"))
    )


_WANTED = """
  unnest(%(regions)s::text[]) AS place(region) CROSS JOIN
  unnest(%(firsts)s::text[], %(lasts)s::text[]) WITH ORDINALITY AS wanted(first, last, rank)"""
_BEGINNING = f"""
SELECT found.id FROM {_WANTED}
 CROSS JOIN LATERAL ({_of_each_key("LIMIT %(count)s")}) found
 ORDER BY wanted.rank, found.key, found.sort_key, found.id
"""
# Likeness is what costs: OFFSET 0 has it computed once a row, and its strict form for few rows.
_BEARING = f"""
SELECT id FROM (
  SELECT DISTINCT id, sort_key, likeness FROM (
    SELECT found.id, found.sort_key,
           (SELECT max(word_similarity(spelling, found.sort_key))
              FROM unnest(%(spellings)s::text[]) AS spelling) AS likeness
      FROM {_WANTED} CROSS JOIN LATERAL ({_of_each_key("")}) found OFFSET 0) known
   WHERE likeness >= %(likeness)s
   ORDER BY likeness DESC, sort_key, id LIMIT {_COMPARED}) likely
 ORDER BY likeness + (SELECT max(strict_word_similarity(spelling, sort_key))
                        FROM unnest(%(spellings)s::text[]) AS spelling) DESC, sort_key, id
 LIMIT %(count)s
"""


def beginning(
    structure: int, regions: list[str], wanted: SearchedPerson, count: int | None = None
) -> list[int]:
    firsts = wanted.beginnings
    bounds = {"firsts": firsts, "lasts": [first + _LAST for first in firsts]}
    return _fetched(_BEGINNING, structure, regions, wanted, **bounds, count=count)


def bearing(structure: int, regions: list[str], wanted: SearchedPerson, count: int) -> list[int]:
    """Of those who bear one of the two names, those whose other name resembles."""
    names = list(dict.fromkeys(name for pair in wanted.pairs for name in pair))
    return _fetched(
        _BEARING,
        structure,
        regions,
        wanted,
        firsts=[f"{name} " for name in names],
        lasts=[f"{name} {_LAST}" for name in names],
        spellings=[f"{one} {other}" for one, other in wanted.pairs],
        likeness=LIKENESS,
        count=count,
    )


def _fetched(
    statement: str, structure: int, regions: list[str], wanted: SearchedPerson, **values
) -> list[int]:
    if not values["firsts"]:
        return []
    values |= {"structure": structure, "regions": regions, "born": wanted.birth_date}
    return list(dict.fromkeys(pk for (pk,) in in_index_order(statement, values)))


def _resembling(
    structure: int, regions: list[str], wanted: SearchedPerson, count: int
) -> list[int]:
    """Look-alikes: among those born that day, or else under the same first letter."""
    if not wanted.words:
        return []
    known, floor = _ids(structure, regions), BORN_THAT_DAY
    if wanted.birth_date:
        known = known.filter(birth_date=wanted.birth_date)
    else:
        known, floor = beginning_with(known, wanted.words[0][0]), LIKENESS
    # A compound name is one word of the key, and several as it is typed.
    likeness = Greatest(
        TrigramWordSimilarity(" ".join(wanted.words), "sort_key"),
        TrigramWordSimilarity("".join(wanted.words), "sort_key"),
    )
    alike = known.alias(likeness=likeness).filter(likeness__gte=floor)
    return list(alike.order_by("-likeness", "sort_key")[:count])


def shown(structure: int, ids: list[int]) -> QuerySet[Beneficiary]:
    """These persons, with the opening of their journey and their last session."""
    opened = Journey.objects.filter(beneficiary=OuterRef("pk"), closed_on__isnull=True)
    last = Session.objects.filter(journey__beneficiary=OuterRef("pk")).order_by("-held_on")
    return Beneficiary.objects.filter(structure=structure, pk__in=ids).annotate(
        opened_on=Subquery(opened.order_by("-opened_on").values("opened_on")[:1]),
        last_held_on=Subquery(last.values("held_on")[:1]),
    )


def person(structure: int, public_id) -> QuerySet[Beneficiary]:
    """The file of this id, or the one that it is merged into: an address or a draft may be older
    than the merge."""
    named = Beneficiary.objects.filter(structure=structure, public_id=public_id)
    kept = named.values(pk=Coalesce("kept_in_id", "id"))
    return Beneficiary.objects.filter(structure=structure, pk__in=kept).select_related("commune")
