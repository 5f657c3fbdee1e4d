"""A person reads her own journey: a code, digits sent to her, and nothing of anybody else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from axes.models import AccessAttempt
from django.core import mail, signing
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError

from beneficiaries import actions, tasks
from beneficiaries.contact_codes import access_fingerprint, groups_of, new_code
from beneficiaries.models import (
    Beneficiary,
    PersonAccess,
    Referral,
    ReferralLink,
    ReferralPerson,
    ShareCode,
    SynthesisDocument,
)
from operators.models import Capacity, Premises
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods, sms
from sprocep.errors import ActionRefused
from sprocep.templatetags.french import day
from sprocep.tenancy import NATION, presenting, scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ENTER, DIGITS, READ = "/mon-parcours/", "/mon-parcours/chiffres/", "/mon-parcours/lire/"
EMAIL = "ines@exemple.fr"


@pytest.fixture(autouse=True)
def worker(monkeypatch) -> None:
    """The task runs where it is rung."""
    monkeypatch.setattr(tasks.send_factor, "delay", tasks.send_factor)


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def journey(adviser):
    return journey_of(adviser, "Kanarivogel", email=EMAIL)


def journey_of(adviser, last_name: str, **values):
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name=last_name, **values)
        return factories.journey(adviser, of=person)


def version_of(adviser, journey, **values) -> SynthesisDocument:
    with scope_of(adviser, read_only=False):
        return factories.synthesis_document(adviser, journey, **values)


def fiche_of(adviser, other, journey) -> Referral:
    with scope_of(adviser, read_only=False):
        return factories.referral(adviser, other, journey=journey)


def text_of(page) -> str:
    words = re.sub(r"<[^>]+>", " ", page.content.decode())
    return " ".join(unescape(words).split())


def code_on(page) -> str:
    assert page.status_code == 201
    (groups,) = re.findall(r'<p class="slip__code[^>]*>(.*?)</p>', page.content.decode(), re.DOTALL)
    return " ".join(re.findall(r"<span>(\w{4})</span>", groups))


def given(browser, journey) -> str:
    return code_on(browser.post(f"/parcours/{journey.public_id}/acces/"))


def digits_sent() -> str:
    return re.search(r"^\d{6}$", mail.outbox[-1].body, re.MULTILINE)[0]


def asked(code: str) -> Client:
    """A browser in which this code was typed."""
    client = Client()
    assert client.post(ENTER, {"code": code})["Location"] == DIGITS
    return client


def entered(code: str) -> Client:
    client = asked(code)
    assert client.post(DIGITS, {"digits": digits_sent()})["Location"] == READ
    return client


@pytest.fixture
def person(browser, journey) -> Client:
    return entered(given(browser, journey))


def traces(adviser) -> list[AuditEvent]:
    with scope_of(adviser, read_only=True):
        return list(AuditEvent.objects.filter(by__isnull=True).order_by("pk"))


# ── Given ────────────────────────────────────────────────────────────────────────────────────


def test_the_code_is_shown_once(browser, journey):
    address = f"/parcours/{journey.public_id}/"
    assert "Donner un accès à la personne" in text_of(browser.get(address))
    code = given(browser, journey)
    page = text_of(browser.get(address))
    assert code not in page
    assert "Retirer l’accès" in page


def test_without_an_address_it_is_refused_and_the_page_says_what_to_do(browser, adviser):
    silent = journey_of(adviser, "Muet")
    address = f"/parcours/{silent.public_id}/"
    assert "ajoutez une adresse électronique à sa fiche" in text_of(browser.get(address))
    answer = browser.post(f"{address}acces/", follow=True)
    assert "ajoutez une adresse électronique par" in text_of(answer)
    with scope_of(adviser, read_only=True):
        assert not PersonAccess.objects.exists()


def test_without_an_address_digits_go_to_her_mobile(browser, adviser, settings):
    """Where the installation has a gateway, and her number is a mobile."""
    journey = journey_of(adviser, "Kanarivogel", phone="06 12 34 56 78")
    address = f"/parcours/{journey.public_id}/"
    assert "Montrer le code" not in text_of(browser.get(address))
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    sms.outbox.clear()
    code = given(browser, journey)
    client = asked(code)
    ((number, text),) = sms.outbox
    assert (number, mail.outbox) == ("+33612345678", [])
    assert "Kanarivogel" not in text
    assert "Marseille" not in text
    digits = re.match(r"(\d{6}) : ", text)[1]
    assert client.post(DIGITS, {"digits": digits})["Location"] == READ
    assert "par SMS" in text_of(Client().get(ENTER))
    at_home = journey_of(adviser, "Fixe", phone="04 91 00 00 00")
    page = text_of(browser.get(f"/parcours/{at_home.public_id}/"))
    assert "ou un numéro de téléphone mobile à sa fiche" in page
    assert "Montrer le code" not in page


def test_a_message_that_does_not_leave_leaves_nothing(browser, adviser, settings, monkeypatch):
    journey = journey_of(adviser, "Kanarivogel", phone="06 12 34 56 78")
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    code = given(browser, journey)
    monkeypatch.setattr(sms, "in_memory", refuse)
    with pytest.raises(OSError, match="gateway"), transaction.atomic():
        actions.send_factor(fingerprint=access_fingerprint(code.replace(" ", "")))
    with scope_of(adviser, read_only=True):
        assert PersonAccess.objects.get().factor is None


def refuse(number: str, text: str) -> None:
    raise OSError("gateway")


def test_another_structure_gives_no_access(logged_in, world, browser, journey):
    for other in ("adviser aix", "adviser paris"):
        answer = logged_in(world[other]).post(f"/parcours/{journey.public_id}/acces/")
        assert answer.status_code == 404
        with scope_of(world[other], read_only=False), pytest.raises(ActionRefused):
            actions.give_access(
                by=world[other].user, membership=world[other], journey=journey, code=new_code()
            )
    given(browser, journey)


def test_a_new_code_ends_the_former_one(browser, journey):
    former = given(browser, journey)
    reading = entered(former)
    assert reading.get(READ).status_code == 200
    code = given(browser, journey)
    assert reading.get(READ)["Location"] == ENTER
    mail.outbox.clear()
    asked(former)
    assert mail.outbox == []
    assert entered(code).get(READ).status_code == 200


def test_ended_it_stops_at_once_and_for_good(browser, adviser, journey, person):
    assert person.get(READ).status_code == 200
    ended = f"/parcours/{journey.public_id}/acces/retrait/"
    assert "Accès retiré" in text_of(browser.post(ended, follow=True))
    answer = person.get(READ, follow=True)
    assert "Votre visite est finie" in text_of(answer)
    with (
        scope_of(adviser, read_only=False),
        pytest.raises(IntegrityError, match="an access that is over"),
        transaction.atomic(),
    ):
        PersonAccess.objects.update(ended_at=None, ended_by=None)


# ── Entered ──────────────────────────────────────────────────────────────────────────────────


def test_the_digits_go_to_the_address_of_her_file_without_a_name(browser, journey):
    code = given(browser, journey)
    asked(code)
    (letter,) = mail.outbox
    assert letter.to == [EMAIL]
    words = letter.subject + letter.body
    assert "Kanarivogel" not in words
    assert code.replace(" ", "") not in words
    assert re.findall(r"\d+", words) == [digits_sent()]


def test_they_open_once(browser, journey):
    code = given(browser, journey)
    first, second = asked(code), asked(code)
    assert len(mail.outbox) == 1, "none leaves as long as the first ones wait"
    assert first.post(DIGITS, {"digits": digits_sent()})["Location"] == READ
    answer = second.post(DIGITS, {"digits": digits_sent()})
    assert "n’ouvrent rien" in text_of(answer)
    assert second.get(READ)["Location"] == ENTER
    assert first.get(READ).status_code == 200


def test_after_ten_minutes_they_open_nothing(browser, adviser, journey):
    code = given(browser, journey)
    late = asked(code)
    with scope_of(adviser, read_only=False):
        PersonAccess.objects.update(factor_sent_at=timezone.now() - timedelta(minutes=11))
    assert "n’ouvrent rien" in text_of(late.post(DIGITS, {"digits": digits_sent()}))
    assert entered(code).get(READ).status_code == 200


def test_five_tries_then_the_right_digits_are_refused_from_anywhere(browser, journey):
    code = given(browser, journey)
    asked(code)
    right = digits_sent()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for rank in range(5):
        client = Client(REMOTE_ADDR=f"192.0.2.{rank}")
        client.post(ENTER, {"code": code})
        assert "n’ouvrent rien" in text_of(client.post(DIGITS, {"digits": wrong}))
    client = asked(code)
    assert "n’ouvrent rien" in text_of(client.post(DIGITS, {"digits": right}))


def test_tries_are_throttled_as_those_of_a_login(browser, adviser, journey):
    code = given(browser, journey)
    client = asked(code)
    answers = [client.post(DIGITS, {"digits": "000000"}).status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 429, 429]
    attempt = AccessAttempt.objects.get()
    assert "000000" not in attempt.post_data
    assert access_fingerprint(code.replace(" ", "")).hex() not in attempt.username
    with scope_of(adviser, read_only=False):
        PersonAccess.objects.update(factor=None, factor_sent_at=None)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert entered(code).get(READ).status_code == 200
    assert not AccessAttempt.objects.exists()


def test_nothing_leaves_for_a_file_that_lost_its_address(browser, adviser, journey):
    code = given(browser, journey)
    of_journey = Beneficiary.objects.filter(pk=journey.beneficiary_id)
    with scope_of(adviser, read_only=False):
        of_journey.update(email="")
    asked(code)
    assert mail.outbox == []
    with scope_of(adviser, read_only=False):
        of_journey.update(email=EMAIL)
    assert entered(code).get(READ).status_code == 200


def test_a_letter_that_does_not_leave_may_be_tried_again(browser, journey, monkeypatch):
    fingerprint = access_fingerprint(given(browser, journey).replace(" ", ""))
    with monkeypatch.context() as broken:
        broken.setattr(mail.backends.locmem.EmailBackend, "send_messages", no_server)
        with pytest.raises(ConnectionError):
            actions.send_factor(fingerprint=fingerprint)
    assert mail.outbox == []
    actions.send_factor(fingerprint=fingerprint)
    assert digits_sent()


def no_server(*_) -> None:
    raise ConnectionError


def test_without_a_worker_the_page_says_to_come_back(browser, journey, monkeypatch):
    code = given(browser, journey)
    with monkeypatch.context() as broken:
        broken.setattr(tasks.send_factor, "delay", no_worker)
        answer = Client().post(ENTER, {"code": code})
    assert answer.status_code == 503
    assert "Aucun message ne peut partir" in text_of(answer)
    assert entered(code).get(READ).status_code == 200


def no_worker(_: str) -> None:
    raise OperationalError


def test_an_unknown_code_gets_the_same_pages_after_the_same_statements(browser, journey):
    known, unknown = given(browser, journey), " ".join(groups_of(new_code()))
    told = []
    for code in (known, unknown):
        client = Client()
        with CaptureQueriesContext(connection) as queries:
            tasks.send_factor.delay = lambda _: None
            first = client.post(ENTER, {"code": code})
            page = client.get(DIGITS)
            answer = client.post(DIGITS, {"digits": "000000"})
        told.append(
            (
                first.status_code,
                first["Location"],
                text_of(page),
                text_of(answer),
                [re.sub(r"'[^']*'|\\?\d+", "x", query["sql"]) for query in queries],
            )
        )
    assert told[0] == told[1]


def test_a_code_that_is_misread_is_said_and_kept(browser, journey):
    client = Client()
    page = client.post(ENTER, {"code": "0000 0000 0000 0000 0001"})
    assert "mal recopié" in text_of(page)
    assert "0000 0000 0000 0000 0001" in page.content.decode()
    assert client.get(DIGITS)["Location"] == ENTER
    code = given(browser, journey)
    assert "six chiffres" in text_of(asked(code).post(DIGITS, {"digits": "12"}))


def test_the_cookie_says_nothing_else_and_is_not_a_login(person, settings):
    cookie = person.cookies[settings.PERSON_COOKIE_NAME]
    assert (cookie["httponly"], cookie["max-age"], cookie["path"]) == (True, 1800, "/")
    assert settings.SESSION_COOKIE_NAME not in person.cookies
    assert person.get("/parcours/")["Location"].startswith("/connexion/")


def test_a_cookie_of_a_code_typed_or_forged_opens_nothing(browser, journey, settings):
    code = given(browser, journey)
    client = asked(code)
    assert client.get(READ)["Location"] == ENTER
    shown = access_fingerprint(code.replace(" ", "")).hex()
    client.cookies[settings.PERSON_COOKIE_NAME] = signing.Signer(key="another").sign(shown)
    assert client.get(READ)["Location"] == ENTER
    assert entered(code).get(READ).status_code == 200


def test_half_an_hour_later_it_is_over(person, monkeypatch):
    assert person.get(READ).status_code == 200
    monkeypatch.setattr("beneficiaries.views.own.SECONDS", {"typed": 0, "entered": 0})
    assert person.get(READ)["Location"] == ENTER


def test_she_leaves(person):
    assert person.get(READ).status_code == 200
    assert "Vous avez quitté" in text_of(person.post("/mon-parcours/sortie/", follow=True))
    assert person.get(READ)["Location"] == ENTER


def test_who_is_logged_in_is_sent_home(browser, person):
    assert browser.get(ENTER)["Location"] == "/"
    assert browser.get(READ)["Location"] == "/"
    assert person.get(READ).status_code == 200


# ── What she reads and does ──────────────────────────────────────────────────────────────────


def test_she_reads_what_was_done_and_is_to_do(adviser, journey, person):
    with scope_of(adviser, read_only=False):
        factories.step(adviser, journey, what="Demander un devis", actor="la personne")
    page = person.get(READ)
    words = text_of(page)
    assert "Demander un devis la personne" in words
    assert "Entretien de niveau" in words
    assert "KANARIVOGEL" in words.upper()
    assert page["Cache-Control"] == "no-store"


def test_she_reads_who_opened_her_file_and_of_nobody_else(
    logged_in, monkeypatch, world, adviser, person, journey
):
    """Each page of her alone, once a day and a name; nobody who opened another's, or a list."""
    stranger = journey_of(adviser, "Autrui")
    colleague, desk = world["structure_manager marseille"], world["level1_receptionist marseille"]
    today = f"le {day(periods.today())}"

    def opened() -> str:
        words = text_of(person.get(READ))
        return re.search(r"Qui a ouvert votre dossier (.*) Ce sont", words)[1]

    assert opened() == f"{adviser.name} {today}"  # who gave her the code
    logged_in(colleague).get(f"/beneficiaires/{journey.beneficiary.public_id}/")
    logged_in(adviser).get(f"/parcours/{journey.public_id}/")
    logged_in(desk).get(f"/parcours/{stranger.public_id}/")
    logged_in(desk).get("/parcours/")
    both = sorted((adviser, colleague), key=lambda member: member.user_id)
    assert opened() == " ".join(f"{member.name} {today}" for member in both)

    with scope_of(adviser, read_only=False):
        level_3 = {"level": "N3", "service": "S12"}
        session = factories.session(adviser, journey, held_on=periods.today(), **level_3)
        paper = factories.plan_paper(factories.financing_plan(adviser, journey))
    pages = (
        f"/entretiens/{session.public_id}/",
        f"/pieces/{paper.public_id}/",
        f"/documents/{version_of(adviser, journey).public_id}/",
        f"/fiches/{fiche_of(adviser, world['adviser aix'], journey).public_id}/",
    )
    for days, page in enumerate(pages, start=1):
        later = timezone.now() + timedelta(days=1)
        monkeypatch.setattr(timezone, "now", lambda later=later: later)
        assert logged_in(adviser).get(page).status_code == 200
        assert opened().startswith(f"{adviser.name} le {day(later)}"), page
        assert opened().count(adviser.name) == 1 + days


