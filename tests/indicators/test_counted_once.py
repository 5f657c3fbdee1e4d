"""A person received without a name, then followed, is counted once; no figure moves for it."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connections

from beneficiaries import actions
from beneficiaries.contact_codes import new_code
from beneficiaries.entries import Identity, Profile, Reception, Talk
from indicators.computation import compute_figures, extent_of
from indicators.models import Figure
from sprocep import periods, tenancy
from tests import fixtures

pytestmark = pytest.mark.django_db(databases=fixtures.ALL_DATABASES, transaction=True)
QUARTER = periods.quarter(2016, 1)
DAY = date(2016, 2, 10)
TALK = Talk(held_on=DAY, channel="PRE", services=("S07",))
PROFILE = Profile(main_reason="M05")
INES = Identity(last_name="Roux", first_name="Inès", birth_date=date(1985, 3, 12))
MAEL = Identity(last_name="Petit", first_name="Maël", birth_date=date(1991, 7, 1))


def received(member, code: str) -> None:
    reception = Reception(
        held_on=DAY, site=member.site, channel="PRE", theme="T01", audience="P04", result="R01"
    )
    with at(member):
        actions.log_contact(by=member.user, membership=member, reception=reception, code=code)


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


def lived(world, *, gives_it: bool) -> tuple[list[tuple], dict[str, int]]:
    """Two persons come without a name. One of them, Inès, is then followed by two structures;
    Maël is followed and never came: three persons. All figures, and what they are made of."""
    fixtures.clear_all_but_the_world()
    marseille, aix = world["adviser marseille"], world["adviser aix"]
    code = new_code()
    received(marseille, code)
    received(marseille, new_code())
    for member in (marseille, aix):
        followed(member, INES, code if gives_it else "")
    followed(aix, MAEL)
    extent = extent_of(QUARTER, "93")
    compute_figures(extent)
    with tenancy.scope(regions=extent.scope, using="compiler"):
        columns = [f.attname for f in Figure._meta.concrete_fields if f.name != "id"]
        rows = Figure.objects.using("compiler").order_by(*columns).values_list(*columns)
        return list(rows), {name: counted(sql) for name, sql in COUNTED.items()}


# Read as the compilation, which sees no code of a contact: journeys alone say what to deduct.
COUNTED = {
    "contacts": "SELECT count(*) FROM beneficiaries_contact",
    "persons": "SELECT count(DISTINCT key) FROM beneficiaries_personkey",
    "linked": "SELECT count(DISTINCT contact_code_fingerprint) FROM beneficiaries_journey",
}


def counted(sql: str) -> int:
    with connections["compiler"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_no_figure_moves_and_she_counts_once(world):
    before, apart = lived(world, gives_it=False)
    after, linked = lived(world, gives_it=True)
    assert before == after
    assert len(before) > 50
    assert apart == {"contacts": 2, "persons": 2, "linked": 0}
    assert linked == {"contacts": 2, "persons": 2, "linked": 1}
    assert linked["contacts"] + linked["persons"] - linked["linked"] == 3
