"""`docs/benchmarks.md`: one table a subject, and what to read in it, between two markers."""

import math
from collections.abc import Iterator
from pathlib import Path

from bench.measures import Measure, Results

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"

# What each subject measured, and beside what; the facts of a size fill the braces.
READINGS = {
    "Generation": (
        "`manage.py generate_activity --profile even` over 39 months (2015-T1 to 2018-T1), in a "
        "process of its own: {sessions} sessions. « While copying » is what the command prints of "
        "its copying alone; « whole command » counts everything, the start of Python, indexes, "
        "foreign keys and the printed report included."
    ),
    "Computation": (
        "All figures of 2016-T1 for 18 Regions and the nation. « From raw facts »: rollups and "
        "figures emptied before each run, so the work is read facts, build rollups, count what "
        "does not add up, lay the dense grid, write every cell into PostgreSQL. DuckDB counts the "
        "same populations at the same margins (total, level, operator, département; all "
        "breakdowns; distinct persons; means and quantiles; persons and structures behind each "
        "value) from Parquet copies made before the clock starts, into one Parquet file; it lays "
        "no grid and writes nothing into PostgreSQL. Cells where both have the same value, the "
        "same units and the same contributors: {cells}. DuckDB has as many "
        "threads as we have processes, turn by turn. The 5 Regions are those of the corrections. "
        "Memory is the most at one instant of all processes together, of PostgreSQL's back ends "
        "what they do not share. The limit of the ratio is the design's for 1,000,000 journeys: "
        "below, the cells, as many whatever the number of journeys, weigh most."
    ),
    "Corrections": (
        "{added sessions} sessions added in one transaction in the current quarter, the last of "
        "the data set, by rows that the triggers mark: one in five opens a journey, the others are "
        "held in open ones. {marked cells} cells (Region × month) are marked, none of the past. "
        "Then all figures of these Regions are computed again; that A1 and F1 have grown by "
        "exactly what was added is checked each time. The nation's figures are a unit of work of "
        "their own."
    ),
    "Protection": (
        "`secrecy.protect` for the whole quarter: {protected cells} cells, of which "
        "{published cells} published. Primary rule alone, as long as the full secrecy is not "
        "there: this figure will grow with it."
    ),
    "Documents": (
        "Editions sealed, then their files made: PDF, XLSX, CSV, JSON and drawings. Processor time "
        "is that of the process, all its threads, PostgreSQL apart. Each of the two processes pays "
        "for its imports in its first edition, as a worker that has just started does. There is no "
        "ZIP of all editions yet: its target is read on the files that it will hold."
    ),
    "Pages": (
        "gunicorn as in `make demo` (gthread, 2 × 4), 8 people at once on connections that stay, "
        "each waiting for its page before asking for the next, {requests}; "
        "advisers are those with the most open journeys of the 8 busiest structures (up "
        "to {open journeys of the busiest adviser} open journeys). The load comes from the same "
        "machine and costs it processor time too. The bare page is the login page of somebody "
        "who is not logged in: no scope, no membership, no trace of reading. Processor is what "
        "gunicorn and PostgreSQL spent a page, whoever else used the machine; for a save, the form "
        "opened before is in it."
    ),
}

INTRODUCTION = f"""# Benchmarks

`make bench` measures sprocep on a machine and writes this page (`JOURNEYS="60000 240000"` chooses \
the sizes). It starts private servers of its own, with the settings of `make demo`, in a folder \
that it erases. Targets are those of the design (performance.md). Nothing here is ever a test: \
durations vary from one machine and one minute to the next; ratios to what ran beside them hold.

Each figure is the median of its runs, 3 unless said otherwise, with the lowest and the highest \
behind it when there are several.

{BEGIN}
{END}
"""


def write(page: Path, machine: dict[str, str], sizes: list[Results]) -> None:
    text = page.read_text() if page.exists() else INTRODUCTION
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest:
        before, after = f"{text}\n", "\n"
    page.write_text(f"{before}{BEGIN}\n\n{''.join(_parts(machine, sizes))}{END}{after}")