def test_she_approves_a_version_and_it_says_that_she_did(adviser, journey, person):
    found = version_of(adviser, journey, is_approved=False)
    address = f"/mon-parcours/versions/{found.public_id}/"
    assert "J’ai relu et j’approuve" in text_of(person.get(address))
    page = text_of(person.post(f"{address}accord/", follow=True))
    assert "Vous l’avez approuvé le" in page
    assert "service en ligne autonome" in page
    with scope_of(adviser, read_only=True):
        found.refresh_from_db()
    assert (found.approved_on, found.channel_id) == (periods.today(), "NUM")
    assert found.approval_noted_by is None
    assert [trace.action for trace in traces(adviser)] == ["enter_journey", "approve_own_document"]
    again = text_of(person.post(f"{address}accord/", follow=True))
    assert "a approuvé cette version" in again


def test_she_takes_its_files(adviser, journey, person):
    found = version_of(adviser, journey)
    address = f"/mon-parcours/versions/{found.public_id}/"
    assert person.get(f"{address}document.pdf").content.startswith(b"%PDF")
    assert person.get(f"{address}document.json").json()["person"]["last_name"] == "Kanarivogel"


def test_she_makes_a_code_sees_who_opened_it_and_revokes_it(adviser, world, journey, person):
    other = world["adviser paris"]
    found = version_of(adviser, journey)
    address = f"/mon-parcours/versions/{found.public_id}/"
    code = code_on(person.post(f"{address}partage/"))
    assert code not in text_of(person.get(address))
    with scope_of(other, read_only=False):
        actions.open_shared_document(by=other.user, membership=other, code=code.replace(" ", ""))
    assert "Mission locale de Paris version 1, ouverte le" in text_of(person.get(READ))
    with scope_of(adviser, read_only=True):
        (share,) = ShareCode.objects.all()
    assert share.made_by is None
    page = person.post(f"/mon-parcours/codes/{share.public_id}/revocation/", follow=True)
    assert "n’ouvre plus rien" in text_of(page)
    with scope_of(other, read_only=True):
        assert not SynthesisDocument.objects.exists()
    assert "ne peut plus la lire" in text_of(person.get(READ))
    assert [trace.action for trace in traces(adviser)][1:] == [
        "share_own_document",
        "revoke_own_code",
    ]


