"""Which day it is: Paris's for everybody, over the changes of hour and overseas."""

import ast
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from indicators import actions
from indicators.models import CalendarEntry, Compilation
from indicators.worklist import nation
from sprocep import periods
from sprocep.periods import Period
from sprocep.tenancy import TODAY
from tests.factories import deadlines
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)

UTC = ZoneInfo("UTC")
REUNION, MARTINIQUE = ZoneInfo("Indian/Reunion"), ZoneInfo("America/Martinique")
CONTACT = "/accueil-anonyme/"


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the product."""

    def put(instant: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: instant.astimezone(UTC))

    return put


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        # Two hours before UTC in summer, one in winter; the hour that comes twice is one day.
        (datetime(2026, 10, 24, 21, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        # A quarter ends at midnight in Paris, not in Greenwich.
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), date(2026, 10, 1)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_today(at, instant, day):
    at(instant)
    assert periods.today() == day
    assert Period.parse("2026-T3").is_over(periods.today()) is (day >= date(2026, 10, 1))


OF_THE_DAY = """
SELECT 'policy ' || policyname FROM pg_policies
 WHERE coalesce(qual, '') || coalesce(with_check, '') ~* 'current_date|current_timestamp'
UNION ALL
SELECT 'function ' || proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
 WHERE nspname = 'public' AND prosrc ~* 'current_date|now\\(\\)::date|_at::date'
   AND coalesce(proconfig::text, '') !~ 'TimeZone=Europe/Paris'
"""
AT_23_30 = TODAY.replace("now()", "'2026-11-26 23:30+00'::timestamptz")


def test_postgresql_has_the_day_of_paris_where_it_says_who_may_act():
    """Connections are in UTC: « today » in a policy or a trigger names its zone."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(OF_THE_DAY)
        assert cursor.fetchall() == []
        cursor.execute(f"SELECT {TODAY}, {AT_23_30}")
        assert cursor.fetchone() == (periods.today(), date(2026, 11, 27))
        cursor.execute("SELECT count(*) FROM pg_policies WHERE qual ~ 'Europe/Paris'")
        assert cursor.fetchone()[0] > 1


def test_a_compilation_is_due_at_midnight_in_paris_and_launched_once(at):
    computed_on = date(2026, 10, 30)
    with nation():
        period = Period.parse("2026-T3")
        CalendarEntry.objects.create(
            period=period.code,
            starts_on=period.starts,
            **deadlines(computed_on, computed_on, computed_on + timedelta(days=15)),
        )
    at(datetime(2026, 10, 29, 22, 59, tzinfo=UTC))
    assert actions.launch_due_compilations() == []
    at(datetime(2026, 10, 29, 23, 0, tzinfo=UTC))
    assert actions.launch_due_compilations() == ["2026-T3"]
    # An hour set back, the same message again: launched is launched.
    at(datetime(2026, 10, 29, 22, 0, tzinfo=UTC))
    assert actions.launch_due_compilations() == []
    with nation(read_only=True):
        assert Compilation.objects.filter(period="2026-T3").count() == 1


def proposed_day(browser) -> date:
    form = browser.get(CONTACT).context["form"]
    return form.get_initial_for_field(form.fields["held_on"], "held_on")


def refused(browser, day: date) -> str:
    form = browser.post(CONTACT, {"held_on": day.isoformat()}).context["form"]
    return " ".join(form.errors.get("held_on", []))


def test_a_late_evening_in_la_reunion(at, world, logged_in):
    """23 h there is the evening in Paris: one and the same day."""
    at(datetime(2026, 11, 24, 23, 0, tzinfo=REUNION))
    browser = logged_in(world["adviser marseille"])
    assert proposed_day(browser) == date(2026, 11, 24)
    assert refused(browser, date(2026, 11, 24)) == ""


def test_after_midnight_in_la_reunion(at, world, logged_in):
    """Until 3 h (2 h in summer) the day there is still to come in Paris: it is typed later."""
    at(datetime(2026, 11, 25, 2, 59, tzinfo=REUNION))
    browser = logged_in(world["adviser marseille"])
    assert proposed_day(browser) == date(2026, 11, 24)
    assert "date à venir" in refused(browser, date(2026, 11, 25))
    at(datetime(2026, 11, 25, 3, 0, tzinfo=REUNION))
    assert proposed_day(browser) == date(2026, 11, 25)
    assert refused(browser, date(2026, 11, 25)) == ""


def test_an_evening_in_martinique(at, world, logged_in):
    """From 19 h (18 h in summer) the form proposes tomorrow's date: Paris is there already. The
    day itself, typed by hand, is taken as it is."""
    at(datetime(2026, 11, 24, 18, 59, tzinfo=MARTINIQUE))
    assert proposed_day(logged_in(world["adviser marseille"])) == date(2026, 11, 24)
    at(datetime(2026, 11, 24, 23, 0, tzinfo=MARTINIQUE))
    browser = logged_in(world["adviser marseille"])
    assert proposed_day(browser) == date(2026, 11, 25)
    assert refused(browser, date(2026, 11, 24)) == ""


# ── The tests' own clock ─────────────────────────────────────────────────────────────────────

QUARTERS = {"quarter_of", "last_complete_quarter", "coming_quarters"}


def read_at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls made while a module is imported: those of decorators, not those inside functions."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        children = getattr(node, "decorator_list", [])
    elif isinstance(node, ast.Call) and called(node) in QUARTERS:
        children = []
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        if isinstance(child, ast.Call):
            yield child
        yield from read_at_import(child)


def called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def days_read_at_import(source: str) -> list[str]:
    calls = read_at_import(ast.parse(source))
    return [ast.unparse(call) for call in calls if called(call) in {"today", "localdate"}]


def test_no_test_keeps_the_day_on_which_it_was_imported():
    """A run that passes midnight would compare two days; a quarter lasts longer than a run."""
    assert days_read_at_import("DAY = days_after(periods.today(), 1)") == ["periods.today()"]
    assert days_read_at_import("@given(periods.today())\ndef test(): ...") == ["periods.today()"]
    assert days_read_at_import("LAST = last_complete_quarter(periods.today())") == []
    assert days_read_at_import("def test(): periods.today()") == []
    modules = Path(__file__).parent.rglob("*.py")
    read = {str(path): days_read_at_import(path.read_text("utf-8")) for path in modules}
    assert not {path: calls for path, calls in read.items() if calls}
