"""What beat launches, and when: a clock set back or an hour changed silences nothing."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprocep.celery import app

PARIS = ZoneInfo("Europe/Paris")
UTC = ZoneInfo("UTC")
PAST_THE_HOUR = {
    "summer to winter": datetime(2026, 10, 25, 0, 59, 58, tzinfo=UTC),
    "winter to summer": datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC),
    "an ordinary day": datetime(2026, 6, 3, 12, 0, tzinfo=UTC),
}


def is_due(name: str, last_run: datetime, now: datetime) -> tuple[bool, float]:
    every = app.conf.beat_schedule[name]["schedule"]
    every.nowfun = lambda: now.astimezone(PARIS)
    return tuple(every.is_due(last_run.astimezone(PARIS)))


@pytest.fixture(autouse=True)
def clock_given_back():
    yield
    for entry in app.conf.beat_schedule.values():
        entry["schedule"].nowfun = None


@pytest.mark.parametrize("last_run", PAST_THE_HOUR.values(), ids=PAST_THE_HOUR)
def test_sweeps_go_on_over_a_change_of_hour(last_run):
    assert is_due("sweep", last_run, last_run + timedelta(seconds=2)) == (False, 3.0)
    assert is_due("sweep", last_run, last_run + timedelta(seconds=6)) == (True, 5.0)
    assert is_due("open_calendar", last_run, last_run + timedelta(minutes=10))[0] is False
    assert is_due("open_calendar", last_run, last_run + timedelta(minutes=61))[0] is True


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=400)])
def test_a_clock_set_back_silences_nothing(back):
    last_run = PAST_THE_HOUR["an ordinary day"]
    assert is_due("sweep", last_run, last_run - back) == (True, 5.0)


def test_a_message_cannot_come_back_while_its_task_still_runs():
    """Twice the hard limit: kombu gives back what was not acknowledged in that time."""
    visible_after = app.conf.broker_transport_options["visibility_timeout"]
    assert visible_after > 2 * app.conf.task_time_limit