def test_what_she_has_not_approved_is_not_shared(adviser, journey, person):
    found = version_of(adviser, journey, is_approved=False)
    address = f"/mon-parcours/versions/{found.public_id}/"
    page = text_of(person.post(f"{address}partage/", follow=True))
    assert "une fois que la personne l’a approuvé" in page
    person.post(f"{address}accord/")
    code_on(person.post(f"{address}partage/"))


def test_she_takes_her_consent_back(adviser, world, journey, person):
    sent = fiche_of(adviser, world["adviser aix"], journey)
    assert "À Mission locale du pays d'Aix" in text_of(person.get(READ))
    address = f"/mon-parcours/fiches/{sent.public_id}/retrait/"
    page = text_of(person.post(address, follow=True))
    assert "la fiche ne dit plus rien de vous" in page
    assert "Reprendre mon accord" not in page
    with scope_of(world["adviser aix"], read_only=True):
        assert not ReferralPerson.objects.filter(referral=sent).exists()
        assert Referral.objects.get().state == "withdrawn"
    assert traces(adviser)[-1].action == "withdraw_own_consent"


def test_who_has_no_account_is_told_by_letter(adviser, world, annex, journey, person):
    silent = annex.silent
    with scope(regions=["93"]):
        Capacity.objects.create(structure=silent.structure, region_id="93", address="a@b.example")
    to = SimpleNamespace(site=silent, structure_id=silent.structure_id)
    sent = fiche_of(adviser, to, journey)
    for _ in range(2):
        person.post(f"/mon-parcours/fiches/{sent.public_id}/retrait/")
    with scope(regions=[NATION], read_only=True):
        assert ReferralLink.objects.get().referral_id == sent.pk