def _parts(machine: dict[str, str], sizes: list[Results]) -> Iterator[str]:
    yield "| | |\n|---|---|\n"
    yield "".join(f"| {name} | {value} |\n" for name, value in machine.items())
    yield f"| Sizes | {' and '.join(_journeys(results) for results in sizes)} |\n"
    for subject, reading in READINGS.items():
        yield f"\n## {subject}\n\n"
        yield from _table(subject, sizes)
        facts = {
            name: " · ".join(dict.fromkeys(r.facts[name] for r in sizes if name in r.facts))
            for name in sizes[0].facts
        }
        yield f"\n{reading.format_map(facts)}\n\n{_verdict(subject, sizes)}\n"
    if len(sizes) > 1:
        yield from _growth(sizes)
    yield "\n"


def _journeys(results: Results) -> str:
    return f"{results.journeys:,} journeys"


def _table(subject: str, sizes: list[Results]) -> Iterator[str]:
    yield f"| | {' | '.join(map(_journeys, sizes))} | target |\n"
    yield f"|---|{'--:|' * len(sizes)}---|\n"
    for lines in _side_by_side(subject, sizes):
        cells = " | ".join(_cell(measure) for measure in lines)
        yield f"| {lines[0].name} | {cells} | {_target(lines)} |\n"


def _side_by_side(subject: str, sizes: list[Results]) -> list[tuple[Measure, ...]]:
    """Each measure of the subject, one of each size."""
    of_sizes = [[m for m in results.measures if m.subject == subject] for results in sizes]
    return list(zip(*of_sizes, strict=True))


def _cell(measure: Measure) -> str:
    text = f"{_number(measure.value)} {measure.unit}"
    if len(measure.values) == 1:
        return text
    return f"{text} ({_number(min(measure.values))}–{_number(max(measure.values))})"


def _target(lines: tuple[Measure, ...]) -> str:
    target = lines[0].target
    if not target:
        return ""
    sign = "≥" if target.at_least else "≤"
    met = [target.is_met(measure.value) for measure in lines]
    words = "met" if all(met) else "missed" if not any(met) else "met in part"
    return f"{sign} {target.limit:,}: {words}"


def _verdict(subject: str, sizes: list[Results]) -> str:
    """The sentence that the table adds up to."""
    aimed = [(r, m) for r in sizes for m in r.measures if m.subject == subject and m.target]
    missed = [(r, m) for r, m in aimed if not m.target.is_met(m.value)]
    if not aimed:
        return "No target of the design applies here."
    if not missed:
        return f"All {len(aimed)} targets met."
    results, farthest = max(missed, key=lambda line: _times_the_limit(line[1]))
    return (
        f"{len(aimed) - len(missed)} of {len(aimed)} targets met. The farthest from its own: "
        f"{farthest.name} at {_journeys(results)}, {_number(farthest.value)} {farthest.unit}, "
        f"{_times_the_limit(farthest):.1f} times beyond."
    )


def _times_the_limit(measure: Measure) -> float:
    ratio = measure.value / measure.target.limit
    return 1 / ratio if measure.target.at_least else ratio


def _growth(sizes: list[Results]) -> Iterator[str]:
    """How cost grows from the first size to the last: 1 is in proportion, less is better."""
    first, last = sizes[0], sizes[-1]
    yield "\n## Growth\n\n| | slope |\n|---|--:|\n"
    for subject in READINGS:
        for lines in _side_by_side(subject, [first, last]):
            if lines[0].grows:
                slope = math.log(lines[1].value / lines[0].value) / math.log(
                    last.journeys / first.journeys
                )
                yield f"| {subject}: {lines[0].name} | {slope:.2f} |\n"
    yield (
        f"\nSlope on two logarithmic scales from {_journeys(first)} to {_journeys(last)}: 1 is in "
        "proportion to the size, 0 does not grow. Target: ≤ 1.\n"
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
