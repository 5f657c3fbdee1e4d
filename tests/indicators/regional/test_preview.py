"""A preview says a size and nothing more: blurred by the units themselves, few, traced."""

import pytest
from django.db import connections
from django.utils import timezone

from indicators import actions
from indicators.actions import regional
from indicators.computation import compute_figures, extent_of
from indicators.computation.previews import blurred, preview
from indicators.models import Preview, Work
from indicators.regional.composition import Composition
from indicators.worklist import nation
from regions.models import AuditEvent, Region, User
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import scope
from tests import factories
from tests.databases import cloned_database
from tests.indicators.regional.conftest import WOMEN

K = 11
YEAR = Period.parse("2016")


@pytest.fixture(scope="module")
def sealed(national, django_db_blocker, worker_id):
    """The national base, with a sealed quarter of Region 11 and somebody who composes."""
    with (
        django_db_blocker.unblock(),
        cloned_database(f"previews_{worker_id}", template=national.untouched),
    ):
        by = User.objects.using("owner").create(email="coordination.11@exemple.fr")
        factories.edition(
            "2016-T1",
            "11",
            "sealed",
            sealed_at=timezone.now(),
            sealed_by_id=by.pk,
            chained_seal="0" * 64,
        )
        yield User.objects.get(pk=by.pk)
        connections.close_all()


def women(**other) -> Composition:
    made = Composition(
        code="R11.1",
        label="femmes",
        population="journeys_opened",
        measure="count",
        filters=(("sex", ("F",)),),
        by_level=True,
    )
    return Composition(**{name: getattr(made, name) for name in made.__dataclass_fields__} | other)


@pytest.mark.parametrize("count", [0, 1, 10, 11, 12, 21, 40])
def test_a_count_becomes_a_neighbouring_multiple_right_in_the_mean(count):
    shown = [blurred(count, key, K) for key in range(-5 * K, 6 * K)]
    assert {value % K for value in shown} == {0}
    assert max(abs(value - count) for value in shown) < K
    assert sum(shown) == count * len(shown)


def test_the_same_units_give_the_same_number_however_they_are_found(sealed):
    extent = extent_of(YEAR, "11")
    lines = preview(extent, women(), K)
    assert len(lines) == 4  # the whole and three levels
    assert preview(extent, women(), K) == lines
    ages = ("A1", "A2", "A3", "A4", "A5", "NR")
    found_otherwise = women(filters=(("age", ages), ("sex", ("F",))))
    assert preview(extent, found_otherwise, K) == lines


def test_what_is_shown_is_near_what_is_counted_and_never_it(sealed):
    extent, one = extent_of(YEAR, "11"), women(breakdown="situation")
    compute_figures(extent, composed=[one])
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT level, category, value FROM indicators_figure "
            "WHERE indicator = 'R11.1' AND territory = '11'"
        )
        counted = {row[:2]: int(row[2]) for row in cursor.fetchall()}
    shown = {(line["level"], line["category"]): line["about"] for line in preview(extent, one, K)}
    assert any(value for value in shown.values())
    for address, about in shown.items():
        assert about % K == 0
        assert abs(about - counted[address]) < K


def test_a_share_and_a_median_are_whole_and_want_fifty(sealed):
    extent = extent_of(YEAR, "11")
    share = women(measure="share", filters=(), part=(("sex", ("F",)),))
    whole, *_ = [line for line in preview(extent, share, K) if line["level"] == "total"]
    assert whole["about"] >= 50
    assert 0 <= whole["value"] <= 100
    few = women(measure="median", subject="delay", filters=(("sex", ("NR",)),))
    assert {line["value"] for line in preview(extent, few, K)} <= {None}


def test_asked_worked_and_read_back(sealed):
    with scope(regions=["11"]):
        region = Region.objects.get(pk="11")
        draft = actions.compose_indicator(by=sealed, region=region, composed=WOMEN)
        actions.request_preview(by=sealed, indicator=draft)
        assert AuditEvent.objects.latest("pk").action == "request_preview"
    with nation():
        work = Work.objects.filter(step=Work.Step.PREVIEW).latest("pk")
    for _ in range(2):  # the same message twice
        actions.carry_out(work=work)
    with scope(regions=["11"]):
        made = Preview.objects.get(indicator=draft)
        assert {line["period"] for line in made.lines} == {"2016-T1"}
        assert made.done_at
    with scope(regions=["93"]):
        assert Preview.objects.count() == 0


def test_previews_are_few(sealed, monkeypatch):
    monkeypatch.setattr(regional, "PREVIEWS_A_DAY", 3)
    with scope(regions=["11"]):
        region = Region.objects.get(pk="11")
        draft = actions.compose_indicator(by=sealed, region=region, composed=WOMEN)
        left = 3 - Preview.objects.count()
        for _ in range(left):
            actions.request_preview(by=sealed, indicator=draft)
        with pytest.raises(ActionRefused, match="retrouver une personne"):
            actions.request_preview(by=sealed, indicator=draft)
    with scope(regions=["93"]):
        other = actions.compose_indicator(
            by=sealed, region=Region.objects.get(pk="93"), composed=WOMEN
        )
        with pytest.raises(ActionRefused, match="scellé"):
            actions.request_preview(by=sealed, indicator=other)
