"""Advice on funders: who writes whose, when it is read, and what refuses."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from operators.models import FundingHint
from operators.queries import funding_hints
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HINTS, NEW = "/conseils-de-financement/", "/conseils-de-financement/nouveau/"
TEXT = "L’accord de la Région vient avant le début de la formation."


@pytest.fixture
def coordinator(world):
    return world["regional_coordinator 93"]


def typed(**values) -> dict:
    today = periods.today().strftime("%d/%m/%Y")
    first = {"funder": "REG", "text": TEXT, "source": "règlement du 12 mars", "starts_on": today}
    return first | values


def read_by(member) -> set[str]:
    with scope_of(member, read_only=True):
        found = funding_hints(member.region_id, periods.today())
        return {hint.text for hint in found if hint.text == TEXT}


def written(region) -> FundingHint:
    return FundingHint(
        region_id=region, funder_id="REG", text=TEXT, source="x", starts_on=periods.today()
    )


def refused(member, write, match="row-level security") -> None:
    with (
        pytest.raises(ProgrammingError, match=match),
        transaction.atomic(),
        scope_of(member, read_only=False),
    ):
        write()


def test_each_writes_its_own_in_postgresql(world, coordinator):
    officer = world["dgefp_officer"]
    for member, region in ((coordinator, "93"), (officer, None)):
        with scope_of(member, read_only=False):
            written(region).save()
    for name in ("adviser marseille", "structure_manager marseille", "network_head ML"):
        for region in ("93", None):
            refused(world[name], written(region).save)
    refused(coordinator, written(None).save)
    refused(coordinator, written("11").save)
    refused(officer, written("93").save)
    for change in ({"text": "Autre"}, {"starts_on": periods.today()}):
        refused(
            coordinator,
            lambda change=change: FundingHint.objects.update(**change),
            "permission denied",
        )


def test_it_is_read_in_its_region_until_its_end(logged_in, world, coordinator):
    browser, today = logged_in(coordinator), periods.today()
    assert browser.post(NEW, typed()).status_code == 302
    assert browser.post(NEW, typed(text="À venir.", starts_on="01/01/2099")).status_code == 302
    adviser, elsewhere = world["adviser marseille"], world["adviser paris"]
    assert (read_by(adviser), read_by(elsewhere)) == ({TEXT}, set())
    page = browser.get(HINTS).content.decode()
    assert page.index("Conseils de votre Région") < page.index("À venir.")
    assert page.index("À venir.") < page.index("est en euros")
    assert "se compte en heures" not in page  # a national one that is over
    with scope_of(coordinator, read_only=True):
        hint = FundingHint.objects.get(region="93", text=TEXT)
    end = f"{HINTS}{hint.public_id}/fin/"
    assert browser.post(end, {"ends_on": "01/01/2020"}).status_code == 200  # the past stays
    assert read_by(adviser) == {TEXT}
    assert browser.post(end, {"ends_on": today.strftime("%d/%m/%Y")}).status_code == 302
    assert read_by(adviser) == set()
    assert browser.get(end).status_code == 404  # once
    with scope_of(coordinator, read_only=True):
        done = AuditEvent.objects.filter(object_type="operators.fundinghint").order_by("pk")
        assert [event.action for event in done] == ["add_hint", "add_hint", "end_hint"]


def test_what_is_missing_is_said_and_the_rest_kept(logged_in, coordinator):
    yesterday = (periods.today() - timedelta(days=1)).strftime("%d/%m/%Y")
    browser = logged_in(coordinator)
    for wrong, said in (
        ({"funder": ""}, "Financeur\xa0: Ce champ est obligatoire."),
        ({"source": ""}, "Source\xa0: Ce champ est obligatoire."),
        ({"starts_on": yesterday}, "ne change pas le passé"),
    ):
        page = browser.post(NEW, typed(**wrong))
        assert page.status_code == 200
        assert said in page.content.decode()
        assert "vient avant le début de la formation" in page.content.decode()
    with scope_of(coordinator, read_only=True):
        assert not FundingHint.objects.filter(region="93").exists()


def test_advice_of_a_region_before_the_merger_goes_on(logged_in, world):
    """That of Aquitaine: its heir reads it, and ends it."""
    heir = world["regional_coordinator 75"]
    with scope_of(heir, read_only=False):
        (old := written("72")).save()
    assert read_by(heir) == {TEXT}
    assert read_by(world["adviser marseille"]) == set()
    browser = logged_in(heir)
    assert TEXT in unescape(browser.get(HINTS).content.decode())
    today = periods.today().strftime("%d/%m/%Y")
    ended = browser.post(f"{HINTS}{old.public_id}/fin/", {"ends_on": today})
    assert ended.status_code == 302
    assert read_by(heir) == set()


def test_the_dgefp_keeps_the_national_ones(logged_in, world):
    browser = logged_in(world["dgefp_officer"])
    assert browser.post(NEW, typed()).status_code == 302
    assert read_by(world["adviser marseille"]) == read_by(world["adviser paris"]) == {TEXT}
    page = browser.get(HINTS).content.decode()
    assert "Conseils nationaux" in page
    assert "votre Région" not in page
