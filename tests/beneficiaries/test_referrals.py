"""Fiches de liaison: their moves, who sees what, what the receiver never types again."""

import json
import random
import re
import uuid
from collections import Counter
from datetime import datetime, time, timedelta

import jsonschema
import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from beneficiaries import actions, exports, queries
from beneficiaries.entries import Identity, Orientation, Profile, Talk
from beneficiaries.models import Referral, ReferralEvent, ReferralPerson
from regions.middleware import scope_of
from regions.models import AuditEvent, Commune, Letter
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from sprocep.settings import BASE_DIR
from sprocep.tenancy import NATION
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
_STATES = Referral.State
SCHEMA = json.loads((BASE_DIR / "static/schemas/referral-1.json").read_text())


@pytest.fixture
def sender(world):
    return world["adviser marseille"]


@pytest.fixture
def receiver(world):
    return world["adviser aix"]


def orientation(to, **values) -> Orientation:
    identity = Identity(
        last_name="Kanarivogel",
        first_name="Inès",
        birth_date=periods.today().replace(year=1985, day=1),
        sex="F",
        phone="06 12 34 56 78",
        commune=Commune.objects.get(pk="13001"),
    )
    profile = Profile(main_reason="M05", situation="CDI", education_level="4", sector="J")
    asked = {"level": "N2", "message": "Disponible le matin", "department": "13"}
    return Orientation(
        receiver=to.site.structure, identity=identity, profile=profile, **asked | values
    )


def send(by, to, **values) -> Referral:
    with scope_of(by, read_only=False):
        return actions.send_referral(
            by=by.user, membership=by, orientation=orientation(to, **values)
        )


def seen_by(membership, referral) -> bool:
    with scope_of(membership, read_only=True):
        return queries.referral(membership, referral.public_id).exists()


def test_both_structures_see_it_and_nobody_else(world, sender, receiver):
    sent = send(sender, receiver)
    assert seen_by(sender, sent)
    assert seen_by(receiver, sent)
    assert not seen_by(world["adviser paris"], sent)
    for stranger in ("adviser paris", "regional_coordinator 93", "dgefp_officer"):
        with scope_of(world[stranger], read_only=True):
            assert not ReferralPerson.objects.exists(), stranger
    with scope_of(world["regional_coordinator 93"], read_only=True):
        assert not Referral.objects.exists()


def test_nobody_sends_in_the_name_of_another(sender, receiver):
    """The receiver's side of the policy reads, and does not write."""
    with scope_of(sender, read_only=False):
        assert factories.referral(sender, receiver).pk
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        scope_of(receiver, read_only=False),
    ):
        factories.referral(sender, receiver)


def test_the_receiver_has_the_fields_of_the_level_and_never_health(sender, receiver):
    second, third = send(sender, receiver), send(sender, receiver, level="N3")
    with scope_of(receiver, read_only=True):
        shared = [set(ReferralPerson.objects.get(referral=one).fields) for one in (second, third)]
    assert shared[1] - shared[0] == {
        "education_level", "socio_professional_category", "sector", "contract_type",
    }  # fmt: skip
    assert not any("boeth" in names for names in shared)


def test_the_same_form_sends_one_fiche(sender, receiver):
    key = uuid.uuid4()
    with scope_of(sender, read_only=False):
        one, two = (
            actions.send_referral(
                by=sender.user, membership=sender, orientation=orientation(receiver), key=key
            )
            for _ in range(2)
        )
        assert one == two
        assert Referral.objects.filter(structure=sender.structure_id).count() == 1


def test_without_a_way_to_reach_her_nothing_leaves(sender, receiver):
    unreachable = orientation(receiver)
    unreachable = Orientation(
        **{
            **{name: getattr(unreachable, name) for name in unreachable.__dataclass_fields__},
            "identity": Identity(last_name="Sans", first_name="Téléphone"),
        }
    )
    with scope_of(sender, read_only=False):
        with pytest.raises(ActionRefused, match="téléphone"):
            actions.send_referral(by=sender.user, membership=sender, orientation=unreachable)
        assert not Referral.objects.filter(structure=sender.structure_id).exists()