def test_twice_changes_nothing(browser, adviser, world, journey, person):
    with scope_of(adviser, read_only=False):
        share = factories.share_code(adviser, factories.synthesis_document(adviser, journey))
    fiche = fiche_of(adviser, world["adviser aix"], journey)
    for _ in range(2):
        person.post(f"/mon-parcours/codes/{share.public_id}/revocation/")
        person.post(f"/mon-parcours/fiches/{fiche.public_id}/retrait/")
    for _ in range(2):
        browser.post(f"/parcours/{journey.public_id}/acces/retrait/")
    assert [trace.action for trace in traces(adviser)] == [
        "enter_journey",
        "revoke_own_code",
        "withdraw_own_consent",
    ]
    with scope_of(adviser, read_only=True):
        acts = AuditEvent.objects.filter(by=adviser.user).order_by("pk")
        assert list(acts.values_list("action", flat=True)) == ["give_access", "end_access"]


def test_the_auditor_reads_that_the_person_did_it(logged_in, world, adviser, journey, person):
    found = version_of(adviser, journey, is_approved=False)
    person.post(f"/mon-parcours/versions/{found.public_id}/accord/")
    page = text_of(logged_in(world["auditor"]).get("/traces/"))
    assert "la personne document de synthèse approuvé par la personne, par son accès" in page


