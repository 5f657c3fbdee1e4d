"""Rules of protection switched off in turn, three a day: what was safe without them falls.

The publisher is ours and knows nothing of the product's. With all rules the full attack finds
nothing; protected by all but one, it finds what only that one hides.
"""

import pytest

from bench.attack import PARTS, printed_alone
from scripts.attack_editions import FAMILIES, Blocks, Report, attack
from tests import walks
from tests.attack import world
from tests.attack.publisher import primary_only, protected

K = 4
DEPARTMENTS = len(world.DEPARTMENTS)
# Means and quantiles are printed or not; the rule that they follow their counts closes both.
OF_MEASURES = ("thresholds", "means")
OF_ERRATA = ("errata",)
# On such figures they bite too seldom or never; test_families has a publication where each does.
SELDOM = ("stock", "undated", "means", "regional")
RULES = [f for f in FAMILIES if f not in (*OF_MEASURES, *OF_ERRATA, *SELDOM)]
# The others hold nothing small in these figures.
SMALL_PARTS = sorted(set(PARTS) - {"months", "stock and flow", "erratum"})
JOURNEYS = 8_000
# Where a rule bites seldom: fewer journeys, of the indicators that it speaks of, and of A1, which
# says the départements of each Region.
FEW = {
    "months": (250, ("A1",)),
    "flow": (900, ("A1", "A4", "A5")),
    "reasons": (5_000, ("A1", "C1.main", "C1.all")),
    "thresholds": (900, ("A1", "E3.undated", "E3.median")),
}


@pytest.fixture(scope="module")
def facts() -> list[world.Journey]:
    return world.journeys(JOURNEYS, seed=2015)


@pytest.fixture(scope="module")
def raw(facts) -> Blocks:
    return world.raw(facts)


def figures_for(rule: str, raw: Blocks) -> Blocks:
    if rule not in FEW:
        return raw
    count, indicators = FEW[rule]
    few = world.raw(world.journeys(count, seed=2015))
    return {b: [row for row in rows if row.indicator in indicators] for b, rows in few.items()}


@pytest.fixture(scope="module")
def safe(raw) -> Blocks:
    return protected(raw, K, DEPARTMENTS)


def attacked(blocks: Blocks, **options) -> Report:
    report = attack(blocks, threshold=K, departments=DEPARTMENTS, **options)
    assert not report.doubted, report.doubted
    return report


def fallen(blocks: Blocks, **options) -> int:
    report = attacked(blocks, **options)
    return report.found + report.narrow + report.unprinted


def test_all_that_the_attacker_believes_is_true_of_the_figures(raw):
    """Of raw figures the rule of printing is not true: small means are in them."""
    report = attacked(raw, without=("thresholds",))
    assert report.hidden == 0
    assert report.conflicts == []


def test_with_all_rules_nothing_falls(safe):
    assert fallen(safe) == 0


def test_what_is_small_alone_falls_nearly_whole(raw):
    """The pattern that was published until now."""
    report = attacked(primary_only(raw, K))
    assert report.found > report.hidden / 2
    assert report.found + report.narrow > report.hidden * 0.9


@pytest.mark.parametrize("part", walks.draw("parts printed alone", SMALL_PARTS, 3))
def test_a_part_by_the_primary_rule_alone_falls(raw, safe, part):
    assert fallen(printed_alone(safe, raw, PARTS[part], K)) > 0


@pytest.mark.parametrize("rule", walks.draw("rules left out", RULES, 3))
def test_without_one_rule_counts_fall(raw, rule):
    blocks = protected(figures_for(rule, raw), K, DEPARTMENTS, without=(rule,))
    assert fallen(blocks, without=(rule,)) == 0
    assert fallen(blocks) > 0


def test_means_that_are_printed_without_their_counts_give_these_away(raw):
    figures = figures_for("thresholds", raw)
    blocks = protected(figures, K, DEPARTMENTS, without=OF_MEASURES, measures_follow=False)
    assert fallen(blocks, without=OF_MEASURES) == 0
    assert fallen(blocks) > 0


@pytest.fixture(scope="module")
def erratum(facts) -> tuple[Blocks, Blocks]:
    """The figures of a quarter, and those of its erratum: some journeys were recorded late."""
    late = [journey for journey in facts if journey.number % 400 == 0]
    before = [journey for journey in facts if journey.number % 400]
    quarter = ("2015-T4",)
    first = world.raw(before, periods=quarter)
    second = world.raw([*before, *late], periods=quarter, number=2)
    return {block: rows for block, rows in first.items() if block.number}, second


def test_an_erratum_protected_afresh_falls(erratum):
    first, second = erratum
    printed = protected(first, K, DEPARTMENTS)
    afresh = printed | protected(second, K, DEPARTMENTS)
    assert fallen(printed) == 0
    assert fallen(afresh, without=OF_ERRATA) == 0
    assert fallen(afresh) > 0
