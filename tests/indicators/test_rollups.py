"""What a change of a session, or a contact, marks for the compilation; what is not stays true."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connections, transaction

from beneficiaries.actions import log_contact
from beneficiaries.entries import Reception
from beneficiaries.models import Journey, Session
from indicators.computation import Borders
from indicators.models import Rollup, RollupMark
from indicators.rollups import refresh_rollups
from sprocep import tenancy
from sprocep.periods import Period
from tests import fixtures
from tests.indicators.test_figures_equal_oracle import compiled, differences, dump
from tests.oracle.counting import count
from tests.oracle.rows import load

OWNER = "owner"
Marks = set[tuple[str, date]]


@pytest.fixture
def undone(in_national) -> Iterator[None]:
    """As owner, in a transaction that nobody sees the end of: other tests count these rows."""
    with transaction.atomic(using=OWNER):
        yield
        transaction.set_rollback(True, using=OWNER)


def marks(change: Callable[[], object]) -> Marks:
    """The cells that a change marks."""
    RollupMark.objects.using(OWNER).all().delete()
    change()
    return set(RollupMark.objects.using(OWNER).values_list("region_id", "month"))


def of_opening(journey: Journey) -> Marks:
    return {(journey.region_id, journey.opened_on.replace(day=1))}


def of_closing(journey: Journey) -> Marks:
    return {(journey.closed_region_id, journey.closed_on.replace(day=1))}


def last_session(*, is_closed: bool) -> Session:
    """Of a journey that has sessions in several months."""
    sessions = Session.objects.using(OWNER).filter(journey__closed_on__isnull=not is_closed)
    later = sessions.select_related("journey").order_by("journey_id", "-held_on", "-id")
    found = (s for s in later if s.held_on.replace(day=1) > s.journey.opened_on.replace(day=1))
    return next(found)


def first_session_of(journey: Journey) -> Session:
    return journey.sessions.using(OWNER).order_by("held_on", "id").first()


def one_more(like: Session) -> Session:
    like.pk, like._state.adding, like.idempotency_key = None, True, None
    like.public_id = Session._meta.get_field("public_id").get_default()
    like.save(using=OWNER)
    return like


@pytest.mark.owner
def test_a_later_session_leaves_the_months_of_the_past_alone(undone):
    session = last_session(is_closed=False)
    assert marks(lambda: one_more(session)) == set()
    assert marks(lambda: session.save(using=OWNER)) == set()
    assert marks(lambda: session.delete(using=OWNER)) == set()


@pytest.mark.owner
def test_a_session_of_the_opening_day_marks_the_month_of_the_opening(undone):
    journey = last_session(is_closed=False).journey
    session = first_session_of(journey)
    assert marks(lambda: one_more(session)) == of_opening(journey)
    assert marks(lambda: session.save(using=OWNER)) == of_opening(journey)
    assert marks(lambda: session.delete(using=OWNER)) == of_opening(journey)


@pytest.mark.owner
def test_any_session_of_a_closed_journey_marks_the_month_of_the_closing(undone):
    session = last_session(is_closed=True)
    journey = session.journey
    assert marks(lambda: one_more(session)) == of_closing(journey)
    first = first_session_of(journey)
    assert marks(lambda: one_more(first)) == of_opening(journey) | of_closing(journey)


@pytest.mark.owner
def test_after_late_sessions_figures_equal_the_oracle(in_national, tmp_path):
    """Rollups are built, then sessions come and go: what is built again is enough."""
    period = Period.parse("2016-T1")
    before = compiled(period, Borders.DATE, "11")
    held = Session.objects.using(OWNER).filter(
        region_id="11", held_on__gte=period.starts, held_on__lt=period.ends
    )
    alike = list(held.order_by("-journey__closed_on", "id")[:20]) + list(held.order_by("id")[:20])
    added = []
    try:
        with transaction.atomic(using=OWNER):
            added += [one_more(session) for session in alike]
        after = compiled(period, Borders.DATE, "11")
        dump(tmp_path)
        assert after != before
        assert differences(after, count(load(tmp_path), "2016-T1", only=["11"])) == []
    finally:
        with transaction.atomic(using=OWNER):
            for session in added:
                session.delete(using=OWNER)
    assert compiled(period, Borders.DATE, "11") == before


# ── Contacts, whose marks must not say when each came ────────────────────────────────────────

COMMITTED = pytest.mark.django_db(databases=fixtures.ALL_DATABASES, transaction=True)
FEBRUARY = date(2016, 2, 1)


def come(adviser, times: int = 1) -> None:
    reception = Reception(
        held_on=date(2016, 2, 10), site=adviser.site, channel="PRE", theme="T01", audience="P04",
        result="R01",
    )  # fmt: skip
    for _ in range(times):
        with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
            assert log_contact(membership=adviser, reception=reception)


def built() -> int:
    """How many contacts of the month the rollups count, once they are built."""
    with tenancy.scope(regions=["93"], using="compiler"):
        refresh_rollups(["93"], Period.parse("2016-T1"))
    rows = Rollup.objects.using(OWNER).filter(month=FEBRUARY, population="contacts")
    return sum(rows.filter(breakdown="total").values_list("units", flat=True))


def marked() -> int:
    return RollupMark.objects.using(OWNER).filter(region="93", month=FEBRUARY).count()


@COMMITTED
def test_one_mark_is_enough_for_all_contacts_until_the_rollups_are_built(world):
    come(world["adviser marseille"], 3)
    come(world["adviser aix"])
    assert marked() == 1
    assert (built(), marked()) == (4, 0)
    come(world["adviser aix"])
    assert marked() == 1
    assert (built(), marked()) == (5, 0)


@COMMITTED
def test_a_contact_that_comes_while_they_are_built_waits_for_nobody_and_is_counted(world):
    come(world["adviser marseille"])
    with tenancy.scope(regions=["93"], using="compiler"):
        RollupMark.objects.using("compiler").all().delete()  # what is at work saw one contact
        with connections["compiler"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('rollup 93'))")
        come(world["adviser marseille"])
        assert marked() == 2
    assert marked() == 1
    assert built() == 2
