"""The page of a document de synthèse, its versions and its codes, as browsers ask for them."""

import json
import re
import uuid
from html import unescape

import pytest

from beneficiaries import actions, queries
from beneficiaries.entries import Closing
from beneficiaries.models import Journey, ShareCode, Step, SynthesisDocument
from regions.middleware import scope_of
from regions.models import AccessEvent
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OPEN = "/documents/code/"
NEW = "/parcours/nouvel-entretien/"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def elsewhere(logged_in, world):
    return logged_in(world["adviser paris"])


@pytest.fixture
def journey(adviser):
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(
            adviser, last_name="Kanarivogel", first_name="Inès", phone="06 12 34 56 78"
        )
        made = factories.journey(adviser, of=person, level="N3", service="S12")
        plan = factories.financing_plan(adviser, made)
        factories.plan_cost(plan, 4000)
        return made


@pytest.fixture
def address(journey) -> str:
    return f"/parcours/{journey.public_id}/document/"


def text_of(page) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(unescape(words).split())


def said(page) -> list[str]:
    return [
        unescape(" ".join(text.split()))
        for text in re.findall(r'<a href="#[^"]*">([^<]*)</a>', page.content.decode())
    ]


def step(**changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "what": "Demander un devis au Greta",
        "actor": "la personne",
        "right": "VAE",
        "due_on": "2030-03-01",
        "done_on": "",
        "result": "",
    } | changes


def approval(**changes) -> dict:
    today = periods.today().isoformat()
    return {"is_approved": "on", "approved_on": today, "channel": "PRE"} | changes


def handed_over(browser, address: str) -> str:
    """The address of a new version."""
    return browser.post(f"{address}remise/", {"key": str(uuid.uuid4())})["Location"]


def shared(browser, address: str) -> tuple[str, str]:
    """The address of an approved version, and a code that opens it."""
    version = handed_over(browser, address)
    assert browser.post(f"{version}accord/", approval()).status_code == 302
    page = browser.post(f"{version}partage/")
    assert page.status_code == 201
    (groups,) = re.findall(r'<p class="slip__code[^>]*>(.*?)</p>', page.content.decode(), re.DOTALL)
    return version, " ".join(re.findall(r"<span>(\w{4})</span>", groups))


