"""Parameters are a closed list, and pages go on where the last one ended."""

import re

import pytest
from django.db import connection
from django.test import Client

from indicators.models import Edition
from regions.models import DepartmentRegion
from sprocep.tenancy import scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

ONE_OF = {
    "regions": "on, zone, cursor, page_size",
    "departments": "on, region, cursor, page_size",
    "operators": "on, category, network, department, cursor, page_size",
    "nomenclatures": "aucun",
    "nomenclatures/reason": "on, cursor, page_size",
    "definitions": "aucun",
    "editions": "period, region, state, cursor, page_size",
    "editions/2016-T1/93/1": "aucun",
    "editions/2016-T1/93/1/events": "aucun",
    "editions/2016-T1/93/1/figures/A1,d=13": "aucun",
    "figures": "edition, indicator, population, breakdown, category, department, operator, level, "
    "status, cursor, page_size",
    "schema": "aucun",
}


@pytest.fixture
def client(program) -> Client:
    return program("93")


def refused(client, resource: str, query: str) -> str:
    answer = client.get(f"/api/v1/{resource}/?{query}")
    assert answer.status_code == 400, (query, answer.content)
    assert (answer["Content-Type"], list(answer.json())) == ("application/json", ["error"])
    return answer.json()["error"]


@pytest.mark.parametrize("resource", ONE_OF)
def test_an_unknown_parameter_is_refused_and_the_known_ones_named(client, resource):
    for name in ("page", "ordering", "format", "region__names__name", "id", "limit"):
        said = refused(client, resource, f"{name}=1")
        assert said == f"Paramètre inconnu. Paramètres possibles ici : {ONE_OF[resource]}."


@pytest.mark.parametrize(
    ("resource", "query", "sentence"),
    [
        ("regions", "on=31/12/2015", "écrivez un jour qui existe, comme 2016-03-31."),
        ("regions", "on=2015-02-29", "écrivez un jour qui existe, comme 2016-03-31."),
        ("regions", "on=20151231", "écrivez un jour qui existe, comme 2016-03-31."),
        ("regions", "on=2015-12-31%00", "écrivez un jour qui existe, comme 2016-03-31."),
        ("regions", "zone=ocean", "choisissez parmi metropole, drom."),
        ("departments", "region=ZZ", "ce code n’existe pas."),
        ("departments", "region=93%20", "ce code n’existe pas."),
        ("departments", "region=9%003", "ce code n’existe pas."),
        ("departments", "region=%ED%A0%80", "ce code n’existe pas."),
        ("departments", "region=%FF", "ce code n’existe pas."),
        ("departments", f"region={'9' * 60_000}", "ce code n’existe pas."),
        ("operators", "category=ML", "ce code n’existe pas."),
        ("operators", "network=mission_locale", "ce code n’existe pas."),
        ("operators", "department=2a", "ce code n’existe pas."),
        ("editions", "period=2016-T5", "écrivez par exemple 2016, 2016-T1 ou 2016-01."),
        ("editions", "period=2016-13", "écrivez par exemple 2016, 2016-T1 ou 2016-01."),
        ("editions", "period=٢٠١٦", "écrivez par exemple 2016, 2016-T1 ou 2016-01."),
        ("editions", "period=2016%0A", "écrivez par exemple 2016, 2016-T1 ou 2016-01."),
        (
            "editions",
            "state=draft",
            "choisissez parmi sealed, transmitted, acknowledged, superseded.",
        ),
        ("editions", "region=", "est vide : donnez une valeur, ou ôtez le paramètre."),
        (
            "editions",
            "region=93&region=11",
            "est donné plusieurs fois : une seule valeur à la fois.",
        ),
    ],
)
def test_a_value_that_is_none_is_refused(client, resource, query, sentence):
    name = query.partition("=")[0]
    said = refused(client, resource, query)
    assert re.fullmatch(rf"« {name} »( :)? {re.escape(sentence)}", said), said


@pytest.mark.parametrize(
    "size", ["0", "-1", "1001", "10000000000", "1e2", "5.0", "%2B5", "05", "٥", "²", "a", "%00"]
)
def test_a_page_has_from_1_to_1000_rows(client, size):
    said = refused(client, "regions", f"page_size={size}")
    assert said == "« page_size » : un nombre entier de 1 à 1000."
    assert len(client.get("/api/v1/regions/?page_size=1").json()["results"]) == 1


# ── Pages ────────────────────────────────────────────────────────────────────────────────────


