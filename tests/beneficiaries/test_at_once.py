"""Two requests at the same instant: one row, one sentence. And each action leaves its audit row."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connections
from django.test import Client
from django.utils import timezone

from beneficiaries import actions
from beneficiaries.actions.documents import UNKNOWN_CODE
from beneficiaries.contact_codes import new_code
from beneficiaries.entries import (
    Change,
    Closing,
    Cost,
    Following,
    Identity,
    Paper,
    Profile,
    Reception,
    Talk,
)
from beneficiaries.links import link_fingerprint
from beneficiaries.models import Beneficiary, ContactTally, Journey, Merge, Session
from regions.middleware import scope_of
from regions.models import AuditEvent, User
from regions.wording import OF_THE_PERSON
from sprocep import tenancy
from sprocep.errors import ActionRefused, french
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
LEA = Identity(last_name="Dupré", first_name="Léa", birth_date=date(1991, 7, 2), sex="F")
TALK = Talk(held_on=date(2016, 2, 10), channel="PRE", services=("S07",))
PROFILE = Profile(main_reason="M05")
CLOSING = Closing(closed_on=date(2016, 5, 3), outcome="I03", exit_situation="CDI")


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


def reception(adviser) -> Reception:
    return Reception(
        held_on=date(2016, 2, 10),
        site=adviser.site,
        channel="PRE",
        theme="T01",
        audience="P04",
        result="R01",
    )


def act(adviser, action, **values):
    """One request: its own scope, its own transaction, and its own refusal."""
    try:
        with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
            return action(by=adviser.user, membership=adviser, **values)
    except ActionRefused as refusal:
        return str(refusal)


def at_once(adviser, action, **values) -> list:
    """The same act by four requests at the same time."""

    def request(_):
        try:
            return act(adviser, action, **values)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(request, range(4)))


def counted(*, by: User, **values) -> bool:
    """A contact is nobody's act."""
    return actions.log_contact(**values)


def test_form_sent_four_times_at_once_is_stored_once(adviser):
    key = uuid.uuid4()
    sessions = at_once(
        adviser, actions.log_first_session, person=LEA, profile=PROFILE, talk=TALK, key=key
    )
    assert len({session.pk for session in sessions}) == 1
    logged = at_once(adviser, counted, reception=reception(adviser), key=key)
    assert sorted(logged) == [False, False, False, True]
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        stored = [model.objects.count() for model in (Beneficiary, Journey, Session)]
        assert ContactTally.objects.get().total == 1
    assert stored == [1, 1, 1]


def test_journey_closed_by_four_people_at_once_is_closed_once(adviser):
    journey = act(
        adviser, actions.log_first_session, person=LEA, profile=PROFILE, talk=TALK
    ).journey
    answers = at_once(adviser, actions.close_journey, journey=journey, closing=CLOSING)
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert (
        refused
        == ["Ce parcours est clos depuis le 3 mai 2016. Rouvrez-le ou ouvrez un nouveau parcours."]
        * 3
    )


def test_four_first_lines_at_once_open_one_plan(adviser):
    talk = replace(TALK, services=("S12",))
    journey = act(
        adviser, actions.log_first_session, person=LEA, profile=PROFILE, talk=talk
    ).journey
    lines = at_once(
        adviser, actions.add_cost, journey=journey, cost=Cost(kind="CP", amount=Decimal(100))
    )
    assert len({line.pk for line in lines}) == 4
    assert len({line.plan_id for line in lines}) == 1


def test_a_paper_sent_four_times_at_once_is_there_once_and_none_is_one_too_many(adviser):
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        journey = factories.journey(adviser, level="N3")
        plan = factories.financing_plan(adviser, journey)
        for rank in range(18):
            factories.plan_paper(plan, bytes([rank]))
    devis, other = (Paper(label="Devis", content=b"%PDF-" + end) for end in (b"1", b"2"))
    sent = {"journey": journey, "paper": devis, "key": uuid.uuid4()}
    assert len({one.pk for one in at_once(adviser, actions.add_paper, **sent)}) == 1
    answers = at_once(adviser, actions.add_paper, journey=journey, paper=other)
    assert sum(isinstance(answer, str) for answer in answers) == 3
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        assert plan.papers.count() == 20


