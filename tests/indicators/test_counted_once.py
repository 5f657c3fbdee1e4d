"""A person received without a name, then followed, is counted once, by what the base publishes."""

from dataclasses import replace
from datetime import date

import pytest

from beneficiaries import actions
from beneficiaries.contact_codes import new_contact_code
from beneficiaries.entries import Identity, Profile, Reception, Talk
from indicators.computation import compute_figures, extent_of
from indicators.models import Figure
from sprocep import periods, tenancy
from tests import clearing, fixtures

pytestmark = pytest.mark.django_db(databases=fixtures.ALL_DATABASES, transaction=True)
QUARTER = periods.quarter(2016, 1)
DAY = date(2016, 2, 10)
TALK = Talk(held_on=DAY, channel="PRE", services=("S07",))
PROFILE = Profile(main_reason="M05")
INES = Identity(last_name="Roux", first_name="Inès", birth_date=date(1985, 3, 12))
MAEL = Identity(last_name="Petit", first_name="Maël", birth_date=date(1991, 7, 1))


def received(member) -> str:
    """The code that she takes away."""
    reception = Reception(
        held_on=DAY, site=member.site, channel="PRE", theme="T01", audience="P04", result="R01"
    )
    with at(member):
        assert actions.log_contact(membership=member, reception=reception)
    return new_contact_code(member.structure_id, member.region_id)


def followed(member, person: Identity, code: str = "") -> None:
    with at(member):
        actions.log_first_session(
            by=member.user,
            membership=member,
            person=person,
            profile=replace(PROFILE, contact_code=code),
            talk=TALK,
        )


def at(member):
    return tenancy.scope(regions=[member.region_id], structures=[member.structure_id])


def lived(world, *, gives_it: bool) -> dict[tuple, int]:
    """Two persons come without a name. One of them, Inès, is then followed by two structures;
    Maël is followed and never came: three persons. All figures, and what they are made of."""
    clearing.clear_all_but_the_world()
    marseille, aix = world["adviser marseille"], world["adviser aix"]
    code = received(marseille)
    received(marseille)
    for member in (marseille, aix):
        followed(member, INES, code if gives_it else "")
    followed(aix, MAEL)
    extent = extent_of(QUARTER, "93")
    compute_figures(extent)
    with tenancy.scope(regions=extent.scope, using="compiler"):
        rows = Figure.objects.using("compiler").order_by(*ADDRESS).values_list(*ADDRESS, "value")
        return {tuple(address): value for *address, value in rows}


ADDRESS = ("indicator", "population", "breakdown", "category", "operator", "level", "department")


def whole(figures: dict[tuple, int], indicator: str, breakdown="total", category="total") -> int:
    found = [
        value
        for address, value in figures.items()
        if address[0] == indicator and address[2:] == (breakdown, category, *["total"] * 3)
    ]
    (value,) = found
    return value


def test_she_counts_once_and_no_other_figure_moves(world):
    before = lived(world, gives_it=False)
    after = lived(world, gives_it=True)
    assert before.keys() == after.keys()
    assert len(before) > 50
    moved = {address[:4] for address in before if before[address] != after[address]}
    assert moved == {("A7", "journeys_opened", "arrival", code) for code in ("V4", "NR")}
    for figures, told in ((before, 5), (after, 3)):
        with_a_code = whole(figures, "A7", "arrival", "V4")
        assert whole(figures, "A6") + whole(figures, "A1") - with_a_code == told
