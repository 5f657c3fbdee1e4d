"""A coordinator composes by form; nobody else does, and nothing of a request becomes a name."""

import re

import pytest
from django.urls import reverse

from indicators.models import RegionalIndicator
from sprocep import periods
from sprocep.tenancy import scope

pytestmark = pytest.mark.django_db(databases=["default"])

LIST = reverse("indicators:regional_indicators")
NEW = reverse("indicators:compose_indicator")
SAY = reverse("indicators:say_composition")
OPENED = "?population=journeys_opened&mesure=count"
NOW = periods.quarter_of(periods.today())


@pytest.fixture
def browser(world, logged_in):
    return logged_in(world["regional_coordinator 93"])


def rows() -> list[RegionalIndicator]:
    with scope(regions=["93"]):
        return list(RegionalIndicator.objects.all())


def test_from_the_empty_list_to_a_published_indicator(browser, world, logged_in):
    assert "Composez-en un" in browser.get(LIST).content.decode()
    assert "Que comptez-vous" in browser.get(NEW).content.decode()
    form = browser.get(NEW + OPENED).content.decode()
    assert 'name="garder-sex"' in form
    assert 'name="compter-sex"' not in form
    values = {"label": "Entrées de femmes", "garder-sex": ["F"], "by_department": "on"}
    answer = browser.post(NEW + OPENED, values | {"breakdown": "situation"})
    draft = rows()[0]
    assert answer.url == reverse("indicators:regional_indicator", args=[draft.slug])
    assert draft.filters == [["sex", ["F"]]]
    assert (draft.breakdown, draft.by_level, draft.by_department) == ("situation", False, True)
    page = browser.get(answer.url).content.decode()
    assert draft.statement in page
    assert "Aucun trimestre de votre Région n’est encore scellé" in page
    publish = reverse("indicators:publish_indicator", args=[draft.slug])
    assert browser.post(publish, {"starts_on": NOW.starts.isoformat()}).status_code == 302
    assert rows()[0].state == "published"
    assert "Composer la version suivante" in browser.get(answer.url).content.decode()
    officer = logged_in(world["dgefp_officer"])
    assert "Reprendre dans le socle national" in officer.get(answer.url).content.decode()


def test_a_draft_is_changed_with_what_was_chosen(browser):
    browser.post(NEW + OPENED, {"label": "Femmes", "garder-sex": ["F"], "breakdown": ""})
    change = reverse("indicators:change_draft", args=[rows()[0].slug])
    page = browser.get(change).content.decode()
    boxes = re.findall(r'<input [^>]*name="garder-sex"[^>]*>', page)
    assert [re.search(r'value="(\w+)"', box)[1] for box in boxes if " checked" in box] == ["F"]
    browser.post(change, {"label": "Hommes", "garder-sex": ["H"], "breakdown": ""})
    assert (rows()[0].label, rows()[0].filters) == ("Hommes", [["sex", ["H"]]])


def test_the_sentence_follows_what_is_chosen(browser):
    words = browser.post(SAY + OPENED, {"garder-sex": ["F"], "by_level": "on"}).content.decode()
    assert "Nombre de parcours ouverts dans la période où le sexe est" in words
    assert "donné aussi par niveau" in words
    share = SAY + "?population=journeys_opened&mesure=share"
    assert "la phrase s’écrit ici" in browser.post(share, {}).content.decode()
    assert rows() == []


@pytest.mark.parametrize(
    "query",
    [
        "?population=regions_user&mesure=count",
        "?population=contacts&mesure=persons",
        "?population=contacts&mesure=median",
        "?mesure=count",
    ],
)
def test_what_is_no_choice_composes_nothing(browser, query):
    page = browser.post(NEW + query, {"label": "x", "breakdown": ""})
    assert "Que comptez-vous" in page.content.decode()
    assert browser.post(SAY + query).status_code == 404
    assert rows() == []


@pytest.mark.parametrize(
    "values",
    [
        {"garder-sex": ["F' OR true"]},
        {"garder-reason": ["M11"]},
        {"breakdown": "boeth"},
        {"breakdown": "j.sex_id"},
        {"label": ""},
    ],
)
def test_what_is_no_code_stays_in_the_form(browser, values):
    answer = browser.post(NEW + OPENED, {"label": "x", "breakdown": ""} | values)
    assert answer.status_code == 200
    assert rows() == []


def test_unknown_fields_change_nothing(browser):
    strange = {
        "state": "published",
        "code": "A1",
        "region": "11",
        "statement": "x",
        "garder-x": "1",
    }
    browser.post(NEW + OPENED, {"label": "Toutes", "breakdown": ""} | strange)
    row = rows()[0]
    assert (row.state, row.code, row.region_id) == ("draft", "R93.1", "93")
    assert row.statement == "Nombre de parcours ouverts dans la période."


def test_a_share_says_its_numerator(browser):
    share = NEW + "?population=journeys_closed&mesure=share"
    answer = browser.post(share, {"label": "Part", "breakdown": ""})
    assert "au numérateur" in answer.content.decode()
    assert rows() == []
    browser.post(share, {"label": "Part", "breakdown": "", "compter-sex": ["F"]})
    assert rows()[0].part == [["sex", ["F"]]]
