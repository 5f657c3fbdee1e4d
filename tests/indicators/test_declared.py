"""What structures declare, and what looks wrong in it: counted again here by other means."""

from collections import Counter
from datetime import date, timedelta
from statistics import median

import pytest
from django.db import connections

from beneficiaries.models import ContactTally, Journey, Session
from indicators import actions, quality
from indicators.actions.counts import count_returns
from indicators.computation.declared import expect_returns
from indicators.loading import load_quality_rules
from indicators.models import Anomaly, DeclaredCount, ExpectedReturn, QualityRule, Work
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.queries import region_scope
from sprocep import periods, tenancy
from sprocep.periods import Period
from tests import factories

PERIOD = Period.parse("2016-T1")
REGION = "93"
OWNER = "owner"
FEW = 2  # the small base has quarters of a few units
ALL = ["default", "owner", "compiler"]


def carry_out(region: str = REGION, period: Period = PERIOD) -> None:
    work = Work(period=period.code, territory=region, regions=region_scope(region))
    count_returns(work=work)


# ── Counts ───────────────────────────────────────────────────────────────────────────────────


def declared(region: str, period: Period) -> Counter:
    rows = DeclaredCount.objects.using(OWNER).filter(period=period.code, region=region)
    return Counter(
        {
            (row.structure_id, row.population, row.breakdown, row.category): row.units
            for row in rows
            if row.units
        }
    )


def facts_of(region: str, period: Period) -> Counter:
    """The same, one fact after the other."""
    found: Counter = Counter()

    def add(structure: int, population: str, day: date, units: int = 1, **categories: str) -> None:
        found[structure, population, "total", "total"] += units
        found[structure, population, "month", f"{day:%Y-%m}"] += units
        for breakdown, category in categories.items():
            found[structure, population, breakdown, category] += units

    span = (period.starts, period.last_day)
    journeys = Journey.objects.using(OWNER)
    for j in journeys.filter(region=region, opened_on__range=span):
        first = Session.objects.using(OWNER).filter(journey=j).order_by("held_on", "id")[0]
        add(
            j.structure_id, "journeys_opened", j.opened_on, level=first.level_id,
            situation=j.situation_id, reason=j.main_reason_id,
        )  # fmt: skip
    for j in journeys.filter(closed_region=region, closed_on__range=span):
        add(j.structure_id, "journeys_closed", j.closed_on, outcome=j.outcome_id)
    for s in Session.objects.using(OWNER).filter(region=region, held_on__range=span):
        add(s.structure_id, "sessions", s.held_on, level=s.level_id, channel=s.channel_id)
    for tally in ContactTally.objects.using(OWNER).filter(region=region, month__range=span):
        add(tally.structure_id, "contacts", tally.month, tally.total)
        for breakdown in ("channel", "theme"):
            for code, units in getattr(tally, breakdown).items():
                found[tally.structure_id, "contacts", breakdown, code] += units
    return found


@pytest.mark.owner
@pytest.mark.parametrize(
    ("region", "code"), [("93", "2016-T1"), ("75", "2016-T2"), ("54", "2015-T4")]
)
def test_declared_counts_equal_the_facts(in_national, region, code):
    period = Period.parse(code)
    carry_out(region, period)
    expected = facts_of(region, period)
    assert len(expected) > 50
    looked_at = {(population, breakdown) for _, population, breakdown, _ in expected}
    counted = {key: units for key, units in declared(region, period).items()
               if key[1:3] in looked_at and key[1:3] != ("journeys_closed", "level")}  # fmt: skip
    assert counted == expected
    carry_out(region, period)
    assert declared(region, period)[next(iter(expected))] == expected[next(iter(expected))]


