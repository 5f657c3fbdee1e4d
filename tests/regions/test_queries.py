"""Territory and names of the date, from the loaded references."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.loading import load_nomenclatures
from operators.models import OperatorCategory, Reason, Service, ServiceLevel
from operators.queries import category_names, choices, operator_of
from regions import queries
from regions.loading import load_territory
from regions.models import (
    Commune,
    Department,
    DepartmentRegion,
    NetworkName,
    Region,
    RegionName,
    RegionPhase,
    RegionSuccession,
)

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"]),
]
EVE, MERGER = date(2015, 12, 31), date(2016, 1, 1)


def test_27_regions_then_18():
    assert Region.objects.count() == 34
    assert len(queries.regions_on(EVE)) == 27
    assert len(queries.regions_on(MERGER)) == 18
    both = {r.code for r in queries.regions_on(EVE)} & {r.code for r in queries.regions_on(MERGER)}
    assert len(both) == 11
    assert RegionSuccession.objects.count() == 16


def test_a_region_bears_the_name_of_the_date():
    assert queries.region_name("24", date(2015, 1, 16)) == "Centre"
    assert queries.region_name("24", date(2015, 1, 17)) == "Centre-Val de Loire"
    assert queries.region_name("72", MERGER) == "Aquitaine"
    assert queries.region_name("FR", MERGER) == "France"


def test_every_region_has_a_name_on_each_of_its_days():
    for region in Region.objects.prefetch_related("names"):
        spans = sorted((n.starts_on, n.ends_on) for n in region.names.all())
        assert (spans[0][0], spans[-1][1]) == (region.starts_on, region.ends_on)
        assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]


def test_a_successor_inherits_and_never_the_reverse():
    assert queries.region_scope("75") == ["54", "72", "74", "75"]
    assert queries.predecessors("75") == ["54", "72", "74"]
    assert queries.region_scope("72") == ["72"]
    assert queries.region_scope("93") == ["93"]


def test_the_eight_prefiguratrices():
    first = RegionPhase.objects.filter(phase=RegionPhase.Phase.PREFIGURATION)
    assert set(first.values_list("region", flat=True)) == {
        "24", "52", "53", "54", "72", "74", "82", "83",
    }  # fmt: skip
    assert RegionPhase.objects.filter(queries.in_force(EVE)).count() == 27
    assert RegionPhase.objects.filter(queries.in_force(MERGER)).count() == 18


def test_101_departments_each_in_one_region_every_day():
    assert Department.objects.count() == 101
    assert DepartmentRegion.objects.count() == 101 + 65
    assert len(queries.department_regions(EVE)) == len(queries.department_regions(MERGER)) == 101
    assert queries.department_regions(EVE)["33"] == "72"
    assert queries.department_regions(MERGER)["33"] == "75"
    assert [d.code for d in queries.departments_of("93", MERGER)] == [
        "04", "05", "06", "13", "83", "84",
    ]  # fmt: skip


@settings(max_examples=25)
@given(st.dates(date(2013, 1, 1), date(2035, 12, 31)))
def test_borders_cover_france_once_on_any_day(day):
    """The départements of the Regions of a day are all départements, each once."""
    names = {r.code for r in queries.regions_on(day)}
    assert set(queries.department_regions(day).values()) == names
    per_region = [d.code for code in names for d in queries.departments_of(code, day)]
    assert sorted(per_region) == sorted(queries.department_regions(day))


def test_communes_are_found_without_accents_and_by_postcode():
    assert Commune.objects.count() == 34_875
    found = [c.name for c in queries.communes_found("saint etienne")]
    assert "Saint-Étienne" in found
    assert {c.code for c in queries.communes_found("13001")} == {"13055"}
    assert queries.commune_key("L'Haÿ-les-Roses") == "L HAY LES ROSES"
    assert queries.commune_key("Œuilly") == "OEUILLY"


def test_names_of_networks_and_operators_of_the_date():
    last, first = date(2023, 12, 31), date(2024, 1, 1)
    names = NetworkName.objects.filter(network="FT")
    assert names.get(queries.in_force(last)).name == "Pôle emploi"
    assert names.get(queries.in_force(first)).name == "France Travail"
    assert category_names(last)["public_employment_service"] == "Pôle emploi"
    assert category_names(first)["public_employment_service"] == "France Travail"


def test_the_opacif_end_without_successor():
    codes = {c.code for c in OperatorCategory.objects.filter(queries.in_force(date(2019, 12, 31)))}
    assert codes == {
        "public_employment_service", "cap_emploi", "mission_locale", "apec", "opacif",
        "regional_operator",
    }  # fmt: skip
    after = OperatorCategory.objects.filter(queries.in_force(date(2020, 1, 1)))
    assert codes - {c.code for c in after} == {"opacif"}


def test_three_levels_and_the_level_of_each_service():
    levels = {lev.code: lev.rank for lev in choices(ServiceLevel, date(2016, 1, 1))}
    assert levels == {"N1": 1, "N2": 2, "N3": 3}
    assert list(choices(ServiceLevel, date(2014, 7, 24))) == []
    assert list(choices(ServiceLevel, date(2030, 1, 1)))  # the end of the framework is not loaded
    services = dict(Service.objects.values_list("code", "level"))
    assert (services["S01"], services["S07"], services["S12"]) == ("N1", "N2", "N3")
    assert [r.code for r in Reason.objects.filter(is_health=True)] == ["M11"]


def test_who_is_an_operator_on_a_day(world):
    assert operator_of(world.marseille.pk, MERGER).category_id == "mission_locale"
    assert operator_of(world.marseille.pk, date(2014, 1, 1)) is None
    assert operator_of(world.cio.pk, MERGER) is None
    assert queries.structure_name(world.cio.pk, MERGER) == "CIO de Marseille"


def test_loading_again_changes_nothing():
    before = list(RegionName.objects.order_by("pk").values()), Commune.objects.get(pk="13055").name
    load_territory()
    load_nomenclatures()
    after = list(RegionName.objects.order_by("pk").values()), Commune.objects.get(pk="13055").name
    assert before == after
