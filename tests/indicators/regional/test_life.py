"""Composed, published, withdrawn, promoted: what a regional indicator may become, and not."""

import pytest
from django.db import IntegrityError, connection, transaction

from indicators import actions
from indicators.actions import regional
from indicators.models import Definition, RegionalIndicator
from indicators.regional.standing import compositions, regional_on
from regions.models import AuditEvent, Region
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, scope
from tests.indicators.regional.conftest import WOMEN, composed

pytestmark = pytest.mark.django_db(databases=["default"])

NOW = periods.quarter_of(periods.today())
NEXT, AFTER = NOW.after.starts, NOW.after.after.starts


def published(by, starts_on=NOW.starts, **other):
    draft = composed(by, **other)
    return actions.publish_indicator(by=by, indicator=draft, starts_on=starts_on, opinion="")


def test_codes_follow_each_other_in_the_region(coordinator):
    assert [composed(coordinator).code for _ in range(3)] == ["R93.1", "R93.2", "R93.3"]
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.territory) == ("compose_indicator", "93")


def test_the_sentence_says_what_is_counted(coordinator):
    draft = composed(
        coordinator,
        population="journeys_closed",
        measure="share",
        filters=[["sex", ["F"]]],
        part=[["level", ["N2", "N3"]]],
        breakdown="age",
        by_operator=True,
    )
    assert draft.statement.replace("\N{NO-BREAK SPACE}", " ") == (
        "Part, parmi les parcours clos dans la période où le sexe est « Femme », de ceux où le "
        "niveau est « Conseil personnalisé » ou « Accompagnement à la mise en œuvre du projet "
        "professionnel », selon l’âge ; donné aussi par niveau et par catégorie d’opérateur."
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"population": "beneficiaries_beneficiary"},
        {"population": "contacts", "measure": "persons"},
        {"measure": "sum"},
        {"measure": "mean"},
        {"measure": "mean", "subject": "f.age"},
        {"measure": "share"},
        {"part": [["sex", ["F"]]]},
        {"filters": [["boeth", ["O"]]]},
        {"filters": [["sex'; DROP TABLE x; --", ["F"]]]},
        {"filters": [["sex", ["F' OR true --"]]]},
        {"filters": [["sex", []]]},
        {"filters": [["sex", ["F"]], ["sex", ["M"]]]},
        {"filters": "sex"},
        {"filters": [["reason", ["M11"]]]},
        {"breakdown": "last_name"},
        {"breakdown": "boeth"},
        {"population": "contacts", "filters": [], "by_level": True},
    ],
)
def test_what_the_vocabulary_does_not_know_is_refused(coordinator, wrong):
    with pytest.raises(ActionRefused):
        composed(coordinator, **wrong)
    assert RegionalIndicator.objects.count() == 0
    composed(coordinator)


def test_published_it_stands_and_nobody_changes_it(coordinator):
    row = published(coordinator)
    assert (row.state, row.starts_on) == ("published", NOW.starts)
    with pytest.raises(ActionRefused, match="nouvelle version"):
        actions.change_draft(by=coordinator, indicator=row, composed=WOMEN | {"filters": []})
    with pytest.raises(ActionRefused):
        actions.discard_draft(by=coordinator, indicator=row)
    for change in ("filters = '[]'", "label = 'x'", "starts_on = now()", "code = 'R93.9'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE indicators_regionalindicator SET {change}")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM indicators_regionalindicator")


def test_a_draft_changes_and_goes(coordinator):
    draft = composed(coordinator)
    actions.change_draft(by=coordinator, indicator=draft, composed=WOMEN | {"filters": []})
    draft.refresh_from_db()
    assert (draft.filters, draft.code) == ([], "R93.1")
    assert draft.statement.startswith("Nombre de parcours ouverts dans la période")
    actions.discard_draft(by=coordinator, indicator=draft)
    assert RegionalIndicator.objects.count() == 0


@pytest.mark.parametrize("code", ["A1", "R11.1", "R93", "R9.31", "C1.main"], ids=lambda code: code)
def test_no_row_can_bear_another_code_than_its_region_s(coordinator, code):
    """Not a national one, not one of another Region, whatever the code that writes it."""
    draft = composed(coordinator)
    draft.pk, draft.code = None, code
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save(force_insert=True)
    draft.code = "R93.2"
    draft.save(force_insert=True)


