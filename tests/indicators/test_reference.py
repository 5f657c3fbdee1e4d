"""Deadlines and thresholds that the DGEFP sets."""

from decimal import Decimal

import pytest
from django.utils import timezone

from indicators import actions
from indicators.models import CalendarEntry, QualityRule, SecrecyThreshold
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from sprocep.errors import ActionRefused

pytestmark = pytest.mark.django_db

PERIOD = periods.coming_quarters(periods.today(), 1)[0]
FIRST, LAST = PERIOD.ends, periods.days_after(PERIOD.ends, 30)
DAYS = {
    "opens_on": FIRST, "confirm_by": FIRST, "computed_on": FIRST, "comment_by": LAST,
    "due_on": LAST,
}  # fmt: skip


@pytest.fixture
def officer(world):
    member = world["dgefp_officer"]
    with scope_of(member, read_only=False):
        yield member.user


def deadlines(officer, passes_alone=False, **days) -> CalendarEntry:
    return actions.set_deadlines(
        by=officer, period=PERIOD, passes_alone=passes_alone, **DAYS | days
    )


def test_deadlines_are_set_and_set_again(officer):
    entry = deadlines(officer)
    assert (entry.starts_on, entry.computed_on, entry.due_on) == (PERIOD.starts, FIRST, LAST)
    later = periods.days_after(FIRST, 3)
    again = deadlines(officer, computed_on=later, passes_alone=True)
    assert (again.computed_on, again.passes_alone) == (later, True)
    assert CalendarEntry.objects.filter(pk=PERIOD.code).count() == 1
    assert AuditEvent.objects.filter(action="set_deadlines").count() == 2


def test_impossible_deadlines_are_refused(officer):
    with pytest.raises(ActionRefused, match="suit la fin de la période"):
        deadlines(officer, opens_on=PERIOD.last_day)
    with pytest.raises(ActionRefused, match="échéances se suivent"):
        deadlines(officer, due_on=FIRST)
    assert deadlines(officer).due_on == LAST


def test_a_launched_computation_keeps_its_day(officer):
    deadlines(officer)
    CalendarEntry.objects.filter(pk=PERIOD.code).update(launched_at=timezone.now())
    with pytest.raises(ActionRefused, match="déjà calculée"):
        deadlines(officer, computed_on=periods.days_after(FIRST, 1))
    later = periods.days_after(LAST, 10)
    assert deadlines(officer, due_on=later).due_on == later


def test_a_threshold_is_announced_for_a_coming_quarter(officer):
    actions.announce_threshold(by=officer, k=6, starts_on=PERIOD.starts)
    assert SecrecyThreshold.objects.get(starts_on=PERIOD.starts).k == 6
    with pytest.raises(ActionRefused, match="existe déjà"):
        actions.announce_threshold(by=officer, k=7, starts_on=PERIOD.starts)
    with pytest.raises(ActionRefused, match="premier jour d’un trimestre"):
        actions.announce_threshold(by=officer, k=7, starts_on=periods.today())


def test_the_page_shows_what_is_set_and_leads_to_the_next_period(logged_in, world):
    browser = logged_in(world["dgefp_officer"])
    proposed = browser.get(f"/nation/{PERIOD.code}/echeances/").context["form"].initial
    assert list(proposed.values()) == sorted(proposed.values())
    assert proposed["opens_on"] == PERIOD.ends
    sent = {name: day.isoformat() for name, day in DAYS.items()}
    assert browser.post(f"/nation/{PERIOD.code}/echeances/", sent).status_code == 302
    browser.post("/nation/referentiels/secret/", {"k": 5, "starts_on": PERIOD.starts.isoformat()})
    shown = browser.get("/nation/referentiels/").context
    assert [period for period, _ in shown["entries"]] == [PERIOD]
    assert next(t.k for t in shown["thresholds"]) == 5
    following = periods.quarter_of(PERIOD.ends)
    assert shown["next_url"] == f"/nation/{following.code}/echeances/"
    form = browser.get(f"/nation/{PERIOD.code}/echeances/").context["form"]
    assert form.initial == DAYS | {"passes_alone": False}


def test_a_rule_of_quality_is_set_on_the_page(logged_in, world):
    browser = logged_in(world["dgefp_officer"])
    page = browser.get("/nation/referentiels/").content.decode()
    assert "/nation/referentiels/qualite/jump_entries/" in page
    address = "/nation/referentiels/qualite/missing_age/"
    assert browser.post(address, {"threshold": "12.5", "is_active": "on"}).status_code == 302
    rule = QualityRule.objects.get(pk="missing_age")
    assert (rule.threshold, rule.is_active) == (Decimal("12.5"), True)
    assert browser.post(address, {"threshold": "-1"}).status_code == 200
    browser.post(address, {"threshold": "12.5"})
    assert not QualityRule.objects.get(pk="missing_age").is_active
    assert browser.get("/nation/referentiels/qualite/aucune/").status_code == 404
