"""Feedback after a session: once a code, without a name, and nothing that leads to anybody."""

import random
import re
from collections import Counter

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.test import Client

from beneficiaries import actions
from beneficiaries.contact_codes import SHORT, feedback_fingerprint, new_code
from beneficiaries.models import FeedbackCode, FeedbackTally, Session
from regions.middleware import scope_of
from regions.models import AccessEvent, AuditEvent
from regions.queries import national_regions
from sprocep import periods, tenancy
from sprocep.tenancy import presenting
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, SHEET = "/avis/", "/avis/codes/"
GRADES = {"listened": 4, "clear": 3, "useful": 2}


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def codes(adviser) -> list[str]:
    with scope_of(adviser, read_only=False):
        return actions.draw_feedback_codes(by=adviser.user, membership=adviser)


def tallies() -> list[FeedbackTally]:
    with tenancy.scope(regions=national_regions()):
        return list(FeedbackTally.objects.order_by("pk"))


def codes_left(adviser) -> int:
    with scope_of(adviser, read_only=True):
        return FeedbackCode.objects.count()


# ── Given out ────────────────────────────────────────────────────────────────────────────────


def test_a_sheet_is_shown_once_and_stored_as_fingerprints(adviser, logged_in):
    browser = logged_in(adviser)
    assert "Montrer une feuille" in browser.get(SHEET).content.decode()
    page = browser.post(SHEET)
    shown = re.findall(r"<span>(\w{4})</span>", page.content.decode())
    assert (page.status_code, len(shown)) == (201, 12 * 3)
    assert page["Cache-Control"] == "no-store"
    first = "".join(shown[:3])
    assert len(first) == SHORT
    assert shown[0] not in browser.get(SHEET).content.decode()
    with scope_of(adviser, read_only=True):
        rows = list(FeedbackCode.objects.values())
    assert first not in str(rows)
    assert actions.count_feedback(code=first, grades=GRADES)


def test_codes_are_of_who_draws_them(world, adviser, codes):
    assert codes_left(adviser) == 12
    assert codes_left(world["adviser aix"]) == 0
    row = {"region_id": "93", "structure_id": adviser.structure_id, "month": "2026-01"}
    stranger = scope_of(world["adviser aix"], read_only=False)
    with stranger, pytest.raises(ProgrammingError), transaction.atomic():
        FeedbackCode.objects.create(fingerprint=b"x" * 32, **row)


# ── Answered ─────────────────────────────────────────────────────────────────────────────────


def test_a_code_is_used_once_and_gone(adviser, codes):
    browser = Client()
    answer = {"code": codes[0].lower(), **GRADES}
    page = browser.post(PAGE, answer)
    assert "Votre avis est compté" in page.content.decode()
    assert set(page.cookies) <= {"csrf"}
    assert codes_left(adviser) == 11
    again = browser.post(PAGE, answer)
    assert "a déjà servi" in again.content.decode()
    (tally,) = tallies()
    assert tally.answered == 1
    assert tally.counts == {"listened": {"4": 1}, "clear": {"3": 1}, "useful": {"2": 1}}


def test_what_is_missing_is_said_and_what_was_typed_is_kept(codes):
    page = Client().post(PAGE, {"code": codes[0], "listened": 4})
    assert sorted(page.context["form"].errors) == ["clear", "useful"]
    assert codes[0] in page.content.decode()
    misread = Client().post(PAGE, {"code": "0" * 11 + "1", **GRADES})
    assert "trois groupes de quatre signes" in misread.content.decode()
    assert tallies()[0].answered == 0
    assert Client(enforce_csrf_checks=True).post(PAGE, GRADES).status_code == 403


def test_a_code_serves_until_the_end_of_the_next_month(codes, monkeypatch):
    this = periods.month_of(periods.today())
    for day, serves in ((this.after.ends, False), (this.after.last_day, True)):
        monkeypatch.setattr(periods, "today", lambda day=day: day)
        assert actions.count_feedback(code=codes[0], grades=GRADES) is serves


def test_wrong_codes_shut_nobody_out(codes):
    """Of a shared address, as that of a hall with one screen for all."""
    browser = Client()
    for _ in range(10):
        answer = browser.post(PAGE, {"code": new_code(SHORT), **GRADES})
        assert (answer.status_code, "a déjà servi" in answer.content.decode()) == (200, True)
    assert browser.post(PAGE, {"code": codes[0], **GRADES}).status_code == 200
    assert tallies()[0].answered == 1


