"""What everybody knows about the figures: which counts add up, and to what.

docs/counting-rules.md says why. Each relation is true of the facts. Where it is not true of the
values (a Region that is not published yet, a fact recorded late), what is missing stands as a
number of its own, which nobody publishes and which must not be small and known either.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from indicators.definitions import SHARED_OUT
from indicators.secrecy.counts import EVERY, MAIN, TOTAL, Key, groups_of, whereabouts
from indicators.secrecy.system import FREE, System

# Of which one figure is published beside the total: its complement is a count of people too.
WITHOUT_SUM = frozenset({EVERY, "delay_undated"})
PERSONS = frozenset({"persons_seen", "persons_started_or_ended"})
STOCK, OPENED, CLOSED = "journeys_open", "journeys_opened", "journeys_closed"
# Populations that a relation ties to each other.
TIED = (
    frozenset({STOCK, OPENED, CLOSED}),
    *(frozenset({whole, *parts}) for whole, parts in SHARED_OUT.items()),
)
FAMILIES = (
    "levels",
    "operators",
    "categories",
    "departments",
    "nation",
    "borders",
    "periods",
    "flow",
    "persons",
    "reasons",
    "undated",
    "outcomes",
    "documents",
)


class Label(NamedTuple):
    """One cell as it is published: `is_fixed` by an edition that is out, or `status` for now."""

    key: Key
    value: int
    units: int
    status: str
    is_fixed: bool
    is_special: bool


def system_of(
    labels: Sequence[Label], places: Sequence[frozenset], k: int, without: Collection[str] = ()
) -> tuple[System, np.ndarray]:
    """The system, and the variable that each label shows.

    Args:
        without: names of `FAMILIES` that the attacker is supposed not to think of (tests).
    """
    builder = _Builder(k, places, frozenset(without))
    shown = np.zeros(len(labels), dtype=np.int64)
    # In one order whatever the order of rows; what comes now before what is out.
    for rank in sorted(range(len(labels)), key=lambda n: (labels[n].is_fixed, labels[n])):
        shown[rank] = builder.show(labels[rank])
    builder.settle()
    builder.relate()
    return builder.system(shown), shown


class _Builder:
    def __init__(self, k: int, places: Sequence[frozenset], without: frozenset):
        self.k, self.places, self.without = k, places, without
        self.keys: list = []
        self.index: dict = {}
        self.values: list[int] = []
        self.lowest: list[int] = []
        self.hidden: list[bool] = []
        self.fixed: list[bool] = []
        self.known: list[bool] = []
        self.secret: list[bool] = []
        self.public: list[bool] = []
        self.primary: list[bool] = []
        self.target: list[bool] = []
        self.rows: list[tuple[list[int], list[int]]] = []

    # ── Variables ────────────────────────────────────────────────────────────────────────────

    def _variable(self, key, value: int, lowest: int) -> int:
        n = self.index[key] = len(self.values)
        self.keys.append(key)
        self.values.append(value)
        self.lowest.append(lowest)
        for flags in (
            self.hidden, self.fixed, self.known, self.secret, self.public, self.primary, self.target
        ):  # fmt: skip
            flags.append(False)
        return n

    def show(self, label: Label) -> int:
        n = self.index.get(label.key)
        if n is None:
            n = self._variable(label.key, label.value, 0)
        elif self.values[n] != label.value:
            # Two labels of one count that differ: a fact was recorded between them.
            key = (label.key, label.value)
            n = self.index[key] if key in self.index else self._variable(key, label.value, 0)
        is_known = label.status in ("published", "not_applicable")
        is_secret = label.status == "secret"
        # An empty count is small where nothing at all may be said, and is known to be possible.
        is_small = 1 <= label.units < self.k or (is_secret and label.units == 0)
        self.known[n] |= is_known
        self.secret[n] |= is_secret
        self.fixed[n] |= label.is_fixed
        self.public[n] |= label.is_fixed and is_known
        self.primary[n] |= is_small
        self.target[n] |= is_secret or (is_small and not is_known)
        if label.status != "missing" and not label.is_special:
            self.lowest[n] = 1
        return n

    def settle(self) -> None:
        """One label that is out shows the count; else one that is secret hides it everywhere."""
        for n, is_public in enumerate(self.public):
            self.hidden[n] = not is_public and (self.secret[n] or not self.known[n])

    def difference(self, key, plus: list[int], minus: list[int], *, lowest=0, is_count=True) -> int:
        """What stays when these are subtracted: known to all who know them. Small when it counts
        people and is less than k."""
        value = sum(self.values[n] for n in plus) - sum(self.values[n] for n in minus)
        n = self._variable(key, value, lowest if value >= lowest else FREE)
        self.hidden[n] = True
        self.primary[n] = self.target[n] = is_count and 1 <= abs(value) < self.k
        self.rows.append(([*plus, *minus, n], [1] * len(plus) + [-1] * (len(minus) + 1)))
        return n

    def sum(self, key, whole: int, parts: list[int], *, is_complete=True) -> None:
        rest = self.values[whole] - sum(self.values[n] for n in parts)
        if rest == 0 and is_complete:
            self.rows.append(([whole, *parts], [1] + [-1] * len(parts)))
        else:
            self.difference(("rest", key), [whole], parts, lowest=0 if rest >= 0 else FREE)

    # ── Relations ────────────────────────────────────────────────────────────────────────────

    def relate(self) -> None:
        margins, categories, places, spans = (defaultdict(dict) for _ in range(4))
        for n, key in enumerate(self.keys):
            if type(key) is not Key:
                continue
            population, source, category, place, operator, level, starts, ends = key
            margins[population, source, category, place, starts, ends][operator, level] = n
            if source != TOTAL:
                address = population, source, place, operator, level, starts, ends
                categories[address][category] = n
            places[population, source, category, operator, level, starts, ends][place] = n
            if population != STOCK:
                spans[population, source, category, place, operator, level][starts, ends] = n
        for relate, found in (
            (self._margins, margins),
            (self._categories, categories),
            (self._places, places),
            (self._spans, spans),
        ):
            for key, parts in found.items():
                relate(key, parts)
        if "flow" not in self.without:
            self._flows(spans)
        if "outcomes" not in self.without:
            self._outcomes()
        if "documents" not in self.without:
            self._documents()

    def _margins(self, key, found: dict) -> None:
        whole = found.get((TOTAL, TOTAL))
        if whole is None:
            return
        levels = [n for (_, level), n in found.items() if level != TOTAL]
        operators = [n for (operator, _), n in found.items() if operator != TOTAL]
        if levels and "levels" not in self.without:
            self.sum(("levels", key), whole, levels)
        if not operators or "operators" in self.without:
            return
        if key[0] not in PERSONS:
            self.sum(("operators", key), whole, operators)
        elif "persons" not in self.without:
            # Persons seen by two categories; by profile, two journeys of theirs may differ.
            is_total = key[1] == TOTAL
            self.difference(("operators", key), operators, [whole], is_count=is_total)
            if is_total:
                self._parts_of_persons("operators", key, whole, operators)

    def _parts_of_persons(self, name: str, key, whole: int, parts: Iterable[int]) -> None:
        for n in parts:
            self.difference(("others", name, key, n), [whole], [n])

    def _categories(self, key, found: dict) -> None:
        population, source, *address = key
        whole = self.index.get(Key(population, TOTAL, TOTAL, *address))
        if source == EVERY and "reasons" not in self.without:
            for category, n in found.items():
                main = self.index.get(Key(population, MAIN, category, *address))
                if main is not None:
                    self.difference(("other reasons", key, category), [n], [main])
        if whole is None:
            return
        if source not in WITHOUT_SUM:
            if "categories" not in self.without:
                self.sum(("categories", key), whole, list(found.values()))
        elif ("reasons" if source == EVERY else "undated") not in self.without:
            for category, n in found.items():
                self.difference(("complement", key, category), [whole], [n])

    def _places(self, key, found: dict) -> None:
        population = key[0]
        for parent, children in self._children(found).items():
            name = self._family(parent, children)
            if name in self.without:
                continue
            whole, parts = found[parent], [found[place] for place in children]
            is_complete = sum(len(self.places[p]) for p in children) == len(self.places[parent])
            if population not in PERSONS:
                self.sum((name, key, parent), whole, parts, is_complete=is_complete)
            elif is_complete and "persons" not in self.without:
                self._places_of_persons((name, key, parent), whole, parts)

    def _places_of_persons(self, name, whole: int, parts: list[int]) -> None:
        """A person seen in two places counts once in the whole, at her highest level. How many
        were is no count to protect (ADR 39)."""
        key = name[1]
        source, level = key[1], key[4]
        if source != TOTAL and level != TOTAL:
            # The journey that gives the profile may not be the one that gives the level: nothing
            # is known, unless nobody was seen in two places.
            every = [self._everybody(n) for n in (whole, *parts)]
            if None not in every and self.values[every[0]] == sum(
                self.values[n] for n in every[1:]
            ):
                self.sum(name, whole, parts)
            return
        self.difference(name, parts, [whole], is_count=False)
        if source == TOTAL and level == TOTAL:
            self._parts_of_persons("places", name, whole, parts)

    def _everybody(self, n: int) -> int | None:
        key = self.keys[n]
        return self.index.get(
            key._replace(source=TOTAL, category=TOTAL, operator=TOTAL, level=TOTAL)
        )

    def _children(self, found: dict) -> dict[int, list[int]]:
        """Of each place, the largest ones within it that the figures show too."""
        children = defaultdict(list)
        by_size = sorted(found, key=lambda place: (len(self.places[place]), place))
        for i, place in enumerate(by_size):
            members = self.places[place]
            for larger in by_size[i + 1 :]:
                if members < self.places[larger]:
                    children[larger].append(place)
                    break
        return children

    def _family(self, parent: int, children: list[int]) -> str:
        if len(self.places[parent]) == max(map(len, self.places)):
            return "nation"
        is_of_departments = all(len(self.places[place]) == 1 for place in children)
        return "departments" if is_of_departments else "borders"

    def _spans(self, key, found: dict) -> None:
        """Months make the quarter, quarters the year."""
        if len(found) == 1 or "periods" in self.without:
            return
        by_length = sorted(found, key=lambda span: (span[1] - span[0], span))
        children = defaultdict(list)
        for i, span in enumerate(by_length):
            for longer in by_length[i + 1 :]:
                if longer[0] <= span[0] and span[1] <= longer[1]:
                    children[longer].append(span)
                    break
        for span, parts in children.items():
            days = sum((ends - starts for starts, ends in parts), timedelta())
            ids = [found[part] for part in parts]
            is_complete = days == span[1] - span[0]
            name = ("periods", key, span)
            if key[0] not in PERSONS:
                self.sum(name, found[span], ids, is_complete=is_complete)
            elif "persons" not in self.without:
                self._spans_of_persons(name, found[span], ids, is_complete)

    def _spans_of_persons(self, name, whole: int, parts: list[int], is_complete: bool) -> None:
        population, source, _, _, _, level = name[1]
        if level != TOTAL and (source != TOTAL or population != "persons_seen"):
            return  # the level of who started is that of the last day: it moves with the period
        if is_complete:
            self.difference(name, parts, [whole], is_count=source == TOTAL and level == TOTAL)
        if source == TOTAL and level == TOTAL:
            self._parts_of_persons("periods", name, whole, parts)

    def _flows(self, spans: dict) -> None:
        """Open at the end = open before + opened - closed: no journey changes its Region."""
        for key, found in spans.items():
            population, source, _, place, operator, level = key
            if population != OPENED or source != TOTAL or level != TOTAL:
                continue
            for (starts, ends), opened in found.items():
                last, before = ends - timedelta(days=1), starts - timedelta(days=1)
                address = TOTAL, TOTAL, place, operator, TOTAL
                around = [
                    self.index.get(Key(CLOSED, *address, starts, ends)),
                    self.index.get(Key(STOCK, *address, last, last)),
                    self.index.get(Key(STOCK, *address, before, before)),
                ]
                if None in around:
                    continue
                closed, after, former = around
                if (
                    self.values[after]
                    == self.values[former] + self.values[opened] - self.values[closed]
                ):
                    self.rows.append(([after, closed, former, opened], [1, 1, -1, -1]))

    def _outcomes(self) -> None:
        """Each fiche sent is accepted, received, declined, unanswered or withdrawn; each request
        that a funder answered is granted or refused."""
        shared = [key for key in self.keys if type(key) is Key and key.population in SHARED_OUT]
        for key in shared:
            names = SHARED_OUT[key.population]
            parts = [self.index.get(key._replace(population=one)) for one in names]
            if None not in parts:
                self.sum(("outcomes", key), self.index[key], parts)

    def _documents(self) -> None:
        """A journey that owes no document is one of level 1 alone."""
        for key in [key for key in self.keys if type(key) is Key and key.category == "not_owed"]:
            same = self.index.get(key._replace(source="journey_type", category="N1"))
            if same is not None:
                self.sum(("documents", key), same, [self.index[key]])

    # ── The whole ────────────────────────────────────────────────────────────────────────────

    def system(self, shown: np.ndarray) -> System:
        owner, zone, name = whereabouts(self.keys, self.rows, self.places)
        groups = groups_of(name, self.rows)
        blocks = {x: i for i, x in enumerate(sorted(set(name)))}
        values = np.array(self.values, dtype=np.int64)
        hidden, fixed = (np.array(x, dtype=bool) for x in (self.hidden, self.fixed))
        lengths = [len(columns) for columns, _ in self.rows]
        weight = np.bincount(shown, minlength=len(values))
        return System(
            values=values,
            lowest=np.array(self.lowest, dtype=np.int64),
            is_hidden=hidden,
            is_open=~hidden & ~fixed & (values > 0),
            is_missing=hidden & ~np.array(self.secret, dtype=bool) & (weight > 0),
            is_out=fixed,
            is_primary=np.array(self.primary, dtype=bool) & hidden,
            is_target=np.array(self.target, dtype=bool) & hidden,
            owner=np.array(owner, dtype=np.int64),
            weight=weight,
            block=np.array([blocks[x] for x in name], dtype=np.int64),
            group=np.array([groups[x[0]] for x in name], dtype=np.int64),
            zone=np.array(zone, dtype=np.int64),
            is_total=np.array([x[1] == TOTAL for x in name], dtype=bool),
            starts=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
            columns=np.array([n for columns, _ in self.rows for n in columns], dtype=np.int64),
            coefficients=np.array([c for _, row in self.rows for c in row], dtype=np.int64),
            keys=self.keys,
        )
