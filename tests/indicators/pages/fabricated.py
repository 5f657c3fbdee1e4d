"""Figures made up for the pages' tests: every cell of a period, then the product's own protection.

No facts stand behind them, and they keep no sum: small counts alone are secret here. What a page
shows must equal its cell, whatever the cell says. Values are the same in every run.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import sha256
from unittest import mock

from django.apps import apps
from django.db import connections
from django.utils import timezone

from indicators import actions, queries, secrecy
from indicators.actions import compilations
from indicators.computation import Borders, borders_of, extent_of, grid
from indicators.definitions import TOTAL
from indicators.models import ExpectedReturn
from indicators.secrecy import pattern
from indicators.worklist import nation
from operators.models import OperatorCategory
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION
from tests import factories

BEFORE, AFTER, DRAFT = (Period.parse(code) for code in ("2015-T4", "2016-T1", "2016-T2"))
DRAFTS = ("11", "93", NATION)
_COPY = """COPY indicators_figure (period, territory, borders, indicator, population, department,
operator, level, breakdown, category, value, unit, units, contributors) FROM STDIN"""


def chance(*parts: str) -> float:
    """Between 0 and 1, always the same for the same words."""
    return int(sha256("|".join(parts).encode()).hexdigest()[:8], 16) / 16**8


def figures(period: Period, territory: str, borders: Borders) -> Iterator[tuple]:
    """Counts fall with each cut; a few are small enough to be secret, a few are nil."""
    extent = extent_of(period, territory, borders)
    size = 180_000 if territory == NATION else 1_500 + 12_000 * chance(territory)
    size *= 0.9 + 0.2 * chance(period.code)
    for line in grid.lines(extent):
        indicator, population, department, operator, level, breakdown, category, unit = line[:8]
        value = size * (0.6 + 0.5 * chance(indicator, population))
        for cut in (department, operator, level, category):
            if cut != TOTAL:
                value *= 0.02 + 0.5 * chance(indicator, breakdown, cut) ** 2
        units = int(value) if chance(territory, *line[:7]) > 0.03 else 0
        shown = Decimal(units) if line[10] else Decimal(f"{2 + 90 * chance(*line[:7]):.1f}")
        yield (
            period.code, territory, borders.value, indicator, population, department, operator,
            level, breakdown, category, shown, unit, units, 5,
        )  # fmt: skip


def one_structure_each() -> dict[str, int]:
    """An operator of each category in force in 2015."""
    structures = {}
    for category in OperatorCategory.objects.using("owner").filter(starts_on__lt="2015-01-01"):
        made = factories.structure(f"Opérateur {category.pk}", "13055", category=category.pk)
        structures[category.pk] = made.pk
    return structures


def expect_returns(period: Period, structures: dict[str, int], missing: str = "") -> None:
    """Of every Region and operator; those of the category `missing` have not come."""
    ExpectedReturn.objects.using("owner").bulk_create(
        ExpectedReturn(
            period=period.code,
            region_id=code,
            structure_id=pk,
            received_at=None if category == missing else timezone.now(),
        )
        for code in borders_of(period, Borders.DATE)
        for category, pk in structures.items()
    )


def protected(period: Period, territories: Iterable[str], *constant: Borders) -> None:
    """Raw figures of these territories at the date, and of all in constant borders; then drafts."""
    units = [(code, Borders.DATE) for code in territories]
    units += [(code, borders) for borders in constant for code in borders_of(period, borders)]
    with connections["owner"].cursor() as cursor, cursor.copy(_COPY) as copy:
        for territory, borders in units:
            for row in figures(period, territory, borders):
                copy.write_row(row)
    protect(period)


def protect(period: Period) -> list[str]:
    """As a compilation does, of all that is not settled; by the primary rule."""
    with nation(read_only=True):
        settled = compilations.settled_territories(period)
        published = secrecy.published_around(period)
    small_alone = mock.patch.object(pattern, "hide", return_value=pattern.Attack(10, 0, 0))
    with small_alone, tenancy.scope(regions=national_regions(), using="compiler"):
        return secrecy.protect(period, settled, published)


def seal_all(period: Period, by, *, transmit: bool) -> None:
    with nation():
        actions.validate_period(by=by, period=period)
        for edition in queries.editions(period.code):
            actions.seal_edition(by=by, edition=edition)
            if transmit:
                actions.transmit_edition(by=by, edition=edition)


def empty() -> None:
    """Whatever another test left in the base that was cloned."""
    tables = [model._meta.db_table for model in apps.get_app_config("indicators").get_models()]
    kept = {"indicators_secrecythreshold", "indicators_definition", "indicators_opinion"}
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(sorted({*tables} - kept))}")