# ── Nobody else's ────────────────────────────────────────────────────────────────────────────


def test_nothing_of_another_journey_of_the_same_structure(adviser, world, journey, person):
    stranger = journey_of(adviser, "Autrui")
    for whose, status in ((stranger, 404), (journey, 200)):
        found = version_of(adviser, whose)
        address = f"/mon-parcours/versions/{found.public_id}/"
        for name in ("", "document.pdf", "document.json"):
            assert person.get(f"{address}{name}").status_code == status
        with scope_of(adviser, read_only=False):
            share = factories.share_code(adviser, found)
        fiche = fiche_of(adviser, world["adviser aix"], whose)
        statuses = {
            person.post(address).status_code
            for address in (
                f"{address}accord/",
                f"/mon-parcours/codes/{share.public_id}/revocation/",
                f"/mon-parcours/fiches/{fiche.public_id}/retrait/",
            )
        }
        assert statuses == ({404} if status == 404 else {302})
    assert "AUTRUI" not in text_of(person.get(READ)).upper()


def test_no_action_reaches_another_journey(browser, adviser, journey):
    given(browser, journey)
    found = version_of(adviser, journey_of(adviser, "Autrui"), is_approved=False)
    own = version_of(adviser, journey, is_approved=False)
    with scope(regions=["93"], structures=[adviser.structure_id]):  # of no account
        access = PersonAccess.objects.get()
        with presenting(bytes(access.fingerprint)):
            with pytest.raises(ActionRefused, match="n’est pas de votre parcours"):
                actions.approve_own_document(by=access, document=found)
            assert actions.approve_own_document(by=access, document=own).is_approved