@pytest.mark.owner
def test_who_owes_a_return_has_a_line_though_it_did_nothing(in_national):
    carry_out()
    expected = ExpectedReturn.objects.using(OWNER).filter(period=PERIOD.code, region=REGION)
    counted = DeclaredCount.objects.using(OWNER).filter(period=PERIOD.code, region=REGION)
    structures = set(expected.values_list("structure", flat=True))
    assert structures <= set(counted.values_list("structure", flat=True))
    assert counted.filter(units=0).exists()
    # Health is counted for the nation alone.
    assert not counted.filter(breakdown="boeth").exists()


@pytest.mark.owner
def test_expected_returns_are_those_of_the_generator(in_national):
    """Opened by the calendar: who operated and received there on the last day of the period."""
    period = Period.parse("2019-T2")
    rows = ExpectedReturn.objects.using(OWNER).filter(period=period.code)
    made = set(rows.values_list("region", "structure"))
    assert len(made) > 300
    with tenancy.scope(regions=[r for r, _ in made] + ["FR"], using="compiler"):
        # A structure that ended within the quarter owed its return to the generator alone.
        assert expect_returns(period) == 0
    rows.filter(region=REGION).delete()
    try:
        with tenancy.scope(regions=[r for r, _ in made], using="compiler"):
            assert expect_returns(period) > 10
            assert expect_returns(period) == 0
        assert set(rows.values_list("region", "structure")) <= made
    finally:
        ExpectedReturn.objects.using(OWNER).bulk_create(
            (ExpectedReturn(period=period.code, region_id=r, structure_id=s) for r, s in made),
            ignore_conflicts=True,
        )


# ── Jumps ────────────────────────────────────────────────────────────────────────────────────


def quarters_of(region: str, population: str) -> dict[int, Counter]:
    """Facts of each structure by quarter, of the Region and those that it inherits from."""
    where = region_scope(region)
    if population == "sessions":
        rows = Session.objects.using(OWNER).filter(region__in=where)
        days = rows.values_list("structure", "held_on")
    else:
        rows = Journey.objects.using(OWNER).filter(region__in=where)
        days = rows.values_list("structure", "opened_on")
    found: dict[int, Counter] = {}
    for structure, day in days:
        found.setdefault(structure, Counter())[periods.quarter_of(day)] += 1
    return found


def modified_z(counts: Counter, period: Period) -> tuple[int, float, float] | None:
    """(found, median, z) as Iglewicz and Hoaglin write it, or None where nothing is judged."""
    past = [quarter for quarter in periods.quarters(min(counts), period) if quarter != period]
    if min(counts) > period:
        return None
    season = [q for q in past if q.starts.month == period.starts.month]
    chosen = season if len(season) >= 3 else past
    if len(chosen) < 3:
        return None
    values = [counts[q] for q in chosen]
    middle = median(values)
    spread = max(median(abs(v - middle) for v in values), 1)
    if max(counts[period], middle) < FEW:
        return None
    return counts[period], middle, abs(0.6745 * (counts[period] - middle) / spread)


@pytest.mark.owner
@pytest.mark.parametrize("population", ["sessions", "journeys_opened"])
def test_jumps_equal_another_computation(in_national, population):
    jumped = 0
    for region, code in (("11", "2019-T1"), ("75", "2016-T2"), ("32", "2021-T4")):
        period = Period.parse(code)
        judged = {
            structure: found
            for structure, counts in quarters_of(region, population).items()
            if (found := modified_z(counts, period))
        }
        for threshold in (0, 1, 2, 3.5):
            expected = {s: (n, m) for s, (n, m, z) in judged.items() if z > threshold}
            found = jumps(region, period, population, threshold)
            assert found == expected, (code, threshold)
            jumped += len(expected)
    assert jumped


def jumps(region: str, period: Period, population: str, threshold: float) -> dict:
    values = {
        "regions": region_scope(region), "ends": period.ends, "length": 3, "fewest": FEW,
        "first": period.starts.year * 12 + period.starts.month, "threshold": threshold,
    }  # fmt: skip
    with (
        tenancy.scope(regions=region_scope(region), using="compiler"),
        connections["compiler"].cursor() as cursor,
    ):
        cursor.execute(quality.STATEMENTS["jump"][population], values)
        return {s: (units, float(middle)) for s, units, middle in cursor.fetchall()}


