"""Documents de synthèse: what they say, what never changes, to whom a code opens one."""

import io
import json
import os
import uuid
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import jsonschema
import pikepdf
import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from beneficiaries import actions, exports, queries
from beneficiaries.actions.documents import UNKNOWN_CODE
from beneficiaries.contact_codes import new_code, share_fingerprint
from beneficiaries.entries import Approval, Closing, Identity, PlannedStep, Profile, Talk, filled
from beneficiaries.models import Journey, ShareCode, Step, SynthesisDocument
from regions.middleware import scope_of
from regions.models import AuditEvent
from regions.wording import OF_THE_PERSON
from scripts.check_pdf import faults
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.settings import BASE_DIR
from sprocep.tenancy import presenting, scope
from tests import factories
from tests.indicators.pages.printed import tables_of

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
SCHEMA = json.loads((BASE_DIR / "static/schemas/synthesis-1.json").read_text())
QUOTE = PlannedStep(
    what="Demander un devis au Greta", actor="la personne", right="CPF", due_on=date(2030, 3, 1)
)


def who(member) -> dict:
    return {"by": member.user, "membership": member}


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def other(world):
    return world["adviser aix"]


@pytest.fixture
def journey(adviser) -> Journey:
    """Of level 3, with its plan, a step to do and one that was done."""
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(
            adviser, last_name="Kanarivogel", first_name="Inès", phone="06 12 34 56 78"
        )
        made = factories.journey(adviser, of=person, level="N3", service="S12")
        plan = factories.financing_plan(adviser, made)
        factories.plan_cost(plan, "6450.50", label="CAP cuisine")
        factories.plan_funding(plan, 3000, 2500)
        factories.step(adviser, made, due_on=date(2030, 3, 1))
        factories.step(
            adviser, made, what="Voir un cuisinier", done_on=date(2016, 3, 1), result="Convaincue"
        )
        return made


@pytest.fixture
def approved(adviser, journey) -> SynthesisDocument:
    with scope_of(adviser, read_only=False):
        return approve(adviser, hand_over(adviser, journey))


def hand_over(by, journey) -> SynthesisDocument:
    made = actions.hand_over_document(**who(by), journey=journey)
    made.refresh_from_db()
    return made


def approve(by, document) -> SynthesisDocument:
    today = Approval(approved_on=periods.today(), channel="PRE")
    return actions.approve_document(**who(by), document=document, approval=today)


def share(by, document) -> str:
    code = new_code()
    with scope_of(by, read_only=False):
        actions.share_document(**who(by), document=document, code=code)
    return code


def opened(by, code: str) -> SynthesisDocument | None:
    """What this code opens; None where it opens nothing, in the one sentence of all refusals."""
    with scope_of(by, read_only=False):
        try:
            return actions.open_shared_document(**who(by), code=code)
        except ActionRefused as refusal:
            return refused(str(refusal))


def refused(words: str) -> None:
    assert words == UNKNOWN_CODE


def is_read_by(member, document) -> bool:
    with scope_of(member, read_only=True):
        return queries.document(document.public_id).exists()


def days_ago(count: int) -> datetime:
    return timezone.now() - timedelta(days=count)


# ── What it says ─────────────────────────────────────────────────────────────────────────────


def test_it_says_what_was_done_then_what_is_to_do(adviser, journey):
    with scope_of(adviser, read_only=False):
        said = [step["what"] for step in hand_over(adviser, journey).content["steps"]]
    assert said[1:] == ["Voir un cuisinier", "Demander un devis au Greta"]
    assert said[0].startswith("Entretien de niveau 3 : ")


def test_neither_note_nor_health_leaves(adviser, other):
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser, boeth_id="OUI")
        journey.sessions.update(note="Kanarivogel")
        content = json.dumps(hand_over(adviser, journey).content)
    assert "Alix" in content
    assert "Kanarivogel" not in content
    assert "boeth" not in content


def test_page_paper_and_file_say_the_same_steps(adviser, approved):
    with scope_of(adviser, read_only=True):
        today = exports.described_document(queries.synthesis(approved.journey))
        kept = exports.described_document(queries.read_back(approved.content))
        file = json.loads(json.dumps(exports.document_json(approved), cls=DjangoJSONEncoder))
        paper = tables_of(exports.document_pdf(approved))
    steps = [step["what"] for step in file["steps"]]
    assert len(steps) == 3
    assert steps == [step["what"] for step in [*today["done"], *today["to_do"]]]
    assert steps == [step["what"] for step in [*kept["done"], *kept["to_do"]]]
    to_do, done, _ = paper
    on_paper = [letters(row[0]) for row in [*done, *to_do]]
    said = [letters(step["what"] + step["result"]) for step in file["steps"]]
    assert on_paper == said
    assert kept["totals"] == today["totals"]