def test_postgresql_adds_one_answer_for_one_code(adviser, codes):
    with scope_of(adviser, read_only=False):
        assert not FeedbackTally.objects.exists()
        assert FeedbackTally.objects.update(answered=50) == 0
    code, fingerprint = codes[0], feedback_fingerprint(codes[0])
    for values in ({"answered": 2}, {"answered": 0, "counts": {"clear": {"4": 9}}}):
        here = scope_of(adviser, read_only=False)
        with presenting(fingerprint), here, pytest.raises(IntegrityError), transaction.atomic():
            FeedbackTally.objects.update(**values)
    everywhere = tenancy.scope(regions=national_regions(), structures=[adviser.structure_id])
    with everywhere, pytest.raises(IntegrityError), transaction.atomic():
        FeedbackTally.objects.update(answered=1)
    assert actions.count_feedback(code=code, grades=GRADES)
    assert tallies()[0].answered == 1


# ── Whom it leads to ─────────────────────────────────────────────────────────────────────────


def test_a_dump_ties_no_answer_to_a_session(adviser):
    """Ten sessions of ten days, each followed by an answer at once: what would a reader of every
    column find?"""
    drawn = random.Random(7)
    given = []
    with scope_of(adviser, read_only=False):
        sheet = actions.draw_feedback_codes(by=adviser.user, membership=adviser)
        before = AuditEvent.objects.count()
        for day in range(1, 11):
            factories.journey(adviser, opened_on=periods.days_after(periods.today(), -day))
            given.append({question: drawn.randint(1, 4) for question in GRADES})
            assert actions.count_feedback(code=sheet[day - 1], grades=given[-1])
        sessions = list(Session.objects.order_by("pk").values("pk", "public_id"))
        assert AuditEvent.objects.count() == before
        left = list(FeedbackCode.objects.values())
    (tally,) = tallies()
    # Counts alone: which three grades were of one person is nowhere.
    assert tally.answered == 10
    for question in GRADES:
        assert tally.counts[question] == Counter(str(one[question]) for one in given)
    # Nothing finer than a month, no reference to a session, a journey or a person.
    columns = {
        f.column for model in (FeedbackCode, FeedbackTally) for f in model._meta.local_fields
    }
    assert columns == {
        "id", "region_id", "structure_id", "month", "voice", "fingerprint", "answered", "counts"
    }  # fmt: skip
    kinds = {f.get_internal_type() for f in FeedbackCode._meta.local_fields}
    kinds |= {f.get_internal_type() for f in FeedbackTally._meta.local_fields}
    assert not kinds & {"DateField", "DateTimeField", "TimeField"}
    # Used codes are gone, and those that are left follow no order of the sheet.
    dumped = str(left) + str(tally.counts)
    assert len(left) == 2
    assert not any(str(one["public_id"]) in dumped for one in sessions)
    assert not any(code in dumped for code in sheet)


def test_keys_and_places_in_the_table_tell_no_order(adviser):
    with scope_of(adviser, read_only=False):
        sheet = actions.draw_feedback_codes(by=adviser.user, membership=adviser)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT fingerprint FROM beneficiaries_feedbackcode ORDER BY ctid")
            stored = [bytes(row) for (row,) in cursor.fetchall()]
            cursor.execute("SELECT fingerprint FROM beneficiaries_feedbackcode ORDER BY id")
            by_key = [bytes(row) for (row,) in cursor.fetchall()]
    drawn = [feedback_fingerprint(code) for code in sheet]
    assert stored == sorted(drawn)
    assert len({tuple(drawn), tuple(stored), tuple(by_key)}) == 3


# ── Of advisers ──────────────────────────────────────────────────────────────────────────────

OWN_PAGE = "/avis/conseil/"
SAID = {"conditions": 4, "time": 2, "lacked": "relay"}
# Every transaction that still shows in a table, and how many rows it left there.
LEFT_BY = """
    SELECT xmin::text, count(*) FROM {table} WHERE xmin::text IN (
      SELECT xmin::text FROM beneficiaries_feedbacktally WHERE voice = 'adviser') GROUP BY 1
"""
NAMING = """
    SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'
       AND column_name IN ('membership_id', 'adviser_id', 'by_id', 'author_id', 'user_id')
"""


def sessions_of(adviser, number: int) -> None:
    with scope_of(adviser, read_only=False):
        for _ in range(number):
            factories.journey(adviser, opened_on=periods.today())


def test_an_adviser_answers_in_two_touches_and_sees_no_count(adviser, logged_in):
    sessions_of(adviser, 2)
    browser = logged_in(adviser)
    assert browser.get(OWN_PAGE).status_code == 200
    half = browser.post(OWN_PAGE, {"conditions": 4, "lacked": "relay"})
    assert sorted(half.context["form"].errors) == ["time"]
    assert half.context["form"]["conditions"].value() == "4"
    assert tallies() == []
    page = browser.post(OWN_PAGE, SAID, follow=True)
    assert "Votre avis est compté" in page.content.decode()
    (tally,) = tallies()
    assert (tally.voice, tally.answered) == ("adviser", 1)
    assert tally.counts == {"conditions": {"4": 1}, "time": {"2": 1}, "lacked": {"relay": 1}}
    with scope_of(adviser, read_only=True):
        assert not FeedbackTally.objects.exists()