# ── Rules, one by one ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def rules(world) -> None:
    """Marseille and Aix owe their return of the first quarter of 2016."""
    load_quality_rules()
    for structure in (world.marseille, world.aix):
        ExpectedReturn.objects.using(OWNER).create(
            period=PERIOD.code, region_id=REGION, structure_id=structure.pk
        )


def anomalies() -> dict[tuple[int, str], tuple[float, float | None, str]]:
    return {
        (a.structure_id, a.rule_id): (
            float(a.found), None if a.expected is None else float(a.expected), a.state,
        )
        for a in Anomaly.objects.using(OWNER).all()
    }  # fmt: skip


def found_by(rule: str) -> dict[int, tuple[float, float | None]]:
    carry_out()
    return {s: (found, expected) for (s, code), (found, expected, state) in anomalies().items()
            if code == rule and state == "open"}  # fmt: skip


def in_scope(world, key: str):
    return scope_of(world[key], read_only=False)


def journeys(world, key: str, count: int, **values) -> list[Journey]:
    with in_scope(world, key):
        return [
            factories.journey(world[key], opened_on=date(2016, 2, 1 + n % 20), **values)
            for n in range(count)
        ]


committed = pytest.mark.django_db(transaction=True, databases=ALL)
M, A = "adviser marseille", "adviser aix"


@committed
@pytest.mark.parametrize(
    ("rule", "unknown"),
    [
        ("missing_situation", {"situation_id": "NR"}),
        ("missing_education_level", {"education_level_id": "NR"}),
        ("missing_category", {"socio_professional_category_id": "NR"}),
        ("missing_age", {"age": None}),
    ],
)
def test_missing(world, rules, rule, unknown):
    known = {"situation_id": "CDI", "education_level_id": "4", "age": 30,
             "socio_professional_category_id": "5"}  # fmt: skip
    for key in (M, A):
        journeys(world, key, 9, **known)
    journeys(world, M, 3, **known | unknown)  # 3 of 12
    journeys(world, A, 1, **known | unknown)  # 1 of 10
    limit = float(QualityRule.objects.get(pk=rule).threshold)
    expected = {world.marseille.pk: (25.0, limit)} if limit < 25 else {}
    assert found_by(rule) == expected
    if not expected:  # at the threshold exactly, nothing; above it, something
        journeys(world, M, 1, **known | unknown)
        assert found_by(rule) == {world.marseille.pk: (30.77, limit)}


@committed
def test_a_share_of_few_says_nothing(world, rules):
    journeys(world, M, 9, situation_id="NR")
    assert found_by("missing_situation") == {}
    journeys(world, M, 1, situation_id="NR")
    assert found_by("missing_situation") == {world.marseille.pk: (100.0, 15.0)}


@committed
@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        ("age_out_of_range", {"age": 15}, {"age": 16}),
        ("age_out_of_range", {"age": 76}, {"age": 75}),
        (
            "request_too_old",
            {"requested_on": date(2015, 1, 31)},
            {"requested_on": date(2015, 2, 1)},
        ),
    ],
)
def test_impossible_journeys(world, rules, rule, wrong, right):
    journeys(world, M, 1, **wrong)
    journeys(world, A, 1, **right)
    assert found_by(rule) == {world.marseille.pk: (1.0, None)}