def letters(words: str) -> str:
    """Without the spaces that lines of paper break at."""
    return "".join(words.split())


def test_its_paper_is_accessible_and_holds_on_a_page(adviser, approved):
    with scope_of(adviser, read_only=True):
        paper = exports.document_pdf(approved)
        assert paper == exports.document_pdf(approved)
    if folder := os.environ.get("SCREENSHOTS"):
        (Path(folder) / "document.pdf").write_bytes(paper)
    assert faults(paper) == []
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        assert len(pdf.pages) == 1


def test_its_file_follows_the_published_schema(adviser, journey, approved):
    check = jsonschema.Draft202012Validator(
        SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    with scope_of(adviser, read_only=False):
        bare = factories.journey(adviser, opened_on=date(2015, 2, 1))
        for document in (approved, hand_over(adviser, bare)):
            found = json.loads(json.dumps(exports.document_json(document), cls=DjangoJSONEncoder))
            check.validate(found)
        with pytest.raises(jsonschema.ValidationError):
            check.validate(found | {"note": "a field that no schema has"})


# ── Versions ─────────────────────────────────────────────────────────────────────────────────


def test_each_version_is_kept_as_it_was(adviser, journey, approved):
    with scope_of(adviser, read_only=False):
        step = queries.steps(journey).first()
        done = PlannedStep(what=step.what, actor=step.actor, done_on=periods.today(), result="Reçu")
        actions.change_step(**who(adviser), line=step, step=done)
        second = hand_over(adviser, journey)
        assert [one.number for one in queries.documents(journey)] == [2, 1]
        results = [
            {step["result"] for step in one.content["steps"]} - {""} for one in (approved, second)
        ]
    assert results == [{"Convaincue"}, {"Convaincue", "Reçu"}]


def test_the_same_button_hands_one_version_over(adviser, journey):
    key = uuid.uuid4()
    with scope_of(adviser, read_only=False):
        pressed = [
            actions.hand_over_document(**who(adviser), journey=journey, key=key) for _ in range(2)
        ]
        assert pressed[0] == pressed[1]
        assert queries.documents(journey).count() == 1


def test_what_was_handed_over_never_changes_in_sql(adviser, journey):
    """An approval is noted once; that the owner changes nothing is in tests/isolation."""
    with scope_of(adviser, read_only=False):
        document = hand_over(adviser, journey)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            SynthesisDocument.objects.filter(pk=document.pk).update(content={})
        approve(adviser, document)
        with pytest.raises(IntegrityError, match="handed over"), transaction.atomic():
            SynthesisDocument.objects.filter(pk=document.pk).update(channel="TEL")
        with pytest.raises(ActionRefused, match="a approuvé cette version"):
            approve(adviser, document)


def test_she_approves_once_it_is_handed_over_and_not_tomorrow(adviser, journey):
    today = periods.today()
    with scope_of(adviser, read_only=False):
        document = hand_over(adviser, journey)
        for day, words in ((1, "une date à venir"), (-1, "une fois remis")):
            wrong = Approval(approved_on=today + timedelta(days=day), channel="PRE")
            with pytest.raises(ActionRefused, match=words):
                actions.approve_document(**who(adviser), document=document, approval=wrong)
        assert approve(adviser, document).is_approved


# ── Steps ────────────────────────────────────────────────────────────────────────────────────


def test_a_step_is_added_done_and_taken_back(adviser):
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
        step = actions.add_step(**who(adviser), journey=journey, step=QUOTE)
        wrong = PlannedStep(what="Devis", actor="elle", result="Reçu")
        with pytest.raises(ActionRefused, match="étape faite"):
            actions.change_step(**who(adviser), line=step, step=wrong)
        seen = step.changed_at - timedelta(seconds=1)
        with pytest.raises(actions.ChangedMeanwhile):
            actions.change_step(**who(adviser), line=step, step=QUOTE, seen_at=seen)
        actions.withdraw_step(**who(adviser), line=step)
        assert not queries.steps(journey).exists()
        with pytest.raises(ActionRefused, match="n’est plus"):
            actions.change_step(**who(adviser), line=step, step=QUOTE)


def test_the_same_form_adds_one_step(adviser):
    key = uuid.uuid4()
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
        sent = [
            actions.add_step(**who(adviser), journey=journey, step=QUOTE, key=key) for _ in range(2)
        ]
        assert sent[0] == sent[1]
        assert [str(step) for step in queries.steps(journey)] == [QUOTE.what]


def test_a_closed_journey_keeps_its_steps_and_is_handed_over(adviser):
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
        step = actions.add_step(**who(adviser), journey=journey, step=QUOTE)
        closing = Closing(closed_on=periods.today(), outcome="I01", exit_situation="CDI")
        actions.close_journey(**who(adviser), journey=journey, closing=closing)
        with pytest.raises(ActionRefused, match="clos"):
            actions.withdraw_step(**who(adviser), line=step)
        content = hand_over(adviser, journey).content
    assert content["journey"]["closed_on"] == periods.today().isoformat()


# ── To whom a code opens it ──────────────────────────────────────────────────────────────────


def test_only_what_she_approved_is_shared(adviser, journey):
    with scope_of(adviser, read_only=False):
        document = hand_over(adviser, journey)
        with pytest.raises(ActionRefused, match="Notez d’abord son accord"):
            actions.share_document(**who(adviser), document=document, code=new_code())
        approve(adviser, document)
    assert share(adviser, document)


def test_the_first_structure_reads_it_and_no_other(world, adviser, other, approved):
    code = share(adviser, approved)
    assert not is_read_by(other, approved)
    assert opened(other, code) == approved
    assert is_read_by(other, approved)
    assert opened(other, code) == approved  # the same reader, once more
    for stranger in ("adviser paris", "adviser national", "structure_manager paris"):
        assert opened(world[stranger], code) is None, stranger
        assert not is_read_by(world[stranger], approved), stranger
    with scope_of(adviser, read_only=True):
        (given,) = queries.share_codes(approved)
        assert (given.reader_id, given.reader_name) == (
            other.structure_id,
            "Mission locale du pays d'Aix",
        )
    with scope_of(other, read_only=True):
        assert not Journey.objects.exists()
        assert not Step.objects.exists()


def test_it_opens_in_another_region(world, adviser, approved):
    assert opened(world["adviser paris"], share(adviser, approved)) == approved


def test_the_same_structure_in_another_region_is_another_reader(world, annex):
    """A national body has files of each Region apart."""
    here, there = world["adviser national"], annex.agency_in_paris
    with scope_of(here, read_only=False):
        document = approve(here, hand_over(here, factories.journey(here)))
    code = share(here, document)
    assert not is_read_by(there, document)
    assert opened(there, code) == document
    assert opened(world["adviser paris"], code) is None
    with scope_of(there, read_only=False), pytest.raises(ActionRefused, match="pas de votre"):
        actions.share_document(**who(there), document=document, code=new_code())


def test_no_code_opens_for_who_has_no_structure(world, adviser, approved):
    code = share(adviser, approved)
    for reader in ("regional_coordinator 93", "dgefp_officer"):
        with scope_of(world[reader], read_only=False), presenting(share_fingerprint(code)):
            assert not ShareCode.objects.filter(reader__isnull=False).exists()
            assert not SynthesisDocument.objects.exists()
            with pytest.raises(ActionRefused):
                actions.open_shared_document(**who(world[reader]), code=code)
    assert opened(world["adviser paris"], code) == approved


def test_unknown_revoked_expired_taken_and_own_are_one_answer(world, adviser, other, approved):
    revoked, taken, own = (share(adviser, approved) for _ in range(3))
    expired = new_code()
    with scope_of(adviser, read_only=False):
        gone = {"made_at": days_ago(31), "expires_at": days_ago(1)}
        factories.share_code(adviser, approved, fingerprint=share_fingerprint(expired), **gone)
        code = queries.share_codes(approved).get(fingerprint=share_fingerprint(revoked))
        actions.revoke_share_code(**who(adviser), code=code)
    assert opened(world["adviser paris"], taken)
    assert opened(adviser, own) is None
    for code in (new_code(), revoked, expired, taken):
        assert opened(other, code) is None
    assert opened(other, own) == approved


def test_a_revoked_code_stops_at_once_also_for_who_opened_it(adviser, other, approved):
    code = share(adviser, approved)
    assert opened(other, code)
    assert is_read_by(other, approved)
    with scope_of(adviser, read_only=False):
        given = queries.share_codes(approved).get()
        for _ in range(2):
            actions.revoke_share_code(**who(adviser), code=given)
    assert not is_read_by(other, approved)
    assert opened(other, code) is None
    assert is_read_by(adviser, approved)


def test_nobody_revokes_the_code_of_another(adviser, other, approved):
    code = share(adviser, approved)
    assert opened(other, code)
    with scope_of(other, read_only=False):
        seen = ShareCode.objects.get()
        with pytest.raises(ActionRefused, match="pas de votre structure"):
            actions.revoke_share_code(**who(other), code=seen)
    assert is_read_by(other, approved)
    with scope_of(adviser, read_only=False):
        assert actions.revoke_share_code(**who(adviser), code=seen).revoked_at


def test_a_code_that_expires_stops_too(adviser, other, approved):
    opened_there = {
        "reader_id": other.structure_id,
        "reader_region_id": other.region_id,
        "made_at": days_ago(31),
        "opened_at": days_ago(20),
    }
    with scope_of(adviser, read_only=False):
        factories.share_code(adviser, approved, **opened_there, expires_at=days_ago(1))
    assert not is_read_by(other, approved)
    with scope_of(adviser, read_only=False):
        factories.share_code(adviser, approved, **opened_there, expires_at=days_ago(-1))
    assert is_read_by(other, approved)


def test_a_reader_writes_nothing_of_another(adviser, other, approved):
    """The reader's half of the policies reads, takes an unread code, and nothing more."""
    code = share(adviser, approved)
    assert opened(other, code)
    now = timezone.now()
    with scope_of(other, read_only=False):
        for row, values in (
            (ShareCode, {"revoked_at": now, "revoked_by": other.pk}),
            (ShareCode, {"reader": adviser.structure_id}),
            (SynthesisDocument, {"approval_noted_by": None}),
        ):
            with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
                row.objects.update(**values)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            factories.share_code(
                other, approved, reader_id=other.structure_id,
                reader_region_id=other.region_id, opened_at=now,
            )  # fmt: skip
    with scope_of(adviser, read_only=False):
        assert factories.share_code(adviser, approved).pk


def test_a_code_shown_is_seen_no_longer_than_it_is_shown(adviser, other, approved):
    code = share(adviser, approved)
    with scope_of(other, read_only=True):
        with presenting(share_fingerprint(code)):
            assert ShareCode.objects.count() == 1
            assert not SynthesisDocument.objects.exists()  # seen is not yet opened
        assert not ShareCode.objects.exists()


def test_the_code_itself_is_kept_nowhere(adviser, approved):
    code = share(adviser, approved)
    with scope_of(adviser, read_only=True):
        given = queries.share_codes(approved).get()
        assert bytes(given.fingerprint) == share_fingerprint(code)
        assert code not in json.dumps(list(AuditEvent.objects.values()), default=str)


# ── Each act ─────────────────────────────────────────────────────────────────────────────────


def test_each_act_leaves_one_audit_row(adviser, other, journey):
    with scope_of(adviser, read_only=False):
        step = actions.add_step(**who(adviser), journey=journey, step=QUOTE)
        actions.change_step(**who(adviser), line=step, step=QUOTE)
        actions.withdraw_step(**who(adviser), line=step)
        document = approve(adviser, hand_over(adviser, journey))
    code = share(adviser, document)
    assert opened(other, code)
    with scope_of(other, read_only=False):
        person = factories.beneficiary(other, last_name="Kanarivogel", first_name="Inès")
        taking = {"document": document, "journey": factories.journey(other, of=person)}
        assert actions.take_up_document(**who(other), **taking) > 0
        assert actions.take_up_document(**who(other), **taking) == 0
    with scope_of(adviser, read_only=False):
        actions.revoke_share_code(**who(adviser), code=queries.share_codes(document).get())
    with scope(regions=["11", "93"], read_only=True):  # of both structures
        done = Counter(AuditEvent.objects.values_list("action", flat=True))
    acts = {name for name in actions.__all__ if name.split("_")[-1] in ("step", "document")}
    assert done == dict.fromkeys(acts - OF_THE_PERSON | {"revoke_share_code"}, 1)


# ── One person, three structures, two Regions ────────────────────────────────────────────────


def take_up(by, document, held_on: date, level: str = "N2") -> Journey:
    """The opening form as it comes filled, sent as it is with the talk of the day."""
    with scope_of(by, read_only=False):
        seen = queries.document(document.public_id).get()
        told = queries.told_by_document(seen)
        told["other_reasons"] = tuple(told["other_reasons"])
        session = actions.log_first_session(
            **who(by),
            person=Identity(**filled(Identity, told)),
            profile=Profile(**filled(Profile, told)),
            talk=Talk(
                held_on=held_on, channel="PRE", services=("S12" if level == "N3" else "S07",)
            ),
            document=seen,
        )
        return session.journey


def said_by(by, journey) -> list[dict]:
    with scope_of(by, read_only=True):
        steps = queries.synthesis(journey)["steps"]
    return [{k: v for k, v in step.items() if k not in ("id", "session")} for step in steps]


def test_three_structures_two_regions_nothing_retyped_one_thread(world, annex, adviser, other):
    """Bordeaux begins in Aquitaine, which becomes Nouvelle-Aquitaine; Marseille, then Aix go on."""
    bordeaux = annex.bordeaux
    with scope_of(bordeaux, read_only=False):
        person = factories.beneficiary(
            bordeaux,
            region="72",
            last_name="Kanarivogel",
            first_name="Inès",
            phone="06 12 34 56 78",
        )
        first = factories.journey(
            bordeaux, opened_on=date(2015, 11, 10), of=person, level="N3", service="S12"
        )
        factories.session(bordeaux, first, held_on=date(2016, 2, 9))
        assert {row.region_id for row in first.sessions.all()} == {"72", "75"}
        plan = factories.financing_plan(bordeaux, first)
        factories.plan_cost(plan, "6450.50")
        factories.plan_funding(plan, 3000, 2500)
        actions.add_step(**who(bordeaux), journey=first, step=QUOTE)
        one = approve(bordeaux, hand_over(bordeaux, first))
    code = share(bordeaux, one)
    assert opened(adviser, code)
    second = take_up(adviser, one, date(2017, 3, 1), level="N3")
    with scope_of(adviser, read_only=True):
        costs = queries.plan_costs(queries.financing_plan(second))
        assert [str(cost.amount) for cost in costs] == ["6450.50"]
        assert second.beneficiary.phone == "06 12 34 56 78"
    with scope_of(adviser, read_only=False):
        two = approve(adviser, hand_over(adviser, second))
    assert opened(other, share(adviser, two))
    third = take_up(other, two, date(2018, 1, 15))

    assert first.thread_number == second.thread_number == third.thread_number
    assert [one.arrival_id for one in (first, second, third)] == ["NR", "V3", "V3"]
    at_first, at_second, at_third = (
        said_by(by, journey)
        for by, journey in ((bordeaux, first), (adviser, second), (other, third))
    )
    retyped = [step for step in at_first if step not in at_second or step not in at_third]
    assert retyped == []
    assert [len(steps) for steps in (at_first, at_second, at_third)] == [3, 4, 5]
    with scope_of(other, read_only=True):
        assert [step.right_id for step in queries.steps(third)].count("CPF") == 1
    with scope_of(other, read_only=True):
        assert queries.financing_plan(third) is None  # level 2: a plan is of level 3
        assert queries.fields_spared(two) > 20
        print(f"\nchamps repris : {queries.fields_spared(two)}")

    with scope_of(bordeaux, read_only=False):
        actions.revoke_share_code(**who(bordeaux), code=queries.share_codes(one).get())
    assert not is_read_by(adviser, one)
    assert not is_read_by(other, one)
    assert is_read_by(other, two)
    assert said_by(adviser, second) == at_second  # what it took up is its own
    for by in (bordeaux, adviser, other):
        with scope_of(by, read_only=True):
            assert Journey.objects.count() == 1


def test_who_comes_back_is_the_same_person_and_one_journey_at_a_time(adviser, other, approved):
    assert opened(other, share(adviser, approved))
    journey = take_up(other, approved, periods.today())
    with pytest.raises(ActionRefused, match="suit déjà cette personne"):
        take_up(other, approved, periods.today())
    with scope_of(other, read_only=True):
        found = queries.followed_by_thread(other, journey.thread_number)
    assert found == journey


def test_a_scope_without_the_region_reads_nothing(other, adviser, approved):
    assert opened(other, share(adviser, approved))
    with scope(regions=["11"], structures=[other.structure_id], read_only=True):
        assert not queries.document(approved.public_id).exists()
    assert is_read_by(other, approved)
