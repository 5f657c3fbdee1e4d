"""One small publication for each family of relations: the count falls, and only by that family."""

from dataclasses import dataclass
from unittest.mock import Mock

import pytest

from scripts.attack_editions import FAMILIES, Block, Blocks, Report, attack, attacker
from scripts.attack_editions.counts import Reader
from scripts.attack_editions.own import Own
from tests.attack.rows import SECRET, blocks, cell, line

OPENED, CLOSED, OPEN, SEEN = "journeys_opened", "journeys_closed", "journeys_open", "persons_seen"


@dataclass(frozen=True)
class Example:
    """`least` and `most` bound a hidden count; `unprinted` says that nothing hidden falls, but a
    small count of people that is printed nowhere does."""

    published: Blocks
    least: int
    most: int
    unprinted: bool = False


def place(code: str, value: int | None, *departments: str) -> list:
    """A Region with its départements, of which nothing is shown."""
    rows = [cell(code, "A1", OPENED, value)]
    return rows + [cell(code, "A1", OPENED, SECRET, department=d) for d in departments]


def published(*groups: list) -> Blocks:
    return blocks(*(row for group in groups for row in group))


T1, T2 = "2015-T1/93/1", "2015-T2/93/1"

EXAMPLES = {
    "labels": Example(
        published(line(T1, "A1", OPENED, total=30), line(T1, "B2", OPENED, total=SECRET)), 30, 30
    ),
    "levels": Example(published(line(T1, "A1", OPENED, total=50, N1=30, N2=SECRET)), 20, 20),
    "operators": Example(
        published(line(T1, "A1", OPENED, total=50, apec=30, opacif=SECRET)), 20, 20
    ),
    "categories": Example(
        published(
            line(T1, "A5", CLOSED, total=40),
            [cell(T1, "A5", CLOSED, 30, category="outcome=done")],
            [cell(T1, "A5", CLOSED, SECRET, category="outcome=left")],
        ),
        10,
        10,
    ),
    "departments": Example(
        published(
            line(T1, "A1", OPENED, total=50),
            [cell(T1, "A1", OPENED, 30, department="13")],
            [cell(T1, "A1", OPENED, SECRET, department="83")],
        ),
        20,
        20,
    ),
    "nation": Example(
        published(
            line("2015-T1/FR/1", "A1", OPENED, total=50),
            place("2015-T1/93/1", 30, "13", "83"),
            place("2015-T1/94/1", SECRET, "2A", "2B"),
        ),
        20,
        20,
    ),
    "borders": Example(
        published(
            place("2015-T4/75/b2016", 50, "24", "33", "86", "87"),
            place("2015-T4/72/1", 30, "24", "33"),
            place("2015-T4/54/1", SECRET, "86", "87"),
        ),
        20,
        20,
    ),
    "months": Example(
        published(
            [cell(T1, "A1", OPENED, 12, category="month=2015-01")],
            [cell("2015/93/1", "A1", OPENED, SECRET, category="month=2015-01")],
        ),
        12,
        12,
    ),
    "periods": Example(
        published(
            line("2015/93/1", "A1", OPENED, total=100),
            *(line(f"2015-T{n}/93/1", "A1", OPENED, total=v) for n, v in ((1, 20), (2, 30))),
            *(line(f"2015-T{n}/93/1", "A1", OPENED, total=v) for n, v in ((3, 15), (4, SECRET))),
        ),
        35,
        35,
    ),
    "stock": Example(
        published(
            line("2015/93/1", "A4", OPEN, total=44), line("2015-T4/93/1", "A4", OPEN, total=SECRET)
        ),
        44,
        44,
    ),
    "flow": Example(
        published(
            line(T1, "A4", OPEN, total=100),
            line(T2, "A4", OPEN, total=110),
            line(T2, "A1", OPENED, total=30),
            line(T2, "A5", CLOSED, total=SECRET),
        ),
        20,
        20,
    ),
    "persons": Example(
        published(line(T1, "A3", SEEN, total=18, apec=0, opacif=SECRET)), 18, 18
    ),
    "reasons": Example(
        published(
            line(T1, "A1", OPENED, total=15),
            [cell(T1, "C1.main", OPENED, 15, category="reason=M01")],
            [cell(T1, "C1.all", OPENED, SECRET, category="reason=M01")],
        ),
        15,
        15,
    ),
    "undated": Example(
        published(line(T1, "A1", OPENED, total=20), line(T1, "E3.undated", OPENED, total=15)),
        5,
        5,
        unprinted=True,
    ),
    "outcomes": Example(
        published(
            line(T1, "H1.sent", "referrals", total=50),
            line(T1, "H1.accepted", "referrals_accepted", total=20),
            line(T1, "H1.received", "referrals_received", total=10),
            line(T1, "H1.declined", "referrals_declined", total=SECRET),
            line(T1, "H1.silent", "referrals_unanswered", total=0),
            line(T1, "H1.withdrawn", "referrals_withdrawn", total=0),
        ),
        20,
        20,
    ),
    "documents": Example(
        published(
            [cell(T1, "E4", CLOSED, 20, category="journey_type=N1")],
            [cell(T1, "G1", CLOSED, SECRET, category="document=not_owed")],
        ),
        20,
        20,
    ),
    "thresholds": Example(
        published(
            line(T1, "A1", OPENED, total=20),
            line(T1, "E3.undated", OPENED, total=SECRET),
            line(T1, "E3.median", OPENED, total=7.5),
        ),
        1,
        9,
    ),
    "means": Example(
        published(
            line(T1, "A1", OPENED, total=40, apec=20, opacif=20),
            line(T1, "A5", CLOSED, total=40, apec=SECRET, opacif=SECRET),
            line(T1, "E1.mean", CLOSED, total=3.0, apec=2.0, opacif=4.0),
        ),
        18,
        22,
    ),
    "regional": Example(
        published(
            line(T1, "A1", OPENED, total=60),
            line(T1, "R93.1.base", OPENED, total=40),
            line(T1, "R93.1.part", OPENED, total=35),
            line(T1, "R93.1", OPENED, total=87.5),
        ),
        5,
        5,
        unprinted=True,
    ),
    "errata": Example(
        published(
            line(T1, "A1", OPENED, total=60, N1=20, N2=SECRET, N3=SECRET),
            line("2015-T1/93/2", "A1", OPENED, total=60, N1=20, N2=18, N3=22),
        ),
        22,
        22,
    ),
}  # fmt: skip