@committed
def test_impossible_sessions(world, rules):
    for key, minutes, recorded in ((M, 361, "2016-02-09"), (A, 360, "2016-02-10")):
        (made,) = journeys(world, key, 1)
        with in_scope(world, key):
            late = factories.session(world[key], made, held_on=date(2016, 2, 10), minutes=minutes)
        rows = Session.objects.using(OWNER).filter(journey=made.pk)
        rows.update(recorded_at=f"{made.opened_on}T12:00Z")
        rows.filter(pk=late.pk).update(recorded_at=f"{recorded}T12:00Z")
    assert found_by("long_sessions") == {world.marseille.pk: (1.0, None)}
    assert found_by("session_in_the_future") == {world.marseille.pk: (1.0, None)}


@committed
def test_a_session_recorded_after_midnight_in_paris_is_of_that_day(world, rules):
    """Universal time says the evening before."""
    for key, recorded in ((M, "2016-02-09T23:30+01:00"), (A, "2016-02-10T00:30+01:00")):
        (made,) = journeys(world, key, 1)
        with in_scope(world, key):
            held = factories.session(world[key], made, held_on=date(2016, 2, 10))
        rows = Session.objects.using(OWNER).filter(journey=made.pk)
        rows.update(recorded_at=f"{made.opened_on}T12:00Z")
        rows.filter(pk=held.pk).update(recorded_at=recorded)
    assert found_by("session_in_the_future") == {world.marseille.pk: (1.0, None)}


@committed
def test_late(world, rules):
    for key, late in ((M, 3), (A, 2)):  # of 10: 30 % and 20 %
        made = journeys(world, key, 10)
        for rank, journey in enumerate(made):
            days = 31 if rank < late else 30
            at = f"{journey.opened_on + timedelta(days=days)}T12:00Z"
            Journey.objects.using(OWNER).filter(pk=journey.pk).update(recorded_at=at)
            Session.objects.using(OWNER).filter(journey=journey.pk).update(recorded_at=at)
    assert found_by("late_journeys") == {world.marseille.pk: (30.0, 20.0)}
    assert found_by("late_sessions") == {world.marseille.pk: (30.0, 20.0)}


@committed
def test_followed_twice(world, rules):
    for key, close in ((M, False), (A, True)):
        first, second = journeys(world, key, 2)
        with in_scope(world, key):
            for journey in (first, second):  # one key: the same person under two files
                factories.person_key(journey.beneficiary, 2016, key=b"same person" + key.encode())
        if close:
            Journey.objects.using(OWNER).filter(pk=first.pk).update(
                closed_on=date(2016, 3, 1), outcome_id="I01", exit_situation_id="CDI",
                closed_region_id=REGION, closed_department_id=first.department_id,
            )  # fmt: skip
    assert found_by("open_twice") == {world.marseille.pk: (1.0, None)}


@committed
def test_the_same_session_twice(world, rules):
    for key, service in ((M, "S07"), (A, "S08")):
        (made,) = journeys(world, key, 1)
        with in_scope(world, key):  # the first session of a journey mobilises S07
            factories.session(world[key], made, held_on=made.opened_on, service=service)
    assert found_by("same_day_twice") == {world.marseille.pk: (1.0, None)}


def contacts(world, key: str, day: date, count: int) -> None:
    with in_scope(world, key):
        factories.contact(world[key], held_on=day, count=count)


@committed
def test_a_jump_against_the_season(world, rules):
    """Each first quarter has twenty, each summer two: only the season counts."""
    for key, now in ((M, 40), (A, 22)):
        for year, count in ((2013, 19), (2014, 20), (2015, 22)):
            contacts(world, key, date(year, 2, 3), count)
            contacts(world, key, date(year, 8, 3), 2)
        contacts(world, key, date(2016, 2, 3), now)
    # Median 20, deviations 1, 0, 2: z = 0.6745 × 20 / 1 = 13.5, and 1.3 for Aix.
    assert found_by("jump_contacts") == {world.marseille.pk: (40.0, 20.0)}


