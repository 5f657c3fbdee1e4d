"""What each resource says, against what is in the base."""

import pytest
from django.conf import settings

from indicators.definitions import INDICATORS
from operators.api import LISTS
from operators.models import Nomenclature, Operator, Reason
from regions.models import DepartmentRegion
from tests.indicators.pages.fabricated import AFTER, BEFORE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

END_OF_2015 = "2015-12-31"


def test_regions_are_those_of_the_day_under_their_names_of_the_day(read):
    before = {r["code"]: r for r in read("regions", on=END_OF_2015)["results"]}
    after = {r["code"]: r for r in read("regions", on="2016-01-01")["results"]}
    assert (len(before), len(after)) == (27, 18)
    assert before["24"]["name"] == "Centre-Val de Loire"
    assert (
        read("regions", on="2015-01-16", zone="metropole")["results"][0]["name"] == "Île-de-France"
    )
    assert {one["code"] for one in after["75"]["predecessors"]} == {"54", "72", "74"}
    assert {one["on"] for one in after["75"]["predecessors"]} == {"2016-01-01"}
    assert (before["72"]["ends_on"], after["75"]["ends_on"]) == ("2016-01-01", None)


def test_without_a_day_every_region_ever_with_all_its_names(read):
    found = {r["code"]: r for r in read("regions")["results"]}
    assert len(found) == 34
    assert [name["name"] for name in found["24"]["names"]] == ["Centre", "Centre-Val de Loire"]
    assert list(found) == sorted(found)


def test_departments_have_the_region_of_the_day(read):
    before = read("departments", on=END_OF_2015, region="72")["results"]
    assert [one["code"] for one in before] == ["24", "33", "40", "47", "64"]
    assert {one["region_name"] for one in before} == {"Aquitaine"}
    after = read("departments", on="2016-01-01", region="75")["results"]
    assert {one["code"] for one in before} < {one["code"] for one in after}
    assert len(read("departments", page_size=1000)["results"]) == DepartmentRegion.objects.count()


def test_operators_have_the_names_and_the_category_of_the_day(read):
    def found(**parameters) -> dict[str, dict]:
        return {
            one["name"]: one for one in read("operators", page_size=1000, **parameters)["results"]
        }

    national = found(on=END_OF_2015)["Agence nationale"]
    assert national == {
        "siret": national["siret"],
        "name": "Agence nationale",
        "network": "FT",
        "category": "public_employment_service",
        "category_name": "Pôle emploi",
        "max_rank": 3,
        "departments": ["13", "33", "75"],
        "starts_on": "2014-07-25",
        "ends_on": None,
    }
    assert found(on="2024-01-01")["Agence nationale"]["category_name"] == "France Travail"
    assert "Mission locale de Paris" in found(department="75", network="ML")
    assert set(found(department="75", category="mission_locale")) == {"Mission locale de Paris"}
    assert found(on="2014-01-01") == {}
    assert len(read("operators", page_size=1000)["results"]) == Operator.objects.count()


def test_every_code_list_is_there_with_its_dates(read):
    lists = read("nomenclatures")["results"]
    assert [one["list"] for one in lists] == list(LISTS)
    assert set(Nomenclature.__subclasses__()) <= set(LISTS.values())
    for one in lists:
        assert read(f"nomenclatures/{one['list']}")["results"], one["list"]
        assert one["codes"] == f"{settings.SITE_URL}/api/v1/nomenclatures/{one['list']}/"
    reasons = read("nomenclatures/reason")["results"]
    assert [one["code"] for one in reasons] == sorted(Reason.objects.values_list("pk", flat=True))
    assert reasons[0] | {"label": ""} == {
        "code": "M01", "label": "", "position": 1, "starts_on": "2014-01-01", "ends_on": None,
    }  # fmt: skip


def test_a_category_has_one_line_a_name(read):
    lines = read("nomenclatures/operator")["results"]
    assert [
        (one["label"], one["starts_on"], one["ends_on"])
        for one in lines
        if one["code"] == "public_employment_service"
    ] == [("Pôle emploi", "2014-03-07", "2024-01-01"), ("France Travail", "2024-01-01", None)]
    today = read("nomenclatures/operator", on="2026-11-25")["results"]
    assert "opacif" not in {one["code"] for one in today}


def test_definitions_are_those_of_the_national_base(read):
    found = read("definitions")["results"]
    assert [one["code"] for one in found] == [indicator.code for indicator in INDICATORS]
    assert found[0] == {
        "code": "A1",
        "label": "Entrées en CEP",
        "unit": "journeys",
        "unit_label": "parcours",
        "populations": [{"code": "journeys_opened", "label": "parcours ouverts"}],
        "breakdowns": [{"code": "month", "label": "mois"}],
        "by_level": True,
        "by_operator": True,
        "by_department": True,
        "legal_source": "arrêté du 16 juillet 2014, annexe, § 4",
        "starts_on": "2015-01-01",
    }


def test_editions_of_all_are_read_once_sealed(read, settings):
    found = read("editions")["results"]
    assert [one["edition"] for one in found] == [
        f"{period}/{territory}/1" for period in (BEFORE, AFTER) for territory in ("11", "93", "FR")
    ]
    one = read("editions/2016-T1/93/1")
    assert one == found[4]
    assert one | {"sealed_at": "", "figures_seal": "", "chained_seal": ""} == {
        "edition": "2016-T1/93/1",
        "period": "2016-T1",
        "period_label": "1er trimestre 2016",
        "region": "93",
        "region_name": "Provence-Alpes-Côte d'Azur",
        "number": 1,
        "state": "sealed",
        "sealed_at": "",
        "transmitted_at": None,
        "figures_seal": "",
        "chained_seal": "",
        "supersedes": None,
        "cause": "",
        "notice": settings.SECRECY_NOTICE,
    }
    assert [e["edition"] for e in read("editions", period="2015-T4", region="FR")["results"]] == [
        "2015-T4/FR/1"
    ]
    assert {e["state"] for e in read("editions", state="transmitted")["results"]} == {"transmitted"}


def test_what_happened_is_for_the_region_and_the_nation(browse, program):
    address = "/api/v1/editions/2016-T1/93/1/events/"
    for client in (program("93"), browse("dgefp_officer"), browse("auditor")):
        kinds = [event["kind"] for event in client.get(address).json()["results"]]
        assert kinds == ["review_opened", "validated", "sealed"]
    assert program("11").get(address).status_code == 404
    assert browse("network_head ML").get(address).status_code == 404
    assert program("93").get("/api/v1/editions/2016-T2/93/1/events/").status_code == 404


def test_a_draft_is_no_edition_whoever_asks(browse, program):
    for client in (program("93"), browse("dgefp_officer"), browse("auditor")):
        there = client.get("/api/v1/editions/", {"period": "2016-T2"})
        assert (there.status_code, there.json()["results"]) == (200, [])
        unknown = client.get("/api/v1/editions/2016-T3/93/1/")
        for address in ("editions/2016-T2/93/1/", "figures/?edition=2016-T2/93/1"):
            draft = client.get(f"/api/v1/{address}")
            assert (draft.status_code, draft.content) == (404, unknown.content)
        assert client.get("/api/v1/editions/2016-T1/93/1/").status_code == 200
