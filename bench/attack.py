"""The attack of four quarters, their year, both borders and an erratum, at the density of the
demonstration and at the volume of 2015.

`make bench SUBJECTS=attack`, or `python -m bench.attack 732000 OUTPUT`. What is exported stays in
`/var/tmp/sprocep-attack-…` (or `BENCH_ATTACKED`) and is not made again, nor is an attack that was
measured: started again, it goes on. Erase the folder to begin afresh.
"""

import dataclasses
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import machine
from bench.base import FOLDERS, manage, running_base
from bench.measures import Results, Target
from scripts.attack_editions import (
    MEASURES,
    NATION,
    PERSONS,
    TOTAL,
    Block,
    Blocks,
    Report,
    Row,
    attack,
    read,
)

SUBJECT = "Attack"
PERIODS = ("2015-T1", "2015-T2", "2015-T3", "2015-T4", "2015")
CORRECTED, REGION, LATE = "2015-T4", "93", 200
OPERATORS = ("public_employment_service", "cap_emploi", "mission_locale", "apec", "opacif")
K = 11
OF_2015 = 732_000  # journeys: what is hidden has its targets at this volume
OF_CELLS, OF_VOLUME = Target(35), Target(1.2)
OF_YEAR, OF_QUARTER, OF_QUARTER_OF_FEWER = Target(60), Target(20), Target(15)
NOTHING = Target(0)

# Each part printed by the primary rule alone, all the others as the product protects them: what
# the rule that ties this part to the others is worth, at the volume of 2015.
PARTS: dict[str, Callable[[Block, Row], bool]] = {
    "all": lambda block, row: True,
    "nation": lambda block, row: block.territory == NATION,
    "borders": lambda block, row: block.borders != "date",
    "departments": lambda block, row: row.department != TOTAL,
    "levels": lambda block, row: row.margin.startswith("level="),
    "operators": lambda block, row: row.margin.startswith("operator="),
    "categories": lambda block, row: row.category != TOTAL,
    "months": lambda block, row: row.breakdown == "month",
    "year": lambda block, row: block.period == "2015",
    "erratum": lambda block, row: block.number > 1,
    "labels": lambda block, row: row.indicator[0] in "BC" and row.category == TOTAL,
    "stock and flow": lambda block, row: row.indicator in ("A4", "A5"),
    "persons": lambda block, row: row.population in PERSONS,
    "all reasons": lambda block, row: row.indicator == "C1.all",
    "undated": lambda block, row: row.indicator == "E3.undated",
    "outcomes": lambda block, row: row.population.startswith("referrals"),
    "documents": lambda block, row: row.indicator == "G1",
    "fundings": lambda block, row: row.population.startswith("fundings"),
}  # fmt: skip


def printed_alone(
    blocks: Blocks, truth: Blocks, part: Callable[[Block, Row], bool], threshold: int = K
) -> Blocks:
    """These files with all counts of a part printed that are not small themselves."""
    shown: Blocks = {}
    for block, rows in blocks.items():
        raw = {_address(row): row for row in truth.get(block, ())}
        shown[block] = [
            _as_raw(row, raw.get(_address(row)), threshold) if part(block, row) else row
            for row in rows
        ]
    return shown


def _as_raw(row: Row, raw: Row | None, threshold: int) -> Row:
    if row.status != "secret" or raw is None or row.indicator in MEASURES:
        return row
    least = 0 if row.is_special else 1
    if least <= (raw.units or 0) < threshold:
        return row
    return dataclasses.replace(row, value=raw.value, status="published")


def _address(row: Row) -> tuple[str, ...]:
    return (
        row.indicator, row.population, row.department, row.margin, row.breakdown, row.category,
    )  # fmt: skip


# ── Files ────────────────────────────────────────────────────────────────────────────────────


def folder_of(journeys: int) -> Path:
    return Path(os.environ.get("BENCH_ATTACKED", FOLDERS / f"sprocep-attack-{journeys}"))


def export_once(journeys: int, folder: Path) -> dict[str, float]:
    """The files of all periods, the raw figures, and the seconds that each protection took."""
    done = folder / "exported.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.csv"):
            left.unlink()
        done.write_text(json.dumps(_export(journeys, folder)))
    return json.loads(done.read_text())


def _export(journeys: int, folder: Path) -> dict[str, float]:
    volume = ("--journeys", str(journeys), "--seed", "2015", "--profile", "even")
    with running_base():
        manage("generate_activity", *volume, "--from", PERIODS[0], "--to", PERIODS[3])
        import django

        django.setup()
        from bench import published
        from indicators.worklist import nation
        from regions.models import User
        from sprocep.periods import Period

        with nation():
            officer = User.objects.create(email="dgefp@sprocep.example")
        seconds = {}
        for code in PERIODS:
            period = Period.parse(code)
            seconds[code] = published.compile_period(period)
            print(f"  {code}: protected in {seconds[code]:.1f} s", flush=True)
            published.seal_period(period, officer)
        seconds["erratum"] = published.correct(Period.parse(CORRECTED), REGION, LATE, officer)
        for code in PERIODS:
            published.export(Period.parse(code), folder)
        published.raw_figures(folder / "raw.csv")
    return seconds


# ── Attacks ──────────────────────────────────────────────────────────────────────────────────