@committed
@pytest.mark.parametrize(("threshold", "is_a_jump"), [("3.35", True), ("3.45", False)])
def test_a_jump_is_measured_in_standard_deviations(world, rules, threshold, is_a_jump):
    """Median 20, median deviation 2: thirty are ten more, that is 0.6745 × 10 / 2 = 3.37."""
    QualityRule.objects.using(OWNER).filter(pk="jump_contacts").update(threshold=threshold)
    for year, count in ((2013, 18), (2014, 20), (2015, 22)):
        contacts(world, M, date(year, 2, 3), count)
    contacts(world, M, date(2016, 2, 3), 30)
    assert found_by("jump_contacts") == ({world.marseille.pk: (30.0, 20.0)} if is_a_jump else {})


@committed
def test_without_three_years_the_quarters_before_are_the_measure(world, rules):
    for key, now in ((M, 60), (A, 21)):
        for month, count in ((1, 18), (4, 20), (7, 22), (10, 20)):
            contacts(world, key, date(2015, month, 3), count)
        contacts(world, key, date(2016, 2, 3), now)
    assert found_by("jump_contacts") == {world.marseille.pk: (60.0, 20.0)}


# ── The life of an anomaly ───────────────────────────────────────────────────────────────────


@committed
def test_what_is_corrected_closes_by_itself_and_what_is_explained_stays(world, rules):
    wrong, other = journeys(world, M, 2, age=15)
    key = (world.marseille.pk, "age_out_of_range")
    carry_out()
    assert anomalies()[key] == (2.0, None, "open")
    manager = world["structure_manager marseille"]
    with scope_of(manager, read_only=False):
        anomaly = Anomaly.objects.get()
        actions.explain_anomaly(by=manager.user, anomaly=anomaly, explanation="Apprentis.")
    carry_out()
    assert anomalies()[key] == (2.0, None, "explained")

    rows = Journey.objects.using(OWNER)
    rows.filter(pk=other.pk).update(age=16)
    carry_out()
    assert anomalies()[key] == (1.0, None, "open")  # not what was explained
    rows.filter(pk=wrong.pk).update(age=16)
    carry_out()
    assert anomalies()[key] == (1.0, None, "corrected")
    rows.filter(pk=wrong.pk).update(age=15)
    carry_out()
    assert anomalies()[key] == (1.0, None, "open")


@committed
def test_a_rule_that_is_put_aside_finds_nothing(world, rules):
    journeys(world, M, 1, age=15)
    carry_out()
    assert (world.marseille.pk, "age_out_of_range") in anomalies()
    rule = QualityRule.objects.get(pk="age_out_of_range")
    officer = world["dgefp_officer"]
    with scope_of(officer, read_only=False):
        actions.set_rule(by=officer.user, rule=rule, threshold=rule.threshold, is_active=False)
    carry_out()
    assert anomalies()[world.marseille.pk, "age_out_of_range"][2] == "corrected"
    with scope_of(officer, read_only=False):
        actions.set_rule(by=officer.user, rule=rule, threshold=1, is_active=True)
    carry_out()
    assert anomalies()[world.marseille.pk, "age_out_of_range"][2] == "corrected"
    with scope_of(officer, read_only=False):
        actions.set_rule(by=officer.user, rule=rule, threshold=0, is_active=True)


def test_every_rule_has_its_statement(db):
    for rule in QualityRule.objects.exclude(code="test"):
        assert quality.STATEMENTS[rule.kind][rule.subject], rule.code


@committed
def test_a_unit_of_the_list_counts_and_judges(world, rules):
    journeys(world, M, 1, age=15)
    with nation():
        assert actions.request_count(by=None, period=PERIOD, region=REGION)
        assert not actions.request_count(by=None, period=PERIOD, region=REGION)
        work = Work.objects.get(step=Work.Step.DECLARE)
    actions.carry_out(work=work)
    assert declared(REGION, PERIOD)[world.marseille.pk, "journeys_opened", "total", "total"] == 1
    assert (world.marseille.pk, "age_out_of_range") in anomalies()
