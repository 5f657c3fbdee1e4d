"""Refusals in French, and error pages that tell nothing of anybody else."""

from datetime import date

import pytest
from django.test import Client, RequestFactory

from beneficiaries.models import Journey
from sprocep import errors
from sprocep.tenancy import scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def adviser(world):
    member = world["adviser marseille"]
    with scope(regions=["93"], structures=[member.structure_id]):
        yield member


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"closed_on": date(2016, 3, 1)}, "Pour clore un parcours, donnez la date, l'issue"),
        ({"requested_on": date(2016, 3, 1)}, "La demande ne peut pas suivre"),
        ({"age": 12}, "L'âge à l'ouverture doit être compris entre 14 et 99 ans."),
        ({"category_id": "apec"}, "Votre structure n'est pas opérateur du CEP à cette date"),
        ({"department_id": "75"}, "Ce département n'est pas de cette Région à cette date."),
        ({"opened_on": date(2016, 1, 4)}, "Un parcours s'ouvre le jour de son premier entretien"),
        ({"main_reason_id": "M77"}, "Une des valeurs choisies n'existe pas"),
    ],
)
def test_each_rule_has_its_sentence(adviser, values, sentence):
    journey = factories.journey(adviser)
    with pytest.raises(errors.ActionRefused) as refusal, errors.refusals():
        Journey.objects.filter(pk=journey.pk).update(**values)
    assert sentence in str(refusal.value)
    journey.refresh_from_db()
    assert journey.opened_on == date(2016, 2, 10)


def test_what_is_right_passes_and_late_rules_wait_again(adviser):
    with errors.refusals():
        journey = factories.journey(adviser)
    assert Journey.objects.get(pk=journey.pk).is_open
    factories.journey(adviser)  # a journey before its session: the rule waits for both


def test_a_second_sending_says_so(adviser):
    key = "11111111-2222-3333-4444-555555555555"
    factories.contact(adviser, idempotency_key=key)
    with pytest.raises(errors.ActionRefused, match="déjà été enregistré"), errors.refusals():
        factories.contact(adviser, idempotency_key=key)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
def test_error_pages_are_pages_and_json_under_the_api(status):
    page = errors.page(RequestFactory().get("/parcours/"), status)
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "<h1>" in page.content.decode()
    answer = errors.page(RequestFactory().get("/api/v1/"), status, "Une phrase.")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert b"Une phrase." in answer.content


def test_an_unknown_page_has_one_body_for_all(world, logged_in):
    bodies = {
        client.get("/nulle-part/").content
        for client in (logged_in(world["adviser marseille"]), logged_in(world["auditor"]), Client())
    }
    assert len(bodies) == 1