def test_two_papers_laid_at_once_without_the_action_are_counted_in_turn(adviser):
    """PostgreSQL holds the plan by itself: the second waits for the first, then is one too many."""
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        plan = factories.financing_plan(adviser, factories.journey(adviser, level="N3"))
        for rank in range(19):
            factories.plan_paper(plan, bytes([rank]))

    def lay():
        try:
            with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
                return factories.plan_paper(plan, b"twenty-first")
        except IntegrityError as refusal:
            return french(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
            factories.plan_paper(plan, b"twentieth")
            laying = pool.submit(lay)
            with pytest.raises(TimeoutError):
                laying.result(timeout=0.5)
        assert laying.result(timeout=5).startswith("Ce plan a déjà vingt pièces.")


def test_nobody_closes_a_plan_on_a_sum_that_moves(adviser):
    """Whoever closes it waits for the line that is being added, and counts it."""
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        plan = factories.financing_plan(adviser, factories.journey(adviser, level="N3"))
        factories.plan_cost(plan, 100)
        factories.plan_funding(plan, 100, 100)

    def close():
        try:
            return act(adviser, actions.close_plan, journey=plan.journey)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
            factories.plan_cost(plan, 1)
            closing = pool.submit(close)
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.5)
        assert closing.result(timeout=5).startswith("Il reste un écart")
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        factories.plan_funding(plan, 1, 1)
    assert not act(adviser, actions.close_plan, journey=plan.journey).is_open


def test_a_code_shown_by_two_structures_at_once_has_one_reader(world, adviser):
    code = new_code()
    readers = [world["adviser aix"], world["adviser paris"]] * 2
    with scope_of(adviser, read_only=False):
        document = factories.synthesis_document(adviser, factories.journey(adviser))
        actions.share_document(by=adviser.user, membership=adviser, document=document, code=code)

    def open_it(reader):
        try:
            with scope_of(reader, read_only=False):
                return actions.open_shared_document(by=reader.user, membership=reader, code=code)
        except ActionRefused as refused:
            return str(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(zip(readers, pool.map(open_it, readers), strict=True))
    opened = {reader.structure_id for reader, answer in answers if answer == document}
    assert len(opened) == 1
    assert {answer for reader, answer in answers if reader.structure_id not in opened} == {
        UNKNOWN_CODE
    }


def test_a_document_taken_up_four_times_at_once_opens_one_journey(world, adviser):
    reader = world["adviser aix"]
    with scope_of(adviser, read_only=False):
        document = factories.synthesis_document(adviser, factories.journey(adviser))
    opening = {"person": LEA, "profile": PROFILE, "talk": TALK, "document": document}
    unshared = act(reader, actions.log_first_session, **opening)
    assert unshared == "La personne ne partage plus ce document avec votre structure."
    there = {"reader_id": reader.structure_id, "reader_region_id": reader.region_id}
    with scope_of(adviser, read_only=False):
        factories.share_code(adviser, document, **there, opened_at=timezone.now())
    answers = at_once(reader, actions.log_first_session, **opening)
    refused = [answer for answer in answers if isinstance(answer, str)]
    words = "Votre structure suit déjà cette personne depuis le 10 février 2016."
    assert [one.startswith(words) for one in refused] == [True] * 3
    with scope_of(reader, read_only=True):
        assert Journey.objects.count() == 1


def test_two_files_merged_both_ways_at_once_are_merged_one_way(adviser):
    with scope_of(adviser, read_only=False):
        pair = [factories.beneficiary(adviser) for _ in range(2)]

    def merge(sides) -> Merge | str:
        try:
            kept, aside = sides
            return act(adviser, actions.merge_persons, kept=kept, aside=aside, taken=())
        finally:
            connections.close_all()

    ways = [pair, pair[::-1], pair, pair[::-1]]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(merge, ways))
    with scope_of(adviser, read_only=True):
        stored = Merge.objects.get()
    asked = [way[0].pk == stored.kept_id for way in ways]
    assert [answer == stored for answer in answers] == asked
    assert all(isinstance(answer, str) for answer in answers if answer != stored)


def test_a_link_used_by_four_browsers_at_once_opens_one(adviser, annex):
    to = annex.silent
    factories.capacity("93", to.structure, address="accueil@silence.example")
    with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
        sent = factories.referral(adviser, SimpleNamespace(structure_id=to.structure_id, site=to))
    factories.referral_link(
        sent, address="accueil@silence.example", fingerprint=link_fingerprint("secret")
    )

    def browser(_) -> int:
        try:
            return Client().post("/lien/secret/").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(browser, range(4)))
    assert answers[0] == 302
    assert set(answers[1:]) <= {409, 410}


