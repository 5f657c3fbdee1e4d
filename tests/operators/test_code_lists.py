"""Codes begin and end with coming quarters, and never change meaning."""

import pytest

from operators import actions
from operators.models import Channel, Reason, Service, ServiceLevel
from operators.queries import EDITED_LISTS, choices
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from sprocep.errors import ActionRefused

pytestmark = pytest.mark.django_db

SOON, LATER = (p.starts for p in periods.coming_quarters(periods.today(), 2))


@pytest.fixture
def officer(world):
    member = world["dgefp_officer"]
    with scope_of(member, read_only=False):
        yield member.user


def codes(model, day) -> list[str]:
    return [entry.code for entry in choices(model, day)]


def test_a_code_is_offered_from_its_day_to_its_end(officer):
    entry = actions.add_code(
        by=officer, code_list=Reason, code="M98", label="Reprise d’études", starts_on=SOON,
        is_health=False,
    )  # fmt: skip
    assert "M98" not in codes(Reason, periods.today())
    assert codes(Reason, SOON)[-1] == "M98"
    actions.end_code(by=officer, entry=entry, ends_on=LATER)
    assert "M98" in codes(Reason, periods.days_after(LATER, -1))
    assert "M98" not in codes(Reason, LATER)
    traces = AuditEvent.objects.filter(object_id="M98").values_list("action", flat=True)
    assert sorted(traces) == ["add_code", "end_code"]


def test_a_code_never_changes_meaning(officer):
    with pytest.raises(ActionRefused, match="existe ou a existé"):
        actions.add_code(by=officer, code_list=Reason, code="M01", label="Autre", starts_on=SOON)
    assert Reason.objects.get(pk="M01").label != "Autre"


def test_a_running_quarter_keeps_its_lists(officer):
    channel = Channel.objects.order_by("position").first()
    for day in (periods.today(), periods.days_after(SOON, 1)):
        with pytest.raises(ActionRefused, match="premier jour d’un trimestre"):
            actions.end_code(by=officer, entry=channel, ends_on=day)
    actions.end_code(by=officer, entry=channel, ends_on=SOON)
    with pytest.raises(ActionRefused, match="s’arrête déjà"):
        actions.end_code(by=officer, entry=channel, ends_on=LATER)


def test_a_service_has_its_level(logged_in, world):
    browser = logged_in(world["dgefp_officer"])
    level = ServiceLevel.objects.get(code="N2")
    typed = {"code": "S99", "label": "Atelier", "starts_on": SOON.isoformat()}
    address = "/nation/nomenclatures/services/nouveau/"
    refused = browser.post(address, typed).content.decode()
    assert 'value="Atelier"' in refused
    assert not Service.objects.filter(pk="S99").exists()
    shown = browser.post(address, {**typed, "level": level.pk}, follow=True).content.decode()
    assert "S99, Atelier, sera proposé" in shown
    assert Service.objects.get(pk="S99").level == level


@pytest.mark.parametrize("slug", EDITED_LISTS)
def test_every_list_has_its_page_and_its_form(logged_in, world, slug):
    browser = logged_in(world["dgefp_officer"])
    rows = browser.get(f"/nation/nomenclatures/{slug}/").context["rows"]
    assert {row.code for row in rows} == set(
        EDITED_LISTS[slug][1].objects.values_list("code", flat=True)
    )
    form = browser.get(f"/nation/nomenclatures/{slug}/nouveau/").context["form"]
    wanted = {"code", "label", "starts_on"}
    features = {
        "services": {"level"},
        "motifs": {"is_health"},
        "canaux": {"is_remote"},
        "droits": {"funder"},
    }
    wanted |= features.get(slug, set())
    assert set(form.fields) == wanted
    end = f"/nation/nomenclatures/{slug}/{rows[0].code}/fin/"
    ended = browser.post(end, {"ends_on": SOON.isoformat()}, follow=True).content.decode()
    assert "ne sera plus proposé" in ended


def test_a_list_that_rules_the_computation_has_no_page(logged_in, world):
    browser = logged_in(world["dgefp_officer"])
    assert browser.get("/nation/nomenclatures/sexes/").status_code == 404
    assert browser.get("/nation/nomenclatures/motifs/").status_code == 200
