"""Micro cases whose figures were counted by hand, in the comments."""

from decimal import Decimal

from tests.oracle.counting import count
from tests.oracle.hand import Country, figure, figures
from tests.oracle.spans import parse_period, territories

Q1 = "2016-T1"


# ── Periods, borders, territories ────────────────────────────────────────────────────────────


def test_a_period_is_a_month_a_quarter_or_a_year():
    spans = {code: parse_period(code) for code in ("2016-02", "2016-12", "2016-T4", "2016")}
    assert {code: (str(p.starts), str(p.last_day)) for code, p in spans.items()} == {
        "2016-02": ("2016-02-01", "2016-02-29"),
        "2016-12": ("2016-12-01", "2016-12-31"),
        "2016-T4": ("2016-10-01", "2016-12-31"),
        "2016": ("2016-01-01", "2016-12-31"),
    }
    assert spans["2016-T4"].months == ["2016-10", "2016-11", "2016-12"]


def test_territories_at_the_date_and_at_constant_borders():
    rows = Country().rows
    asked = [("2015-T4", "date"), (Q1, "date"), ("2015-T4", "2016"), (Q1, "2015"), (Q1, "2016")]
    assert [territories(rows, borders, parse_period(code)) for code, borders in asked] == [
        ["72", "74", "11", "93", "FR"],
        ["75", "11", "93", "FR"],
        ["75"],
        ["72", "74"],
        [],
    ]


def test_borders_of_2015_and_2016_place_the_same_facts():
    country = Country()
    country.journey(1, "33", "2016-01-05")
    country.journey(2, "33", "2016-02-05")
    country.journey(3, "87", "2016-03-31")
    country.journey(4, "33", "2015-12-31")
    rows = country.rows
    at_date, of_2015 = count(rows, Q1), count(rows, Q1, borders="2015")
    # 75 = 33 (two) and 87 (one); Aquitaine 33 alone, Limousin 87 alone.
    assert figures(at_date, None, "A1", by="territory") == {"75": 3, "FR": 3}
    assert figures(of_2015, None, "A1", by="territory") == {"72": 2, "74": 1}
    assert figures(at_date, "75", "A1", by="department") == {"total": 3, "33": 2, "87": 1}
    before = count(rows, "2015-T4", borders="2016")
    assert figures(before, None, "A1", by="territory") == {"75": 1}


# ── Entries, exits, stock ────────────────────────────────────────────────────────────────────


def test_entries_by_level_of_the_first_session_operator_department_and_month():
    country = Country()
    # First session by date, then by id: N2 came first although N3 was written before it.
    one = country.journey(1, "33", "2016-01-01")
    country.session(one, "33", "2016-02-01", "N3")
    country.session(one, "33", "2016-01-01", "N2")
    # The same day: the lowest id, N1.
    two = country.journey(2, "87", "2016-03-31", category="apec")
    country.session(two, "87", "2016-03-31", "N1")
    country.session(two, "87", "2016-03-31", "N3")
    # The day before and the day after: not of the quarter.
    for opened in ("2015-12-31", "2016-04-01"):
        other = country.journey(3, "33", opened)
        country.session(other, "33", opened, "N1")
    cells = count(country.rows, Q1)
    assert figures(cells, "75", "A1", by="level") == {"total": 2, "N1": 1, "N2": 1}
    assert figures(cells, "75", "A1", by="operator") == {
        "total": 2, "mission_locale": 1, "apec": 1,
    }  # fmt: skip
    assert figures(cells, "75", "A1", by="category", breakdown="month") == {
        "2016-01": 1, "2016-03": 1,
    }  # fmt: skip
    assert figures(cells, "75", "A1", by="level", department="33") == {"total": 1, "N2": 1}
    assert figures(cells, "75", "A1", by="operator", department="87") == {"total": 1, "apec": 1}


