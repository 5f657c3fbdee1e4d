"""Names that change and Regions that merge: from a day to come, by the DGEFP alone."""

from datetime import date

import pytest
from django.db import transaction

from regions import actions, queries
from regions.middleware import scope_of
from regions.models import AuditEvent, DepartmentRegion, Membership, Region, SproMembership
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

NEXT = periods.coming_quarters(periods.today(), 4)[-1].starts


@pytest.fixture
def officer(world):
    member = world["dgefp_officer"]
    with scope_of(member, read_only=False):
        yield member.user


def merge(officer, *codes: str, code: str = "99", starts_on: date = NEXT) -> Region:
    return actions.merge_regions(
        by=officer,
        merging=list(Region.objects.filter(pk__in=codes)),
        code=code,
        name="Grand Sud-Est",
        chef_lieu="Marseille",
        starts_on=starts_on,
    )


def test_a_region_is_called_otherwise_from_a_day_on(officer):
    before = queries.region_name("93", periods.today())
    region = Region.objects.get(pk="93")
    actions.rename_region(by=officer, region=region, name="Provence", starts_on=NEXT)
    assert queries.region_name("93", periods.today()) == before
    assert queries.region_name("93", NEXT) == "Provence"
    assert [sentence for _, sentence in queries.changes_to_come(periods.today())] == [
        f"{before} s’appelle Provence."
    ]
    assert AuditEvent.objects.filter(action="rename_region", territory="93").count() == 1


def test_what_was_remembered_is_read_again(officer, django_capture_on_commit_callbacks):
    before = queries.regions_on(NEXT)
    with django_capture_on_commit_callbacks(execute=True):
        merge(officer, "93", "84")
    assert len(queries.regions_on(NEXT)) == len(before) - 1


def test_a_name_does_not_change_in_the_past_nor_twice(officer):
    region = Region.objects.get(pk="93")
    with pytest.raises(ActionRefused, match="un jour à venir"):
        actions.rename_region(by=officer, region=region, name="P", starts_on=periods.today())
    old = Region.objects.get(pk="72")
    with pytest.raises(ActionRefused, match="n’existera plus"):
        actions.rename_region(by=officer, region=old, name="P", starts_on=NEXT)
    actions.rename_region(by=officer, region=region, name="Provence", starts_on=NEXT)
    with pytest.raises(ActionRefused, match="Un nom à venir"):
        actions.rename_region(by=officer, region=region, name="Sud", starts_on=NEXT)


def test_a_merger_hands_over_departments_structures_and_people(officer, world):
    people = Membership.objects.filter(region__in=["93", "84"], ends_on=None).count()
    members = set(
        SproMembership.objects.filter(region="93", ends_on=None).values_list(
            "structure_id", flat=True
        )
    )
    moved = {d.pk for code in ("93", "84") for d in queries.departments_of(code, periods.today())}
    born = merge(officer, "93", "84")
    eve = periods.days_after(NEXT, -1)
    assert {r.code for r in queries.regions_on(eve)} & {"93", "84", "99"} == {"93", "84"}
    assert {r.code for r in queries.regions_on(NEXT)} & {"93", "84", "99"} == {"99"}
    assert len(queries.regions_on(NEXT)) == len(queries.regions_on(eve)) - 1
    assert {d.pk for d in queries.departments_of("99", NEXT)} == moved
    assert set(queries.region_scope("99")) >= {"93", "84", "82", "83", "99"}
    held = Membership.objects.filter(region=born)
    assert held.count() == people > 0
    assert set(held.values_list("starts_on", flat=True)) == {NEXT}
    with tenancy.scope(regions=[*queries.national_regions()]):
        inside = SproMembership.objects.filter(region="99").values_list("structure_id", flat=True)
        assert set(inside) == members
        assert len(members) > 0
    assert AuditEvent.objects.filter(action="merge_regions", object_id="99").count() == 1


@pytest.mark.parametrize(
    ("codes", "options", "sentence"),
    [
        (["93"], {}, "au moins deux"),
        (["93", "72"], {}, "au moins deux"),
        (["93", "84"], {"code": "72"}, "a déjà désigné"),
        (["93", "84"], {"code": "FR"}, "a déjà désigné"),
        (["93", "84"], {"starts_on": periods.days_after(NEXT, 1)}, "premier jour d’un trimestre"),
        (["93", "84"], {"starts_on": date(2016, 1, 1)}, "premier jour d’un trimestre"),
    ],
)
def test_an_impossible_merger_is_refused_and_changes_nothing(officer, codes, options, sentence):
    before = list(DepartmentRegion.objects.order_by("pk").values_list("pk", "ends_on"))
    with pytest.raises(ActionRefused, match=sentence), transaction.atomic():
        merge(officer, *codes, **options)
    assert list(DepartmentRegion.objects.order_by("pk").values_list("pk", "ends_on")) == before
    assert merge(officer, "93", "84").pk == "99"


def test_the_officer_renames_and_merges_on_screen(logged_in, world):
    browser = logged_in(world["dgefp_officer"])
    page = browser.get("/nation/regions/").content.decode()
    assert "Fusionner des Régions" in page
    answer = browser.post(
        "/nation/regions/93/nom/", {"name": "Provence", "starts_on": NEXT.isoformat()}, follow=True
    )
    assert "appellera Provence" in answer.content.decode()
    typed = {"code": "99", "name": "Grand Sud", "chef_lieu": "Lyon", "starts_on": NEXT.isoformat()}
    refused = browser.post("/nation/regions/fusion/", {**typed, "merging": ["93"]})
    assert "au moins deux Régions" in refused.content.decode()
    assert 'value="Grand Sud"' in refused.content.decode()
    merged = browser.post(
        "/nation/regions/fusion/", {**typed, "merging": ["76", "84"]}, follow=True
    )
    assert "Grand Sud naîtra" in merged.content.decode()
    assert "prend la suite de" in merged.content.decode()


@pytest.mark.parametrize("address", ["/nation/regions/", "/nation/regions/fusion/"])
def test_the_menu_says_where_a_page_below_an_entry_is(logged_in, world, address):
    page = logged_in(world["dgefp_officer"]).get(address).content.decode()
    menu = page[page.index("Menu principal") : page.index("</nav>", page.index("Menu principal"))]
    marked = [link for link in menu.split("<a ")[1:] if "aria-current" in link]
    assert len(marked) == 1
    assert 'aria-current="true"' in marked[0]
    assert "Référentiels" in marked[0]