def test_accepted_the_first_session_types_nothing_again(sender, receiver):
    sent = send(sender, receiver, level="N3")
    with scope_of(receiver, read_only=False):
        actions.open_referral(by=receiver.user, membership=receiver, referral=sent)
        actions.accept_referral(by=receiver.user, membership=receiver, referral=sent)
        told = queries.told_by(queries.referral(receiver, sent.public_id).get())
        typed = orientation(receiver)
        identity = Identity(
            **{
                n: told[n]
                for n in ("last_name", "first_name", "birth_date", "sex", "phone", "commune")
            }
        )
        assert identity == typed.identity
        profile = Profile(
            **{n: told[n] for n in ("main_reason", "situation", "education_level", "sector")}
        )
        assert profile == typed.profile
        today = periods.today()
        session = actions.log_first_session(
            by=receiver.user,
            membership=receiver,
            person=identity,
            profile=profile,
            talk=Talk(held_on=today, channel="PRE", services=("S07",)),
            referral=sent,
        )
        now = queries.referral(receiver, sent.public_id).get()
        assert now.state == _STATES.RECEIVED
        assert now.opened_journey == session.journey
        assert session.journey.thread_number == sent.thread_number
        assert session.journey.arrival_id == "V3"
    with scope_of(sender, read_only=True):
        events = ReferralEvent.objects.filter(referral=sent).order_by("pk")
        assert [event.state for event in events] == ["sent", "opened", "accepted", "received"]


def test_she_did_not_come_and_may_still_be_received(sender, receiver):
    sent = send(sender, receiver)
    theirs = {"by": receiver.user, "membership": receiver}
    with scope_of(receiver, read_only=False):
        with pytest.raises(ActionRefused, match="Acceptez d’abord"):
            actions.note_absence(**theirs, referral=sent)
        actions.accept_referral(**theirs, referral=sent)
        assert queries.to_answer(receiver).count() == 1
        for _ in range(2):
            assert actions.note_absence(**theirs, referral=sent).state == _STATES.MISSED
        assert queries.to_answer(receiver).count() == 0
    with scope_of(sender, read_only=False), pytest.raises(ActionRefused, match="à qui cette fiche"):
        actions.note_absence(by=sender.user, membership=sender, referral=sent)
    with tenancy.scope(regions=[NATION], read_only=True):
        letter = Letter.objects.get(key=f"referral_missed {sent.public_id} {sender.user_id}")
    assert sent.number in letter.body
    assert "Kanarivogel" not in letter.subject + letter.body
    with scope_of(receiver, read_only=False):
        told = queries.told_by(queries.referral(receiver, sent.public_id).get())
        actions.log_first_session(
            **theirs,
            person=Identity(last_name=told["last_name"], first_name=told["first_name"], sex="F"),
            profile=Profile(main_reason="M05", situation="CDI"),
            talk=Talk(held_on=periods.today(), channel="PRE", services=("S07",)),
            referral=sent,
        )
        with pytest.raises(ActionRefused, match="a été reçue"):
            actions.note_absence(**theirs, referral=sent)
        events = ReferralEvent.objects.filter(referral=sent).order_by("pk")
        assert [event.state for event in events] == ["sent", "accepted", "missed", "received"]


def test_a_refusal_goes_back_with_its_reason(sender, receiver):
    sent = send(sender, receiver)
    with scope_of(receiver, read_only=False):
        actions.decline_referral(by=receiver.user, membership=receiver, referral=sent, reason="D03")
        with pytest.raises(ActionRefused, match="déjà sa réponse : refusée"):
            actions.accept_referral(by=receiver.user, membership=receiver, referral=sent)
    with scope_of(sender, read_only=True):
        assert queries.referral(sender, sent.public_id).get().decline_reason_id == "D03"
    with tenancy.scope(regions=[NATION], read_only=True):
        letter = Letter.objects.get(key=f"referral_answered {sent.public_id} {sender.user_id}")
    assert sent.number in letter.body
    assert "Kanarivogel" not in letter.subject + letter.body


def test_withdrawn_it_says_nothing_of_the_person_to_either(sender, receiver):
    sent = send(sender, receiver)
    with scope_of(receiver, read_only=True):
        assert exports.described_person(queries.referral(receiver, sent.public_id).get())
    with scope_of(receiver, read_only=False), pytest.raises(ActionRefused, match="Seule"):
        actions.withdraw_referral(by=receiver.user, membership=receiver, referral=sent)
    with scope_of(sender, read_only=False):
        actions.withdraw_referral(by=sender.user, membership=sender, referral=sent)
    with scope_of(receiver, read_only=True):
        assert not ReferralPerson.objects.filter(referral=sent).exists()
        now = queries.referral(receiver, sent.public_id).get()
        assert now.state == _STATES.WITHDRAWN
        assert exports.described_person(now) == []


