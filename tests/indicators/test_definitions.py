"""Definitions are rows: one a code, public, versioned, never rewritten."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from indicators import actions
from indicators.definitions import INDICATORS
from indicators.models import Definition, Opinion
from indicators.versions import definitions_on
from regions.models import AuditEvent
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, scope

pytestmark = pytest.mark.django_db(databases=["default"])

NEXT = periods.quarter_of(periods.today()).after.starts
WORDS = {
    "label": "Entrées en conseil",
    "statement": "Nombre de parcours ouverts, retours dans l’année exclus.",
    "numerator": "Parcours ouverts",
    "denominator": "",
    "legal_source": "arrêté du 16 juillet 2014, annexe, § 4",
    "change": "Les retours dans l’année ne comptent plus.",
}


@pytest.fixture
def nation(world):
    with scope(regions=["11", "93", NATION]):
        yield world["dgefp_officer"].user


def published(by, **other):
    words = WORDS | {"code": "A1", "starts_on": NEXT, "is_break": True} | other
    return actions.publish_definition(by=by, **words)


def test_every_indicator_of_the_base_has_its_first_version():
    found = definitions_on(date(2015, 1, 1))
    assert list(found) == [indicator.code for indicator in INDICATORS]
    for indicator in INDICATORS:
        row = found[indicator.code]
        assert (row.version, row.label) == (1, indicator.label)
        assert row.statement.endswith(".")
        assert row.legal_source == indicator.legal_source
        assert row.owner == "DGEFP"


def test_everybody_reads_all_definitions_without_a_login(world):
    browser = Client()
    page = browser.get(reverse("indicators:definitions")).content.decode()
    for indicator in INDICATORS:
        assert f'id="{indicator.code}"' in page
        one = browser.get(reverse("indicators:definition", args=[indicator.code]))
        assert one.status_code == 200
    assert browser.get(reverse("indicators:definition", args=["Z9"])).status_code == 404


def test_a_version_begins_with_a_coming_quarter_and_the_former_stays(nation):
    made = published(nation)
    assert (made.version, made.owner, made.is_break) == (2, "DGEFP", True)
    assert definitions_on(periods.today())["A1"].version == 1
    assert definitions_on(NEXT)["A1"].label == "Entrées en conseil"
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.object_type) == ("publish_definition", "indicators.definition")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Z9"},
        {"starts_on": periods.days_after(NEXT, 1)},
        {"starts_on": periods.quarter_of(periods.today()).starts},
        {"change": ""},
    ],
)
def test_what_is_no_version_is_refused(nation, wrong):
    with pytest.raises(ActionRefused):
        published(nation, **wrong)
    assert Definition.objects.filter(version=2).count() == 0
    published(nation)


def test_two_versions_never_begin_the_same_day(nation):
    published(nation)
    with pytest.raises(ActionRefused, match="prend déjà effet"):
        published(nation)


def test_the_opinion_of_the_council_stands_beside_its_version(world, logged_in):
    browser = logged_in(world["dgefp_officer"])
    address = reverse("indicators:record_opinion", args=["A1"])
    values = {
        "definition": "1",
        "given_on": "2015-03-02",
        "sense": "reserved",
        "reference": "délibération n° 2015-3",
    }
    answer = browser.post(address, values | {"given_on": "2999-01-01"})
    assert "pas encore rendu" in answer.content.decode()
    assert browser.post(address, values).status_code == 302
    with scope(regions=[NATION]):
        opinion = Opinion.objects.get()
    assert (opinion.body, opinion.sense, opinion.definition.code) == ("cnefop", "reserved", "A1")
    page = Client().get(reverse("indicators:definition", args=["A1"])).content.decode()
    assert "favorable avec réserves (délibération n° 2015-3)" in page


def test_the_dgefp_publishes_by_form(world, logged_in):
    browser = logged_in(world["dgefp_officer"])
    address = reverse("indicators:publish_definition", args=["A1"])
    answer = browser.post(address, WORDS | {"starts_on": NEXT.isoformat(), "is_break": "on"})
    assert answer.status_code == 302
    page = Client().get(reverse("indicators:definition", args=["A1"])).content.decode()
    assert "Les retours dans l’année ne comptent plus." in page
    assert "Rupture de série." in page
    assert "<h1>A1, Entrées en CEP</h1>" in page  # until it begins