def test_exits_in_another_region_after_the_merger_keep_their_operator():
    country = Country()
    # Opened in Aquitaine, closed in Nouvelle-Aquitaine; the second moved to Provence and back.
    one = country.journey(1, "33", "2015-11-01", "2016-03-31", category="opacif")
    country.session(one, "33", "2015-11-01", "N1")
    two = country.journey(2, "33", "2015-11-01", "2016-01-01", closed_department="13", outcome="O2")
    country.session(two, "33", "2015-11-01", "N1")
    country.session(two, "13", "2015-12-01", "N2")
    cells = count(country.rows, Q1)
    assert figures(cells, None, "A5", by="territory") == {"75": 1, "93": 1, "FR": 2}
    assert figures(cells, "FR", "A5", by="operator") == {
        "total": 2, "opacif": 1, "mission_locale": 1,
    }  # fmt: skip
    assert figures(cells, "FR", "A5", by="category", breakdown="outcome") == {"O1": 1, "O2": 1}
    assert figures(cells, "FR", "I1", by="category", breakdown="exit_situation") == {"NR": 2}
    # The level of an exit is the highest of the journey: E1 exists by level, N1 and N2 one each.
    assert figures(cells, "FR", "E1.mean", by="level") == {
        "total": Decimal("1.5"), "N1": 1, "N2": 2,
    }  # fmt: skip
    in_2015 = count(country.rows, "2015-T4")
    assert figures(in_2015, None, "A1", by="territory") == {"72": 2, "FR": 2}
    assert figures(in_2015, None, "A5", by="territory") == {}


def test_stock_with_a_moved_follow_up_and_the_days_that_bound_it():
    country = Country()
    # Moved to Provence on the last day, and back on the day after: in stock in Provence.
    moved = country.journey(1, "33", "2015-05-01")
    country.follow_up(moved, "13", "2016-03-31")
    country.follow_up(moved, "33", "2016-04-01")
    country.session(moved, "33", "2015-05-01", "N1")
    country.session(moved, "13", "2016-03-31", "N2")
    country.session(moved, "33", "2016-04-01", "N3")  # after the last day: not in its level
    # Closed on the last day: out. Closed on the day after: in, followed in 33.
    country.journey(2, "33", "2016-01-10", "2016-03-31")
    country.journey(3, "33", "2016-01-10", "2016-04-01")
    # Opened on the last day: in. Opened on the day after: not yet.
    country.journey(4, "87", "2016-03-31")
    country.journey(5, "87", "2016-04-01")
    cells = count(country.rows, Q1)
    assert figures(cells, None, "A4", by="territory") == {"75": 2, "93": 1, "FR": 3}
    assert figures(cells, "75", "A4", by="department") == {"total": 2, "33": 1, "87": 1}
    assert figures(cells, "93", "A4", by="level") == {"total": 1, "N2": 1}


def test_fiches_by_what_became_of_them():
    """Of the sender's département, on the day of sending, as they stand now."""
    country = Country()
    country.fiche(1, 2, "33", "2016-01-01", ("opened", "2016-01-03"), ("accepted", "2016-01-05"))
    country.fiche(
        1, 2, "87", "2016-03-31", ("accepted", "2016-04-06"), ("received", "2016-05-02")
    )  # 6 days: counted where and when it was sent
    country.fiche(2, 1, "33", "2016-02-01", ("declined", "2016-02-11"), declined="D2")
    country.fiche(1, 2, "13", "2016-02-01", ("opened", "2016-02-02"), ("escalated", "2016-02-11"))
    # Accepted, then withdrawn: its answer no longer stands, and neither does its delay.
    country.fiche(1, 2, "33", "2016-02-01", ("accepted", "2016-02-02"), ("withdrawn", "2016-02-03"))
    country.fiche(1, 2, "33", "2015-12-31")
    country.fiche(1, 2, "33", "2016-04-01")
    cells = count(country.rows, Q1)
    assert figures(cells, None, "H1.sent", by="territory") == {"75": 4, "93": 1, "FR": 5}
    assert figures(cells, "75", "H1.sent", by="department") == {"total": 4, "33": 3, "87": 1}
    assert figures(cells, "75", "H1.sent", by="category", breakdown="from_network") == {
        "ML": 3, "CIO": 1,
    }  # fmt: skip
    assert figures(cells, "75", "H1.sent", by="category", breakdown="to_network") == {
        "CIO": 3, "ML": 1,
    }  # fmt: skip
    for code in ("accepted", "received", "declined", "withdrawn"):
        assert figures(cells, None, f"H1.{code}", by="territory") == {"75": 1, "FR": 1}
    assert figures(cells, None, "H1.silent", by="territory") == {"93": 1, "FR": 1}
    assert figures(cells, "FR", "H1.declined", by="category", breakdown="decline_reason") == {
        "D2": 1,
    }  # fmt: skip
    # 4, 6 and 10 days.
    assert figure(cells, "FR", "H2.median") == 6
    assert figure(cells, "FR", "H2.d9") == Decimal("9.2")
    assert figure(cells, "FR", "H2.median", breakdown="to_network", category="ML") == 10