def test_nobody_writes_in_her_name_without_her_code(browser, adviser, journey):
    """Whatever a request of her structure does, PostgreSQL refuses it."""
    given(browser, journey)
    found = version_of(adviser, journey, is_approved=False)
    approved = {"approved_on": periods.today(), "channel_id": "NUM"}
    with scope_of(adviser, read_only=False):
        access = PersonAccess.objects.get()
        rows = SynthesisDocument.objects.filter(pk=found.pk)
        with refused():
            rows.update(**approved)
        with presenting(b"x" * 32), refused():
            rows.update(**approved)
        with presenting(bytes(access.fingerprint)):
            rows.update(**approved)
        share = factories.share_code(adviser, found)
        with refused():
            ShareCode.objects.filter(pk=share.pk).update(revoked_at=timezone.now())
        with refused():
            factories.share_code(None, found)
        with presenting(bytes(access.fingerprint)):
            factories.share_code(None, found)


@contextmanager
def refused() -> Iterator[None]:
    """By PostgreSQL; what came before stays."""
    with pytest.raises(IntegrityError, match="in her name"), transaction.atomic():
        yield


def test_who_shows_a_code_sees_its_row_and_no_other(browser, adviser, journey):
    code = given(browser, journey).replace(" ", "")
    with scope_of(adviser, read_only=False):
        factories.person_access(adviser, journey_of(adviser, "Autrui"))
        assert PersonAccess.objects.count() == 2
    with scope():
        assert not PersonAccess.objects.exists()
        with presenting(access_fingerprint(code)):
            assert PersonAccess.objects.get().journey_id == journey.pk
            assert not SynthesisDocument.objects.exists()
        with presenting(access_fingerprint(new_code())):
            assert not PersonAccess.objects.exists()


def test_she_reads_where_she_is_received_and_that_it_is_free(person, adviser):
    assert "Accueil de Marseille (Marseille)." in text_of(person.get(READ))
    with scope_of(adviser, read_only=False):
        Premises.objects.create(
            region_id="93",
            structure=adviser.site.structure,
            site=adviser.site,
            is_neutral=True,
            is_step_free=True,
            phone="04 91 12 34 56",
            said_on=date(2016, 3, 1),
        )
    page = text_of(person.get(READ))
    assert "04 91 12 34 56" in page
    said = "Lieu neutre, entrée sans marche : dit par la structure le"
    assert said in page
    assert "est gratuit et confidentiel" in page