def test_its_file_follows_the_published_schema(sender, receiver):
    sent = send(sender, receiver, level="N3")
    check = jsonschema.Draft202012Validator(
        SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    with scope_of(receiver, read_only=False):
        found = exports.referral_json(queries.referral(receiver, sent.public_id).get())
        check.validate(found)
        with pytest.raises(jsonschema.ValidationError):
            check.validate(found | {"note": "a field that no schema has"})
        actions.decline_referral(by=receiver.user, membership=receiver, referral=sent, reason="D03")
        check.validate(exports.referral_json(queries.referral(receiver, sent.public_id).get()))


def test_each_act_leaves_one_audit_row(sender, receiver):
    answered, declined, withdrawn = (send(sender, receiver) for _ in range(3))
    theirs = {"by": receiver.user, "membership": receiver}
    with scope_of(receiver, read_only=False):
        actions.open_referral(**theirs, referral=answered)
        actions.open_referral(**theirs, referral=answered)
        actions.accept_referral(**theirs, referral=answered)
        actions.note_absence(**theirs, referral=answered)
        actions.decline_referral(**theirs, referral=declined, reason="D03")
    with scope_of(sender, read_only=False):
        actions.withdraw_referral(by=sender.user, membership=sender, referral=withdrawn)
    with tenancy.scope(regions=["11", "93"], read_only=True):  # of both structures
        done = Counter(AuditEvent.objects.values_list("action", flat=True))
    acts = {name for name in actions.__all__ if "referral" in name} - {"follow_referrals"}
    assert done == dict.fromkeys(acts, 1) | {"note_absence": 1, "send_referral": 3}


# ── What PostgreSQL refuses ──────────────────────────────────────────────────────────────────


def test_no_other_move_passes(sender, receiver):
    """From each state to each other: those of `MOVES` pass, PostgreSQL refuses the others."""
    with scope_of(receiver, read_only=False):
        journey = factories.journey(receiver)
    with scope_of(sender, read_only=False):
        sent = factories.referral(sender, receiver)
    passed = set()
    for before, road in _roads().items():
        for after in set(_STATES) - {before}:
            if _passes(sent, [*road, after], journey):
                passed.add((before, after))
    assert passed == {(before, after) for before, all_ in Referral.MOVES.items() for after in all_}


def _roads() -> dict[str, list[str]]:
    """How each state is reached from `sent`, by moves that pass."""
    roads = {_STATES.SENT: []}
    for before in roads.copy() | dict.fromkeys(Referral.MOVES):
        for after in Referral.MOVES[before]:
            roads.setdefault(after, [*roads[before], after])
    return roads


def _passes(sent: Referral, road: list[str], journey) -> bool:
    """Whether the last move does, after the others; nothing of it stays."""
    with tenancy.scope(regions=national_regions()), transaction.atomic():
        *before, last = road
        for state in before:
            _move(sent, state, journey)
        try:
            with transaction.atomic():
                _move(sent, last, journey)
        except IntegrityError as exc:
            return exc.__cause__.diag.constraint_name != "referral_moves"
        finally:
            transaction.set_rollback(True)
    return True


def _move(sent: Referral, state: str, journey=None, **values) -> None:
    opened = journey.pk if journey and state == _STATES.RECEIVED else None
    reason = "D03" if state == _STATES.DECLINED else None
    Referral.objects.filter(pk=sent.pk).update(
        state=state, opened_journey_id=opened, decline_reason_id=reason, **values
    )


# ── No fiche dies in silence ─────────────────────────────────────────────────────────────────


def test_reminded_at_five_days_handed_over_at_ten_once(world, sender, receiver):
    today = periods.today()
    with scope_of(sender, read_only=False):
        ages = {
            days: factories.referral(sender, receiver, sent_on=today - timedelta(days=days))
            for days in (4, 5, 9, 10, 30)
        }
    assert actions.follow_referrals() == (2, 2)
    assert actions.follow_referrals() == (0, 0)
    with scope_of(sender, read_only=True):
        now = {days: Referral.objects.get(pk=one.pk) for days, one in ages.items()}
    assert {days for days, one in now.items() if one.reminded_on} == {5, 9}
    assert {days for days, one in now.items() if one.state == _STATES.ESCALATED} == {10, 30}
    with tenancy.scope(regions=[NATION], read_only=True):
        written = set(Letter.objects.values_list("recipient", "key"))
    coordinator = world["regional_coordinator 93"].user_id
    assert (coordinator, f"referrals_escalated 93 {today} {coordinator}") in written
    with scope_of(world["regional_coordinator 93"], read_only=True):
        assert queries.escalations(["93"]).count() == 2
        assert not ReferralPerson.objects.exists()
    with scope_of(world["regional_coordinator 11"], read_only=True):
        assert not Referral.objects.exists()


def test_fifteen_days_after_it_was_accepted_both_are_asked_once(world, sender, receiver):
    """Of a fiche that was reminded before its answer too."""
    today = periods.today()
    manager, later = world["structure_manager aix"], today + timedelta(days=1)
    with scope_of(sender, read_only=False):
        ages = {
            days: factories.referral(
                sender,
                receiver,
                sent_on=today - timedelta(days=50),
                state=_STATES.ACCEPTED,
                state_since=_at(today - timedelta(days=days), 9),
                reminded_on=today - timedelta(days=days) if days == 15 else None,
            )
            for days in (13, 14, 15, 40)
        }
        missed = factories.referral(sender, receiver, sent_on=today - timedelta(days=50))
        for state in (_STATES.ACCEPTED, _STATES.MISSED):
            _move(missed, state, state_since=_at(today - timedelta(days=30), 9))
    assert actions.ask_who_came() == 2
    assert actions.ask_who_came() == 0
    assert actions.ask_who_came(_at(later, 7)) == 1
    with tenancy.scope(regions=[NATION], read_only=True):
        written = Letter.objects.filter(key__contains="expected")
        asked = {letter.key: letter.body for letter in written}
    sent_to = sender.user_id
    assert {key for key in asked if key.startswith("referral_")} == {
        f"referral_expected {ages[days].public_id} {sent_to}" for days in (14, 15, 40)
    }
    place = f"{receiver.structure_id} 93"
    digest = asked[f"referrals_expected {place} {today} {manager.user_id}"]
    assert re.findall(r"L\d+-\d+", digest) == [ages[15].number, ages[40].number]
    assert f"referrals_expected {place} {later} {manager.user_id}" in asked


COUNT = 400


def test_whatever_happens_each_fiche_ends_answered_or_with_the_region(world, sender, receiver):
    """Silence, refusals, withdrawals: a run of days; delays are those of the log."""
    chance = random.Random(5)
    today = periods.today()
    first = today - timedelta(days=60)
    with scope_of(sender, read_only=False):
        sent_on = [first + timedelta(days=chance.randrange(45)) for _ in range(COUNT)]
        fiches = [factories.referral(sender, receiver, sent_on=day) for day in sent_on]
    answered = {}
    for day in (first + timedelta(days=n) for n in range(60)):
        actions.follow_referrals(_at(day, 7))
        for fiche in fiches:
            if fiche.sent_on <= day and fiche.pk not in answered and chance.random() < 0.05:
                answered[fiche.pk] = _answer(fiche, day, chance)
    with tenancy.scope(regions=national_regions(), read_only=True):
        states = Counter(Referral.objects.values_list("state", flat=True))
        logged = Referral.objects.filter(pk__in=answered).values_list(
            "pk", "state", "events__state", "events__at"
        )
        moves = [(pk, at) for pk, state, event, at in logged if event == state]
    assert set(states) <= {"accepted", "declined", "withdrawn", "escalated"}
    assert min(states.values()) > 5
    assert sum(states.values()) == COUNT
    assert dict(moves) == answered


def _at(day, hour: int) -> datetime:
    return datetime.combine(day, time(hour), timezone.get_default_timezone())


def _answer(fiche, day, chance):
    """One of the three answers, at some instant of that day."""
    at = _at(day, chance.randrange(8, 18))
    state = chance.choice((_STATES.ACCEPTED, _STATES.DECLINED, _STATES.WITHDRAWN))
    with tenancy.scope(regions=national_regions()):
        _move(fiche, state, state_since=at)
    return at
