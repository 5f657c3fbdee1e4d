"""The files of the editions of a quarter, then all of them in one ZIP."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pikepdf

from bench import worker
from bench.accounts import officer
from bench.base import QUARTER, Base
from bench.computation import workers
from bench.measures import RUNS, Results, Spent, Target, spent
from indicators import actions, queries
from indicators.exports.blocks import own_block
from indicators.exports.bundle import write_bundle
from indicators.exports.files import write_edition_files
from indicators.exports.formats import FORMATS, Contents
from indicators.worklist import nation
from sprocep.periods import Period

SUBJECT = "Documents"
ILE_DE_FRANCE = "11"
PDF_CPU, PDF_PAGES, ALL_EDITIONS, KEPT = Target(4), Target(24), Target(30), Target(2)


def measure(base: Base, results: Results) -> None:
    seal(results)
    # Before any file is kept, and once for the imports: a worker lives long.
    pdf_of(ILE_DE_FRANCE)
    alone, content = [], b""
    for _ in range(3):
        seconds, content = pdf_of(ILE_DE_FRANCE)
        alone.append(seconds)
    results.add(SUBJECT, "PDF of Île-de-France", "s", [s.wall for s in alone])
    results.add(
        SUBJECT, "PDF of Île-de-France, processor", "s", [s.cpu for s in alone], target=PDF_CPU
    )
    with pikepdf.open(io.BytesIO(content)) as pdf:
        results.add(SUBJECT, "pages of this PDF", "pages", len(pdf.pages), target=PDF_PAGES)
    results.add(SUBJECT, "size of this PDF", "kB", len(content) / 1000)
    _all_editions(results)


def _all_editions(results: Results) -> None:
    with nation(read_only=True):
        codes = list(queries.editions(QUARTER).values_list("territory", flat=True))
    each: list[Spent] = []
    with workers(worker.start) as pool:
        whole = spent(lambda: each.extend(pool.map(write_files, codes)))
    results.add(SUBJECT, "all files of an edition", "s", [s.wall for s in each])
    results.add(SUBJECT, "all files of an edition, processor", "s", [s.cpu for s in each])
    zips, sizes = [], []
    for _ in range(RUNS):
        zips.append(spent(lambda: sizes.append(zip_of_all())).wall)
    name = f"ZIP of {len(codes)} editions, files kept"
    results.add(SUBJECT, name, "s", zips, target=KEPT)
    results.add(SUBJECT, "size of this ZIP", "MB", sizes[0] / 1e6)
    name = f"from sealing to the ZIP of {len(codes)} editions, 2 processes"
    results.add(SUBJECT, name, "s", whole.wall + zips[0], target=ALL_EDITIONS)


def seal(results: Results) -> None:
    """Under an account of the DGEFP, as the product does."""
    by = officer()
    seconds = []
    with nation():
        actions.validate_period(by=by, period=Period.parse(QUARTER))
        for edition in queries.editions(QUARTER):
            seconds.append(
                spent(lambda sealed=edition: actions.seal_edition(by=by, edition=sealed)).wall
            )
    results.add(SUBJECT, "sealing an edition", "s", median(seconds))


@contextmanager
def edition_of(territory: str) -> Iterator:
    with nation():
        yield queries.editions(QUARTER).get(territory=territory)


def pdf_of(territory: str) -> tuple[Spent, bytes]:
    made = []
    with edition_of(territory) as edition:
        seconds = spent(lambda: made.append(FORMATS["pdf"](Contents(own_block(edition)))))
    return seconds, made[0]


def write_files(territory: str) -> Spent:
    with edition_of(territory) as edition:
        return spent(lambda: write_edition_files(edition))


def zip_of_all() -> int:
    with nation(read_only=True), tempfile.TemporaryFile() as target:
        write_bundle(Period.parse(QUARTER), target)
        return target.tell()
