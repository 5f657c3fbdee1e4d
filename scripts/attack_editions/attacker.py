"""Bounds every hidden count of published editions."""

import time
from collections.abc import Iterable

import numpy as np

from .between_numbers import BetweenNumbers
from .counts import Counts, Reader
from .files import Blocks
from .judge import Judge
from .own import Own
from .public_rules import DEPARTMENTS, FAMILIES, GUESSES
from .relations import Relations
from .report import Report
from .systems import Contradiction, System, system_of, tighten, without_fixed


def attack(
    blocks: Blocks,
    *,
    threshold: int = 11,
    without: Iterable[str] = (),
    departments: int = DEPARTMENTS,
    truth: Blocks | None = None,
    knows: str = "",
    to_the_end: bool = True,
    composed: dict[str, dict[str, set[str]]] | None = None,
) -> Report:
    """Bound every hidden count of these blocks.

    With `truth`, raw figures with their units, the hidden cells that are small are told from the
    others, and `knows` (« operator=apec ») makes the attacker a category that knows its own: then
    only what is small is asked for, as for the others it knows nothing more than they do.
    `composed`: of counts of a Region's own, the filters that their pages say (`{"R93.1": {"sex":
    {"F"}}}`).
    """
    began = time.perf_counter()
    families, doubted = set(FAMILIES) - set(without), []
    for guess in (*GUESSES, ""):
        try:
            reader = Reader(families, composed)
            report = _attack(reader, blocks, threshold, departments, truth, knows, to_the_end)
            break
        except Contradiction:
            if not guess:
                raise
            families, doubted = families - {guess}, [*doubted, guess]
    report.doubted += doubted
    report.seconds = time.perf_counter() - began
    return report


def _attack(reader, blocks, threshold, departments, truth, knows, to_the_end) -> Report:
    reader.take(blocks)
    counts = reader.counts
    report = Report(threshold, counts.cells, sum(counts.hidden_cells), conflicts=counts.conflicts)
    # What the files show to anybody, before what a category adds of its own.
    numbers = BetweenNumbers(reader, threshold, departments)
    report.small_differences = numbers.small_differences()
    targets = _targets(reader, truth, knows, report)
    relations = Relations(reader, threshold, departments).all()
    system, report.doubted = system_of(counts, relations)
    asked = np.zeros(len(counts.names), dtype=bool)
    asked[: len(targets)] = targets
    for variable in np.flatnonzero(asked & ~np.isnan(counts.values)):
        report.note(counts, variable, int(counts.values[variable]), int(counts.values[variable]))
    asked |= np.array(counts.is_virtual)
    own = _of_margin(counts, knows)
    asked[[unprinted for unprinted, printed in counts.beside.items() if printed in own]] = False
    if len(system.of):
        _bound(system, counts, asked, report, to_the_end)
    report.worst.sort(key=lambda found: (found[2] - found[1], found[0]))
    return report


def _targets(reader: Reader, truth: Blocks | None, knows: str, report: Report) -> np.ndarray:
    """Which counts are asked for: all hidden; of an insider, those that are small."""
    counts = reader.counts
    hidden = np.array(counts.hidden_cells) > 0
    if truth is None:
        return hidden
    raw = Reader(reader.families)
    raw.take(truth)
    own = Own(raw.counts, knows)
    is_small = np.zeros(len(hidden), dtype=bool)
    volume = np.zeros(len(hidden))
    for sheet, lines in counts.sheets.items():
        for line, margins in lines.items():
            for margin, variable in margins.items():
                known = raw.counts.of(sheet, line, margin)
                if known is None:
                    continue
                value, units = raw.counts.values[known], raw.counts.rows[known][-1].units
                units = value if units is None else units
                least = 0 if counts.is_special[variable] else 1
                is_small[variable] = least <= units < report.threshold and not (
                    knows and own.is_own(sheet, line, margin)
                )
                volume[variable] = value
                if margin == knows and hidden[variable]:
                    counts.values[variable] = value
                    hidden[variable] = False
    weights = np.array(counts.hidden_cells)
    report.primaries = int(weights[is_small & (weights > 0)].sum())
    report.hidden_volume = float(volume[weights > 0].sum() / max(1, volume.sum()))
    return hidden & is_small if knows else hidden


def _of_margin(counts: Counts, margin: str) -> set[int]:
    lines = (line for sheet in counts.sheets.values() for line in sheet.values())
    return {margins[margin] for margins in lines if margin in margins}


def _bound(
    system: System, counts: Counts, asked: np.ndarray, report: Report, to_the_end: bool
) -> None:
    width = report.threshold - 1
    tighten(system)
    of, is_virtual = system.of, np.array(counts.is_virtual)
    is_close = system.upper - system.lower < width
    for rank in np.flatnonzero(is_close & asked[of]):
        report.note(counts, of[rank], int(system.lower[rank]), int(system.upper[rank]))
    if not to_the_end and report.found + report.narrow:
        return
    free = without_fixed(system)
    targets = asked[free.of] & (free.upper - free.lower >= width)
    if not targets.any():
        return
    judge = Judge(free, targets, is_virtual[free.of], width)
    judge.judge()
    for rank, (least, most) in judge.narrow.items():
        report.note(counts, free.of[rank], least, most)