def attacked(example: Example, *without: str) -> Report:
    return attack(example.published, without=without, departments=4)


@pytest.mark.parametrize("family", EXAMPLES)
def test_a_count_falls_by_this_family(family):
    example = EXAMPLES[family]
    report = attacked(example)
    assert not report.doubted
    if example.unprinted:
        assert report.unprinted == 1
    else:
        assert report.found + report.narrow > 0
        assert not report.is_clean
    assert {(least, most) for _, least, most in report.worst} >= {(example.least, example.most)}


@pytest.mark.parametrize("family", EXAMPLES)
def test_and_by_no_other(family):
    report = attacked(EXAMPLES[family], family)
    assert report.is_clean, report.worst


def test_once_something_fell_the_judge_is_spared_if_that_is_enough(monkeypatch):
    """What single relations give away counts; where they give nothing away, the judge is asked."""
    hidden = line(T2, "A1", OPENED, total=90, N1=SECRET, N2=SECRET)
    fallen = published(line(T1, "A1", OPENED, total=50, N1=30, N2=SECRET), hidden)
    assert attack(fallen, to_the_end=False).found == attack(fallen).found == 1
    monkeypatch.setattr(attacker, "Judge", asked := Mock(return_value=Mock(narrow={})))
    attack(fallen, to_the_end=False)
    asked.assert_not_called()
    attack(published(hidden), to_the_end=False)
    asked.assert_called_once()


def test_every_family_has_its_example():
    assert EXAMPLES.keys() == FAMILIES.keys()


