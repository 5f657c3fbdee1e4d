"""`docs/benchmarks.md`: one table a subject, and what to read in it, between two markers.

What each size gave is kept beside it, in `benchmarks.json`, so that one size can be measured again
without the others; the drawing of growth is in `images/`.
"""

import json
from collections.abc import Iterator
from math import inf, isinf
from pathlib import Path

from bench import growth
from bench.measures import Measure, Results
from bench.memory import PEAK

# What each subject measured, and beside what; the facts of a size fill the braces.
READINGS = {
    "Generation": (
        "`manage.py generate_activity --profile even` over 39 months (2015-T1 to 2018-T1), in a "
        "process of its own: {sessions} sessions. « While drawn and copied » is the step of the "
        "command in which its processes draw facts and PostgreSQL copies them; « whole command » "
        "counts everything, the start of Python, indexes, keys and the printed report included."
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
        "Memory is that of our two processes, without DuckDB. The limit of the ratio is the "
        "design's for 1,000,000 journeys: below, the cells, as many whatever the number of "
        "journeys, weigh most."
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
        "{published cells} published. The fewer the journeys, the more there is to hide and to "
        "prove: the target is that of the demonstration, 240,000 journeys."
    ),
    "Documents": (
        "Editions sealed, then their files made: PDF, XLSX, CSV, JSON and drawings. Processor time "
        "is that of the process, all its threads, PostgreSQL apart. Each of the two processes has "
        "loaded what makes documents before the clock starts, as a worker of Celery does when it "
        "starts; its first edition pays for all the rest. The ZIP is the one that the DGEFP "
        "downloads (`write_bundle`): every file of every edition, read back from the base, its "
        "digest checked, with the manifest."
    ),
    "Pages": (
        "gunicorn as in `make demo` (gthread, 4 × 2), 8 people at once on connections that stay, "
        "each waiting for its page before asking for the next, {requests}; "
        "advisers are those with the most open journeys of the 8 busiest structures (up "
        "to {open journeys of the busiest adviser} open journeys). The load comes from the same "
        "machine and costs it processor time too. The bare page is the login page of somebody "
        "who is not logged in: no scope, no membership, no trace of reading. Processor is what "
        "gunicorn and PostgreSQL spent a page, whoever else used the machine; for a save, the form "
        "opened before is in it."
    ),
    "Attack": (
        "Four quarters, their year and an erratum, sealed and exported as they really are, in the "
        "borders of the date and of 2016, attacked together: {attacked cells} cells, of which "
        "{hidden cells} hidden. An outsider reads the files; a category of operator knows its own "
        "cells too, and looks for the small ones of the others. « By the primary rule alone »: "
        "one part is printed so, all else as the product protects it, and an outsider finds cells: "
        "what the rule that ties this part to the others is worth. Attacks run two at a time."
    ),
    "Referrals": (
        "Fiches sent over two months on either side of the merger of 2016, followed for ninety "
        "days: one receiver in twenty has closed and never answers, the others accept, decline or "
        "see the fiche withdrawn after a delay that was drawn beforehand. They ended so: {ends}. "
        "State and log of each are compared, instant by instant, with what was drawn."
    ),
    "Gestures": (
        "Each task by keyboard alone in a real Chromium, from the home page, the page of the "
        "journey for a fiche, the desk's page for level 1. Keys count every press, Tab and arrows "
        "too; interactions, the fields answered and the buttons pressed; fields, all that the page "
        "could ask, choices one by one. Seconds are the keystroke-level model's (Card, Moran and "
        "Newell, 1983): 0.28 a key, 1.35 to decide of each interaction, and what the pages took."
    ),
    "Storm": (
        "A hundred anonymous attackers for two minutes, on the same two cores as what they attack: "
        "a third tries passwords, others ask for links, try codes of feedback and of persons, or "
        "hold five sockets each at one byte a second; each as fast as it is answered. First each "
        "from an address of its own, then all from the one address that the advisers share. "
        "Eight advisers open « Mes parcours » every half second; two known browsers log in again "
        "and again, and a stranger, in a new browser each time, from the advisers' address. "
        "Answers to the attackers, by status: {storm apart}; from one address: {storm shared}."
    ),
    "Front door": (
        "`make demo ONCE=1` at its default size from a fresh clone, installation included, by the "
        "account of the first table, with nothing else at work but a browser of the DGEFP: from "
        "« prêt » on it downloads the {files of the last quarter} files of all dashboards of the "
        "last quarter, one after the other, each made as it is asked for. « Second start » is on "
        "the data of the last run. « Kills »: `kill -9` of the parent of all processes at a random "
        "instant, one time in three while a quarter is protected; it is started again each time, "
        "and the seals of all editions are compared with those of a run that nobody stopped."
    ),
    "Search": (
        "Persons copied as the owner into the structures and Regions of a small national data set, "
        "as many in each as it says: {largest searched} in the largest, Pôle emploi in "
        "Île-de-France. The vocabulary is invented: few names are frequent, most are rare. "
        "{queries of a kind} persons of each kind are drawn among all, so that the largest "
        "structures are searched most; each query runs as a request does, in the scope of her "
        "structure, by the product's own function, what the list shows of eight persons included, "
        "the page around it apart. A query that three persons of her very name answer has found. "
        "What is not typed to the end, or is a name alone, names nobody: only its time counts. A "
        "name alone with a letter wrong is what the largest structure answers slowest. « Proposed "
        "while a new file is typed »: known persons typed again with a letter wrong in the name."
    ),
}

