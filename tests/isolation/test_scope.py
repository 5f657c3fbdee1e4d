"""A scope cannot be widened by what is written in it, and leaves nothing behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from beneficiaries.models import ContactTally
from regions.queries import national_regions, region_scope
from sprocep.tenancy import ScopeError, replace_scope, scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

SETTINGS = (
    "SELECT coalesce(current_setting('sprocep.regions', true), ''), "
    "coalesce(current_setting('sprocep.structures', true), ''), "
    "coalesce(current_setting('sprocep.user', true), '')"
)


def settings_now() -> tuple[str, str, str]:
    with connections["default"].cursor() as cursor:
        cursor.execute(SETTINGS)
        return cursor.fetchone()


@pytest.mark.parametrize(
    "code", ["11,93", "93'", "93\0", "", " 93", "9", "933", "fr", "%", "93}", 93, None, "９３"]
)
def test_a_code_is_two_capitals_or_digits(filled, code):
    with scope(regions=["93"], structures=[filled.marseille.pk]):
        assert ContactTally.objects.count() == 1
    with pytest.raises((ScopeError, TypeError)), scope(regions=[code]):
        pytest.fail("the scope opened")


@pytest.mark.parametrize("structure", ["1", "1,2", 1.0, True, None, "1' OR true --"])
def test_a_structure_is_an_integer(structure):
    with pytest.raises((ScopeError, TypeError)), scope(structures=[structure]):
        pytest.fail("the scope opened")


@pytest.mark.parametrize("user", ["1,2", "1 OR true", "1'"])
def test_a_user_is_an_integer(user):
    with pytest.raises(ValueError, match="invalid literal"), scope(user=user):
        pytest.fail("the scope opened")


def test_codes_come_from_the_table():
    assert region_scope("75") == ["54", "72", "74", "75"]
    assert [region_scope(code) for code in ("11,93", "'", "ZZ", "FR", "")] == [[]] * 5
    assert len(national_regions()) == 35


def test_a_nested_scope_gives_the_outer_one_back(filled):
    marseille, paris = filled.marseille.pk, filled.paris.pk
    with scope(regions=["93"], structures=[marseille], user=7):
        outer = settings_now()
        with scope(regions=["11"], structures=[paris]):
            assert settings_now() == ("11", str(paris), "")
            assert set(ContactTally.objects.values_list("structure", flat=True)) == {paris}
        assert settings_now() == outer == ("93", str(marseille), "7")
        with pytest.raises(KeyError), scope(regions=["11"]):
            raise KeyError
        assert settings_now() == outer
        assert set(ContactTally.objects.values_list("structure", flat=True)) == {marseille}


def test_a_replaced_scope_goes_with_the_one_that_was_open(filled):
    """One transaction for a request: the person first, then the membership that she takes up."""
    marseille, paris = filled.marseille.pk, filled.paris.pk
    with scope(regions=["93"], structures=[marseille], user=7):
        outer = settings_now()
        with scope(user=8):
            assert ContactTally.objects.count() == 0
            replace_scope(regions=["11"], structures=[paris])
            assert settings_now() == ("11", str(paris), "")
            assert set(ContactTally.objects.values_list("structure", flat=True)) == {paris}
        assert settings_now() == outer
    with pytest.raises(ScopeError), scope(user=8):
        replace_scope(regions=["11,93"])


def interleave(places: list[tuple[str, int]], rounds: int) -> tuple[int, tuple[str, str, str]]:
    """One connection that takes up each place in turn; how many foreign rows it ever saw."""
    foreign = 0
    try:
        for rank in range(rounds):
            region, structure = places[rank % len(places)]
            with scope(regions=[region], structures=[structure]):
                seen = list(ContactTally.objects.values_list("region_id", "structure_id"))
            foreign += sum(row != (region, structure) for row in seen) + (len(seen) != 1)
        return foreign, settings_now()
    finally:
        connections["default"].close()


def test_ten_thousand_interleaved_scopes_leave_nothing(filled):
    places = [("93", filled.marseille.pk), ("11", filled.paris.pk), ("93", filled.aix.pk)]
    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(interleave, places[i:] + places[:i], 5_000) for i in (0, 1)]
        assert [run.result() for run in runs] == [(0, ("", "", ""))] * 2
