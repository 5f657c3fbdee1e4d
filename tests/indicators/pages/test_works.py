"""The page of the work: lateness, runs, files, and what failed put back on the list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from indicators import queries
from indicators.models import CalendarEntry, Compilation, Edition, Work
from indicators.worklist import nation
from regions.models import AuditEvent
from regions.queries import national_regions
from sprocep import periods
from tests.factories import deadlines
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, OFFICER, AUDITOR = "/nation/travaux/", "dgefp_officer", "auditor"


def entry(period, *, due_in: int, launched: bool = True) -> CalendarEntry:
    """Computed ten days before it is due, `due_in` days from today."""
    due_on = periods.today() + timedelta(days=due_in)
    return CalendarEntry.objects.create(
        period=period.code,
        starts_on=period.starts,
        **deadlines(due_on - timedelta(days=10), due_on - timedelta(days=10), due_on),
        launched_at=timezone.now() if launched else None,
    )


def run(period, *states: str, hours: float = 0, spent: timedelta | None = None) -> Compilation:
    """A compilation whose units are in these states, asked for some hours ago."""
    asked = timezone.now() - timedelta(hours=hours)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_compilation (period, requested_at) VALUES (%s, %s) "
            "RETURNING id",
            [period.code, asked],
        )
        made = Compilation.objects.get(pk=cursor.fetchone()[0])
    for territory, state in zip(national_regions(), states, strict=False):
        over = state in ("done", "failed")
        Work.objects.create(
            compilation=made,
            step=Work.Step.COMPUTE,
            period=period.code,
            starts_on=period.starts,
            territory=territory,
            regions=[territory],
            state=state,
            finished_at=asked + spent if over and spent else None,
            heartbeat_at=timezone.now() if state == "running" else None,
            cause="OSError: disque plein" if state == "failed" else "",
        )
    return made


def shown(browse, who=AUDITOR) -> dict:
    return browse(who).get(PAGE).context


def test_late_is_what_its_day_has_passed(browse):
    with nation():
        late = {row[0].period for row in queries.late_periods(periods.today())}
    assert late == set()
    with nation():
        entry(BEFORE, due_in=-40)  # all transmitted
        entry(AFTER, due_in=-3)  # sealed, none transmitted
        entry(DRAFT, due_in=2)  # not due yet
    (row,) = shown(browse)["late"]
    with nation():
        sealed = Edition.objects.filter(period=AFTER.code, state="sealed").count()
    assert (row["period"], row["drafts"], row["sealed"], row["days"]) == (AFTER, 0, sealed, 3)
    assert sealed > 0


def test_a_computation_that_nobody_launched_is_late(browse):
    never = periods.quarter(2016, 3)
    with nation():
        entry(never, due_in=5, launched=False)
    (row,) = shown(browse)["late"]
    assert (row["period"], row["days"]) == (never, 5)
    assert "la compilation" in browse(AUDITOR).get(PAGE).content.decode()


def test_a_run_says_its_state_its_duration_and_its_failures(browse):
    with nation():
        run(BEFORE, "done", "done", hours=3, spent=timedelta(minutes=1, seconds=24))
        run(AFTER, "done", "failed", hours=2, spent=timedelta(seconds=40))
        run(DRAFT, "done", "running", hours=1, spent=timedelta(seconds=40))
    runs = shown(browse)["runs"]
    assert [(r.period, r.state, r.progress.done, r.progress.failed) for r in runs] == [
        (DRAFT, "running", 1, 0),
        (AFTER, "failed", 1, 1),
        (BEFORE, "done", 2, 0),
    ]
    page = browse(AUDITOR).get(PAGE).content.decode()
    assert "1\N{NO-BREAK SPACE}min\N{NO-BREAK SPACE}24\N{NO-BREAK SPACE}s" in page


def test_runs_sort_by_what_their_heads_say(browse):
    with nation():
        first = run(AFTER, "done", hours=1)
        second = run(BEFORE, "failed", hours=2)
    browser = browse(AUDITOR)

    def order(sort: str) -> list[int]:
        return [r.compilation.pk for r in browser.get(PAGE, {"sort": sort}).context["runs"]]

    assert order("-requested_at") == [first.pk, second.pk]
    assert order("period") == [second.pk, first.pk]
    assert order("-failed") == [second.pk, first.pk]


def test_files_that_failed_go_back_on_the_list(browse):
    with nation():
        Work.objects.filter(step=Work.Step.FILES).update(state="done", finished_at=timezone.now())
        failed = Work.objects.filter(step=Work.Step.FILES, period=AFTER.code)[:2]
        for unit in failed:
            unit.state, unit.tries, unit.cause = "failed", 3, "MemoryError: "
            unit.save()
    rows = {row["period"]: row for row in shown(browse)["files"]}
    assert (rows[AFTER]["failed"], rows[AFTER]["causes"]) == (2, ["MemoryError: "])
    assert (rows[BEFORE]["failed"], rows[BEFORE]["state"]) == (0, "done")
    browse(OFFICER).post(f"/nation/{AFTER.code}/fichiers/relance/")
    with nation():
        again = Work.objects.filter(step=Work.Step.FILES, state="waiting")
        assert {(unit.period, unit.tries) for unit in again} == {(AFTER.code, 0)}
        assert again.count() == 2
        traces = AuditEvent.objects.filter(action="retry_files")
        assert {t.territory for t in traces} == {unit.territory for unit in again}


def test_an_auditor_reads_and_launches_nothing(browse):
    browser = browse(AUDITOR)
    assert browser.get(PAGE).status_code == 200
    assert "Compiler une période" not in browser.get(PAGE).content.decode()
    assert browser.post(f"/nation/{AFTER.code}/fichiers/relance/").status_code == 403
    assert "Compiler une période" in browse(OFFICER).get(PAGE).content.decode()


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_takes_as_many_queries_for_one_row_as_for_fifty(
    browse, django_assert_num_queries, count
):
    with nation():
        for rank in range(count):
            run(AFTER, "done", hours=rank)
    browser = browse(AUDITOR)
    browser.get(PAGE)
    with django_assert_num_queries(17):
        assert len(browser.get(PAGE).context["runs"]) == count