def test_a_cell_is_there_even_when_it_is_zero():
    cells = count(Country().rows, Q1)
    # Three Regions (4 départements) and FR; levels 3, categories of 2016 3 (no regional_operator).
    # A1: (4 territories + 4 départements) × (1 + 3 + 3) + 4 territories × 3 months.
    assert sum(key.indicator == "A1" for key in cells) == 8 * 7 + 4 * 3
    # A5, E4, I1: 4 × (1 + 3 operators) × (1 + categories): 2 outcomes, 7 types, 3 situations.
    assert sum(key.indicator == "A5" for key in cells) == 16 * 3
    assert sum(key.indicator == "E4" for key in cells) == 16 * 8
    assert sum(key.indicator == "I1" for key in cells) == 16 * 4
    # A6: 4 × (1 + 2 + 2 + 2 + 2) and a total for each département.
    assert sum(key.indicator == "A6" for key in cells) == 4 * 9 + 4
    # B1: 2 populations × 4 territories × (1 + 3 + 3) × (1 + 3 sexes × 4 bands).
    assert sum(key.indicator == "B1" for key in cells) == 2 * 4 * 7 * 13
    # E3.d9: 8 places × (1 + 3).
    assert sum(key.indicator == "E3.d9" for key in cells) == 8 * 4
    # C1.main, D1, F1: 4 × 7 × (1 + codes).
    assert sum(key.indicator == "C1.main" for key in cells) == 28 * 4
    assert sum(key.indicator == "D1" for key in cells) == 28 * 3
    assert {value for key, value in cells.items() if key.indicator[:2] in ("E1", "E2")} == {None}
    assert {value for key, value in cells.items() if key.indicator[0] in "ABCDFI"} == {0}


def test_the_codes_of_the_last_day_are_printed_and_the_total_keeps_the_others():
    country = Country()
    # Two exits of 2020, of journeys opened when the opacif existed and after.
    country.journey(1, "13", "2019-12-01", "2020-01-15", category="opacif")
    country.journey(2, "13", "2020-01-02", "2020-01-20", category="regional_operator")
    cells = count(country.rows, "2020-T1")
    assert figures(cells, "93", "A5", by="operator") == {"total": 2, "regional_operator": 1}


# ── Persons ──────────────────────────────────────────────────────────────────────────────────


def persons_over_two_structures() -> Country:
    """Files 1 and 2 are one person (two structures of Provence), 3 is hers in Île-de-France;
    4 and 5 have no birth date, and are the same true person all the same."""
    country = Country()
    for beneficiary, department, category, level in (
        (1, "13", "mission_locale", "N1"),
        (2, "13", "apec", "N2"),
        (3, "75", "apec", "N1"),
        (4, "13", "apec", "N1"),
        (5, "13", "apec", "N1"),
    ):
        journey = country.journey(beneficiary, department, "2016-01-05", category=category)
        country.session(journey, department, "2016-01-05", level, category=category)
        country.file(beneficiary, is_dated=beneficiary < 4)
    return country


