"""The list of work: leases, tries and order, whatever happens to the workers and the broker."""

import errno
from datetime import timedelta

import pytest
from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)

from indicators import actions, queries, worklist
from indicators.models import Compilation, Work
from indicators.worklist import nation
from regions.queries import national_regions
from sprocep.errors import HeldElsewhere
from sprocep.periods import Period
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)

PERIOD = Period.parse("2016-T1")


@pytest.fixture
def compilation() -> Compilation:
    with nation():
        made = Compilation.objects.create(period=PERIOD.code)
        for step, territory in (
            (Work.Step.COMPUTE, "11"),
            (Work.Step.COMPUTE, "93"),
            (Work.Step.PROTECT, "FR"),
        ):
            Work.objects.create(
                compilation=made,
                step=step,
                period=PERIOD.code,
                starts_on=PERIOD.starts,
                territory=territory,
                regions=[territory],
            )
    return made


def let_the_lease_run_out(work: Work) -> None:
    with nation(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE indicators_work SET lease_until = now() - interval '1 second' WHERE id = %s",
            [work.pk],
        )


def state(work: Work) -> tuple[str, int, str]:
    with nation():
        return Work.objects.values_list("state", "tries", "cause").get(pk=work.pk)


@pytest.mark.django_db(transaction=True, databases=ALL_DATABASES)
def test_a_row_that_somebody_is_taking_is_left_to_him(compilation):
    """Two workers ask at the same instant: the second takes the next row, and waits for nobody."""
    with transaction.atomic("owner"):
        taking = Work.objects.using("owner").order_by("step", "-starts_on", "pk")
        first = taking.select_for_update()[0]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            second = worklist.take("two")
    assert {first.territory, second.territory} == {"11", "93"}


def test_two_workers_never_hold_the_same_row(compilation):
    first, second = worklist.take("one"), worklist.take("two")
    assert {first.territory, second.territory} == {"11", "93"}
    assert worklist.take("three") is None, "protecting waits for all computing"


def test_protecting_comes_once_all_is_computed(compilation):
    for holder in ("one", "two"):
        worklist.finish(worklist.take(holder))
    assert worklist.take("three").step == Work.Step.PROTECT


def test_a_row_of_a_dead_worker_is_due_again(compilation):
    lost = worklist.take("dead")
    worklist.finish(worklist.take("alive"))
    assert not worklist.is_any_due()
    let_the_lease_run_out(lost)
    assert worklist.is_any_due()
    assert worklist.take("other").pk == lost.pk
    # The dead one comes back and says that it is done: the row is not its own any more.
    worklist.finish(lost)
    assert state(lost)[0] == Work.State.RUNNING


def test_a_row_that_kills_its_workers_stops_with_its_cause(compilation):
    worklist.finish(worklist.take("first"))
    for _ in range(Work.MAX_TRIES):
        deadly = worklist.take("victim")
        let_the_lease_run_out(deadly)
    # The next look gives up on it, and does not hold the others back.
    assert worklist.take("next").step == Work.Step.PROTECT
    ended, tries, cause = state(deadly)
    assert (ended, tries) == (Work.State.FAILED, Work.MAX_TRIES)
    assert "s’est arrêté" in cause
    with nation():
        assert queries.progress(compilation).failed == 1


def let_the_rest_be_over() -> None:
    with nation(), connection.cursor() as cursor:
        cursor.execute("UPDATE indicators_work SET lease_until = NULL WHERE state = 'waiting'")


def test_a_row_that_raised_says_why_and_rests(compilation):
    failing, other = worklist.take("one"), worklist.take("two")
    worklist.release(failing, ValueError("trop grand"))
    assert state(failing) == (Work.State.WAITING, 1, "ValueError: trop grand")
    assert worklist.take("three") is None, "it rests"
    let_the_rest_be_over()
    assert worklist.take("three").pk == failing.pk
    assert state(other)[0] == Work.State.RUNNING


def test_a_row_that_always_raises_stops(compilation):
    worklist.finish(worklist.take("first"))
    for _ in range(Work.MAX_TRIES):
        failing = worklist.take("one")
        worklist.release(failing, ValueError("trop grand"))
        let_the_rest_be_over()
    assert state(failing) == (Work.State.FAILED, Work.MAX_TRIES, "ValueError: trop grand")


def test_of_what_postgresql_refused_no_value_is_written(compilation):
    failing = worklist.take("one")
    worklist.release(failing, IntegrityError("Failing row contains (Sophie)."))
    assert state(failing) == (Work.State.WAITING, 1, "django.db.utils.IntegrityError")


@pytest.mark.parametrize(
    "outside",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        ConnectionResetError("PostgreSQL has gone"),
        OperationalError("the connection is lost"),
        InterfaceError("the connection is closed"),
        HeldElsewhere("2016-T1"),
    ],
)
def test_what_comes_from_outside_is_no_try(compilation, outside):
    worklist.finish(worklist.take("first"))
    for _ in range(Work.MAX_TRIES + 1):
        stopped = worklist.take("one")
        worklist.release(stopped, outside)
        let_the_rest_be_over()
    assert state(stopped)[:2] == (Work.State.WAITING, 0)
    worklist.finish(worklist.take("one"))
    assert state(stopped)[0] == Work.State.DONE


