"""Which counts of a survey can be read: enough answers, and no hidden one found by subtraction."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sprocep.tenancy import NATION

# A Region and a structure there; None for all that answered there, in the Region or the nation.
Place = tuple[str, int | None]
# Of a place, what is read or hidden together: all who answered, or how many gave each answer.
Counts = tuple[int, ...]


@dataclass(frozen=True)
class Tally:
    """How many were asked and answered; of each question, how many gave which answer.

    `asked` is None where nobody knows whom a question reached. `givers`: of how many at most the
    answers are, where one may answer several times.
    """

    asked: int | None
    answered: int
    counts: dict[str, Counter[str]]
    givers: int | None = None

    def sizes(self, answers: int) -> Counts:
        """Of so many answers: what must be enough for nobody to be known."""
        return (answers,) if self.givers is None else (answers, self.givers)

    def given(self, question: str) -> int:
        return sum(self.counts.get(question, {}).values())

    def each(self, question: str, answers: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.counts.get(question, {}).get(answer, 0) for answer in answers)


def protected(
    tallies: dict[Place, Tally], threshold: int, *, is_each_answer: bool = False
) -> Iterator[tuple[Place, Tally | None]]:
    """What is read of each structure, each Region and the nation, from the tallies of structures.

    A question that few answered is left out where the others are read; with `is_each_answer`, so is
    one with an answer that few gave.
    """
    every = _with_totals(tallies)
    sizes = {place: one.sizes(one.answered) for place, one in every.items()}
    shown = _readable_places(sizes, threshold)
    questions = {}
    for question, answers in every[NATION, None].counts.items():
        counts = {
            place: one.each(question, answers) if is_each_answer else one.sizes(one.given(question))
            for place, one in every.items()
        }
        questions[question] = _readable_places(counts, threshold)
    for place, tally in every.items():
        read = {q: given for q, given in tally.counts.items() if place in questions[q]}
        yield place, replace(tally, counts=read) if place in shown else None


def _with_totals(tallies: dict[Place, Tally]) -> dict[Place, Tally]:
    by_region = defaultdict(list)
    for (region, _), tally in tallies.items():
        by_region[region, None].append(tally)
    regions = {region: _summed(parts) for region, parts in by_region.items()}
    return {(NATION, None): _summed(regions.values())} | regions | tallies


def _summed(tallies: Iterable[Tally]) -> Tally:
    parts = list(tallies)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for part in parts:
        for question, given in part.counts.items():
            counts[question].update(given)
    asked = [part.asked for part in parts if part.asked is not None]
    givers = [part.givers for part in parts if part.givers is not None]
    answered = sum(part.answered for part in parts)
    return Tally(
        sum(asked) if asked else None, answered, dict(counts), sum(givers) if givers else None
    )


def _readable_places(answers: dict[Place, Counts], threshold: int) -> set[Place]:
    """The nation, its Regions, then the structures of those that are read."""
    if not _are_enough(answers[NATION, None], threshold):
        return set()
    regions = readable({p: n for p, n in answers.items() if _is_region(p)}, threshold)
    inside = [
        readable({p: n for p, n in answers.items() if p[0] == region and p[1]}, threshold)
        for region, _ in regions
    ]
    return {(NATION, None)}.union(regions, *inside)


def _is_region(place: Place) -> bool:
    return place[0] != NATION and place[1] is None


def readable(answers: dict[Place, Counts], threshold: int) -> set[Place]:
    """Of the parts of a total that is read, those that can be read too: each has enough answers,
    and so has what is left of the total without them, where something is left."""
    shown = {part for part, counts in answers.items() if _are_enough(counts, threshold)}
    while shown and any(0 < n < threshold for n in _left(answers, shown)):
        shown.remove(min(shown, key=lambda part: (sum(answers[part]), part)))
    return shown


def _are_enough(counts: Counts, threshold: int) -> bool:
    return sum(counts) >= threshold and all(n == 0 or n >= threshold for n in counts)


def _left(answers: dict[Place, Counts], shown: set[Place]) -> list[int]:
    hidden = [counts for part, counts in answers.items() if part not in shown]
    return [sum(column) for column in zip(*hidden, strict=True)]