INTRODUCTION = """# Benchmarks

`make bench` measures sprocep on a machine and writes this page. `JOURNEYS="60000 240000"` chooses \
the sizes, `SUBJECTS="computation"` what is measured, with what it needs; a size measured again \
takes the place of its own column (`benchmarks.json` keeps them), « — » is what it did not \
measure. Private servers, with the settings of `make demo`, run in a folder that is erased. \
Targets are those of the design (performance.md). Nothing here is ever a test: durations vary from \
one machine and one minute to the next; ratios to what ran beside them hold.

Each figure is the median of its runs, as many as the first table says unless said otherwise, with \
the lowest and the highest behind it when there are several. Whole quarters are computed again \
less often from 1,000,000 journeys on. Peak memory: « Python » is all our processes, what they \
share counted once (PSS; under Pages gunicorn too); « PostgreSQL » is \
what its processes hold each for itself, its shared buffers of 512 MB apart. Both are looked at \
every half second.

"""


def keep(page: Path, results: Results) -> list[Results]:
    """All sizes that are known, this one as it has just been measured."""
    kept = page.with_suffix(".json")
    known = json.loads(kept.read_text()) if kept.exists() else []
    sizes = {_size(size): size for size in [*known, results.as_json()]}
    ordered = [sizes[size] for size in sorted(sizes)]
    kept.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
    return [Results.from_json(size) for size in ordered]


def _size(results: dict) -> tuple[str, int]:
    return results.get("counted", "journeys"), results["journeys"]


def write(page: Path, sizes: list[Results]) -> None:
    if unread := {m.subject for results in sizes for m in results.measures} - READINGS.keys():
        raise ValueError(f"READINGS says nothing of {', '.join(sorted(unread))}")
    text = INTRODUCTION + "".join(_parts(sizes))
    # Persons, fiches and kills are of another scale.
    of_journeys = [results for results in sizes if results.counted == "journeys"]
    if len(of_journeys) > 1:
        image = _image(page)
        image.parent.mkdir(exist_ok=True)
        image.write_text(growth.drawing(of_journeys, list(READINGS)))
        text += "".join(_growth(page, of_journeys))
    page.write_text(text)


def _image(page: Path) -> Path:
    return page.parent / "images" / f"{page.stem}.svg"


def _parts(sizes: list[Results]) -> Iterator[str]:
    yield f"| | {' | '.join(map(_journeys, sizes))} |\n|---|{'---|' * len(sizes)}\n"
    for name in dict.fromkeys(name for results in sizes for name in results.machine):
        yield f"| {name} | {' | '.join(r.machine.get(name, '—') for r in sizes)} |\n"
    facts = {
        name: " · ".join(dict.fromkeys(r.facts[name] for r in sizes if name in r.facts))
        for name in dict.fromkeys(name for results in sizes for name in results.facts)
    }
    for subject, reading in READINGS.items():
        if any(m.subject == subject for results in sizes for m in results.measures):
            yield f"\n## {subject}\n\n"
            yield from _table(subject, sizes)
            yield f"\n{reading.format_map(facts)}\n\n{_verdict(subject, sizes)}\n"


