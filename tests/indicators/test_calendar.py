"""The calendar is rows: what is due is launched once, what is to come is left alone."""

import pytest

from indicators import actions
from indicators.models import CalendarEntry, Compilation
from indicators.worklist import nation
from sprocep import periods
from sprocep.periods import Period
from tests.factories import deadlines
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(databases=ALL_DATABASES)


def entry(code: str, *, days: int) -> CalendarEntry:
    computed_on = periods.days_after(periods.today(), days)
    with nation():
        return CalendarEntry.objects.create(
            period=code,
            starts_on=Period.parse(code).starts,
            **deadlines(computed_on, computed_on, periods.days_after(computed_on, 15)),
        )


def test_what_is_due_is_launched_once():
    due, to_come = entry("2016-T1", days=0), entry("2016-T2", days=1)
    assert actions.launch_due_compilations() == ["2016-T1"]
    assert actions.launch_due_compilations() == []
    due.refresh_from_db()
    to_come.refresh_from_db()
    assert due.launched_at
    assert to_come.launched_at is None
    with nation():
        compilation = Compilation.objects.get(period="2016-T1")
        # 18 Regions, the nation, 16 former Regions in the borders of 2015, and the protection.
        assert compilation.work.count() == 18 + 1 + 16 + 1
