"""One indicator over all sealed periods, in the borders chosen, with what breaks it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indicators.definitions import PLANS, SHARED_OUT, TOTAL, Indicator
from indicators.exports import breaks
from indicators.exports.blocks import Block, newest_sealed
from indicators.exports.borders import AT_DATE, LABELS, known_in, lineage, where_computed
from indicators.exports.breaks import Break
from indicators.exports.chapters import colors
from indicators.exports.figures import (
    NOT_APPLICABLE,
    NOTHING,
    PERCENT,
    Entry,
    Figures,
    added,
    change,
    figures_of_all,
    measure,
)
from indicators.exports.labels import POPULATIONS, UNITS, Labels, labels_on
from indicators.exports.parts import Column
from indicators.exports.rows import COLUMNS, NUMBERS, block_rows
from indicators.exports.wording import text
from indicators.queries import Names
from sprocep.periods import Period
from sprocep.rendering import charts
from sprocep.rendering.tables import csv_bytes
from sprocep.tenancy import NATION

# The stock of a day is no flow: its quarters do not add up to a year.
_FLOWS = (
    "journeys_opened", "journeys_closed", "contacts", "sessions", "services", PLANS,
    *(name for whole, parts in SHARED_OUT.items() for name in (whole, *parts)),
)  # fmt: skip
_NONE = Entry(None, NOT_APPLICABLE, "")
CSV_COLUMNS = (*COLUMNS, "break")


@dataclass(frozen=True)
class Row:
    """A period of a territory: its figure, what it moved from, and what parts it from before."""

    period: Period
    name: str
    entries: tuple[Entry, ...]
    breaks: tuple[Break, ...]

    @property
    def width(self) -> int:
        """Columns of the table that a break goes across, at most."""
        return len(self.entries) + 2


@dataclass(frozen=True)
class Series:
    """`blocks` by territory, then by period, oldest first."""

    indicator: Indicator
    territory: str
    word: str
    months_long: int
    blocks: dict[str, dict[Period, Block]]
    figures: dict[Block, Figures]
    breaks: tuple[Break, ...]
    labels: Labels
    names: dict[str, str]

    @property
    def population(self) -> str:
        return self.indicator.populations[0]

    @property
    def unit(self) -> str:
        return UNITS[self.indicator.unit]

    @property
    def counted(self) -> str:
        return POPULATIONS[self.population]

    @property
    def periods(self) -> list[Period]:
        """All from the first sealed to the last, those without an edition too."""
        held = sorted(period for blocks in self.blocks.values() for period in blocks)
        if not held:
            return []
        found = [held[0]]
        while found[-1] != held[-1]:
            found.append(found[-1].after)
        return found

    @property
    def is_summed(self) -> bool:
        is_part_of_a_year = self.months_long < 12
        return is_part_of_a_year and self.indicator.is_count and self.population in _FLOWS

    def entry(self, territory: str, period: Period, **margin: str) -> Entry:
        block = self.blocks[territory].get(period)
        found = self.figures.get(block, NOTHING).get(self.indicator.code, **margin)
        return found if self.indicator.is_whole else measure(found)

    # ── Table ────────────────────────────────────────────────────────────────────────────────

    @property
    def columns(self) -> list[Column]:
        kind = "whole" if self.indicator.is_whole else "tenth"
        found = [Column(self.unit.capitalize(), kind)]
        found += [Column("Période d’avant", "change"), Column("Un an avant", "change")]
        if self.is_summed:
            found.append(Column("Depuis janvier", kind))
        found.append(Column("Remontées reçues", "share"))
        found += [Column(label, kind) for label, _ in self._margins]
        return found

    @property
    def _margins(self) -> list[tuple[str, dict[str, str]]]:
        found = []
        if self.indicator.by_level:
            found += [(f"Niveau {code[1:]}", {"level": code}) for code in self.labels["level"]]
        if self.indicator.by_operator:
            found += [(name, {"operator": code}) for code, name in self.labels["operator"].items()]
        return found

    @property
    def rows(self) -> list[Row]:
        """Newest first; a break under the last row before which it stands."""
        parted = breaks.first_after(self.breaks, self.periods)
        found = []
        for period in reversed(self.periods):
            there = [
                c for c, held in self.blocks.items() if period in held or len(self.blocks) == 1
            ]
            for code in there:
                parting = parted.get(period, ()) if code == there[-1] else ()
                name = self.names.get(code, code)
                found.append(Row(period, name, self._entries(code, period), tuple(parting)))
        return found

    def _entries(self, territory: str, period: Period) -> tuple[Entry, ...]:
        now = self.entry(territory, period)
        found = [
            now,
            *(self._moved(territory, p, period) for p in (period.before, period.year_before)),
        ]
        if self.is_summed:
            found.append(self._since_january(territory, period))
        received = self.figures.get(self.blocks[territory].get(period), NOTHING).completeness
        found.append(_NONE if received is None else Entry(received, "published", PERCENT))
        return (*found, *(self.entry(territory, period, **margin) for _, margin in self._margins))

    def _moved(self, territory: str, earlier: Period, period: Period) -> Entry:
        if earlier not in self.blocks[territory] or breaks.between(self.breaks, earlier, period):
            return _NONE
        return change(self.entry(territory, period), self.entry(territory, earlier))

    def _since_january(self, territory: str, period: Period) -> Entry:
        parts = [p for p in self.periods if p.starts.year == period.starts.year and p <= period]
        whole = period.starts.month - 1 + self.months_long == self.months_long * len(parts)
        if not whole or breaks.between(self.breaks, parts[0], period):
            return _NONE
        return added(self.entry(territory, part) for part in parts)

    # ── Chart ────────────────────────────────────────────────────────────────────────────────

    @property
    def chart(self) -> charts.Lines | None:
        marks = []
        for code in self.blocks:
            for period in self.periods:
                entry = self.entry(code, period)
                value = float(entry.value) if entry.is_published else None
                marks.append(charts.Mark(period.code, value, text(entry), self.names[code]))
        if len({mark.label for mark in marks if mark.value is not None}) < 2:
            return None
        return charts.Lines(
            marks,
            series={
                self.names[code]: color
                for code, color in zip(self.blocks, colors.TERRITORIES, strict=False)
            },
            title=f"{self.indicator.code} · {self.indicator.label}",
            subtitle=f"{self.names[self.territory]} · {LABELS[self.word]} · {self.unit}",
            height=220,
            breaks=breaks.on_chart(self.breaks, self.periods),
        )


def series(
    indicator: Indicator, territory: str, word: str, months_long: int, names: Names
) -> Series:
    """All sealed periods of this length, of the territory as these borders know it; in those of
    the date, of what it came from and what it became too."""
    codes = lineage(territory) if word == AT_DATE else [territory]
    blocks = _blocks(codes, word, months_long)
    every = [block for held in blocks.values() for block in held.values()]
    last = max((block.period for block in every), default=None)
    spans = breaks.of_borders(codes) if len(codes) > 1 else []
    return Series(
        indicator=indicator,
        territory=territory,
        word=word,
        months_long=months_long,
        blocks=blocks,
        figures=figures_of_all(
            every,
            indicator=indicator.code,
            population=indicator.populations[0],
            breakdown=TOTAL,
            department=TOTAL,
        ),
        breaks=tuple(sorted([*spans, *breaks.of_definitions([indicator.code])])),
        labels=labels_on(last) if last else Labels({"level": {}, "operator": {}}),
        names={
            code: names.on(code, max(held).last_day if held else last.last_day)
            for code, held in blocks.items()
            if last
        },
    )


def _blocks(codes: Sequence[str], word: str, months_long: int) -> dict[str, dict[Period, Block]]:
    sealed = newest_sealed([*codes, NATION])
    periods = sorted({Period.parse(code) for code, _ in sealed})
    found: dict[str, dict[Period, Block]] = {}
    for code in codes:
        held = {}
        for period in periods:
            if period.months_long != months_long:
                continue
            borders = AT_DATE
            if word != AT_DATE and code != NATION:
                borders = where_computed(known_in(word)[code], code, period)
            holder = sealed.get((period.code, code if borders == AT_DATE else NATION))
            if borders and holder:
                held[period] = Block(holder, code, borders)
        found[code] = held
    return found


# ── File ─────────────────────────────────────────────────────────────────────────────────────


def csv_file(shown: Series) -> bytes:
    """Rows of the indicator in the columns of files, and what parts each from the period before.

    One column more than a file of an edition: it is never taken for one.
    """
    return csv_bytes(CSV_COLUMNS, sorted(_rows(shown)), numbers=NUMBERS)


def _rows(shown: Series) -> Iterator[tuple[str, ...]]:
    parted = breaks.first_after(shown.breaks, shown.periods)
    for held in shown.blocks.values():
        for period, block in held.items():
            cause = " ; ".join(one.sentence for one in parted.get(period, ()))
            for row in block_rows(block, indicator=shown.indicator.code):
                yield (*row, cause)