def _journeys(results: Results) -> str:
    return f"{results.journeys:,} {results.counted}"


def _table(subject: str, all_sizes: list[Results]) -> Iterator[str]:
    sizes = [r for r in all_sizes if any(m.subject == subject for m in r.measures)]
    yield f"| | {' | '.join(map(_journeys, sizes))} | target |\n"
    yield f"|---|{'--:|' * len(sizes)}---|\n"
    of_sizes = [{m.name: m for m in r.measures if m.subject == subject} for r in sizes]
    for name in dict.fromkeys(name for measures in of_sizes for name in measures):
        lines = [measures.get(name) for measures in of_sizes]
        cells = " | ".join(_cell(measure) if measure else "—" for measure in lines)
        yield f"| {name} | {cells} | {_target([m for m in lines if m])} |\n"


def _cell(measure: Measure) -> str:
    if not measure.unit:
        return f"{measure.value:,.0f}"
    text = f"{_number(measure.value)} {measure.unit}"
    if len(measure.values) == 1:
        return text
    return f"{text} ({_number(min(measure.values))}–{_number(max(measure.values))})"


def _target(lines: list[Measure]) -> str:
    """One limit, or that of each size when they differ: « ≤ 15 · 20: met »."""
    aimed = [(measure.target, measure.value) for measure in lines if measure.target]
    if not aimed:
        return ""
    sign = "≥" if aimed[0][0].at_least else "≤"
    limits = " · ".join(dict.fromkeys(f"{target.limit:,}" for target, _ in aimed))
    met = [target.is_met(value) for target, value in aimed]
    words = "met" if all(met) else "missed" if not any(met) else "met in part"
    return f"{sign} {limits}: {words}"


def _verdict(subject: str, sizes: list[Results]) -> str:
    """The sentence that the table adds up to."""
    aimed = [(r, m) for r in sizes for m in r.measures if m.subject == subject and m.target]
    missed = [(r, m) for r, m in aimed if not m.target.is_met(m.value)]
    if not aimed:
        return "No target of the design applies here."
    if not missed:
        return f"All {len(aimed)} targets met." if len(aimed) > 1 else "Its target is met."
    results, farthest = max(missed, key=lambda line: _times_the_limit(line[1]))
    times = _times_the_limit(farthest)
    beyond = "where none may be" if isinf(times) else f"{times:.1f} times beyond"
    return (
        f"{len(aimed) - len(missed)} of {len(aimed)} targets met. The farthest from its own: "
        f"{farthest.name} at {_journeys(results)}, {_number(farthest.value)} {farthest.unit}, "
        f"{beyond}."
    )


def _times_the_limit(measure: Measure) -> float:
    if not measure.target.limit:
        return inf
    ratio = measure.value / measure.target.limit
    return 1 / ratio if measure.target.at_least else ratio


def _growth(page: Path, sizes: list[Results]) -> Iterator[str]:
    shown = growth.headlines(sizes, list(READINGS))
    yield (
        "\n## Growth\n\n![Time against the number of journeys, a line a subject, both scales "
        f"logarithmic]({_image(page).relative_to(page.parent)})\n\n"
    )
    yield "| | journeys | cost | slope | ≤ 1 |\n|---|--:|--:|--:|---|\n"
    for subject in READINGS:
        names = dict.fromkeys(
            m.name
            for results in sizes
            for m in results.measures
            if m.subject == subject and (m.grows or m.name == shown.get(subject))
        )
        for name in sorted(names, key=lambda name: name.startswith(PEAK)):
            if ends := growth.ends(sizes, (subject, name)):
                yield _growing(f"{subject}: {name}", *ends)
    yield (
        "\nFrom the smallest to the largest size that has the measure: how many times more "
        "journeys, and how many times more seconds or megabytes. Slope on two logarithmic scales: "
        "1 is in proportion to the size, 0 does not grow.\n"
    )


def _growing(name: str, first: tuple[int, Measure], last: tuple[int, Measure]) -> str:
    slope = growth.slope(first, last)
    return (
        f"| {name} | × {_number(last[0] / first[0])} | × "
        f"{_number(last[1].value / first[1].value)} | {slope:.2f} | "
        f"{'met' if slope <= 1 else 'missed'} |\n"
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
