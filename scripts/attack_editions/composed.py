"""What ties the counts that a Region composed to those of the national base."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from .counts import ALL, Line, Sheet
from .public_rules import SAYS, TOTAL
from .ties import Relation, Ties

Conditions = dict[str, set[str]]  # what is known of the units that a count counts
Margins = dict[str, int]  # of a line, its variables


class Composed(Ties):
    """A count lies within the cells of a breakdown that may hold a unit of it: women within those
    of sex and age that say « F ». Its filters are known where the reader was told (`composed`), or
    where it is as large as its population: then it has none that leaves anybody out."""

    def tie(self) -> None:
        if "regional" in self.families:
            for sheet, lines in list(self.counts.sheets.items()):
                self._tie_sheet(sheet, lines)

    def _tie_sheet(self, sheet: Sheet, lines: dict[Line, Margins]) -> None:
        tables = _tables(lines, self.counts.regional)
        for (population, *category), margins in list(lines.items()):
            if population not in self.counts.regional:
                continue
            counted, _, indicator = population.partition(" ")
            told = self._filters(lines, counted, population, indicator)
            for margin, variable in margins.items():
                group = ("regional", sheet.period, sheet.place)
                if indicator.endswith(".part"):
                    whole = lines.get((population.removesuffix("part") + "base", *category), {})
                    self._beside(group, [whole[margin]] if margin in whole else [], variable)
                if population in self.counts.of_persons:
                    self._beside(group, _same(lines, counted, category, margin), variable)
                    continue
                conditions = _with(told or {}, category, margin)
                for parts, is_all in _around(tables[counted], conditions):
                    if is_all and told is not None:
                        self._sum(group, parts, variable)
                    else:
                        self._beside(group, parts, variable)

    def _filters(self, lines, counted: str, population: str, indicator: str) -> Conditions | None:
        """None where they are not known."""
        if indicator in self.reader.composed:
            return self.reader.composed[indicator]
        own, whole = (lines.get((name, *ALL), {}).get(TOTAL) for name in (population, counted))
        if own is None or whole is None:
            return None
        values = self.counts.values
        return {} if values[own] == values[whole] else None  # what is hidden equals nothing

    def _beside(self, group: tuple, parts: list[int], inner: int) -> None:
        """What is left of these is a count too."""
        if parts:
            rest = self.counts.add_unprinted("beside", inner)
            terms = [1.0] * len(parts) + [-1.0, -1.0]
            self.found.append(Relation(group, [*parts, inner, rest], terms))


def _same(lines: dict[Line, Margins], counted: str, category: list[str], margin: str) -> list[int]:
    same = lines.get((counted, *category), {}).get(margin)
    return [] if same is None else [same]


def _tables(lines: dict[Line, Margins], regional: set[str]) -> dict[str, dict[str, dict]]:
    """By population and breakdown: the lines of the base, by category."""
    found: dict[str, dict[str, dict]] = defaultdict(lambda: defaultdict(dict))
    for (population, breakdown, category), margins in lines.items():
        if population not in regional and breakdown not in ("all_reasons", "month"):
            found[population][breakdown][category] = margins
    return found


def _says(breakdown: str, category: str) -> Conditions:
    if not breakdown:
        return {}
    if breakdown in SAYS:
        return {name: {code} for name, code in SAYS[breakdown](category).items()}
    return {breakdown: {category}}


def _with(filters: Conditions, category: list[str], margin: str) -> Conditions:
    """Of one cell of an indicator with these filters."""
    found = {name: set(codes) for name, codes in filters.items()}
    told = _says(*category)
    if margin != TOTAL:
        axis, _, code = margin.partition("=")
        told = {**told, axis: {code}}
    for name, codes in told.items():
        found[name] = found.get(name, codes) & codes
    return found


def _around(
    tables: dict[str, dict[str, Margins]], conditions: Conditions
) -> Iterator[tuple[list[int], bool]]:
    """Cells that hold all units that meet these conditions, and whether they hold no others."""
    axes = [axis for axis in ("level", "operator") if axis in conditions]
    for breakdown, lines in tables.items():
        said = {category: _says(breakdown, category) for category in lines}
        chosen = [category for category, says in said.items() if _may_hold(conditions, says)]
        if not chosen or (breakdown and len(chosen) == len(lines)):
            continue
        for axis in ("", *axes):
            margins = [f"{axis}={code}" for code in sorted(conditions[axis])] if axis else [TOTAL]
            cells = [lines[category].get(margin) for category, margin in product(chosen, margins)]
            is_all = all(
                name == axis or all(said[c].get(name, codes | {""}) <= codes for c in chosen)
                for name, codes in conditions.items()
            )
            if None not in cells:
                yield cells, is_all


def _may_hold(conditions: Conditions, says: Conditions) -> bool:
    return all(conditions.get(name, codes) & codes for name, codes in says.items())