@pytest.mark.real_clock
def test_a_unit_that_lasts_too_long_had_a_part_in_it(compilation):
    with (
        pytest.raises(OperationalError) as raised,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)")
    assert not worklist.is_from_outside(raised.value)
    assert not worklist.is_from_outside(OSError("Pango manque"))


def test_what_was_taken_over_is_not_released(compilation):
    lost = worklist.take("dead")
    worklist.finish(worklist.take("alive"))
    let_the_lease_run_out(lost)
    worklist.take("other")
    worklist.release(lost, ValueError("trop tard"))
    assert state(lost) == (Work.State.RUNNING, 2, "")


def test_silence_is_said(compilation):
    working = worklist.take("one")
    # now() is the beginning of the test's transaction, which may lie seconds behind.
    seen = "UPDATE indicators_work SET heartbeat_at = clock_timestamp() - %s WHERE id = %s"
    with nation(), connection.cursor() as cursor:
        for silence, is_frozen in ((0, False), (9, True)):
            cursor.execute(seen, [timedelta(seconds=silence), working.pk])
            found = queries.with_progress(Compilation.objects.all()).get()
            found.requested_at -= timedelta(hours=1)
            assert queries.counted(found).is_frozen == is_frozen


# ── One period, one compilation ──────────────────────────────────────────────────────────────


def units(compilation: Compilation) -> dict[str, Work]:
    with nation(read_only=True):
        return {f"{unit.step} {unit.territory}": unit for unit in compilation.work.all()}


def ask(*regions: str) -> Compilation:
    with nation():
        return actions.request_compilation(by=None, period=PERIOD, regions=regions)


def protecting() -> Work:
    """Of a compilation of its own, as two that were asked for before this rule."""
    with nation():
        return Work.objects.create(
            compilation=Compilation.objects.create(period=PERIOD.code),
            step=Work.Step.PROTECT,
            period=PERIOD.code,
            starts_on=PERIOD.starts,
            territory="FR",
            regions=national_regions(),
        )


def test_asked_twice_while_it_waits_is_one():
    first = ask("11", "93")
    again = ask("93", "24")
    assert again == first
    assert units(first).keys() == {"1 11", "1 93", "1 24", "2 FR"}
    while work := worklist.take("one"):
        worklist.finish(work)
    assert ask("11") != first, "that one is over"


def test_what_has_begun_begins_again_for_who_asks_later():
    """What was recorded meanwhile is counted."""
    asked = ask("11", "24", "93")
    done, running = worklist.take("one"), worklist.take("two")
    worklist.finish(done)
    assert ask("11", "24", "93") == asked
    assert {unit.state for unit in units(asked).values()} == {Work.State.WAITING}
    assert worklist.take("three").territory == done.territory
    # Who held the other one says that it is done: it is still to do.
    worklist.finish(running)
    assert state(running)[0] == Work.State.WAITING


def test_the_national_unit_waits_for_another_of_its_period():
    first, second = protecting(), protecting()
    running = worklist.take("one")
    assert running.pk == first.pk
    assert worklist.take("two") is None
    assert state(second) == (Work.State.WAITING, 0, "")
    worklist.finish(running)
    assert worklist.take("two").pk == second.pk


def test_one_that_holds_the_period_makes_nobody_fail():
    """A worker frozen, its lease run out: the next one finds the period held, and waits."""
    unit = protecting()
    with connections["owner"].cursor() as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"protect {PERIOD}"])
        for _ in range(Work.MAX_TRIES + 1):
            taken = worklist.take("next")
            with pytest.raises(HeldElsewhere) as raised:
                actions.carry_out(work=taken)
            worklist.release(taken, raised.value)
            assert worklist.take("other") is None, "it rests"
            let_the_rest_be_over()
        assert state(unit)[:2] == (Work.State.WAITING, 0)
        elsewhere.execute("SELECT pg_advisory_unlock(hashtext(%s))", [f"protect {PERIOD}"])
    taken = worklist.take("next")
    actions.carry_out(work=taken)
    worklist.finish(taken)
    assert state(unit)[0] == Work.State.DONE


def test_stopped_in_the_middle_and_begun_again(compilation):
    """However often: nothing that a stop interrupted has failed."""
    worklist.finish(worklist.take("first"))
    for _ in range(Work.MAX_TRIES + 1):
        stopped = worklist.take("one")
        worklist.begin_again()
        assert state(stopped) == (Work.State.WAITING, 0, "")
    worklist.release(worklist.take("two"), ValueError("trop grand"))
    assert worklist.take("three") is None, "it rests"
    worklist.begin_again()
    worklist.finish(worklist.take("three"))
    with nation():
        assert sorted(compilation.work.values_list("state", flat=True)) == [
            *(Work.State.DONE, Work.State.DONE, Work.State.WAITING)
        ]