@pytest.mark.parametrize(
    ("population", "indicator", "fallen"), [(OPENED, "A1", 1), (CLOSED, "A5", 0)]
)
def test_a_category_that_ended_still_has_exits_but_no_entries(population, indicator, fallen):
    """After 2019 the Opacif are not printed: the categories printed may be fewer than the whole."""
    rows = line("2020-T1/93/1", indicator, population, total=50, apec=30, regional_operator=SECRET)
    assert attack(published(rows)).found == fallen


def sexes_and_ages(**values: float | None) -> list:
    """« F_A1 » is a cell of sex and age."""
    return [
        cell(T1, "B1", OPENED, value, category=f"sex_age={name.replace('_', '|')}")
        for name, value in values.items()
    ]


def test_a_margin_that_a_region_composed_shows_what_the_base_hides():
    """Entries by sex are sums of those by sex and age: found by the words of the cells alone."""
    hidden = {"F_A1": SECRET, "F_A2": 60, "M_A1": SECRET, "M_A2": 50}
    base = [*line(T1, "A1", OPENED, total=150), *sexes_and_ages(**hidden)]
    assert attack(published(base)).is_clean
    by_sex = [cell(T1, "R93.1", OPENED, 150)]
    by_sex += [cell(T1, "R93.1", OPENED, n, category=f"sex={s}") for s, n in (("F", 67), ("M", 83))]
    assert [(low, high) for _, low, high in attack(published(base, by_sex)).worst] == [
        (7, 7),
        (33, 33),
    ]


def test_filters_are_known_to_who_reads_the_page_of_an_indicator():
    base = [*line(T1, "A1", OPENED, total=150), *sexes_and_ages(F_A1=SECRET, F_A2=60, M_A1=SECRET)]
    women = [cell(T1, "R93.1", OPENED, 67)]
    assert attack(published(base, women)).is_clean
    report = attack(published(base, women), composed={"R93.1": {"sex": {"F"}}})
    assert (7, 7) in [(low, high) for _, low, high in report.worst]


def test_what_the_figures_deny_is_not_believed():
    """Exits of journeys handed over may leave a Region's flow untrue: seen, it is set aside."""
    rows = [
        line(T1, "A4", OPEN, total=100, apec=40),
        line(T2, "A4", OPEN, total=111, apec=45),
        line(T2, "A1", OPENED, total=30, apec=10),
        line(T2, "A5", CLOSED, total=20, apec=SECRET),
    ]
    report = attack(published(*rows))
    assert report.is_clean
    assert any("flow" in name for name in report.doubted)


def test_a_hidden_zero_of_health_may_be_zero():
    """BOETH: the least is 0, so what leaves 0 to 10 is wide and what leaves 0 to 9 is not."""

    def of(total: int) -> Report:
        rows = [
            line(T1, "B5", OPENED, total=total + 20),
            [cell(T1, "B5", OPENED, 20, category="boeth=none")],
            [cell(T1, "B5", OPENED, SECRET, category="boeth=yes")],
            [cell(T1, "B5", OPENED, SECRET, category="boeth=unknown")],
        ]
        return attack(published(*rows))

    assert of(10).is_clean
    assert of(9).narrow == 2


def test_missing_is_unknown_and_not_asked_for():
    (block, row), *others = line(T1, "A1", OPENED, apec=None, total=50, opacif=30)
    row.status = "missing"
    assert attack(blocks((block, row), *others)).is_clean
    row.status = "not_applicable"
    report = attack(published([(block, row), *line(T1, "A1", OPENED, total=50, opacif=SECRET)]))
    assert report.worst == [(report.worst[0][0], 50, 50)]


def test_an_erratum_shows_the_few_that_it_adds():
    rows = [line(T1, "A1", OPENED, total=50), line("2015-T1/93/2", "A1", OPENED, total=53)]
    assert attack(published(*rows)).small_differences == 1