def check_persons(cells):
    # Provence: she, 4 and 5. Nation: the same three, although Île-de-France counts her too.
    assert figures(cells, None, "A3", by="territory") == {"93": 3, "11": 1, "FR": 3}
    # She counts under each category: mission locale 1; apec she, 4 and 5.
    assert figures(cells, "93", "A3", by="operator") == {
        "total": 3, "mission_locale": 1, "apec": 3,
    }  # fmt: skip
    # Her highest level in Provence is N2; in Île-de-France, of these facts alone, N1.
    assert figures(cells, "93", "A3", by="level") == {"total": 3, "N1": 2, "N2": 1}
    assert figures(cells, "11", "A3", by="level") == {"total": 1, "N1": 1}
    assert figures(cells, "FR", "A3", by="level") == {"total": 3, "N1": 2, "N2": 1}
    # Entries are journeys, not persons.
    assert figures(cells, None, "A1", by="territory") == {"93": 4, "11": 1, "FR": 5}
    assert figures(cells, None, "A2", by="territory") == {"93": 3, "11": 1, "FR": 3}


def test_distinct_persons_over_two_structures_and_two_regions():
    country = persons_over_two_structures()
    # File 1 was first keyed with a wrong birth date, then corrected: the last row counts. The
    # keys of 2015 are others, and say nothing of 2016.
    country.key(1, "wrong")
    for beneficiary in (1, 2, 3):
        country.key(beneficiary, "she")
        country.key(beneficiary, f"of 2015 {beneficiary}", year=2015)
    check_persons(count(country.rows, Q1))


def test_the_truth_gives_what_the_keys_give():
    country = persons_over_two_structures()
    check_persons(count(country.rows, Q1, truth={1: "p1", 2: "p1", 3: "p1", 4: "p2", 5: "p2"}))


def test_persons_started_or_ended_count_both_and_take_the_level_of_the_journeys_concerned():
    country = Country()
    for beneficiary in (1, 2):
        country.key(beneficiary, "she")
    # She opens one journey in 33 and closes another in 13: once in each, once in France.
    opened = country.journey(1, "33", "2016-01-05")
    country.session(opened, "33", "2016-01-05", "N1")
    country.session(opened, "33", "2016-04-01", "N3")  # after the last day
    closed = country.journey(2, "13", "2015-06-01", "2016-02-01", category="apec")
    country.session(closed, "13", "2015-06-01", "N2", category="apec")  # before the period: counts
    # Open all along, with a session in the period: neither started nor ended; and not concerned.
    other = country.journey(3, "13", "2015-06-01")
    country.session(other, "13", "2016-02-01", "N3")
    # Opened and closed in the quarter: once.
    both = country.journey(4, "33", "2016-01-05", "2016-03-01")
    country.session(both, "33", "2016-01-05", "N1")
    cells = count(country.rows, Q1)
    assert figures(cells, None, "A2", by="territory") == {"75": 2, "93": 1, "FR": 2}
    assert figures(cells, "75", "A2", by="level") == {"total": 2, "N1": 2}
    assert figures(cells, "FR", "A2", by="level") == {"total": 2, "N1": 1, "N2": 1}
    assert figures(cells, "FR", "A2", by="operator") == {
        "total": 2, "mission_locale": 2, "apec": 1,
    }  # fmt: skip


def test_persons_seen_are_placed_by_the_session_and_levelled_by_the_period():
    country = Country()
    journey = country.journey(1, "33", "2015-06-01")
    country.session(journey, "33", "2015-06-01", "N3")  # before the period: not in the level
    country.session(journey, "33", "2016-01-01", "N1")
    country.session(journey, "13", "2016-03-31", "N2")
    cells = count(country.rows, Q1)
    assert figures(cells, None, "A3", by="territory") == {"75": 1, "93": 1, "FR": 1}
    assert figures(cells, "75", "A3", by="level") == {"total": 1, "N1": 1}
    assert figures(cells, "93", "A3", by="level") == {"total": 1, "N2": 1}
    assert figures(cells, "75", "A3", by="department") == {"total": 1, "33": 1}