def test_a_dump_ties_no_answer_to_an_adviser(annex, adviser):
    """Two colleagues, sessions and answers in turn: what would a reader of every column find?"""
    colleague = annex.colleague
    sessions_of(adviser, 3)
    sessions_of(colleague, 3)
    with scope_of(adviser, read_only=True):
        before = AuditEvent.objects.count(), list(AccessEvent.objects.values())
    for who, lacked in ((adviser, "time"), (colleague, "place"), (adviser, "tool")):
        with scope_of(who, read_only=False):
            actions.count_adviser_feedback(membership=who, answers=SAID | {"lacked": lacked})
    (tally,) = tallies()
    assert tally.counts["lacked"] == {"time": 1, "place": 1, "tool": 1}
    with scope_of(adviser, read_only=True):
        assert before == (AuditEvent.objects.count(), list(AccessEvent.objects.values()))
        assert not FeedbackCode.objects.exists()
    # No table that names an account or an adviser holds answers.
    with connections["default"].cursor() as cursor:
        cursor.execute(NAMING)
        tables = {name for (name,) in cursor.fetchall()}
    assert "beneficiaries_session" in tables
    assert not {name for name in tables if "feedback" in name}


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_an_answer_shares_its_transaction_with_no_row(world, adviser, logged_in):
    """Even the inside of PostgreSQL: what was written with the last answer is its count alone."""
    sessions_of(adviser, 2)
    browser = logged_in(adviser)
    browser.get(OWN_PAGE)
    assert "Votre avis est compté" in browser.post(OWN_PAGE, SAID).content.decode()
    shared = {}
    with connections["owner"].cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(LEFT_BY.format(table=model._meta.db_table))
            if rows := cursor.fetchall():
                shared[model._meta.label] = sum(count for _, count in rows)
    assert shared == {"beneficiaries.FeedbackTally": 1}


def test_the_journal_does_not_say_who_came(adviser, logged_in, caplog):
    sessions_of(adviser, 1)
    browser = logged_in(adviser)
    with caplog.at_level("INFO", logger="sprocep.logs"):
        browser.get("/parcours/")
        browser.post(OWN_PAGE, SAID, follow=True)  # no page comes after, which would say it
    lines = [record.fields for record in caplog.records if hasattr(record, "fields")]
    assert [line["membership"] for line in lines] == [adviser.public_id, None]


def test_never_more_answers_than_sessions(adviser, logged_in):
    browser = logged_in(adviser)
    none = browser.post(OWN_PAGE, SAID)
    assert "vous n’en avez pas enregistré récemment" in none.content.decode()
    sessions_of(adviser, 2)
    answers = [browser.post(OWN_PAGE, SAID).content.decode() for _ in range(3)]
    assert ["Votre avis est compté" in answer for answer in answers] == [True, True, False]
    assert "autant d’avis que d’entretiens" in answers[2]
    assert [tally.answered for tally in tallies()] == [2]


def test_who_reads_the_results_says_nothing_among_them(world, adviser, logged_in):
    """Or she would subtract her own from what is published."""
    manager = world["structure_manager marseille"]
    sessions_of(manager, 2)
    sessions_of(adviser, 1)
    assert logged_in(manager).post(OWN_PAGE, SAID).status_code == 403
    assert "Votre avis est compté" in logged_in(adviser).post(OWN_PAGE, SAID).content.decode()


def test_neither_voice_adds_to_the_other(adviser, codes):
    """A code of a person shows her tally alone, and an adviser's is not of paper."""
    sessions_of(adviser, 1)
    with scope_of(adviser, read_only=False):
        actions.count_adviser_feedback(membership=adviser, answers=SAID)
    with presenting(feedback_fingerprint(codes[0])), scope_of(adviser, read_only=False):
        assert [tally.voice for tally in FeedbackTally.objects.all()] == ["person"]
    drawn = new_code(SHORT)
    with scope_of(adviser, read_only=False):
        row = {"region_id": "93", "structure_id": adviser.structure_id, "voice": "adviser"}
        month = periods.month_of(periods.today()).code
        FeedbackCode.objects.create(fingerprint=feedback_fingerprint(drawn), month=month, **row)
    assert not actions.count_feedback(code=drawn, grades=GRADES)
    assert actions.count_feedback(code=codes[0], grades=GRADES)


def test_the_way_there_bears_no_address_of_a_journey(adviser, logged_in):
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
    page = logged_in(adviser).get(f"/parcours/{journey.public_id}/").content.decode()
    assert re.search(rf'<a href="{OWN_PAGE}"\s+rel="noreferrer">', page)
