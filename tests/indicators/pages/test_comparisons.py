"""What a figure is compared with: the period before, a year before, the nation, similar Regions."""

from decimal import Decimal

import pytest

from indicators.exports.blocks import comparisons, constant_block, own_block
from indicators.exports.borders import regions_in
from indicators.exports.figures import Entry, Figures, Together, added, middle
from indicators.exports.parts import Table
from indicators.exports.report import report
from indicators.exports.rows import file_rows
from indicators.exports.similar import nearest
from indicators.models import Edition, EditionCell
from indicators.worklist import nation
from sprocep.periods import Period
from tests.indicators.pages.fabricated import AFTER, BEFORE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def scoped(base):
    with nation():
        yield base


def edition(period: Period, territory: str) -> Edition:
    return Edition.objects.get(period=period.code, territory=territory)


def tables_of(period: Period, territory: str) -> dict[str, Table]:
    shown = report(own_block(edition(period, territory)))
    return {s.slug: s.table for chapter in shown.chapters for s in chapter.sections}


# ── Similar Regions ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("period", "territory", "peers"),
    [
        ("2016-T1", "93", ["11", "52", "53"]),
        ("2016-T1", "75", ["44", "32", "76"]),
        ("2016-T1", "94", ["24", "02", "03"]),
        ("2016-T1", "06", ["03", "02", "01"]),
        ("2015-T4", "72", ["73", "53", "24"]),
    ],
)
def test_peers_are_the_nearest_in_size_and_rurality(scoped, period, territory, peers):
    """As the rule gives them today and for ever: its data are a file that never changes."""
    assert nearest(territory, regions_in("date", Period.parse(period))) == peers


def test_the_order_of_regions_changes_no_peer(scoped):
    regions = regions_in("date", AFTER)
    turned = dict(reversed(regions.items()))
    assert {code: nearest(code, regions) for code in regions} == {
        code: nearest(code, turned) for code in regions
    }


def test_peers_are_all_there_or_none(scoped):
    block = own_block(edition(AFTER, "93"))
    assert [peer.territory for peer in comparisons(block).peers] == sorted(
        nearest("93", regions_in("date", AFTER))
    )
    lonely = own_block(edition(Period.parse("2016-T2"), "93"))
    assert comparisons(lonely).peers == ()


def test_constant_borders_have_peers_in_the_same_borders(scoped):
    block = constant_block(BEFORE, "75", "2016")
    peers = nearest("75", regions_in("2016", BEFORE))
    assert {peer.territory for peer in comparisons(block).peers} == set(peers)
    assert all(peer.code.startswith("2015-T4/") for peer in comparisons(block).peers)


# ── Together ─────────────────────────────────────────────────────────────────────────────────

S, ND, NOT = (Entry(None, status, "") for status in ("secret", "missing", "not_applicable"))


def count(value: int) -> Entry:
    return Entry(Decimal(value), "published", "journeys")


@pytest.mark.parametrize(
    ("parts", "whole", "median"),
    [
        ([count(20), count(40), count(90)], 150, 40),
        ([count(20), count(40)], 60, 30),
        ([count(20), NOT], 20, 20),
        ([count(20), S], "secret", "secret"),
        ([count(20), S, ND], "missing", "missing"),
        ([NOT, NOT], "not_applicable", "not_applicable"),
        ([], "not_applicable", "not_applicable"),
    ],
)
def test_a_hidden_part_hides_the_whole(parts, whole, median):
    for found, expected in ((added(parts), whole), (middle(parts), median)):
        assert (found.value if found.is_published else found.status) == expected


def test_counts_of_peers_add_up_and_persons_give_their_median(scoped):
    found = [
        Figures(
            {
                ("A1", "journeys_opened", *["total"] * 5): count(n),
                ("A3", "persons_seen", *["total"] * 5): count(n),
                ("E2.median", "journeys_closed", *["total"] * 5): count(n),
            },
            {"total": Decimal(100)},
        )
        for n in (30, 50, 100)
    ]
    peers = Together(found)
    assert peers.get("A1").value == 180
    assert peers.get("A3").value == 50
    assert peers.get("E2.median").value == 50


# ── Tables ───────────────────────────────────────────────────────────────────────────────────


def compared(tables: dict) -> list[tuple]:
    """By network, the outcomes of the fiches fill the page: their totals are compared above."""
    return [(slug, table) for slug, table in tables.items() if slug != "H1-networks"]


def test_every_table_of_a_region_is_compared_with_what_is_sealed(scoped):
    """2015-T1 is not sealed: there is no year before."""
    for slug, table in compared(tables_of(AFTER, "93")):
        heads = {column.head for column in table.columns} | {line.label for line in table.lines}
        said = " ".join(heads)
        for wanted in ("2015-T4", "France", "emblables"):
            assert wanted in said, (slug, wanted)
        assert "2015-T1" not in said


def test_every_table_of_the_nation_is_compared_with_the_period_before(scoped):
    for slug, table in compared(tables_of(AFTER, "FR")):
        if slug != "A1-map":
            heads = [column.head for column in table.columns]
            heads += [line.label for line in table.lines]
            assert any("2015-T4" in head for head in heads), slug


def test_a_comparison_is_the_cell_of_what_is_compared(scoped):
    tables = tables_of(AFTER, "93")
    by_operator = tables["A-operator"]
    heads = [column.head for column in by_operator.columns]
    lines = {line.label: line.entries for line in by_operator.lines}
    cells = {
        (cell.edition.period, cell.territory, cell.operator): cell
        for cell in EditionCell.objects.select_related("edition").filter(
            borders="date", indicator="A1", breakdown="total", department="total", level="total"
        )
    }
    peers = sorted(nearest("93", regions_in("date", AFTER)))
    mission = lines["Missions locales"]
    for head, held in (
        ("2015-T4", [("2015-T4", "93")]),
        ("France", [("2016-T1", "FR")]),
        ("Semblables", [("2016-T1", code) for code in peers]),
    ):
        shown = mission[heads.index(head)]
        parts = [cells[*place, "mission_locale"] for place in held]
        wholes = [cells[*place, "total"] for place in held]
        if all(part.status == "published" for part in parts):
            exact = sum(part.value for part in parts) * 100 / sum(whole.value for whole in wholes)
            assert abs(shown.value - exact) <= Decimal("0.05"), head
        else:
            assert shown.status == "secret", head


def test_files_hold_the_editions_of_the_peers(scoped):
    block = own_block(edition(AFTER, "93"))
    held = {row[0] for row in file_rows(block)}
    peers = {f"2016-T1/{code}/1" for code in nearest("93", regions_in("date", AFTER))}
    assert held == {"2016-T1/93/1", "2015-T4/93/1", "2016-T1/FR/1", *peers}
