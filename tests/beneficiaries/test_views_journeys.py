"""« Mes parcours », one journey, closing, opening again, follow-up, correcting a person."""

import csv
from datetime import date, timedelta

import pytest

from beneficiaries import actions
from beneficiaries.entries import Closing
from beneficiaries.identity import sort_key
from regions.models import AccessEvent
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST = "/parcours/"
ALL = {"state": "", "referent": ""}


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def file(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield


def named(adviser, last: str, first: str, **values):
    person = factories.beneficiary(
        adviser, last_name=last, first_name=first, sort_key=sort_key(last, first)
    )
    return factories.journey(adviser, of=person, **values)


def close(adviser, journey, day=date(2016, 5, 3)):
    closing = Closing(closed_on=day, outcome="I03", exit_situation="CDI")
    return actions.close_journey(
        by=adviser.user, membership=adviser, journey=journey, closing=closing
    )


def shown(browser, **asked) -> list[str]:
    page = browser.get(LIST, asked)
    assert page.status_code == 200
    return [row.last_name for row in page.context["list"].page]


# ── The list ─────────────────────────────────────────────────────────────────────────────────


def test_list_opens_on_the_open_journeys_that_i_follow(browser, adviser, annex, file):
    named(adviser, "Aubert", "Zoé")
    named(annex.colleague, "Bonnet", "Yann")
    close(adviser, named(adviser, "Caron", "Xavier"))
    assert shown(browser) == ["Aubert"]
    assert shown(browser, state="open") == ["Bonnet", "Aubert"]
    assert shown(browser, state="closed", referent="me") == ["Caron"]
    assert shown(browser, **ALL) == ["Caron", "Bonnet", "Aubert"]


def test_search_finds_without_accents_in_any_order(browser, adviser, file):
    person = factories.beneficiary(
        adviser, last_name="Lefèvre-Noël", first_name="Zoé", sort_key="LEFEVRENOEL ZOE"
    )
    factories.journey(adviser, of=person)
    named(adviser, "Durand", "Zoé")
    for text in ("lefevre", "zoe lefèvre", "NOEL", "04/05/1990 lefevre"):
        assert shown(browser, q=text) == ["Lefèvre-Noël"]
    assert shown(browser, q="zoe", sort="name") == ["Durand", "Lefèvre-Noël"]
    assert shown(browser, q="zoe", sort="-name") == ["Lefèvre-Noël", "Durand"]
    assert shown(browser, q="martin") == []
    assert shown(browser, q="...") == []


def test_silent_journeys_had_no_session_for_ninety_days(browser, adviser, file):
    today = periods.today()
    named(adviser, "Recent", "A", opened_on=today - timedelta(days=90))
    named(adviser, "Silent", "B", opened_on=today - timedelta(days=91))
    talked = named(adviser, "Talked", "C", opened_on=today - timedelta(days=200))
    factories.session(adviser, talked, held_on=today - timedelta(days=5))
    assert shown(browser, state="silent") == ["Silent"]
    assert sorted(shown(browser)) == ["Recent", "Silent", "Talked"]
    assert "sans entretien depuis 90 jours" in browser.get(LIST).content.decode()


def test_list_is_narrowed_by_reason_level_and_opening(browser, adviser, file):
    named(adviser, "Aubert", "A", main_reason_id="M01", opened_on=date(2016, 1, 10))
    named(adviser, "Bonnet", "B", level="N3", service="S11", opened_on=date(2016, 3, 10))
    assert shown(browser, reason="M01") == ["Aubert"]
    assert shown(browser, level="N3") == ["Bonnet"]
    assert shown(browser, opened_from="2016-03-10") == ["Bonnet"]
    assert shown(browser, opened_to="2016-03-09") == ["Aubert"]
    assert sorted(shown(browser, reason="M77", state="open")) == ["Aubert", "Bonnet"]


def test_unknown_sort_and_page_show_the_first_page(browser, adviser, file):
    named(adviser, "Aubert", "A")
    assert shown(browser, sort="beneficiary__email", page="99", state="open") == ["Aubert"]


def test_manager_sees_all_open_journeys_first(logged_in, world, adviser, file):
    named(adviser, "Aubert", "A")
    assert shown(logged_in(world["structure_manager marseille"])) == ["Aubert"]


def test_empty_list_says_why(browser):
    assert "Vous n’êtes référent d’aucun parcours" in browser.get(LIST).content.decode()
    for asked in ({"q": "inconnu"}, {"state": "open"}, {"reason": "M01"}):
        page = browser.get(LIST, asked).content.decode()
        assert "Aucun parcours ne répond à ces filtres" in page


def test_fifty_rows_a_page(browser, adviser, file):
    for rank in range(51):
        named(adviser, f"Nom{rank:02}", "A")
    assert len(shown(browser)) == 50
    assert len(shown(browser, page="2", state="open")) == 1
    assert shown(browser, page="2", sort="name") == ["Nom50"]


def test_health_is_never_in_the_list(browser, adviser, file):
    named(adviser, "Aubert", "A", boeth_id="OUI")
    page = browser.get(LIST).content.decode()
    assert "Bénéficiaire de l" not in page


def test_list_of_a_merged_region_holds_its_predecessors(logged_in, annex):
    adviser = annex.bordeaux
    with tenancy.scope(regions=["54", "72", "74", "75"], structures=[adviser.structure_id]):
        old = factories.journey(adviser, opened_on=date(2015, 11, 3))
        new = factories.journey(adviser, opened_on=date(2016, 11, 3))
    assert (old.region_id, new.region_id) == ("72", "75")
    page = logged_in(adviser).get(LIST)
    assert [row.public_id for row in page.context["list"].page] == [new.public_id, old.public_id]
    assert page.context["list"].page.paginator.count == 2


def test_file_holds_what_is_shown_in_its_order(browser, adviser, file):
    plan = factories.financing_plan(
        adviser, named(adviser, "Aubert", "A", level="N3", service="S12")
    )
    factories.plan_cost(plan, "6450.50")
    factories.plan_cost(plan, 100)
    factories.plan_funding(plan, 3000, 2500)
    paid = named(adviser, "=HYPERLINK(1)", "B", level="N3", service="S12")
    plan = factories.financing_plan(adviser, paid)
    factories.plan_cost(plan, 2000)
    factories.plan_funding(plan, 3000, 2500)
    named(adviser, "Aaron", "D")
    close(adviser, named(adviser, "Caron", "C"))
    response = browser.post(f"{LIST}fichier/?state=open&sort=-name", {"reason": "for_a_check"})
    assert response["Content-Disposition"] == 'attachment; filename="parcours.csv"'
    assert response["Cache-Control"] == "no-store"
    rows = list(csv.reader(response.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][:3] == ["nom d’usage", "prénom", "date de naissance"]
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "Aubert", "Aaron"]
    assert rows[2] == [
        "Aubert",
        "A",
        "1990-05-04",
        "2016-02-10",
        "Reconversion, changement de métier",
        "Camille Adviser",
        "2016-02-10",
        "3",
        "",
        "",
        "ouvert",
        "6550,50",
        "2500,00",
        "4050,50",
    ]
    assert rows[1][-4:] == ["ouvert", "2000,00", "2500,00", "-500,00"]  # a number, no formula
    assert rows[3][-4:] == [""] * 4
    assert AccessEvent.objects.latest("pk").page == "nominal:journeys_file"


# ── One journey ──────────────────────────────────────────────────────────────────────────────


def test_reading_a_journey_is_remembered_and_not_kept_by_the_browser(browser, adviser, file):
    journey = named(adviser, "Aubert", "A")
    response = browser.get(f"{LIST}{journey.public_id}/")
    assert response["Cache-Control"] == "no-store"
    event = AccessEvent.objects.latest("pk")
    assert (event.page, event.object_id) == ("nominal:journey", str(journey.public_id))


def test_journey_is_closed_and_opened_again(browser, adviser, file):
    journey = named(adviser, "Aubert", "A")
    url = f"{LIST}{journey.public_id}/"
    data = {
        "closed_on": "2016-05-03",
        "outcome": "I02",
        "exit_situation": "APP",
        "may_be_asked": "no",
    }
    assert browser.post(f"{url}cloture/", data).url == url
    page = browser.get(url).content.decode()
    for text in ("3 mai 2016", "Entrée en formation", "Apprenti", "Rouvrir le parcours"):
        assert text in page
    again = browser.post(f"{url}cloture/", data)
    assert "Ce parcours est clos depuis le 3 mai 2016." in again.content.decode()
    assert "Parcours rouvert" in browser.post(f"{url}reouverture/", follow=True).content.decode()
    assert "déjà ouvert" in browser.post(f"{url}reouverture/", follow=True).content.decode()


def test_closing_before_the_last_session_keeps_what_was_typed(browser, adviser, file):
    journey = named(adviser, "Aubert", "A")
    data = {
        "closed_on": "2016-02-01",
        "outcome": "I02",
        "exit_situation": "APP",
        "may_be_asked": "no",
    }
    response = browser.post(f"{LIST}{journey.public_id}/cloture/", data)
    assert "Le dernier entretien est du 10 février 2016" in response.content.decode()
    assert response.context["form"].data.dict() == data
    assert journey.__class__.objects.get().closed_on is None


def test_closing_asks_for_its_answers(browser, adviser, file):
    journey = named(adviser, "Aubert", "A")
    response = browser.post(f"{LIST}{journey.public_id}/cloture/", {})
    assert sorted(response.context["form"].errors) == [
        "closed_on",
        "exit_situation",
        "may_be_asked",
        "outcome",
    ]


def test_follow_up_changes_and_is_shown(browser, adviser, annex, file):
    journey = named(adviser, "Aubert", "A")
    url = f"{LIST}{journey.public_id}/"
    data = {
        "starts_on": "2016-04-01",
        "site": str(adviser.site.public_id),
        "referent": str(annex.colleague.public_id),
    }
    assert browser.post(f"{url}suivi/", data).url == url
    page = browser.get(url).content.decode()
    assert "depuis le 1er avril 2016" in page
    refused = browser.post(f"{url}suivi/", data | {"starts_on": "2016-03-01"})
    assert "a commencé le 1er avril 2016" in refused.content.decode()


def test_a_new_situation_is_shown_with_its_day(browser, adviser, file):
    journey = named(adviser, "Aubert", "A")
    url = f"{LIST}{journey.public_id}/"
    data = {"situation": "CDD", "starts_on": "2016-04-01"}
    assert browser.post(f"{url}situation/", data).url == url
    page = browser.get(url).content.decode()
    assert "Salarié du privé en CDD" in page
    assert "depuis le 1er avril 2016" in page
    refused = browser.post(f"{url}situation/", data | {"starts_on": "2016-02-10"})
    assert "un changement vient après" in refused.content.decode()
    assert "2016-02-10" in refused.content.decode()


@pytest.mark.parametrize(("days", "is_kept"), [(0, True), (29, True), (30, False)])
def test_who_hands_a_journey_over_keeps_it_in_her_list_for_thirty_days(
    browser, adviser, annex, file, logged_in, days, is_kept
):
    journey = named(adviser, "Aubert", "A")
    since = periods.days_after(periods.today(), -days)
    data = {
        "starts_on": since.isoformat(),
        "site": str(adviser.site.public_id),
        "referent": str(annex.colleague.public_id),
    }
    browser.post(f"{LIST}{journey.public_id}/suivi/", data)
    assert ("AUBERT" in browser.get(LIST).content.decode()) is is_kept
    assert shown(browser, state="open", referent="me") == []
    assert "AUBERT" in logged_in(annex.colleague).get(LIST).content.decode()


def test_follow_up_by_a_stranger_is_refused(browser, adviser, world, file):
    journey = named(adviser, "Aubert", "A")
    data = {
        "starts_on": "2016-04-01",
        "site": str(world["adviser aix"].site.public_id),
        "referent": str(world["adviser aix"].public_id),
    }
    response = browser.post(f"{LIST}{journey.public_id}/suivi/", data)
    assert sorted(response.context["form"].errors) == ["referent", "site"]
    own = {
        "site": str(adviser.site.public_id),
        "referent": str(world["structure_manager marseille"].public_id),
    }
    assert browser.post(f"{LIST}{journey.public_id}/suivi/", data | own).status_code == 302


def test_person_is_corrected_and_found_back(browser, adviser, file):
    journey = named(adviser, "Aubert", "A")
    person = journey.beneficiary
    data = {
        "last_name": "Aubert-Roy",
        "first_name": "Anaïs",
        "birth_name": "Roy",
        "birth_date": "05/05/1990",
        "sex": "F",
        "phone": "0491000000",
        "email": "anais@exemple.fr",
        "commune": "Marseille",
        "file_note": "Préfère le téléphone.",
    }
    response = browser.post(f"/beneficiaires/{person.public_id}/", data, follow=True)
    page = response.content.decode()
    for text in ("AUBERT-ROY Anaïs", "Roy", "5 mai 1990", "0491000000", "anais@exemple.fr"):
        assert text in page
    assert "Marseille (13)" in page
    assert "Préfère le téléphone." in page
    person.refresh_from_db()
    assert person.sort_key == "AUBERTROY ANAIS ROY"
    wrong = browser.post(f"/beneficiaires/{person.public_id}/", data | {"sex": "X"})
    assert list(wrong.context["form"].errors) == ["sex"]
    impossible = data | {"birth_date": "05/05/2020"}
    wrong = browser.post(f"/beneficiaires/{person.public_id}/", impossible)
    assert "Vérifiez l" in wrong.content.decode()