@pytest.mark.parametrize(("year", "told"), [(130, [20, 20]), (150, [20, 40])])
def test_a_year_is_tied_to_the_number_of_its_quarter_that_it_agrees_with(year, told):
    """Older than the erratum it sums the first edition, of 40; younger, the second, of 60."""
    rows = [line(f"2015-T{n}/93/1", "A1", OPENED, total=30, apec=10, opacif=20) for n in (1, 2, 3)]
    rows += [
        line(f"2015-T4/93/{number}", "A1", OPENED, total=total, apec=SECRET, opacif=SECRET)
        for number, total in ((1, 40), (2, 60))
    ]
    rows += [line("2015/93/1", "A1", OPENED, total=year, apec=50, opacif=year - 50)]
    report = attack(published(*rows))
    assert sorted(least for _, least, most in report.worst if least == most) == told


def test_a_category_that_knows_its_own_cells_finds_those_of_another():
    names = {"total": 60, "apec": SECRET, "opacif": SECRET, "cap_emploi": SECRET}
    rows = published(line(T1, "A1", OPENED, **names))
    truth = published(line(T1, "A1", OPENED, total=60, apec=55, opacif=3, cap_emploi=2))
    assert attack(rows).is_clean
    report = attack(rows, truth=truth, knows="operator=apec")
    assert report.narrow == 2
    assert report.primaries == 2


@pytest.mark.parametrize(("knows", "unprinted"), [("operator=apec", 1), ("operator=opacif", 0)])
def test_what_a_category_knows_of_its_own_is_no_finding(knows, unprinted):
    """Entries of the Opacif with a date of request: twenty less fifteen."""
    entries = line(T1, "A1", OPENED, total=60, apec=40, opacif=20)
    rows = published(entries, line(T1, "E3.undated", OPENED, total=SECRET, opacif=15))
    truth = published(entries, line(T1, "E3.undated", OPENED, total=50, opacif=15))
    assert attack(rows, truth=truth, knows=knows).unprinted == unprinted


def of_places(there: dict[str, int | None], levels: dict[str, int | None]) -> Blocks:
    """Languedoc, Midi-Pyrénées and what they become, with an erratum of a Region far from them."""
    return published(
        line("2015-T4/93/1", "A1", OPENED, total=60),
        line("2015-T4/93/2", "A1", OPENED, total=63),
        place("2015-T4/91/1", 40, "30", "34"),
        line("2015-T4/91/1", "A1", OPENED, N1=0, N2=40, apec=30, opacif=10),
        place("2015-T4/73/1", there["total"], "31", "32"),
        line("2015-T4/73/1", "A1", OPENED, **there),
        place("2015-T4/76/b2016", SECRET, "30", "31", "32", "34"),
        line("2015-T4/76/b2016", "A1", OPENED, **levels),
    )


@pytest.mark.parametrize("of_the_opacif", [0, 1])
def test_alone_in_a_region_it_knows_what_becomes_of_it(of_the_opacif):
    """Its own count goes by two names, unless somebody else stands behind it too."""
    total = 7 + of_the_opacif
    counts = {"total": total, "N1": 2, "N2": total - 2, "apec": 7, "opacif": of_the_opacif}
    printed = {name: SECRET if counts[name] else 0 for name in counts} | {"total": total}
    levels = {"N1": 2, "N2": 40 + counts["N2"]}
    rows, truth = of_places(printed, dict.fromkeys(levels, SECRET)), of_places(counts, levels)
    report = attack(rows, truth=truth, knows="operator=apec")
    assert any(" 76 " in name for name, *_ in report.worst) == bool(of_the_opacif), report.worst


def test_what_an_erratum_changes_of_its_own_shows_nobody_else():
    edition, erratum = T1, "2015-T1/93/2"
    raw = published(
        line(edition, "A1", OPENED, total=60, apec=30),
        line(erratum, "A1", OPENED, total=63, apec=33),
    )
    hidden = published(
        *(line(code, "A1", OPENED, total=SECRET, apec=SECRET) for code in (edition, erratum))
    )
    assert attack(raw).small_differences == 2
    assert attack(hidden, truth=raw, knows="operator=apec").small_differences == 0