def sent_as_it_came(page) -> dict:
    """What a browser sends of a form that nobody touched."""
    text = page.content.decode()
    form = text[text.index('class="entry"') :]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = {k: unescape(v) for k, v in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if given.get("type") in ("radio", "checkbox") and not re.search(r"\bchecked\b", tag):
            continue
        values.setdefault(given["name"], []).append(given.get("value", ""))
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values[name] = re.findall(r'value="([^"]*)"\s+selected', options)
    return values


def rows_of(member, model) -> list:
    with scope_of(member, read_only=True):
        return list(model.objects.order_by("pk"))


def test_from_the_journey_to_a_version_that_she_approves(browser, adviser, journey, address):
    assert address in browser.get(f"/parcours/{journey.public_id}/").content.decode()
    assert "Aucune étape à faire" in text_of(browser.get(address))
    assert browser.post(f"{address}etape/", step()).status_code == 302
    today = text_of(browser.get(address))
    assert "Demander un devis au Greta Validation des acquis de l’expérience" in today
    assert "la personne, pour le 1er mars 2030" in today
    assert "Entretien de niveau 3 :" in today
    version = handed_over(browser, address)
    page = text_of(browser.get(version))
    assert "La personne ne l’a pas encore approuvé" in page
    assert "Donner un code de partage" not in page
    assert browser.post(f"{version}accord/", approval()).status_code == 302
    page = text_of(browser.get(version))
    assert "Approuvé par la personne le" in page
    assert "Donner un code de partage" in page
    assert "Version 1 , remise le" in text_of(browser.get(address))
    (stored,) = rows_of(adviser, SynthesisDocument)
    assert stored.approval_noted_by_id == adviser.pk


def test_a_version_stays_as_it_was_when_the_journey_goes_on(browser, adviser, address):
    browser.post(f"{address}etape/", step())
    version = handed_over(browser, address)
    browser.get(version)  # where messages are said
    before = text_of(browser.get(version))
    (line,) = rows_of(adviser, Step)
    done = step(done_on=periods.today().isoformat(), result="Reçu")
    assert browser.post(f"/etapes/{line.public_id}/", done).status_code == 302
    assert "Reçu" in text_of(browser.get(address))
    assert text_of(browser.get(version)) == before


def test_without_the_tick_nothing_is_approved_and_all_is_kept(browser, adviser, address):
    version = handed_over(browser, address)
    refused = browser.post(f"{version}accord/", approval(is_approved="", channel="TEL"))
    assert any("une fois que la personne a relu" in one for one in said(refused))
    assert re.search(r'value="TEL"\s+selected', refused.content.decode())
    assert not rows_of(adviser, SynthesisDocument)[0].is_approved
    assert browser.post(f"{version}partage/").status_code == 302  # refused in a message
    assert "Notez d’abord son accord" in browser.get(version).content.decode()
    assert browser.post(f"{version}accord/", approval()).status_code == 302


def test_a_step_that_is_wrong_says_why_and_keeps_what_was_typed(browser, adviser, address):
    for wrong, words in (
        ({"what": ""}, "Dites ce qui est à faire"),
        ({"actor": " "}, "Dites qui s’en charge"),
        ({"result": "Reçu"}, "donnez sa date"),
        ({"done_on": "2050-01-01"}, "une date à venir"),
        ({"right": "CIF"}, "n’est pas dans la liste"),  # ended in 2019
        ({"what": "Appeler le 2 85 03 13 055 123 61"}, "numéro de sécurité sociale"),
    ):
        refused = browser.post(f"{address}etape/", step(**{"actor": "la conseillère"} | wrong))
        assert any(words in one for one in said(refused)), (words, said(refused))
        assert "la conseillère" in refused.content.decode() or "actor" in wrong
    assert rows_of(adviser, Step) == []
    was_there = step(right="CIF", done_on="2016-03-01", due_on="")
    for right in (step(), was_there):
        assert browser.post(f"{address}etape/", right).status_code == 302
    page = text_of(browser.get(address))
    assert "Validation des acquis de l’expérience · la personne" in page
    assert "Congé individuel de formation · 1er mars 2016" in page


def test_a_closed_journey_refuses_a_step_and_hands_its_document_over(
    browser, adviser, journey, address
):
    browser.post(f"{address}etape/", step())
    closing = {
        "closed_on": periods.today().isoformat(),
        "outcome": "I01",
        "exit_situation": "CDI",
        "may_be_asked": "no",
    }
    assert browser.post(f"/parcours/{journey.public_id}/cloture/", closing).status_code == 302
    page = text_of(browser.get(address))
    assert "Ajouter une étape" not in page
    assert "Changer" not in page
    refused = browser.post(f"{address}etape/", step(what="Appeler le Greta"))
    assert "Ce parcours est clos" in text_of(refused)
    assert "Appeler le Greta" in refused.content.decode()
    version = browser.post(f"{address}remise/", {"key": "no key"})["Location"]
    assert "clos le" in text_of(browser.get(version))
    assert len(rows_of(adviser, Step)) == 1


def test_a_platform_without_the_commune_says_what_to_do(logged_in, annex):
    adviser = annex.platform
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
    browser = logged_in(adviser)
    address = f"/parcours/{journey.public_id}/document/"
    assert handed_over(browser, address) == address
    assert "indiquez la commune de résidence" in text_of(browser.get(address))
    with scope_of(adviser, read_only=False):
        type(journey.beneficiary).objects.update(commune="75056")
    assert handed_over(browser, address) != address


def test_two_advisers_change_one_step(browser, adviser, address):
    browser.post(f"{address}etape/", step())
    (line,) = rows_of(adviser, Step)
    form = f"/etapes/{line.public_id}/"
    (seen,) = re.findall(r'name="seen_at" value="([^"]*)"', browser.get(form).content.decode())
    browser.post(form, step(what="Appeler le Greta", seen_at=seen))
    page = browser.post(form, step(what="Écrire au Greta", seen_at=seen))
    assert "Une autre personne a changé cette étape" in text_of(page)
    assert "Appeler le Greta (la personne), prévue le 1er mars 2030" in text_of(page)
    assert "Écrire au Greta" in page.content.decode()
    (seen,) = re.findall(r'name="seen_at" value="([^"]*)"', page.content.decode())
    assert browser.post(form, step(what="Écrire au Greta", seen_at=seen)).status_code == 302
    assert browser.post(f"{form}retrait/").status_code == 302
    assert "Écrire au Greta" not in text_of(browser.get(address))


def test_opened_by_its_code_it_fills_the_first_session(
    browser, elsewhere, world, adviser, journey, address
):
    """Another Region, one code, no field typed but the service of the day."""
    browser.post(f"{address}etape/", step())
    version, code = shared(browser, address)
    assert elsewhere.get(version).status_code == 404
    assert elsewhere.post(OPEN, {"code": code.lower()})["Location"] == version
    page = elsewhere.get(version)
    assert "Mission locale de Marseille l’a remis à KANARIVOGEL Inès le" in text_of(page)
    assert "Demander un devis au Greta" in text_of(page)
    assert "Révoquer" not in text_of(page)
    assert code not in page.content.decode()
    (link,) = re.findall(rf'href="({NEW}\?document=[^"]*)"', page.content.decode())
    form = elsewhere.get(link)
    assert "Rien n’est à ressaisir" in text_of(form)
    values = sent_as_it_came(form)
    assert values["last_name"] == ["Kanarivogel"]
    assert values["phone"] == ["06 12 34 56 78"]
    assert values["main_reason"] == ["M05"]
    stored = elsewhere.post(NEW, values | {"main_service": "S12"})
    assert stored.status_code == 302, said(stored)
    paris = world["adviser paris"]
    (here,) = rows_of(paris, Journey)
    assert here.thread_number == journey.thread_number
    assert [line.what for line in rows_of(paris, Step)][-1] == "Demander un devis au Greta"
    assert "4 000,00 €" in text_of(
        elsewhere.get(f"/parcours/{here.public_id}/plan-de-financement/")
    )
    again = text_of(elsewhere.get(version))
    assert "Voir le parcours" in again
    assert "Reprendre dans un parcours" not in again
    assert "par Mission locale de Paris" in text_of(browser.get(version))


def test_what_was_typed_of_a_refused_session_keeps_its_document(browser, elsewhere, address):
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    values = sent_as_it_came(elsewhere.get(f"{NEW}?document={version.split('/')[2]}"))
    refused = elsewhere.post(NEW, values)  # no service
    assert any("Choisissez le service" in one for one in said(refused))
    assert sent_as_it_came(refused)["document"] == values["document"]


def test_who_resembles_her_may_be_her(browser, elsewhere, world, address):
    """Known here before she came: the adviser goes on with the person that the structure knows."""
    paris = world["adviser paris"]
    with scope_of(paris, read_only=False):
        known = factories.beneficiary(paris, last_name="Kanarivogel", first_name="Inès")
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    document = version.split("/")[2]
    form = elsewhere.get(f"{NEW}?document={document}")
    asked = {"last_name": "Kanarivogel", "first_name": "Inès", "document": document}
    alike = elsewhere.get(f"{NEW}ressemblances/", asked).content.decode()
    assert f"?person={known.public_id}&amp;document={document}" in alike
    refused = elsewhere.post(NEW, sent_as_it_came(form) | {"main_service": "S07"})
    assert any("ressemble" in one for one in said(refused))
    form = elsewhere.get(f"{NEW}?person={known.public_id}&document={document}")
    stored = elsewhere.post(NEW, sent_as_it_came(form) | {"main_service": "S07"})
    assert stored.status_code == 302, said(stored)
    (here,) = rows_of(paris, Journey)
    assert here.beneficiary_id == known.pk
    assert rows_of(paris, Step)


def test_revoked_it_is_as_if_it_had_never_been(browser, elsewhere, adviser, address):
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    files = (version, f"{version}document.pdf", f"{version}document.json")
    assert [elsewhere.get(one).status_code for one in files] == [200, 200, 200]
    (given,) = rows_of(adviser, ShareCode)
    revocation = f"/codes-de-partage/{given.public_id}/revocation/"
    assert elsewhere.post(revocation).status_code == 404
    assert browser.post(revocation).status_code == 302
    assert "révoqué le" in text_of(browser.get(version))
    assert [elsewhere.get(one).status_code for one in files] == [404, 404, 404]
    document = version.split("/")[2]
    assert elsewhere.get(f"{NEW}?document={document}").status_code == 404
    refused = elsewhere.post(OPEN, {"code": code})
    unknown = elsewhere.post(OPEN, {"code": "0000 0000 0000 0000 0000"})
    assert said(refused) == said(unknown)
    assert "n’ouvre aucun document" in said(refused)[0]
    assert code in refused.content.decode()  # what was typed stays


def test_revoked_while_the_session_is_typed_nothing_typed_is_lost(
    browser, elsewhere, world, adviser, address
):
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    values = sent_as_it_came(elsewhere.get(f"{NEW}?document={version.split('/')[2]}"))
    values |= {"main_service": "S07", "note": "Vise la cuisine."}
    kept = elsewhere.post(f"{NEW}brouillon/", values)
    assert kept.status_code == 200
    (given,) = rows_of(adviser, ShareCode)
    browser.post(f"/codes-de-partage/{given.public_id}/revocation/")
    draft = elsewhere.get(f"{NEW}?brouillon={values['key'][0]}")
    assert "La personne ne partage plus ce document" in text_of(draft)
    refused = elsewhere.post(NEW, values)
    assert "La personne ne partage plus ce document" in text_of(refused)
    again = sent_as_it_came(refused)
    assert "document" not in again
    assert "Vise la cuisine." in text_of(refused)
    assert elsewhere.post(NEW, again | {"main_service": "S07"}).status_code == 302
    paris = world["adviser paris"]
    assert len(rows_of(paris, Journey)) == 1
    assert rows_of(paris, Step) == []


def test_a_code_that_cannot_be_one_is_seen(elsewhere):
    refused = elsewhere.post(OPEN, {"code": "ABCD EFGH"})
    assert any("mal recopié" in one for one in said(refused))
    assert any("Recopiez le code" in one for one in said(elsewhere.post(OPEN, {"code": ""})))


def test_the_code_is_shown_once(browser, address):
    version, code = shared(browser, address)
    assert code.split()[0] not in text_of(browser.get(version))
    assert "pas encore ouvert" in text_of(browser.get(version))


def test_nobody_else_has_a_page_or_a_file(browser, logged_in, world, address):
    version = handed_over(browser, address)
    asked = (address, version, f"{version}document.pdf", f"{version}document.json")
    assert [browser.get(one).status_code for one in asked] == [200] * 4
    for stranger in ("adviser aix", "adviser paris", "regional_coordinator 93", "dgefp_officer"):
        found = {logged_in(world[stranger]).get(one).status_code for one in asked}
        assert found == {404}, stranger


def plan_of(member, journey) -> tuple[list, list]:
    with scope_of(member, read_only=True):
        plan = queries.financing_plan(journey)
        if plan is None:
            return [], []
        costs, fundings = queries.plan_costs(plan), queries.plan_fundings(plan)
        return [c.amount for c in costs], [f.right_id for f in fundings]


@pytest.fixture
def followed(world):
    """Her journey of level 2 in Paris, open already, under no thread of Marseille's."""
    paris = world["adviser paris"]
    with scope_of(paris, read_only=False):
        person = factories.beneficiary(paris, last_name="KANARI-VOGEL", first_name="Ines")
        return factories.journey(paris, of=person)


def test_an_open_journey_takes_it_up_line_by_line(
    browser, elsewhere, world, adviser, journey, address, followed
):
    """Steps at once, the plan when the journey reaches level 3, nothing twice."""
    paris = world["adviser paris"]
    browser.post(f"{address}etape/", step())
    version, code = shared(browser, address)
    asked = f"?journey={followed.public_id}"
    on_file = elsewhere.get(f"/parcours/{followed.public_id}/document/")
    assert f"{OPEN}{asked}" in on_file.content.decode()
    assert elsewhere.post(f"{OPEN}{asked}", {"code": code})["Location"] == f"{version}{asked}"
    page = elsewhere.get(f"{version}{asked}")
    assert "Reprendre dans ce parcours" in text_of(page)

    def take_up():
        sent = {"journey": str(followed.public_id)}
        return text_of(elsewhere.post(f"{version}reprise/", sent, follow=True))

    steps = len(queries.read_back(rows_of(adviser, SynthesisDocument)[0].content)["steps"])
    assert f"lignes du plan ajoutées : {steps}." in take_up()
    assert "Demander un devis au Greta" in [line.what for line in rows_of(paris, Step)]
    assert plan_of(paris, followed) == ([], [])
    assert "Rien de nouveau" in take_up()
    assert len(rows_of(paris, Step)) == steps
    with scope_of(paris, read_only=False):
        factories.session(paris, followed, held_on=periods.today(), level="N3", service="S12")
    assert "lignes du plan ajoutées : 1." in take_up()
    assert plan_of(paris, followed) == ([4000], []) == plan_of(adviser, journey)
    assert "Rien de nouveau" in take_up()


def test_a_revoked_or_foreign_document_is_taken_up_by_nobody(
    browser, elsewhere, logged_in, world, address, followed
):
    version, code = shared(browser, address)
    sent = {"journey": str(followed.public_id)}
    take_up = f"{version}reprise/"
    assert elsewhere.post(take_up, sent).status_code == 404
    elsewhere.post(OPEN, {"code": code})
    # Neither in a journey of others, nor in none.
    for journey in (rows_of(world["adviser marseille"], Journey)[0].public_id, "", uuid.uuid4()):
        assert elsewhere.post(take_up, {"journey": str(journey)}).status_code == 404
    assert logged_in(world["adviser aix"]).post(take_up, sent).status_code == 404
    with scope_of(world["adviser marseille"], read_only=False):
        marseille = world["adviser marseille"]
        actions.revoke_share_code(
            by=marseille.user, membership=marseille, code=ShareCode.objects.get()
        )
    assert elsewhere.post(take_up, sent).status_code == 404
    assert rows_of(world["adviser paris"], Step) == []


def test_the_journey_of_somebody_else_takes_nothing_up(browser, elsewhere, world, address):
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    paris = world["adviser paris"]
    with scope_of(paris, read_only=False):
        person = factories.beneficiary(paris, last_name="Gaillard", first_name="Gérald")
        other = factories.journey(paris, of=person)
    asked = {"journey": str(other.public_id)}
    page = text_of(elsewhere.get(version, asked))
    assert "Il n’est pas au nom de GAILLARD Gérald" in page
    assert "Reprendre dans ce parcours" not in page
    refused = text_of(elsewhere.post(f"{version}reprise/", asked, follow=True))
    assert "pas au nom de la personne" in refused
    assert rows_of(paris, Step) == []


def test_a_closed_journey_takes_nothing_up(browser, elsewhere, world, address, followed):
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    paris = world["adviser paris"]
    with scope_of(paris, read_only=False):
        closing = Closing(closed_on=periods.today(), outcome="I01", exit_situation="CDI")
        actions.close_journey(by=paris.user, membership=paris, journey=followed, closing=closing)
    asked = {"journey": str(followed.public_id)}
    assert "Reprendre dans ce parcours" not in text_of(elsewhere.get(version, asked))
    refused = text_of(elsewhere.post(f"{version}reprise/", asked, follow=True))
    assert "clos" in refused
    assert rows_of(paris, Step) == []


def test_an_own_document_is_not_taken_up(browser, address):
    version, _ = shared(browser, address)
    assert browser.get(f"{NEW}?document={version.split('/')[2]}").status_code == 404
    assert browser.get(version).status_code == 200


def test_its_files_are_those_of_the_version(browser, address):
    version, _ = shared(browser, address)
    file = browser.get(f"{version}document.json")
    assert file["Content-Disposition"] == 'attachment; filename="document-de-synthese-1.json"'
    found = json.loads(file.content)
    assert found["person"]["last_name"] == "Kanarivogel"
    assert found["approved_on"] == periods.today().isoformat()
    paper = browser.get(f"{version}document.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")


def test_reading_leaves_its_trace(browser, elsewhere, world, address):
    version, code = shared(browser, address)
    elsewhere.post(OPEN, {"code": code})
    elsewhere.get(version)
    elsewhere.get(f"{version}document.pdf")
    with tenancy.scope(regions=["11"], read_only=True):
        read = AccessEvent.objects.filter(
            by=world["adviser paris"].user_id, page="nominal:document"
        )
        assert {row.object_id for row in read} == {version.split("/")[2]}
        assert read.count() == 2
