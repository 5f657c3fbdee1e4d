"""Refusals in French, and error pages that tell nothing of anybody else."""

from datetime import date

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
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
        ({"closed_on": date(2016, 3, 1)}, "Pour clore un parcours, donnez la date, l’issue"),
        ({"requested_on": date(2016, 3, 1)}, "La demande ne peut pas suivre"),
        ({"age": 12}, "L’âge à l’ouverture doit être compris entre 14 et 99 ans."),
        ({"category_id": "apec"}, "Votre structure n’est pas opérateur du CEP à cette date"),
        ({"department_id": "75"}, "Ce département n’est pas de cette Région à cette date."),
        ({"opened_on": date(2016, 1, 4)}, "Un parcours s’ouvre le jour de son premier entretien"),
        ({"main_reason_id": "M77"}, "Une des valeurs choisies n’existe pas"),
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
    journey = factories.journey(adviser)
    factories.step(adviser, journey, idempotency_key=key)
    with pytest.raises(errors.ActionRefused, match="déjà été enregistré"), errors.refusals():
        factories.step(adviser, journey, idempotency_key=key)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
def test_error_pages_are_pages_and_json_under_the_api(status):
    page = errors.page(RequestFactory().get("/parcours/"), status)
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "<h1>" in page.content.decode()
    answer = errors.page(RequestFactory().get("/api/v1/"), status, "Une phrase.")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert b"Une phrase." in answer.content


def answered(exc: Exception, request) -> tuple[int, str]:
    try:
        raise exc  # noqa: TRY301 — as Django does around each layer
    except Exception:  # noqa: BLE001
        answer = errors.server_error(request)
    return answer.status_code, answer.content.decode()


def interrupted(statement: str) -> OperationalError:
    with pytest.raises(OperationalError) as raised, transaction.atomic():
        connection.cursor().execute(statement)
    return raised.value


@pytest.mark.real_clock
def test_what_interrupts_a_request_is_no_error_of_the_product():
    page = RequestFactory().get("/parcours/")
    for lost in (OperationalError("the server has gone"), InterfaceError("closed")):
        status, body = answered(lost, page)
        assert (status, "de lui-même" in body, "<form" in body) == (503, True, False)
    slow = interrupted("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)")
    status, body = answered(slow, page)
    assert (status, "durait trop longtemps" in body) == (503, True)
    assert answered(ValueError("ours"), page)[0] == 500
    assert errors.page(page, 503)["Retry-After"] == "10"


def test_what_was_typed_stays_in_the_page():
    typed = {"note": "l'été\n<b>", "other_services": ["S07", "S08"], "csrfmiddlewaretoken": "x"}
    _, body = answered(OperationalError(), RequestFactory().post("/entretiens/nouveau/?a=1", typed))
    assert '<form method="post" action="/entretiens/nouveau/?a=1">' in body
    for field in (
        'name="note" value="l&#x27;été\n&lt;b&gt;"',
        'name="other_services" value="S07"',
        'name="other_services" value="S08"',
        'name="csrfmiddlewaretoken" value="x"',
    ):
        assert field in body


def test_a_password_is_not_sent_back():
    typed = {"username": "a@exemple.fr", "password": "un secret"}
    status, body = answered(OperationalError(), RequestFactory().post("/connexion/", typed))
    assert (status, "<form" in body, "secret" in body) == (503, False, False)


def test_an_unknown_page_has_one_body_for_all(world, logged_in):
    bodies = {
        client.get("/nulle-part/").content
        for client in (logged_in(world["adviser marseille"]), logged_in(world["auditor"]), Client())
    }
    assert len(bodies) == 1