def pages(client, address: str) -> list[list[dict]]:
    found = []
    while address:
        answer = client.get(address)
        body = answer.json()
        link = f'<{body["next"]}>; rel="next"' if body["next"] else None
        assert answer.headers.get("Link") == link
        found.append(body["results"])
        address = body["next"]
    return found


@pytest.mark.parametrize(
    "resource", ["regions", "departments", "operators", "nomenclatures/operator", "editions"]
)
def test_pages_hold_every_row_once_in_one_order(client, resource):
    whole = client.get(f"/api/v1/{resource}/?page_size=1000").json()
    assert whole["next"] is None
    for size in (1, 3, len(whole["results"])):
        parts = pages(client, f"/api/v1/{resource}/?page_size={size}")
        assert [row for part in parts for row in part] == whole["results"]
        assert {len(part) for part in parts[:-1]} <= {size}
        assert 0 < len(parts[-1]) <= size


def test_without_a_size_a_page_has_100_rows(client):
    assert DepartmentRegion.objects.count() > 100
    assert len(client.get("/api/v1/departments/").json()["results"]) == 100


def test_pages_stay_while_another_edition_is_sealed(client, base):
    """What is sealed behind the place reached comes in its turn. No row twice, none lost."""
    address = "/api/v1/editions/?page_size=2"
    expected = [row for part in pages(client, address) for row in part]
    first = client.get(address).json()
    with scope(regions=["FR"]):
        for period, territory in (("2016-T2", "93"), ("2016-T2", "11")):
            edition = Edition.objects.filter(period=period, territory=territory)
            edition.update(state="under_review")
            edition.update(state="validated")
            edition.update(
                state="sealed",
                sealed_at="2026-11-25T10:00Z",
                sealed_by=base["dgefp_officer"].user,
                chained_seal="0" * 64,
            )
    rest = [row for part in pages(client, first["next"]) for row in part]
    assert [r["edition"] for r in first["results"] + rest] == [
        *(r["edition"] for r in expected), "2016-T2/11/1", "2016-T2/93/1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        lambda cursor: "WyI5MyJd",
        lambda cursor: "WyI5MyJd:x",
        lambda cursor: "%00",
        lambda cursor: "%ED%A0%80:é",
        lambda cursor: "9" * 60_000,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(client, change):
    following = client.get("/api/v1/regions/?page_size=5").json()["next"]
    cursor = re.search("cursor=([^&]+)", following)[1]
    said = refused(client, "regions", f"page_size=5&cursor={change(cursor)}")
    assert said.startswith("« cursor » ne continue pas cette demande.")
    assert client.get(f"/api/v1/regions/?page_size=9&cursor={cursor}").status_code == 200


def test_a_cursor_continues_its_own_demand_only(client):
    following = client.get("/api/v1/regions/?page_size=5&zone=metropole").json()["next"]
    cursor = re.search("cursor=([^&]+)", following)[1]
    assert client.get(following).status_code == 200
    for resource, query in (("regions", ""), ("regions", "zone=drom&"), ("departments", "")):
        refused(client, resource, f"{query}cursor={cursor}")


# ── Methods and forms ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("resource", [r for r in ONE_OF if r != "figures"])
def test_reading_is_by_get_or_head_and_nothing_else(client, resource):
    address = f"/api/v1/{resource}/"
    whole, head = client.get(address), client.head(address)
    assert (whole.status_code, head.status_code, head.content) == (200, 200, b"")
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = client.generic(method, address, b"{", "application/json")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD"), method
        assert answer.json() == {
            "error": "Cette adresse ne prend pas cette méthode : elle se lit par GET ou HEAD."
        }


def test_only_json_is_spoken(client):
    address = "/api/v1/regions/"
    for accept in ("text/html", "application/xml", "x", ";;q=a"):
        answer = client.get(address, headers={"Accept": accept})
        assert (answer.status_code, answer["Content-Type"]) == (406, "application/json"), accept
    for accept in ("*/*", "application/json", "text/html, */*;q=0.1", "application/*"):
        assert client.get(address, headers={"Accept": accept}).status_code == 200
    assert client.get("/api/v1/regions.json").status_code == 404
    assert client.get("/api/v1/regions.json/").json() == {"error": "Introuvable."}


def test_a_fault_of_ours_is_json_too(client):
    client.raise_request_exception = False

    def fail(execute, sql, *rest):
        if "regions_department" in sql:
            raise ZeroDivisionError
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        answer = client.get("/api/v1/departments/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
    assert answer.json() == {"error": "Erreur du service."}
    assert client.get("/api/v1/departments/").status_code == 200
