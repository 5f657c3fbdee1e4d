"""Statistical secrecy of a quarter, by the engine of ADR 17: one national step."""

from bench.base import QUARTER, Base
from bench.measures import Results, Target, walls
from indicators.computation import Borders, borders_of, compute_figures, extent_of
from indicators.models import AttackReport, EditionCell
from indicators.secrecy import together
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.periods import Period

SUBJECT = "Protection"
NATIONAL_QUARTER = Target(60)


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
    results.facts["published cells"] = f"{published / cells.count():.0%}"
    report = AttackReport.objects.using("owner").get(period=QUARTER)
    results.facts["hidden counts"] = f"{report.hidden / report.cells:.1%}"
    results.facts["hidden volume"] = f"{report.hidden_volume:.2%}"


def protect(period: Period) -> None:
    with tenancy.scope(regions=national_regions(), using="compiler"):
        together.protect(period, set())
