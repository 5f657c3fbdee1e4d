"""Statistical secrecy of a quarter: one national step over all computed territories."""

from bench.base import QUARTER, Base
from bench.measures import Results, Target, walls
from indicators import secrecy
from indicators.computation import Borders, borders_of, compute_figures, extent_of
from indicators.models import AttackReport, EditionCell
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.periods import Period

SUBJECT = "Protection"
NATIONAL_QUARTER = Target(15)


def measure(base: Base, results: Results) -> None:
    period = Period.parse(QUARTER)
    # As a real compilation does: the former Regions too, published with the nation's edition.
    for borders in (Borders.OF_2015, Borders.OF_2016):
        for code in borders_of(period, borders):
            compute_figures(extent_of(period, code, borders))
    seconds = walls(lambda: protect(period))
    name = "all territories, constant borders included, with their seals"
    results.add(SUBJECT, name, "s", seconds, target=NATIONAL_QUARTER, grows=True)
    cells = EditionCell.objects.using("owner")
    published = cells.filter(status=EditionCell.Status.PUBLISHED).count()
    results.facts["protected cells"] = f"{cells.count():,}"
    report = AttackReport.objects.using("owner").latest("pk")
    results.add(SUBJECT, "hidden volume", "%", float(100 * report.hidden_volume))
    share = 100 * report.hidden / report.cells
    results.add(SUBJECT, "hidden counts, of those printed", "%", share)
    results.facts["published cells"] = f"{published / cells.count():.0%}"


def protect(period: Period) -> None:
    with tenancy.scope(regions=national_regions(), using="compiler"):
        secrecy.protect(period, set())
