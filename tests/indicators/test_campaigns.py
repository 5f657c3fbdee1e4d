"""The calendar runs a campaign: returns expected, structures reminded, what passes alone."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from indicators import actions
from indicators.models import (
    CalendarEntry,
    Compilation,
    Edition,
    EditionEvent,
    ExpectedReturn,
    Work,
)
from indicators.worklist import nation
from regions.models import AuditEvent, Letter
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION
from tests import factories
from tests.fixtures import ALL_DATABASES

pytestmark = pytest.mark.django_db(transaction=True, databases=ALL_DATABASES)
PERIOD = "2016-T1"
OPENED, LAST, COMPUTED, REVIEW, DUE = (
    date(2016, 4, 1), date(2016, 4, 20), date(2016, 4, 25), date(2016, 5, 10), date(2016, 5, 16),
)  # fmt: skip


def entry(**values) -> None:
    with nation():
        CalendarEntry.objects.create(
            period=PERIOD,
            starts_on=date(2016, 1, 1),
            opens_on=OPENED,
            confirm_by=LAST,
            computed_on=COMPUTED,
            comment_by=REVIEW,
            due_on=DUE,
            **values,
        )


@pytest.fixture
def at(world, monkeypatch):
    """Run the campaigns as on this day."""

    def run(day: date, times: int = 1) -> None:
        monkeypatch.setattr(periods, "today", lambda: day)
        for _ in range(times):
            actions.run_campaigns()

    return run


def owed() -> dict[tuple[str, int], tuple]:
    rows = ExpectedReturn.objects.using("owner").filter(period=PERIOD)
    return {
        (row.region_id, row.structure_id): (row.received_at is not None, row.received_by_id)
        for row in rows
    }


def letters() -> list[tuple[str, str]]:
    """(what is announced, to whom)."""
    with nation(read_only=True):
        rows = Letter.objects.select_related("recipient").order_by("pk")
        return [(row.key.split()[0], row.recipient.email) for row in rows]


def written_to(world, what: str) -> set[str]:
    return {key for key, member in world.members.items()
            if (what, member.user.email) in letters()}  # fmt: skip


def test_a_campaign_expects_each_operator_where_it_receives(world, at):
    entry()
    at(date(2016, 3, 31))
    assert owed() == {}
    at(OPENED, times=2)
    expected = owed()
    assert (("93", world.marseille.pk)) in expected
    assert (("93", world.aix.pk)) in expected
    assert (("11", world.paris.pk)) in expected
    assert not any(structure == world.cio.pk for _, structure in expected)  # no operator
    assert set(expected.values()) == {(False, None)}


def test_who_has_closed_by_the_last_day_owes_nothing(world, at):
    gone = factories.structure("Fermée", "13055", ends_on=date(2016, 3, 31))
    there = factories.structure("Fermée après", "13055", ends_on=date(2016, 4, 1))
    entry()
    at(OPENED)
    assert ("93", gone.pk) not in owed()
    assert ("93", there.pk) in owed()


def test_counts_are_asked_for_once_a_day(world, at):
    entry()
    at(OPENED, times=3)

    def units() -> list[str]:
        with nation(read_only=True):
            rows = Work.objects.filter(step=Work.Step.DECLARE)
            return sorted(rows.values_list("territory", flat=True))

    regions = sorted({region for region, _ in owed()})
    assert units() == regions
    with nation():
        Work.objects.update(state="done", finished_at="2016-04-01T10:00Z")
    at(OPENED)
    assert units() == regions
    at(date(2016, 4, 2))
    assert units() == sorted(regions * 2)


def confirm(structure) -> None:
    with nation():
        ExpectedReturn.objects.filter(structure=structure.pk).update(
            received_at="2016-04-02T00:00Z"
        )


MARSEILLE, AIX = "structure_manager marseille", "structure_manager aix"
HEAD = "network_head ML"


def test_structures_that_have_not_confirmed_are_reminded_three_times(world, at):
    entry()
    at(OPENED, times=2)
    assert {MARSEILLE, AIX, HEAD} <= written_to(world, "returns_opened")
    confirm(world.aix)
    at(date(2016, 4, 14))
    assert written_to(world, "returns_soon") == set()
    at(date(2016, 4, 15), times=2)
    assert MARSEILLE in written_to(world, "returns_soon")
    assert AIX not in written_to(world, "returns_soon")
    at(LAST)
    assert written_to(world, "returns_late") == set()
    at(date(2016, 4, 21), times=2)
    assert {MARSEILLE, HEAD} <= written_to(world, "returns_late")
    assert AIX not in written_to(world, "returns_late")
    assert len(letters()) == len(set(letters()))  # each once
    assert owed()["93", world.marseille.pk] == (False, None)  # nothing passes alone here


def drafts(*territories: str) -> None:
    for territory in territories:
        factories.edition(PERIOD, territory)


def states() -> dict[str, str]:
    with nation(read_only=True):
        return dict(Edition.objects.filter(period=PERIOD).values_list("territory", "state"))


def test_regions_are_reminded_before_the_end_of_the_review(world, at):
    entry()
    drafts("93", "11", NATION)
    with nation():
        actions.open_review(by=None, edition=Edition.objects.get(territory="93"))
    assert written_to(world, "review_opened") == {"regional_coordinator 93"}
    at(date(2016, 5, 4))
    assert written_to(world, "review_soon") == set()
    at(date(2016, 5, 5), times=2)
    assert written_to(world, "review_soon") == {"regional_coordinator 93"}


def test_the_dgefp_is_told_what_is_late_once(world, at):
    entry()
    at(DUE)
    assert written_to(world, "campaign_late") == set()
    at(date(2016, 5, 17), times=2)
    assert written_to(world, "campaign_late") == {"dgefp_officer"}
    assert [what for what, _ in letters()].count("campaign_late") == 1


@pytest.mark.parametrize("passes", [True, False])
def test_what_nobody_did_passes_alone_where_it_is_allowed(world, at, passes):
    entry(passes_alone=passes)
    at(OPENED)
    drafts("93", NATION)
    at(LAST)
    assert owed()["93", world.marseille.pk] == (False, None)
    at(date(2016, 4, 21), times=2)
    assert owed()["93", world.marseille.pk] == (passes, None)
    assert "structure_manager marseille" in written_to(world, "returns_late")
    assert states() == {"93": "draft", NATION: "draft"}
    at(COMPUTED)
    assert set(states().values()) == {"under_review" if passes else "draft"}
    at(REVIEW)
    assert set(states().values()) == {"under_review" if passes else "draft"}
    at(date(2016, 5, 11), times=2)
    assert set(states().values()) == {"validated" if passes else "draft"}
    at(date(2016, 6, 30))  # and no further: somebody seals
    assert set(states().values()) == {"validated" if passes else "draft"}
    with nation(read_only=True):
        assert AuditEvent.objects.filter(action="pass_returns", by=None).count() == passes
        events = EditionEvent.objects.values_list("kind", "by")
        assert set(events) == ({("review_opened", None), ("validated", None)} if passes else set())


def test_drafts_that_are_computed_still_are_not_opened(world, at):
    entry(passes_alone=True)
    drafts("93")
    with nation():
        Work.objects.create(
            step=Work.Step.PROTECT, period=PERIOD, starts_on=date(2016, 1, 1), territory=NATION,
            regions=["93"],
        )  # fmt: skip
    at(COMPUTED)
    assert states() == {"93": "draft"}


def test_what_the_dgefp_took_back_and_errata_do_not_pass_alone(world, at):
    entry(passes_alone=True)
    drafts("93", "11", NATION)
    at(COMPUTED)
    officer = world["dgefp_officer"].user
    with nation():
        edition = Edition.objects.get(territory="93")
        actions.validate_edition(by=officer, edition=edition)
        actions.take_back_edition(by=officer, edition=edition)
    at(date(2016, 5, 11), times=2)
    assert states() == {"93": "under_review", "11": "validated", NATION: "validated"}
    first = Edition.objects.using("owner").get(territory="11")
    factories.edition(PERIOD, "11", "under_review", corrects=first)
    at(date(2016, 5, 12), times=2)
    with nation(read_only=True):
        assert Edition.objects.get(territory="11", number=2).state == "under_review"


def test_an_erratum_replaces_all_that_came_before_it(world):
    """The first was sent, the second sealed and found wrong: the third takes the place of both."""
    officer = world["dgefp_officer"].user
    last = None
    for minutes in range(3):
        seal = {
            "sealed_at": timezone.now() + timedelta(minutes=minutes),
            "sealed_by_id": officer.pk,
            "chained_seal": "1" * 64,
        }
        last = factories.edition(PERIOD, "93", "sealed", corrects=last, **seal)
        if minutes != 1:
            with nation():
                actions.transmit_edition(by=officer, edition=Edition.objects.get(pk=last.pk))
    with nation(read_only=True):
        found = Edition.objects.order_by("number").values_list("state", flat=True)
        assert list(found) == ["superseded", "superseded", "transmitted"]


@pytest.mark.parametrize("state", ["waiting", "running", "failed"])
def test_nothing_is_validated_on_figures_that_are_being_computed_or_could_not_be(world, at, state):
    entry(passes_alone=True)
    drafts("93")
    at(COMPUTED)
    officer = world["dgefp_officer"].user
    with nation():
        edition = Edition.objects.get(territory="93")
        compilation = Compilation.objects.create(period=PERIOD, requested_by=officer)
        unit = Work.objects.create(
            step=Work.Step.COMPUTE, period=PERIOD, starts_on=date(2016, 1, 1), territory="93",
            regions=["93"], compilation=compilation, state=state,
        )  # fmt: skip
        with pytest.raises(ActionRefused, match="compilation de la période"):
            actions.validate_edition(by=officer, edition=edition)
    at(date(2016, 5, 11))
    assert states() == {"93": "under_review"}
    with nation():
        Work.objects.filter(pk=unit.pk).update(state="done")
        assert actions.validate_edition(by=officer, edition=edition).state == "validated"


def test_a_review_that_opens_late_says_no_day_that_is_over(world, at):
    entry()
    drafts("93")
    at(date(2016, 5, 20))
    with nation():
        edition = actions.open_review(by=None, edition=Edition.objects.get(territory="93"))
        assert not actions.may_still_comment(edition)
        letter = Letter.objects.get(key__startswith="review_opened")
        first = Edition.objects.using("owner").get(territory="93")
    assert "jusqu’au" not in letter.body
    erratum = factories.edition(PERIOD, "93", "under_review", corrects=first)
    assert actions.may_still_comment(erratum)  # which comes when it comes


def test_returns_of_a_validated_region_pass_no_more(world, at):
    entry(passes_alone=True)
    at(OPENED)
    drafts("93")
    with nation():
        for state in ("under_review", "validated"):
            Edition.objects.filter(territory="93").update(state=state)
    at(date(2016, 4, 21))
    assert owed()["93", world.marseille.pk] == (False, None)
    assert owed()["11", world.paris.pk] == (True, None)


# ── What letters hold ────────────────────────────────────────────────────────────────────────

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates" / "mail").glob("*.txt"))
# Addresses, dates, codes of editions, names of Regions, structures, roles and periods, digits that
# open once, the size beyond which a file is told: nobody's name, no figure.
HELD = {
    "site", "address", "email", "letter.subject", "letter.body", "letters", "label", "period",
    "place", "edition.code", "edition.period", "edition.territory", "edition.cause", "until",
    "entry.confirm_by", "entry.comment_by", "entry.due_on", "entry.passes_alone",
    "former", "former.code", "edition.number",
    "edition.supersedes.code", "contestation.public_id", "letters|length",
    "edition", "erratum.code", "contestation", "referral.number", "referral.public_id", "answer",
    "days", "referral.sender_name", "digits",
    "structure", "last_day", "page", "unusual",
    "membership.get_role_display", "membership.site.name", "membership.starts_on",
}  # fmt: skip


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_letters_hold_no_name_and_no_figure(path):
    text = path.read_text()
    shown = set(re.findall(r"{{\s*([\w.]+)", text))
    assert shown <= HELD, shown - HELD
    assert shown


def test_subjects_hold_no_name_and_no_figure():
    """What stands in braces in the subject of a letter, in every call."""
    found = set()
    for path in Path(settings.BASE_DIR).glob("*/actions/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "subject":
                found |= {ast.unparse(part.value) for part in ast.walk(node.value)
                          if isinstance(part, ast.FormattedValue)}  # fmt: skip
    allowed = re.compile(
        r"(words|label|place|edition\.code|.*\.label|former\.code|name|period|referral\.number|answer)"
    )
    assert found
    assert {text for text in found if not allowed.fullmatch(text)} == set()