def test_what_funders_answer_adds_up():
    """A request that was answered is granted or refused."""
    rows = line(T1, "G2.answered", "fundings", total=30)
    rows += line(T1, "G2.granted", "fundings_granted", total=12)
    rows += line(T1, "G2.refused", "fundings_refused", total=SECRET)
    report = attack(published(rows))
    assert [(least, most) for _, least, most in report.worst] == [(18, 18)]


@pytest.mark.parametrize(("indicator", "least"), [("G2.median", 11), ("G2.d9", 30)])
def test_a_delay_tells_that_enough_requests_stand_behind_it(indicator, least):
    rows = line(T1, "G2.answered", "fundings", total=least + 5)
    rows += [
        cell(T1, "G2.answered", "fundings", SECRET, category=f"funder={one}")
        for one in ("CPF", "REG")
    ]
    assert attack(published(rows)).is_clean
    rows += [cell(T1, indicator, "fundings", 21.0, category="funder=CPF")]
    bounds = {(low, high) for _, low, high in attack(published(rows)).worst}
    assert bounds == {(least, least + 4), (1, 5)}


def test_an_amount_tells_that_enough_plans_stand_behind_it():
    rows = line(T1, "G2.plans", "financing_plans", total=16, apec=SECRET, opacif=SECRET)
    assert attack(published(rows)).is_clean
    told = line(T1, "G2.costs", "financing_plans", apec=40_000.0)
    assert {(low, high) for _, low, high in attack(published(rows, told)).worst} == {
        (11, 15),
        (1, 5),
    }


def test_a_category_that_is_alone_behind_a_count_learns_nothing_of_others():
    rows = published(line(T1, "A1", OPENED, total=SECRET, apec=SECRET, opacif=0))
    truth = published(line(T1, "A1", OPENED, total=7, apec=7, opacif=0))
    assert attack(rows, truth=truth, knows="operator=apec").is_clean


def of_quarters(others: int) -> Blocks:
    """A year of which only the first quarter counts anybody of the level."""
    quarters = (
        {"total": 2 + others, "apec": 2, "N1": 2},
        {"total": 30, "apec": 20, "N1": 0},
        {"total": 0, "apec": 0, "N1": 0},
        {"total": 0, "apec": 0, "N1": 0},
    )
    year = {name: sum(values[name] for values in quarters) for name in quarters[0]}
    codes = [*(f"2015-T{n}/94/1" for n in (1, 2, 3, 4)), "2015/94/1"]
    rows = zip(codes, (*quarters, year), strict=True)
    return published(*(line(code, "A1", OPENED, **values) for code, values in rows))


def of_regions(others: int) -> Blocks:
    """A Region of 2016 made of two, of which only one counts anybody of the level."""
    one = {"total": 2 + others, "apec": 2, "N1": 2}
    other = {"total": 30, "apec": 20, "N1": 0}
    both = {name: one[name] + other[name] for name in one}
    found = []
    for code, values, departments in (
        ("2015-T3/26/1", one, ("21", "58")),
        ("2015-T3/43/1", other, ("25",)),
        ("2015-T3/27/b2016", both, ("21", "58", "25")),
    ):
        listed = [cell(code, "A1", OPENED, 1, department=each) for each in departments]
        found += [line(code, "A1", OPENED, **values), listed]
    return published(*found)


@pytest.mark.parametrize(
    ("figures", "code"), [(of_quarters, "2015/94/1"), (of_regions, "2015-T3/27/b2016")]
)
@pytest.mark.parametrize("others", [0, 1])
def test_its_own_people_alone_are_its_own_under_another_name(figures, code, others):
    """Where somebody else may be among them, they are not."""
    raw = Reader(set(FAMILIES))
    raw.take(figures(others))
    sheet = raw.geography.sheet_of[Block.parse(code)]
    own = Own(raw.counts, "operator=apec")
    assert own.is_own(sheet, (OPENED, "", ""), "level=N1") is (others == 0)
    assert not own.is_own(sheet, (OPENED, "", ""), "total")