# Acts of two structures (test_referrals.py), and three of a worker, which are nobody's; acts of a
# plan (test_financing.py), of a document de synthèse and its steps (test_documents.py).
OF_REFERRALS = {name for name in actions.__all__ if "referral" in name}
OF_REFERRALS |= {"note_absence", "ask_who_came", "follow_lost_links"}
# Of the softwares of structures (test_exchange.py, test_webhooks.py).
OF_EXCHANGE = {"act_once", "set_webhook", "end_webhook", "send_webhooks"}
# Acts of a structure without account (test_links.py).
OF_LINKS = {"open_link", "renew_link", "receive_by_link", "send_links"}
# Nothing is a fact yet (test_drafts.py).
OF_DRAFTS = {"keep_draft", "drop_draft"}
# Of a list: filters that are kept, and several follow-ups at once (test_views_several.py).
OF_LISTS = {"save_view", "drop_view", "entrust_journeys"}
OF_DOCUMENTS = {
    name for name in actions.__all__ if name.endswith(("_step", "_document", "_share_code"))
}
# Of the person's own access, and by it (test_views_access.py).
OF_ACCESS = {"give_access", "end_access", "send_factor", "try_factor"} | OF_THE_PERSON
# Six months after an exit (test_exits.py, indicators/test_surveys.py).
OF_EXITS = {name for name in actions.__all__ if "exit" in name}
# Feedback leaves no trace, a sheet of its codes does (test_feedback.py).
OF_FEEDBACK = {name for name in actions.__all__ if "feedback" in name} | {"CODES_OF_A_SHEET"}
# A contact is counted, and nobody's act (test_actions.py, isolation/test_anonymity.py).
OF_CONTACTS = {"log_contact", "settle_contacts"}
# Acts on two files of one person (test_merges.py).
OF_MERGES = {"merge_persons", "separate_persons"}
# Of no journey (test_workshops.py).
OF_WORKSHOPS = {name for name in actions.__all__ if name.endswith("_workshop")}
# Of a young person (test_dropouts.py), and what is published of them.
OF_DROPOUTS = {name for name in actions.__all__ if "dropout" in name}
OF_PLANS = {
    name
    for name in actions.__all__
    if name.endswith(("_cost", "_funding", "_plan", "_paper"))  # test_financing.py, test_papers.py
}


def test_each_action_leaves_one_audit_row(adviser):
    session = act(adviser, actions.log_first_session, person=LEA, profile=PROFILE, talk=TALK)
    journey = session.journey
    act(adviser, actions.log_session, journey=journey, talk=TALK)
    act(adviser, actions.correct_session, session=session, talk=replace(TALK, minutes=20))
    corrected = replace(LEA, phone="0491000000", file_note="Rappeler")
    act(
        adviser,
        actions.correct_beneficiary,
        beneficiary=journey.beneficiary,
        identity=corrected,
    )
    following = Following(starts_on=date(2016, 4, 1), site=adviser.site, referent=adviser)
    act(adviser, actions.change_follow_up, journey=journey, following=following)
    hired = Change(situation="CDI", starts_on=date(2016, 4, 1))
    act(adviser, actions.change_situation, journey=journey, change=hired)
    act(adviser, actions.close_journey, journey=journey, closing=CLOSING)
    act(adviser, actions.reopen_journey, journey=journey)
    act(adviser, actions.export_journeys, count=1, reason="for_a_check")
    with tenancy.scope(regions=["93"]):
        events = list(AuditEvent.objects.order_by("pk"))
    elsewhere = (
        OF_REFERRALS
        | OF_EXCHANGE
        | OF_LINKS
        | OF_DRAFTS
        | OF_LISTS
        | OF_PLANS
        | OF_DOCUMENTS
        | OF_ACCESS
        | OF_MERGES
        | OF_EXITS
        | OF_FEEDBACK
        | OF_CONTACTS
        | OF_DROPOUTS
    )
    walked = set(actions.__all__) - {"ChangedMeanwhile"} - elsewhere - OF_WORKSHOPS
    assert sorted(event.action for event in events) == sorted(walked)
    assert {event.by_id for event in events} == {adviser.user_id}
    assert {event.structure_id for event in events} == {adviser.structure_id}
    # Names of fields, never what they hold.
    fields = {event.action: event.fields for event in events}
    assert fields["correct_beneficiary"] == "phone note"
    assert not any("Rappeler" in text for text in fields.values())
