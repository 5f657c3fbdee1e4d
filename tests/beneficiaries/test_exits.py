"""Six months after an exit: who is asked, and how she answers, once, and nobody for her."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from beneficiaries import actions
from beneficiaries.entries import ExitAnswer
from beneficiaries.models import ExitLetter, ExitQuestion, Journey
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods, sms
from sprocep.errors import ActionRefused
from sprocep.tenancy import presenting
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
_STATES = ExitQuestion.State
EMAIL = "ines@exemple.fr"
ANSWER = {"situation": "CDI", "project": "yes", "usefulness": "4"}
PHONE = ExitAnswer(situation="CDD", project="partly", channel="TEL")


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


def closed_for(
    adviser, months: int, *, email: str = EMAIL, phone: str = "", level: str = "N2", **values
) -> Journey:
    """A journey closed this many months ago, of a person who agreed to be asked."""
    day = periods.months_after(periods.today(), -months)
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name="Kanarivogel", email=email, phone=phone)
        service = {"N1": "S01", "N2": "S07"}[level]
        journey = factories.journey(
            adviser,
            of=person,
            opened_on=periods.days_after(day, -40),
            level=level,
            service=service,
        )
        close(journey, day, **values)
    return journey


def close(journey: Journey, day: date, **values) -> None:
    closing = {
        "closed_on": day,
        "outcome_id": "I03",
        "exit_situation_id": "DEI",
        "closed_region_id": "93",
        "closed_department_id": "13",
        "may_be_asked": True,
    } | values
    Journey.objects.filter(pk=journey.pk).update(**closing)


def question_of(adviser, journey: Journey) -> ExitQuestion | None:
    with scope_of(adviser, read_only=True):
        return ExitQuestion.objects.filter(journey=journey).first()


def letters_sent() -> list[str]:
    """Texts of what left since the last time."""
    actions.send_exit_letters()
    found = [letter.body for letter in mail.outbox]
    mail.outbox.clear()
    return found


def link_in(text: str) -> str:
    return re.search(r"/six-mois/[^/\s]+/", text)[0]


@pytest.fixture
def asked(adviser) -> tuple[Journey, str]:
    """A journey whose person was written to, and the address that she was sent."""
    journey = closed_for(adviser, 6)
    assert actions.ask_after_exit() == 1
    (text,) = letters_sent()
    return journey, link_in(text)


def opens_nothing(address: str) -> bool:
    page, answer = Client().get(address), Client().post(address, ANSWER)
    text = page.content.decode()
    says = any(word in text for word in ("Marseille", "Kanarivogel", EMAIL, "Qu’êtes-vous"))
    return (page.status_code, answer.status_code, says) == (410, 410, False)


# ── Who is asked ─────────────────────────────────────────────────────────────────────────────


def test_who_agreed_is_asked_once_six_months_after(adviser):
    journey = closed_for(adviser, 6)
    for values in ({"may_be_asked": False}, {"may_be_asked": None}, {"level": "N1"}):
        closed_for(adviser, 6, **values)
    closed_for(adviser, 5)
    closed_for(adviser, 8)
    assert [actions.ask_after_exit(), actions.ask_after_exit()] == [1, 0]
    question = question_of(adviser, journey)
    assert (question.exit_on, question.asked_on) == (
        periods.months_after(periods.today(), -6),
        periods.today(),
    )
    assert question.closes_on == periods.months_after(question.exit_on, 8)
    with scope_of(adviser, read_only=True):
        assert ExitQuestion.objects.count() == 1


def test_the_letter_says_who_asks_and_nothing_of_the_person(adviser):
    closed_for(adviser, 6)
    actions.ask_after_exit()
    actions.send_exit_letters()
    (letter,) = mail.outbox
    assert letter.to == [EMAIL]
    assert "Mission locale de Marseille" in letter.body
    for word in ("kanarivogel", "alix", "1990", "orient"):
        assert word not in f"{letter.subject} {letter.body}".lower()
    secret = link_in(letter.body).split("/")[2]
    assert len(secret) == 43
    with scope_of(adviser, read_only=True):
        (row,) = ExitLetter.objects.values()
    assert secret not in str(row)
    assert len(letters_sent()) == 1
    assert letters_sent() == []


def test_without_an_address_she_is_asked_by_phone(adviser, browser):
    journey = closed_for(adviser, 6, email="")
    actions.ask_after_exit()
    assert letters_sent() == []
    page = browser.get(f"/parcours/{journey.public_id}/").content.decode()
    assert "elle est à joindre par téléphone" in page
    assert "Noter sa réponse" in page


def test_without_an_address_her_mobile_receives_the_link(adviser, browser, settings):
    """Where the installation has a gateway; a telephone at home receives nothing."""
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    sms.outbox.clear()
    journey = closed_for(adviser, 6, email="", phone="06 12 34 56 78")
    closed_for(adviser, 6, email="", phone="04 91 00 00 00")
    assert actions.ask_after_exit() == 2
    assert letters_sent() == []
    ((number, text),) = sms.outbox
    assert number == "+33612345678"
    assert not any(word in text for word in ("Kanarivogel", "Marseille"))
    page = browser.get(f"/parcours/{journey.public_id}/").content.decode()
    assert "La personne reçoit un SMS" in page
    assert "Merci" in Client().post(link_in(text), ANSWER, follow=True).content.decode()
    assert question_of(adviser, journey).state == "answered"


def test_one_reminder_a_fortnight_later_and_no_other(adviser, asked):
    journey, first = asked
    actions.ask_after_exit()
    assert letters_sent() == []
    with scope_of(adviser, read_only=False):
        ExitLetter.objects.update(sent_at=timezone.now() - timedelta(days=15))
    for _ in range(2):
        actions.ask_after_exit()
    (text,) = letters_sent()
    assert "la seule relance" in text
    with scope_of(adviser, read_only=False):
        ExitLetter.objects.update(sent_at=timezone.now() - timedelta(days=40))
    actions.ask_after_exit()
    assert letters_sent() == []
    # Either link answers; then neither.
    assert Client().get(first).status_code == 200
    assert Client().post(link_in(text), ANSWER).status_code == 200
    assert opens_nothing(first)
    assert opens_nothing(link_in(text))
    third = ExitLetter(
        region_id="93",
        structure_id=adviser.structure_id,
        question=question_of(adviser, journey),
        is_reminder=True,
    )
    with scope_of(adviser, read_only=False), pytest.raises(IntegrityError), transaction.atomic():
        third.save()


def test_a_server_that_refuses_is_asked_again_and_keeps_no_link(adviser, monkeypatch):
    closed_for(adviser, 6)
    actions.ask_after_exit()

    def refuse(*_, **__):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", refuse)
        actions.send_exit_letters()
    with scope_of(adviser, read_only=False):
        assert list(ExitLetter.objects.values_list("sent_at", "fingerprint")) == [(None, None)]
        assert letters_sent() == []  # it rests
        ExitLetter.objects.update(due_at=timezone.now())
    assert len(letters_sent()) == 1


# ── The person answers ───────────────────────────────────────────────────────────────────────


def test_looking_does_not_use_the_link_and_answering_does(adviser, asked):
    journey, address = asked
    for _ in range(2):
        page = Client().get(address)
        assert page.status_code == 200
        assert set(page.cookies) == {"csrf"}
    text = page.content.decode()
    assert "Mission locale de Marseille" in text
    assert not any(word in text for word in ("Kanarivogel", "Alix", EMAIL, "2026-", "DEI</"))
    answered = Client().post(address, ANSWER)
    assert "Votre réponse est enregistrée" in answered.content.decode()
    assert set(answered.cookies) <= {"csrf"}
    question = question_of(adviser, journey)
    assert (question.state, question.answered_on) == (_STATES.ANSWERED, periods.today())
    assert (question.situation_id, question.project, question.usefulness) == ("CDI", "yes", 4)
    assert (question.channel_id, question.noted_by_id) == ("NUM", None)
    assert opens_nothing(address)
    with scope_of(adviser, read_only=True):
        event = AuditEvent.objects.get(action="answer_exit_question")
        assert (event.by, event.structure_id) == (None, adviser.structure_id)


def test_what_is_missing_is_said_and_what_was_chosen_is_kept(adviser, asked):
    journey, address = asked
    page = Client().post(address, {"situation": "CDI", "usefulness": "3"})
    text = page.content.decode()
    assert "oui, en partie ou non" in text
    assert re.search(r'<option value="CDI" selected', text)
    assert question_of(adviser, journey).state == _STATES.WAITING
    for wrong in ({"situation": "NR"}, {"situation": "ZZZ"}, {"project": "maybe"}):
        assert Client().post(address, ANSWER | wrong).context["form"].errors
    assert Client().post(address, ANSWER | {"usefulness": ""}).status_code == 200
    assert question_of(adviser, journey).usefulness is None


def test_she_may_refuse_and_is_left_alone(adviser, asked):
    journey, address = asked
    page = Client().post(f"{address}refus/")
    assert "nous ne vous demanderons plus rien" in page.content.decode()
    assert question_of(adviser, journey).state == _STATES.DECLINED
    assert opens_nothing(address)
    with scope_of(adviser, read_only=False):
        ExitLetter.objects.update(sent_at=timezone.now() - timedelta(days=15))
    actions.ask_after_exit()
    assert letters_sent() == []


def test_a_link_too_old_or_unknown_opens_nothing(adviser, asked, monkeypatch):
    _, address = asked
    assert Client().get(address).status_code == 200
    assert opens_nothing("/six-mois/of-nobody/")
    later = periods.months_after(periods.today(), 2)
    monkeypatch.setattr(periods, "today", lambda: later)
    assert opens_nothing(address)


def test_the_link_needs_its_own_form_and_no_account(adviser, asked, browser):
    _, address = asked
    assert Client(enforce_csrf_checks=True).post(address, ANSWER).status_code == 403
    assert browser.get(address).status_code == 302
    assert browser.post(address, ANSWER).status_code == 302
    assert Client().post(address, ANSWER).status_code == 200


# ── Her adviser notes it ─────────────────────────────────────────────────────────────────────


def test_her_adviser_notes_what_she_said_by_phone(adviser, browser, asked):
    journey, address = asked
    page = f"/parcours/{journey.public_id}/six-mois/"
    assert "NUM" not in dict(browser.get(page).context["form"].fields["channel"].choices)
    told = {"situation": "CDD", "project": "partly", "channel": "TEL"}
    refused = browser.post(page, told | {"channel": "NUM"})
    assert refused.context["form"].errors
    answer = browser.post(page, told, follow=True)
    assert "elle ne change plus" in answer.content.decode()
    question = question_of(adviser, journey)
    assert (question.state, question.channel_id) == (_STATES.ANSWERED, "TEL")
    assert question.noted_by_id == adviser.pk
    assert opens_nothing(address)
    again = browser.post(page, told, follow=True)
    assert "Rien n’attend de réponse" in again.content.decode()


@pytest.mark.parametrize("place", ["aix", "paris", "national"])
def test_a_stranger_notes_nothing(world, logged_in, asked, place):
    journey, _ = asked
    page = f"/parcours/{journey.public_id}/six-mois/"
    stranger = logged_in(world[f"adviser {place}"])
    assert stranger.get(page).status_code == stranger.post(page, ANSWER).status_code == 404
    assert logged_in(world["adviser marseille"]).get(page).status_code == 200
    assert logged_in(world["regional_coordinator 93"]).get(page).status_code == 404


def test_the_page_of_the_journey_says_where_it_stands(adviser, browser):
    journey = closed_for(adviser, 5)
    page = f"/parcours/{journey.public_id}/"
    assert "La question lui sera posée le" in browser.get(page).content.decode()
    never = closed_for(adviser, 6, may_be_asked=False)
    text = browser.get(f"/parcours/{never.public_id}/").content.decode()
    assert "Aucune question ne lui sera posée" in text
    before = closed_for(adviser, 6, may_be_asked=None)
    assert "Six mois après" not in browser.get(f"/parcours/{before.public_id}/").content.decode()


# ── Once, for good ───────────────────────────────────────────────────────────────────────────


def test_a_reopened_journey_is_asked_no_more_until_its_next_exit(adviser, asked):
    journey, address = asked
    other = closed_for(adviser, 6)
    actions.ask_after_exit()
    with scope_of(adviser, read_only=False):
        actions.reopen_journey(by=adviser.user, membership=adviser, journey=journey)
        journey.refresh_from_db()
        assert journey.may_be_asked is None
    assert question_of(adviser, journey).state == _STATES.REOPENED
    assert question_of(adviser, other).state == _STATES.WAITING
    assert opens_nothing(address)
    with scope_of(adviser, read_only=False):
        close(journey, periods.days_after(periods.months_after(periods.today(), -6), -3))
    assert actions.ask_after_exit() == 1
    with scope_of(adviser, read_only=True):
        states = ExitQuestion.objects.filter(journey=journey).order_by("pk")
        assert list(states.values_list("state", flat=True)) == ["reopened", "waiting"]


@pytest.mark.parametrize(
    "changes", [{"project": "no"}, {"situation_id": "DEI"}, {"state": "waiting"}, {"usefulness": 1}]
)
def test_an_answer_never_changes(adviser, asked, changes):
    journey, address = asked
    Client().post(address, ANSWER)
    with scope_of(adviser, read_only=False):
        rows = ExitQuestion.objects.filter(journey=journey)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**changes)
        with pytest.raises(ProgrammingError), transaction.atomic():
            rows._raw_delete("default")
    with scope_of(adviser, read_only=False):
        again = {"by": adviser.user, "membership": adviser, "answer": PHONE}
        with pytest.raises(ActionRefused, match="déjà reçu une réponse"):
            actions.note_exit_answer(question=question_of(adviser, journey), **again)
    assert question_of(adviser, journey).project == "yes"


def test_nobody_answers_in_her_name(adviser, asked):
    """Her structure may note what she said, under its own name; without her link no more."""
    journey, _ = asked
    question = question_of(adviser, journey)
    alone = {"by": None, "question": question}
    with scope_of(adviser, read_only=False):
        online = ExitAnswer(situation="CDI", project="yes")
        for act, values in (
            (actions.answer_exit_question, {"answer": online}),
            (actions.decline_exit_question, {}),
        ):
            with pytest.raises(ActionRefused, match="n’ouvre plus rien"):
                act(**alone, **values)
            with presenting(b"x" * 32), pytest.raises(ActionRefused, match="n’ouvre plus rien"):
                act(**alone, **values)
        with pytest.raises(ActionRefused, match="canal de la personne seule"):
            actions.note_exit_answer(
                by=adviser.user, membership=adviser, question=question, answer=online
            )
        noted = actions.note_exit_answer(
            by=adviser.user, membership=adviser, question=question, answer=PHONE
        )
    assert noted.noted_by == adviser


def test_postgresql_takes_a_question_of_an_exit_alone(adviser):
    """Early, late, without consent, of level 1: refused whoever writes."""
    agreed = closed_for(adviser, 6)
    exit_on = periods.months_after(periods.today(), -6)
    right = {
        "region_id": "93",
        "structure_id": adviser.structure_id,
        "exit_on": exit_on,
        "asked_on": periods.today(),
        "closes_on": periods.months_after(exit_on, 8),
    }
    wrong = [
        (agreed, {"asked_on": periods.days_after(exit_on, 90)}),
        (agreed, {"closes_on": periods.months_after(exit_on, 9)}),
        (agreed, {"exit_on": periods.days_after(exit_on, -1)}),
        (agreed, {"region_id": "11"}),
        (closed_for(adviser, 6, may_be_asked=False), {}),
        (closed_for(adviser, 6, level="N1"), {}),
    ]
    with scope_of(adviser, read_only=False):
        for journey, values in wrong:
            refused = (IntegrityError, ProgrammingError)
            with pytest.raises(refused), transaction.atomic():
                ExitQuestion.objects.create(journey=journey, **right | values)
        assert ExitQuestion.objects.create(journey=agreed, **right).pk