# Attacks by name; the processes that carry them out are forked, and share what is read here.
_JOBS: dict[str, Callable[[], Report]] = {}
SIDE_BY_SIDE = 2


class Kept:
    """Reports that outlive an interruption, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reports: dict[str, dict] = json.loads(path.read_text()) if path.exists() else {}

    def carry_out(self, jobs: dict[str, Callable[[], Report]]) -> None:
        """Those that are not kept yet, two at a time."""
        _JOBS.update(jobs)
        left = [name for name in jobs if name not in self.reports]
        with multiprocessing.get_context("fork").Pool(SIDE_BY_SIDE, maxtasksperchild=1) as pool:
            for name, report in pool.imap_unordered(_report, left, chunksize=1):
                self.reports[name] = report
                self.path.write_text(json.dumps(self.reports))
                print(f"  {name}: {report['seconds']:.0f} s", flush=True)


def _report(name: str) -> tuple[str, dict]:
    return name, dataclasses.asdict(_JOBS[name]())


def measure(results: Results) -> None:
    began = time.monotonic()
    folder = folder_of(results.journeys)
    seconds = export_once(results.journeys, folder)
    for code, taken in seconds.items():
        target = _target_of(code, results.journeys)
        results.add(SUBJECT, f"protection of {code}", "s", taken, target=target)
    kept = Kept(folder / "attacks.json")
    files, truth = read(sorted(folder.glob("2015*.csv"))), read([folder / "raw.csv"])
    kept.carry_out(jobs_on(files, truth))
    _of_quarter(results, kept.reports)
    _of_all(results, kept.reports)
    if results.journeys == OF_2015:
        kept.carry_out(jobs_of_parts(files, truth))
        _of_parts(results, kept.reports)
    results.add(SUBJECT, "the whole bench, what was kept left out", "s", time.monotonic() - began)


def _target_of(code: str, journeys: int) -> Target | None:
    if code == "erratum":
        return None
    if "-T" not in code:
        return OF_YEAR
    return OF_QUARTER if journeys == OF_2015 else OF_QUARTER_OF_FEWER


def jobs_on(files: Blocks, truth: Blocks) -> dict[str, Callable[[], Report]]:
    """Return the attacks of a quarter, and of all by an outsider and by each category."""
    quarter = {b: rows for b, rows in files.items() if b.period == "2015-T3"}
    at_date = {b: rows for b, rows in quarter.items() if b.borders == "date"}
    jobs = {
        "outsider": partial(attack, files, truth=truth),
        "quarter at its date": partial(attack, at_date, truth=truth),
        "quarter and borders of 2016": partial(attack, quarter, truth=truth),
    }
    for operator in OPERATORS:
        jobs[operator] = partial(attack, files, truth=truth, knows=f"operator={operator}")
    return jobs


def jobs_of_parts(files: Blocks, truth: Blocks) -> dict[str, Callable[[], Report]]:
    return {
        f"part {name}": partial(_attack_part, files, truth, part) for name, part in PARTS.items()
    }


def _attack_part(files: Blocks, truth: Blocks, part: Callable[[Block, Row], bool]) -> Report:
    return attack(printed_alone(files, truth, part), truth=truth, to_the_end=False)


def _of_quarter(results: Results, reports: dict[str, dict]) -> None:
    """A national quarter, in the borders of its date and with those of 2016: what it costs."""
    for name in ("at its date", "and borders of 2016"):
        report, title = reports[f"quarter {name}"], f"a quarter {name}"
        cells, volume = (OF_CELLS, OF_VOLUME) if results.journeys == OF_2015 else (None, None)
        share = 100 * report["hidden"] / report["cells"]
        results.add(SUBJECT, f"{title}: hidden cells", "%", share, target=cells)
        hidden_volume = 100 * report["hidden_volume"]
        results.add(SUBJECT, f"{title}: hidden volume", "%", hidden_volume, target=volume)
        results.add(SUBJECT, f"{title}: attack", "s", report["seconds"])


def _of_all(results: Results, reports: dict[str, dict]) -> None:
    report = reports["outsider"]
    results.facts["attacked cells"] = f"{report['cells']:,}"
    results.facts["hidden cells"] = f"{report['hidden']:,}"
    for name in ("found", "narrow", "unprinted"):
        results.add(SUBJECT, f"an outsider: {name}", "cells", report[name], target=NOTHING)
    results.add(SUBJECT, "an outsider, all files", "s", report["seconds"])
    for operator in OPERATORS:
        fallen = sum(reports[operator][name] for name in ("found", "narrow", "unprinted"))
        results.add(SUBJECT, f"who knows {operator}", "cells", fallen, target=NOTHING)


def _of_parts(results: Results, reports: dict[str, dict]) -> None:
    for name in PARTS:
        report = reports[f"part {name}"]
        printed = reports["outsider"]["hidden"] - report["hidden"]
        results.add(SUBJECT, f"hidden beyond the primary rule: {name}", "cells", printed)
        fallen = report["found"] + report["narrow"]
        title = f"fall at least when by the primary rule alone: {name}"
        # A rule that hides nothing more at this volume has nothing to be worth here.
        target = Target(1, at_least=True) if printed else None
        results.add(SUBJECT, title, "cells", fallen, target=target)


def main(journeys: int, output: Path) -> None:
    results = Results(journeys, machine.describe(), counted="attacked journeys")
    measure(results)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
