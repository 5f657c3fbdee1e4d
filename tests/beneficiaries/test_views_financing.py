"""The page of a financing plan and the forms of its lines, as a browser sends them."""

import re
import uuid
from html import unescape

import pytest

from beneficiaries.models import FinancingPlan, PlanCost, PlanFunding
from regions.middleware import scope_of
from regions.models import AccessEvent
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
THIN, SPACE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def journey(adviser):
    with scope_of(adviser, read_only=False):
        return factories.journey(adviser, level="N3", service="S12")


@pytest.fixture
def address(journey) -> str:
    return f"/parcours/{journey.public_id}/plan-de-financement/"


def text_of(page) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(unescape(words).split(" ")).replace("\n", " ")


def said(page) -> list[str]:
    return [
        unescape(" ".join(text.split()))
        for text in re.findall(r'<a href="#[^"]*">([^<]*)</a>', page.content.decode())
    ]


def cost(**changes) -> dict:
    return {"key": str(uuid.uuid4()), "kind": "CP", "amount": "4 000,50 €", "label": ""} | changes


def funding(**changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "right": "CPF",
        "asked": "3000",
        "asked_on": periods.today().isoformat(),
        "state": "asked",
        "granted": "",
        "decided_on": "",
        "document": "DOS-2026-14",
    } | changes


def granted(amount: str, **changes) -> dict:
    answer = {"state": "granted", "granted": amount, "decided_on": periods.today().isoformat()}
    return funding(**answer | changes)


def rows_of(adviser, model) -> list:
    with scope_of(adviser, read_only=True):
        return list(model.objects.order_by("pk"))


def test_from_the_journey_to_a_plan_that_is_closed(browser, adviser, journey, address):
    assert address in browser.get(f"/parcours/{journey.public_id}/").content.decode()
    assert "la première ouvre le plan" in text_of(browser.get(address))
    assert browser.post(f"{address}cout/", cost()).status_code == 302
    assert browser.post(f"{address}financement/", granted("2500,50")).status_code == 302
    page = text_of(browser.get(address))
    for amount in (
        f"4{THIN}000,50{SPACE}€",  # costs
        f"3{THIN}000,00{SPACE}€",  # asked
        f"2{THIN}500,50{SPACE}€",  # granted
        f"499,50{SPACE}€",  # refused
        f"1{THIN}500,00{SPACE}€",  # gap
    ):
        assert amount in page, amount
    refused = browser.post(f"{address}bouclage/", {"gap_explained": " "})
    assert any("Dites en une phrase" in one for one in said(refused))
    assert f"Il manque 1{THIN}500,00{SPACE}€" in text_of(refused)
    assert rows_of(adviser, FinancingPlan)[0].is_open
    assert browser.post(f"{address}bouclage/", {"gap_explained": "Projet réduit."})
    closed = browser.get(address)
    assert "avec un écart : Projet réduit." in text_of(closed)
    assert "Ajouter un coût" not in text_of(closed)
    assert browser.post(f"{address}reprise/").status_code == 302
    assert "Ajouter un coût" in text_of(browser.get(address))


def test_without_a_gap_nothing_is_asked_to_close(browser, adviser, address):
    assert browser.get(f"{address}bouclage/").status_code == 404  # no plan yet
    browser.post(f"{address}cout/", cost(amount="3000"))
    browser.post(f"{address}financement/", granted("3000"))
    page = browser.get(f"{address}bouclage/")
    assert "gap_explained" not in page.content.decode()
    assert "paie tous les coûts" in text_of(page)
    assert browser.post(f"{address}bouclage/").status_code == 302
    assert not rows_of(adviser, FinancingPlan)[0].is_open


def test_a_journey_below_level_3_says_what_is_lacking(logged_in, adviser):
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
    browser = logged_in(adviser)
    address = f"/parcours/{journey.public_id}/plan-de-financement/"
    assert address not in browser.get(f"/parcours/{journey.public_id}/").content.decode()
    assert "n’a pas de plan de financement" in text_of(browser.get(address))
    refused = browser.post(f"{address}cout/", cost(label="CAP cuisine"))
    assert "parcours de niveau 3" in text_of(refused)
    assert 'value="CAP cuisine"' in refused.content.decode()
    assert rows_of(adviser, FinancingPlan) == []


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Donnez le montant"),
        ("douze", "n’est pas lisible"),
        ("-5", "n’est pas lisible"),
        ("0", "au-dessus de zéro"),
        ("12,345", "n’est pas lisible"),
        ("10000000", "n’est pas lisible"),
    ],
)
def test_an_amount_that_is_none_is_said_and_kept(browser, adviser, address, amount, sentence):
    page = browser.post(f"{address}cout/", cost(amount=amount))
    assert [sentence in one for one in said(page)] == [True]
    assert not amount or f'value="{amount}"' in page.content.decode()
    assert rows_of(adviser, PlanCost) == []
    assert browser.post(f"{address}cout/", cost(amount="9 999 999,99")).status_code == 302