# ── Profiles, reasons ────────────────────────────────────────────────────────────────────────


def test_profile_of_entries_and_an_age_that_is_empty():
    country = Country()
    for beneficiary, sex, age in ((1, "F", 25), (2, "F", 26), (3, "H", 55), (4, "NR", None)):
        country.journey(beneficiary, "13", "2016-01-05", sex=sex, age=age)
    cells = count(country.rows, Q1)
    opened = {"population": "journeys_opened", "by": "category"}
    assert figures(cells, "93", "B1", breakdown="sex_age", **opened) == {
        "F|A1": 1, "F|A2": 1, "H|A5": 1, "NR|NR": 1,
    }  # fmt: skip
    assert figures(cells, "93", "B7", breakdown="contract_type", **opened) == {"K99": 4}
    assert figure(cells, "93", "B1", population="journeys_opened") == 4


def test_profile_of_persons_seen_is_of_the_journey_opened_last_and_lowest_on_ties():
    country = Country()
    for beneficiary in (1, 2, 3, 4):
        country.key(beneficiary, "she")
    # Journeys 2 and 3 were opened last, on one day: 2 gives the profile. Journey 4 was opened
    # later, but had no session in the quarter.
    profiles = (("2014-05-01", "S1"), ("2015-05-01", "S2"), ("2015-05-01", "NR"))
    for beneficiary, (opened, situation) in enumerate(profiles, start=1):
        department = "75" if beneficiary == 1 else "13"
        category = "apec" if beneficiary == 3 else "mission_locale"
        country.journey(beneficiary, department, opened, situation=situation, category=category)
    country.journey(4, "13", "2015-12-01", situation="S1")
    country.session(3, "13", "2016-01-05", "N2", category="apec")
    country.session(2, "13", "2016-02-05", "N1")
    country.session(1, "75", "2016-03-05", "N1")
    cells = count(country.rows, Q1)
    seen = {"population": "persons_seen", "by": "category", "breakdown": "situation"}
    assert figures(cells, "FR", "B3", **seen) == {"S2": 1}
    assert figures(cells, "93", "B3", **seen) == {"S2": 1}
    assert figures(cells, "11", "B3", **seen) == {"S1": 1}  # on its own facts: journey 1
    assert figures(cells, "93", "B3", operator="apec", **seen) == {"NR": 1}  # journey 3 alone
    assert figures(cells, "93", "B3", level="N2", **seen) == {"S2": 1}
    assert figures(cells, "93", "B3", level="N1", **seen) == {}


def test_main_reasons_and_all_reasons():
    country = Country()
    # R1 and R2, with R1 said twice; R2 alone; R1 alone at another operator.
    first = country.journey(1, "13", "2016-01-05", main_reason="R1")
    country.reason(first, "R2")
    country.reason(first, "R1")
    country.journey(2, "13", "2016-01-05", main_reason="R2")
    country.journey(3, "13", "2016-01-05", main_reason="R1", category="apec")
    cells = count(country.rows, Q1)
    reasons = {"by": "category", "breakdown": "reason"}
    assert figures(cells, "93", "C1.main", **reasons) == {"R1": 2, "R2": 1}
    assert figures(cells, "93", "C1.all", **reasons) == {"R1": 2, "R2": 2}
    assert figure(cells, "93", "C1.all") == 3
    assert figures(cells, "93", "C1.all", operator="apec", **reasons) == {"R1": 1}


# ── Sessions, services, contacts ─────────────────────────────────────────────────────────────


