"""What printed amounts of money tell of each other: their bounds by linear programming, with all
that adds up. Rounded, none is known closer than half a step; to the euro, hidden ones are read.
"""

import random
from collections import defaultdict

import highspy
import pytest

from indicators.definitions import EUROS_TO
from scripts.attack_editions import NATION, TOTAL, Block, Blocks, Row, read
from tests.attack.conftest import CORRECTED, SEED, Published
from tests.attack.rows import SECRET, cell

AMOUNTS = ("G2.costs", "G2.gap", "G2.asked", "G2.given")
# No more of the one than of the other.
PARTS = {"G2.gap": "G2.costs", "G2.given": "G2.asked"}
SOME = 30
Address = tuple[Block, str, str, str]  # indicator, margin, category


def places_of(blocks: Blocks) -> dict[Block, frozenset[str]]:
    """Départements of each first edition and of each territory in constant borders."""
    found = {
        block: frozenset(row.department for row in rows) - {TOTAL}
        for block, rows in blocks.items()
        if block.number < 2 and block.territory != NATION
    }
    everywhere = frozenset().union(*found.values())
    return found | {
        block: everywhere for block in blocks if block.number < 2 and block.territory == NATION
    }


class Programme:
    """Each amount between the bounds that its print tells, and the sums that everybody knows."""

    def __init__(self, blocks: Blocks, precision: float) -> None:
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.rows: dict[Address, Row] = {}
        self.rank: dict[Address, int] = {}
        self.places = places_of(blocks)
        for block, rows in sorted(blocks.items()):
            for row in rows:
                if row.indicator in AMOUNTS:
                    self._take((block, row.indicator, row.margin, row.category), row, precision)
        self._relate()

    def _take(self, address: Address, row: Row, precision: float) -> None:
        low, high = 0.0, highspy.kHighsInf
        if row.status == "published":
            low, high = max(0, row.value - precision / 2), row.value + precision / 2
        elif row.status == "not_applicable":
            high = 0.0
        self.rows[address], self.rank[address] = row, self.solver.getNumCol()
        self.solver.addVar(low, high)

    def _add(self, whole: Address, parts: list[Address], *, low: float = 0) -> None:
        if whole in self.rank and parts and all(part in self.rank for part in parts):
            ranks = [self.rank[part] for part in parts] + [self.rank[whole]]
            self.solver.addRow(low, 0, len(ranks), ranks, [1.0] * len(parts) + [-1.0])

    def _relate(self) -> None:
        funders, operators = defaultdict(list), defaultdict(list)
        for address in self.rows:
            block, code, margin, category = address
            if category != TOTAL:
                funders[block, code, margin, TOTAL].append(address)
            if margin != TOTAL:
                operators[block, code, TOTAL, category].append(address)
            if code in PARTS:
                self._add((block, PARTS[code], margin, category), [address], low=-highspy.kHighsInf)
        for found in (funders, operators, self._territories()):
            for whole, parts in found.items():
                self._add(whole, parts)

    def _territories(self) -> dict[Address, list[Address]]:
        """Of each place, the Regions of some borders that make it up."""
        found = {}
        for larger, place in self.places.items():
            for borders in ("date", "2015", "2016"):
                inner = [b for b, p in self.places.items() if b.period == larger.period
                         and b.borders == borders and p < place]  # fmt: skip
                if inner and frozenset().union(*(self.places[b] for b in inner)) == place:
                    for block, *address in list(self.rows):
                        if block == larger:
                            found[block, *address, borders] = [(b, *address) for b in inner]
        return {whole[:-1]: parts for whole, parts in found.items()}

    def width(self, address: Address) -> float:
        bounds = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            self.solver.changeColCost(self.rank[address], 1.0)
            self.solver.changeObjectiveSense(sense)
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kUnbounded:
                return float("inf")
            assert status == highspy.HighsModelStatus.kOptimal, status
            bounds.append(self.solver.getInfo().objective_function_value)
        self.solver.changeColCost(self.rank[address], 0.0)
        return bounds[1] - bounds[0]


@pytest.fixture(scope="module")
def printed(country: Published) -> Programme:
    """The quarter of after the merger, in the borders of then and of now."""
    blocks = read(country.files)
    return Programme({b: blocks[b] for b in blocks if b.period == CORRECTED.code}, EUROS_TO)


@pytest.fixture(scope="module")
def units(country: Published) -> dict[Address, int]:
    return {
        (block, row.indicator, row.margin, row.category): row.units or 0
        for block, rows in read([country.truth]).items()
        for row in rows
        if row.indicator in AMOUNTS
    }


def test_a_hidden_amount_is_nowhere_near(printed, units):
    hidden = [a for a, row in printed.rows.items() if row.status == "secret" and units[a]]
    assert len(hidden) > SOME
    # Each takes two programmes of some ten thousand amounts.
    tried = random.Random(SEED).sample(hidden, SOME)
    close = {address: printed.width(address) for address in tried}
    assert not {a: width for a, width in close.items() if width < EUROS_TO - 1}


def test_a_printed_amount_is_within_half_a_step_at_best(printed):
    shown = [a for a, row in printed.rows.items() if row.status == "published"]
    assert len(shown) > SOME
    close = {address: printed.width(address) for address in shown}
    assert not {a: width for a, width in close.items() if width < EUROS_TO / 2 - 1}


@pytest.mark.parametrize(("precision", "widths"), [(1, (0, 10)), (EUROS_TO, (EUROS_TO, 1e9))])
def test_to_the_euro_the_hidden_one_is_read_off_the_total(precision, widths):
    amounts = {"CPF": 52_340, "REG": 31_870, "PTP": SECRET}
    rows = [cell("2015-T1/93/1", "G2.given", "fundings", 88_410)]
    rows += [
        cell("2015-T1/93/1", "G2.given", "fundings", value, category=f"funder={funder}")
        for funder, value in amounts.items()
    ]
    blocks: Blocks = {rows[0][0]: [row for _, row in rows]}
    for row in blocks[rows[0][0]]:
        if row.value is not None:
            row.value = round(row.value / precision) * precision
    programme = Programme(blocks, precision)
    (hidden,) = [a for a, row in programme.rows.items() if row.status == "secret"]
    assert widths[0] <= programme.width(hidden) <= widths[1]
