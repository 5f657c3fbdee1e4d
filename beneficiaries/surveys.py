"""Which counts of a survey can be read: enough answers, and no hidden one found by subtraction."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sprocep.tenancy import NATION

# Of a question, the answers that are not read one by one.
REST = "rest"
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
    tallies: dict[Place, Tally],
    threshold: int,
    *,
    is_each_answer: bool = False,
    gathers_few: bool = False,
) -> Iterator[tuple[Place, Tally | None]]:
    """What is read of each structure, each Region and the nation, from the tallies of structures.

    A question that few answered is left out where the others are read; with `is_each_answer`, so is
    one with an answer that few gave; with `gathers_few`, answers that few gave are read together,
    as `REST`.
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
        read_at = _readable_places(counts, threshold)
        given = {place: every[place].counts.get(question, Counter()) for place in read_at}
        questions[question] = gathered(given, threshold) if gathers_few else given
    for place, tally in every.items():
        read = {q: questions[q][place] for q in tally.counts if questions[q].get(place)}
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


# ── Answer by answer ─────────────────────────────────────────────────────────────────────────


def gathered(given: dict[Place, Counter[str]], threshold: int) -> dict[Place, Counter[str]]:
    """Of one question, at the places where it is read: the answers that enough persons gave, and
    the others together. Nothing is left of a sum over answers or places that is few, or one alone.
    """
    table = _Answers(given, threshold)
    table.hide()
    return {place: table.read(place) for place in given}


class _Answers:
    """How many gave each answer at each place, and which of these are hidden."""

    def __init__(self, given: dict[Place, Counter[str]], threshold: int):
        self.given, self.threshold = given, threshold
        self.answers = sorted({answer for counts in given.values() for answer in counts})
        self.hidden = {
            (place, answer)
            for place in given
            for answer in self.answers
            if given[place][answer] < threshold
        }
        self.parts = {place: [p for p in given if _is_part_of(p, place)] for place in given}

    def hide(self) -> None:
        before = -1
        while before != len(self.hidden):
            before = len(self.hidden)
            for place in self.given:
                self._hide_in_sum([(place, answer) for answer in self.answers])
                for answer in self.answers:
                    if (place, answer) not in self.hidden:
                        self._hide_in_parts(place, answer)

    def _hide_in_sum(self, cells: list[tuple[Place, str]]) -> None:
        while self._is_given_away(cells) and (shown := self._shown(cells)):
            self.hidden.add(min(shown, key=self._by_size))

    def _hide_in_parts(self, whole: Place, answer: str) -> None:
        cells = [(part, answer) for part in self.parts[whole]]
        if cells:
            rest = self.given[whole][answer] - sum(map(self._count, cells))
            self._hide_in_sum(cells)
            # Of places that are not read at all too: they hide with the others, or the whole does.
            left = rest + sum(self._count(cell) for cell in cells if cell in self.hidden)
            if 0 < left < self.threshold or (rest == 0 and self._is_given_away(cells)):
                shown = self._shown(cells)
                self.hidden.add(min(shown, key=self._by_size) if shown else (whole, answer))

    def _is_given_away(self, cells: list[tuple[Place, str]]) -> bool:
        hidden = [self._count(cell) for cell in cells if cell in self.hidden]
        return sum(hidden) > 0 and (len(hidden) == 1 or sum(hidden) < self.threshold)

    def _shown(self, cells: list[tuple[Place, str]]) -> list[tuple[Place, str]]:
        return [cell for cell in cells if cell not in self.hidden]

    def _count(self, cell: tuple[Place, str]) -> int:
        place, answer = cell
        return self.given[place][answer]

    def _by_size(self, cell: tuple[Place, str]) -> tuple:
        place, answer = cell
        return self._count(cell), place[0], place[1] or 0, answer

    def read(self, place: Place) -> Counter[str]:
        """Nothing where no answer is read by itself."""
        shown = {a: n for a, n in self.given[place].items() if (place, a) not in self.hidden}
        rest = sum(self.given[place].values()) - sum(shown.values())
        return Counter(shown | ({REST: rest} if rest else {})) if shown else Counter()


def _is_part_of(part: Place, whole: Place) -> bool:
    if whole == (NATION, None):
        return _is_region(part)
    return whole[1] is None and part[0] == whole[0] and part[1] is not None