def test_sessions_and_services_have_their_own_level_and_operator():
    country = Country()
    journey = country.journey(1, "13", "2015-05-01", category="opacif")
    country.session(journey, "13", "2015-12-31", "N1", "S1")  # not of the quarter
    country.session(journey, "13", "2016-01-01", "N1", "S1", category="opacif")
    country.session(journey, "13", "2016-02-01", "N2", "S1", "S2", category="apec", channel="C2")
    country.session(journey, "75", "2016-03-31", "N2", "S2")
    cells = count(country.rows, Q1)
    assert figures(cells, None, "F1", by="territory") == {"93": 2, "11": 1, "FR": 3}
    assert figures(cells, "FR", "F1", by="level") == {"total": 3, "N1": 1, "N2": 2}
    assert figures(cells, "93", "F1", by="category", breakdown="channel") == {"C1": 1, "C2": 1}
    assert figures(cells, "93", "F1", by="operator") == {"total": 2, "opacif": 1, "apec": 1}
    assert figures(cells, "93", "D1", by="category", breakdown="service") == {"S1": 2, "S2": 1}
    assert figures(cells, "93", "D1", by="level") == {"total": 3, "N1": 1, "N2": 2}
    assert figures(cells, "FR", "D1", by="operator") == {
        "total": 4, "opacif": 1, "apec": 2, "mission_locale": 1,
    }  # fmt: skip


def test_contacts_by_what_they_are_and_by_network():
    country = Country()
    country.contact(1, "33", "2016-01-01", "C1", "T1", "P1")
    country.contact(2, "33", "2016-03-31", "C2", "T1", "P2")
    country.contact(2, "87", "2016-02-01", "C2", "T2", "P2")
    country.contact(2, "87", "2016-04-01", "C2", "T2", "P2")
    cells = count(country.rows, Q1)
    by = {"by": "category"}
    assert figures(cells, "75", "A6", breakdown="channel", **by) == {"C1": 1, "C2": 2}
    assert figures(cells, "75", "A6", breakdown="theme", **by) == {"T1": 2, "T2": 1}
    assert figures(cells, "75", "A6", breakdown="steering_result", **by) == {"P1": 1, "P2": 2}
    assert figures(cells, "75", "A6", breakdown="network", **by) == {"ML": 1, "CIO": 2}
    assert figures(cells, "75", "A6", by="department") == {"total": 3, "33": 2, "87": 1}


def test_how_they_came_and_how_many_structures_they_crossed():
    country = Country()
    came = {"V1": 2, "V3": 1}
    for code, number in came.items():
        for _ in range(number):
            country.session(country.journey(1, "33", "2016-01-05", "2016-03-01", arrival=code),
                            "33", "2016-01-05")  # fmt: skip
    sent = country.journey(2, "33", "2016-01-05", "2016-03-01")
    country.session(sent, "33", "2016-01-05")
    came_then = (("accepted", "2016-01-08"), ("received", "2016-01-20"))
    country.fiche(1, 2, "33", "2016-01-06", *came_then, journey=sent)
    waiting = country.journey(3, "33", "2016-01-05", "2016-03-01")
    country.session(waiting, "33", "2016-01-05")
    country.fiche(1, 2, "33", "2016-01-06", ("accepted", "2016-01-20"), journey=waiting)
    cells = count(country.rows, Q1)
    assert figures(cells, "75", "A7", breakdown="arrival", by="category") == {**came, "NR": 2}
    crossed = {"breakdown": "structures", "by": "category"}
    assert figures(cells, "75", "E5", **crossed) == {"one": 3, "several": 2}


def test_a_change_of_level_is_told_from_the_session_before():
    country = Country()
    journey = country.journey(1, "33", "2015-12-30")
    held = ("2015-12-30", "2016-01-05", "2016-02-05", "2016-02-05", "2016-03-05", "2016-03-06")
    for day, level in zip(held, ("N2", "N1", "N3", "N3", "N1", "N3"), strict=True):
        country.session(journey, "33", day, level)
    cells = count(country.rows, Q1)
    found = figures(cells, "75", "F2", breakdown="level_change", by="category")
    assert {code: n for code, n in found.items() if n} == {
        "none": 1, "N2_N1": 1, "N1_N3": 2, "N3_N1": 1,
    }  # fmt: skip