EARLIER = "2015-02-02"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": "granted"}, "Donnez le montant accordé."),
        ({"state": "refused"}, "Donnez la date de la réponse."),
        ({"granted": "10"}, "Choisissez « accordé »"),
        ({"decided_on": EARLIER, "asked_on": EARLIER}, "Choisissez la réponse"),
        (
            {
                "asked_on": EARLIER,
                "state": "granted",
                "granted": "3000,01",
                "decided_on": EARLIER,
            },
            "n’accorde pas plus",
        ),
        (
            {"state": "granted", "granted": "10", "decided_on": EARLIER},
            "ne peut pas précéder",
        ),
        ({"asked": ""}, "Donnez le montant demandé."),
        ({"asked": "0"}, "au-dessus de zéro"),
        ({"right": "CIF"}, "n’existe pas à la date de la demande"),
        ({"asked_on": "2999-01-01"}, "une date à venir"),
        ({"document": "2 85 03 13 055 123 61"}, "numéro de sécurité sociale"),
    ],
)
def test_a_wrong_funding_says_why_and_keeps_what_was_typed(
    browser, adviser, address, changes, sentence
):
    page = browser.post(f"{address}financement/", funding(document="DOS-14") | changes)
    assert any(sentence in one for one in said(page)), said(page)
    if "document" not in changes:
        assert 'value="DOS-14"' in page.content.decode()
    assert rows_of(adviser, PlanFunding) == []
    assert browser.post(f"{address}financement/", funding()).status_code == 302


def test_a_right_that_is_over_is_offered_on_the_day_it_was_asked(browser, adviser, address):
    then = funding(right="CIF", asked_on="2018-06-01")
    assert browser.post(f"{address}financement/", then).status_code == 302
    (line,) = rows_of(adviser, PlanFunding)
    page = browser.get(f"/financements/{line.public_id}/").content.decode()
    assert re.search(r'value="CIF"\s+selected', page)


def test_a_line_is_changed_and_taken_back(browser, adviser, address):
    browser.post(f"{address}cout/", cost())
    browser.post(f"{address}financement/", funding())
    (line,), (asked,) = rows_of(adviser, PlanCost), rows_of(adviser, PlanFunding)
    page = browser.get(f"/couts/{line.public_id}/").content.decode()
    assert 'value="4000,50"' in page
    assert browser.post(f"/couts/{line.public_id}/", cost(amount="10")).status_code == 302
    answered = browser.post(f"/financements/{asked.public_id}/", granted("3000"))
    assert answered.status_code == 302
    assert rows_of(adviser, PlanCost)[0].amount == 10
    assert rows_of(adviser, PlanFunding)[0].granted == 3000
    for kind, one in (("couts", line), ("financements", asked)):
        assert browser.post(f"/{kind}/{one.public_id}/retrait/").status_code == 302
        assert browser.get(f"/{kind}/{one.public_id}/").status_code == 404
    page = text_of(browser.get(address))
    assert "Aucun coût" in page
    assert "Ligne retirée" in page


def test_who_comes_second_sees_both_and_may_replace(browser, adviser, address):
    browser.post(f"{address}cout/", cost(amount="10"))
    (line,) = rows_of(adviser, PlanCost)
    seen = line.changed_at.isoformat()
    url = f"/couts/{line.public_id}/"
    assert browser.post(url, cost(amount="20", seen_at=seen)).status_code == 302
    second = browser.post(url, cost(amount="30", seen_at=seen))
    text = second.content.decode()
    assert f"Coût pédagogique : 20,00{SPACE}€" in text
    assert 'value="30"' in text
    (seen_now,) = re.findall(r'name="seen_at" value="([^"]+)"', text)
    assert browser.post(url, cost(amount="30", seen_at=seen_now)).status_code == 302
    assert rows_of(adviser, PlanCost)[0].amount == 30


def test_a_closed_plan_refuses_a_form_that_was_open(browser, adviser, address):
    browser.post(f"{address}cout/", cost())
    (line,) = rows_of(adviser, PlanCost)
    browser.post(f"{address}bouclage/", {"gap_explained": "Rien n’est accordé."})
    refused = browser.post(f"/couts/{line.public_id}/", cost(amount="7"))
    assert "Reprenez-le pour changer une ligne" in text_of(refused)
    assert 'value="7"' in refused.content.decode()
    told = browser.post(f"/couts/{line.public_id}/retrait/", follow=True)
    assert "Reprenez-le pour changer une ligne" in text_of(told)
    assert rows_of(adviser, PlanCost)[0].amount == line.amount


def test_hints_stand_beside_the_fundings_and_decide_nothing(browser, address):
    for page in (browser.get(address), browser.get(f"{address}financement/")):
        assert "Un conseil, jamais une décision" in text_of(page)
        assert "est en euros" in text_of(page)


def test_reading_a_plan_leaves_its_trace(browser, adviser, journey, address):
    browser.get(address)
    with tenancy.scope(regions=["93"], read_only=True):
        read = AccessEvent.objects.get(by=adviser.user_id, page="nominal:plan")
    assert read.object_id == str(journey.public_id)


def test_strangers_find_nothing_and_the_desk_has_no_right(world, logged_in, browser, address):
    assert browser.get(address).status_code == 200
    for stranger in ("adviser aix", "adviser paris", "regional_coordinator 93", "dgefp_officer"):
        assert logged_in(world[stranger]).get(address).status_code == 404
    assert logged_in(world["level1_receptionist marseille"]).get(address).status_code == 403