def test_another_region_neither_sees_a_draft_nor_writes_a_published_one(coordinator, world):
    draft = composed(coordinator)
    row = published(coordinator)
    with scope(regions=["11"]):
        assert list(RegionalIndicator.objects.all()) == [row]
        seen = RegionalIndicator.objects.filter(pk=row.pk)
        with pytest.raises(Exception, match="row-level security"), transaction.atomic():
            seen.update(opinion="de Paris")
    with scope(regions=["93"]):
        assert set(RegionalIndicator.objects.all()) == {draft, row}


def test_the_next_version_takes_the_place_of_the_former(coordinator):
    former = published(coordinator)
    row = actions.compose_version(by=coordinator, indicator=former)
    actions.change_draft(by=coordinator, indicator=row, composed=WOMEN | {"by_level": False})
    with pytest.raises(ActionRefused, match="trimestre qui la suit"):
        actions.publish_indicator(by=coordinator, indicator=row, starts_on=NOW.starts, opinion="")
    actions.publish_indicator(by=coordinator, indicator=row, starts_on=NEXT, opinion="")
    assert [r.version for r in regional_on(NOW.last_day, "93")] == [1]
    assert [r.version for r in regional_on(NEXT, "93")] == [2]


def test_a_version_begins_once_a_withdrawn_one_is_over(coordinator):
    """Two of one code would count twice, and no page could put it right."""
    former = published(coordinator)
    row = actions.compose_version(by=coordinator, indicator=former)
    actions.withdraw_indicator(by=coordinator, indicator=former, ends_on=AFTER)
    refused = {"by": coordinator, "indicator": row, "opinion": ""}
    with pytest.raises(ActionRefused, match="qui commence ensuite"):
        actions.publish_indicator(**refused, starts_on=NEXT)
    actions.publish_indicator(**refused, starts_on=AFTER)
    for day, version in ((NEXT, 1), (AFTER, 2)):
        assert [r.version for r in regional_on(day, "93")] == [version]


def test_withdrawn_it_is_counted_until_its_day(coordinator):
    row = published(coordinator)
    with pytest.raises(ActionRefused):
        actions.withdraw_indicator(by=coordinator, indicator=row, ends_on=NOW.starts)
    actions.withdraw_indicator(by=coordinator, indicator=row, ends_on=NEXT)
    assert len(regional_on(NOW.last_day, "93")) == 1
    assert regional_on(NEXT, "93") == []


def test_days_that_begin_no_present_or_coming_quarter_are_refused(coordinator):
    draft = composed(coordinator)
    for day in (NOW.before.starts, periods.days_after(NOW.starts, 1)):
        with pytest.raises(ActionRefused, match="premier jour"):
            actions.publish_indicator(by=coordinator, indicator=draft, starts_on=day, opinion="")
    actions.publish_indicator(by=coordinator, indicator=draft, starts_on=NEXT, opinion="")


def test_a_region_has_so_many_and_no_more(coordinator, monkeypatch):
    monkeypatch.setattr(regional, "MOST_IN_FORCE", 1)
    published(coordinator)
    with pytest.raises(ActionRefused, match="Retirez-en un"):
        published(coordinator)


def test_the_opinion_of_the_crefop_may_come_later(coordinator):
    row = published(coordinator)
    actions.note_opinion(by=coordinator, indicator=row, opinion="favorable, 3 mars 2016")
    row.refresh_from_db()
    assert row.opinion == "favorable, 3 mars 2016"


def test_promoted_it_is_counted_everywhere_and_no_longer_for_the_region_alone(coordinator, world):
    row = published(coordinator)
    officer = world["dgefp_officer"].user
    with scope(regions=["11", "93", NATION]):
        for code in ("A1", "C1", "R1", "J123", ""):
            with pytest.raises(ActionRefused):
                actions.promote_indicator(by=officer, indicator=row, code=code, starts_on=AFTER)
        made = actions.promote_indicator(by=officer, indicator=row, code="J1", starts_on=AFTER)
        assert (made.code, made.version, made.label) == ("J1", 1, row.label)
        assert Definition.objects.get(code="J1").statement == row.statement
        before, after = NOW.after, NOW.after.after
        assert [c.code for c in compositions(before, "93")] == ["R93.1"]
        assert [c.code for c in compositions(before, "11")] == []
        for territory in ("93", "11", NATION):
            assert [c.code for c in compositions(after, territory)] == ["J1"]
        assert [c.code for c in compositions(after, "72", "2015")] == ["J1"]
        with pytest.raises(ActionRefused):
            actions.promote_indicator(by=officer, indicator=row, code="J2", starts_on=AFTER)


def test_composed_in_its_own_region_alone(coordinator):
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        actions.compose_indicator(
            by=coordinator, region=Region.objects.get(pk="11"), composed=WOMEN
        )
