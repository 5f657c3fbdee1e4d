"""The map of a report: rates of published cells, and their table twin."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db.models import Sum

from indicators.exports.blocks import own_block
from indicators.exports.report import report
from indicators.models import Edition, EditionCell
from indicators.worklist import nation
from regions.models import Commune
from regions.queries import department_regions, region_name
from tests.indicators.pages.fabricated import AFTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def scoped(base):
    with nation():
        yield


def section_of(territory: str):
    edition = Edition.objects.get(period=AFTER.code, territory=territory)
    chapters = report(own_block(edition)).chapters
    (found,) = [s for chapter in chapters for s in chapter.sections if s.slug == "A1-map"]
    return found


def cells_of(*territories: str) -> dict[str, tuple]:
    cells = EditionCell.objects.filter(
        edition__period=AFTER.code, edition__sealed_at__isnull=False, borders="date",
        indicator="A1", population="journeys_opened", breakdown="total", operator="total",
        level="total",
    ).exclude(department="total")  # fmt: skip
    if territories:
        cells = cells.filter(territory__in=territories)
    return {c.department: (c.status, c.value) for c in cells if c.status != "not_applicable"}


def rate(department: str, value: Decimal) -> Decimal:
    inhabitants = sum(
        Commune.objects.filter(department=department).values_list("population", flat=True)
    )
    return (value * 100_000 / inhabitants).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@pytest.mark.parametrize("territories", [("93",), ("75",), ()], ids=["93", "75", "FR"])
def test_map_and_table_are_the_published_cells(scoped, territories):
    section, cells = section_of(*territories or ("FR",)), cells_of(*territories)
    table = section.detail or section.table
    assert len(cells) == {("93",): 6, ("75",): 12, (): 101}[territories]
    places = [line for line in table.lines if line.label.endswith(")")]
    shown = {line.label[-4:].strip(" ()"): line.entries for line in places}
    assert shown.keys() == cells.keys()
    areas = {area.code: area for area in section.chart.areas}
    assert areas.keys() == cells.keys()
    for code, (status, value) in cells.items():
        count, per_inhabitants = shown[code]
        assert (count.status, count.value) == (status, value)
        assert areas[code].is_secret is (status == "secret")
        if status == "published":
            assert per_inhabitants.value == rate(code, value)
            assert areas[code].value == float(per_inhabitants.value)
        else:
            assert per_inhabitants.value is areas[code].value is None
    assert section.chart.svg().startswith(b"<svg ")


def test_one_department_makes_no_map(scoped):
    edition = Edition.objects.get(period=AFTER.code, territory="02")
    slugs = [s.slug for chapter in report(own_block(edition)).chapters for s in chapter.sections]
    assert "A1-map" not in slugs
    assert slugs


def test_the_source_of_the_outlines_stands_beside_the_map(scoped):
    assert any("CC BY 4.0" in note for note in section_of("93").notes)


def test_the_nation_on_paper_is_told_by_region(scoped):
    section = section_of("FR")
    cells = EditionCell.objects.filter(
        edition__period=AFTER.code, edition__sealed_at__isnull=False, borders="date",
        indicator="A1", population="journeys_opened", breakdown="total", operator="total",
        level="total", department="total",
    ).exclude(territory="FR")  # fmt: skip
    departments = department_regions(AFTER.last_day)
    expected = {}
    for cell in cells:
        inside = [code for code, region in departments.items() if region == cell.territory]
        people = Commune.objects.filter(department__in=inside).aggregate(n=Sum("population"))["n"]
        rate = (cell.value * 100_000 / people).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        expected[region_name(cell.territory, AFTER.last_day)] = (cell.value, rate)
    shown = {line.label: tuple(e.value for e in line.entries) for line in section.table.lines}
    assert shown == expected
    assert len(shown) == 18
