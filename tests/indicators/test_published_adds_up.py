"""What is published adds up, told from the cells alone, as a reader of the files would check."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import pytest

from indicators import secrecy
from indicators.computation import Borders, borders_of, compute_figures, extent_of
from indicators.definitions import INDICATORS
from indicators.models import EditionCell
from indicators.worklist import nation
from regions.models import RegionSuccession
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION
from tests.databases import cloned_database, pointed_at

SEED = 20161125
PERIOD = Period.parse("2016-T1")
TOTAL = "total"
COLUMNS = (
    "edition__period", "territory", "borders", "indicator", "population", "department",
    "operator", "level", "breakdown", "category", "status", "value",
)  # fmt: skip
# What does not exist somewhere adds nothing there.
KNOWN = frozenset({"published", "not_applicable"})
DIMENSIONS = ("department", "operator", "level")
# Counts of facts; persons are distinct in each territory, category of operator and département.
ADDITIVE = {i.code for i in INDICATORS if not i.measure or i.code == "E3.undated"} - {"C1.all"}


def cells() -> dict[tuple, tuple]:
    """Address to (status, value) of every count of facts."""
    with nation(read_only=True):
        rows = EditionCell.objects.filter(indicator__in=ADDITIVE).values_list(*COLUMNS)
        return {tuple(row[:-2]): tuple(row[-2:]) for row in rows}


def relations(every: dict[tuple, tuple]) -> Iterator[tuple[tuple, list[tuple]]]:
    """(whole, parts) of all that a reader may add up, addresses only."""
    yield from _by_margin(every)
    yield from _by_category(every)
    yield from _by_territory(every)


def _grouped(pairs: Iterable[tuple[tuple, tuple]], every) -> Iterator[tuple[tuple, list[tuple]]]:
    found = defaultdict(list)
    for whole, part in pairs:
        found[whole].append(part)
    return ((whole, parts) for whole, parts in found.items() if whole in every)


def _with(address: tuple, **changed: str) -> tuple:
    named = dict(zip(COLUMNS, address, strict=False)) | changed
    return tuple(named.values())


def _is_persons(address: tuple) -> bool:
    return address[COLUMNS.index("population")].startswith("persons")


def _by_margin(every):
    """Levels, categories of operators and départements; of persons, levels alone."""
    for name in DIMENSIONS:
        rank = COLUMNS.index(name)
        yield from _grouped(
            (
                (_with(address, **{name: TOTAL}), address)
                for address in every
                if address[rank] != TOTAL and (name == "level" or not _is_persons(address))
            ),
            every,
        )


def _by_category(every):
    """Categories of a breakdown; the months of a period with them."""
    rank = COLUMNS.index("breakdown")
    found = defaultdict(list)
    for address in every:
        if address[rank] != TOTAL:
            whole = _with(address, breakdown=TOTAL, category=TOTAL)
            found[whole, address[rank]].append(address)
    return ((whole, parts) for (whole, _), parts in found.items() if whole in every)


def _by_territory(every):
    """Regions make the nation, and those of 2015 the one that they became."""
    became = dict(RegionSuccession.objects.values_list("predecessor_id", "successor_id"))
    pairs = []
    for address in every:
        _, territory, borders, *_ = address
        if address[COLUMNS.index("department")] != TOTAL or _is_persons(address):
            continue
        if borders == "date" and territory != NATION:
            pairs.append((_with(address, territory=NATION), address))
        elif borders == "2015":
            pairs.append((_with(address, territory=became[territory], borders="date"), address))
    yield from _whole_ones(list(_grouped(pairs, every)))


def _whole_ones(families: list[tuple[tuple, list[tuple]]]) -> Iterator[tuple[tuple, list[tuple]]]:
    """Where a part does not print a detail, the others make no sum."""
    count = Counter()
    for (period, territory, borders, *_), parts in families:
        count[period, territory, borders] = max(count[period, territory, borders], len(parts))
    return ((whole, parts) for whole, parts in families if len(parts) == count[whole[:3]])


# ── What is published adds up ────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def protected(national, django_db_blocker, worker_id) -> Iterator[None]:
    """A quarter of all Regions, those of 2015 too, and of the nation, protected and not sealed."""
    with (
        django_db_blocker.unblock(),
        pointed_at(national.untouched),
        cloned_database(f"adds_up_{worker_id}"),
    ):
        for borders in (Borders.DATE, Borders.OF_2015):
            for territory in borders_of(PERIOD, borders):
                compute_figures(extent_of(PERIOD, territory, borders))
        compute_figures(extent_of(PERIOD, NATION))
        with tenancy.scope(regions=national_regions(), using="compiler"):
            secrecy.protect(PERIOD, set())
        yield


def test_what_is_published_adds_up(protected):
    every = cells()
    checked = wrong = 0
    for whole, parts in relations(every):
        shown = [every[address] for address in (whole, *parts)]
        if shown[0][0] == "published" and all(status in KNOWN for status, _ in shown):
            checked += 1
            wrong += shown[0][1] != sum(value or 0 for _, value in shown[1:])
    assert wrong == 0
    assert checked > 5_000


def test_no_relation_has_one_hidden_cell_alone(protected):
    """With its whole and all other parts shown, it would be found by a subtraction."""
    every = cells()
    alone = []
    for whole, parts in relations(every):
        statuses = [every[address][0] for address in (whole, *parts)]
        if statuses.count("secret") == 1 and KNOWN.issuperset({*statuses} - {"secret"}):
            alone.append(whole)
    assert alone == []


def test_only_whole_families_are_added_up(protected):
    """Some details of small Regions are not printed, and some are."""
    families = list(_by_territory(cells()))
    details = [whole for whole, _ in families if whole[COLUMNS.index("breakdown")] != TOTAL]
    assert 100 < len(details) < len(families)
