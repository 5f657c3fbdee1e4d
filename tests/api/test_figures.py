"""Figures: the cells of a sealed edition, as in its files, page after page."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.exports.blocks import Block
from indicators.exports.rows import COLUMNS, block_rows, written
from indicators.exports.seal import seal_of
from indicators.models import Edition, EditionCell
from regions.middleware import scope_of
from regions.models import AccessEvent
from sprocep.tenancy import scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

OWN, OTHER, NATION, DRAFT = "2016-T1/93/1", "2016-T1/11/1", "2016-T1/FR/1", "2016-T2/93/1"
FIGURES = "/api/v1/figures/"


def every_row(client, **parameters) -> list[dict]:
    """Rows of all pages, along « next »."""
    rows, address = [], FIGURES
    while address:
        body = client.get(address, parameters).json()
        rows, address, parameters = rows + body["results"], body["next"], {}
    return rows


def as_in_files(rows: list[dict]) -> list[tuple[str, ...]]:
    """The texts of a CSV, from the numbers of the API."""
    texts = []
    for row in rows:
        value = None if row["value"] is None else Decimal(str(row["value"]))
        numbers = {"value": written(value), "completeness": f"{row['completeness']:.1f}"}
        texts.append(tuple(str((row | numbers)[column]) for column in COLUMNS))
    return texts


@pytest.mark.parametrize("code", [OWN, OTHER, NATION])
def test_rows_of_all_pages_give_the_seal_of_the_edition(program, code):
    client = program("93")
    texts = as_in_files(every_row(client, edition=code, page_size=400))
    assert len(texts) > 400
    assert len(set(texts)) == len(texts)
    assert seal_of(texts) == client.get(f"/api/v1/editions/{code}/").json()["figures_seal"]


def test_constant_borders_have_rows_and_are_no_edition(program):
    client, code = program("93"), "2015-T4/75/b2016"
    with scope(regions=["93"]):
        edition = Edition.objects.get(period="2015-T4", territory="FR")
        expected = sorted(block_rows(Block(edition, "75", "2016")))
    assert sorted(as_in_files(every_row(client, edition=code, page_size=1000))) == expected
    assert client.get(f"/api/v1/editions/{code}/").status_code == 404
    assert client.get(FIGURES, {"edition": "2016-T1/75/b2016"}).status_code == 404


def test_a_secret_cell_says_nothing_but_that(read):
    first = {"edition": OWN, "page_size": 1}
    secret = read("figures", **first, status="secret")["results"][0]
    published = read("figures", **first, status="published")["results"][0]
    assert (secret["value"], secret["status"]) == (None, "secret")
    assert list(secret) == list(published) == [*COLUMNS, "labels"]
    assert list(secret["labels"]) == list(published["labels"])
    same = dict.fromkeys(COLUMNS) | {"value": None}
    assert secret | same | {"labels": 0} == published | same | {"labels": 0}


def test_a_row_carries_its_words(read, settings):
    page = read("figures", edition=OWN, indicator="A1", breakdown="month", category="2016-02")
    row = next(r for r in page["results"] if r["operator"] == r["level"] == "total")
    assert page["notice"] == settings.SECRECY_NOTICE
    assert row["labels"] == {
        "region": "Provence-Alpes-Côte d'Azur",
        "indicator": "Entrées en CEP",
        "population": "parcours ouverts",
        "breakdown": "mois",
        "category": "février 2016",
        "department": "ensemble",
        "operator": "ensemble",
        "level": "ensemble",
        "unit": "parcours",
    }
    page = read("figures", edition=OWN, indicator="A1", department="13", operator="mission_locale")
    assert [r["labels"]["department"] for r in page["results"]] == ["Bouches-du-Rhône"]
    assert page["results"][0]["labels"]["operator"] == "Missions locales"


@pytest.mark.parametrize(
    "parameters",
    [
        {"indicator": "B1", "population": "persons_seen", "level": "N2"},
        {"breakdown": "reason", "category": "M05"},
        {"breakdown": "total", "operator": "apec"},
        {"department": "13", "status": "published"},
        {"category": "total", "operator": "total", "level": "total", "department": "total"},
    ],
)
def test_filters_keep_what_they_say(read, parameters):
    with scope(regions=["93"]):
        expected = EditionCell.objects.filter(
            edition__period="2016-T1", edition__territory="93", **parameters
        ).count()
    rows = read("figures", edition=OWN, page_size=1000, **parameters)["results"]
    assert 0 < len(rows) == expected
    assert all({name: row[name] for name in parameters} == parameters for row in rows)


def test_a_code_of_no_list_of_the_period_is_refused(program):
    client = program("93")
    for parameters in (
        {"operator": "ML"},
        {"department": "999"},
        {"level": "N4"},
        {"category": "M98"},
        {"breakdown": "reason", "category": "CDI"},
        {"indicator": "Z1"},
        {"status": "hidden"},
    ):
        answer = client.get(FIGURES, {"edition": OWN, **parameters})
        assert answer.status_code == 400, parameters
        assert f"« {list(parameters)[-1]} »" in answer.json()["error"]


def test_no_edition_no_figures(program):
    client = program("93")
    for parameters, status in (({}, 400), ({"edition": "2016"}, 400), ({"edition": DRAFT}, 404)):
        answer = client.get(FIGURES, parameters)
        assert (answer.status_code, list(answer.json())) == (status, ["error"])
    unknown = client.get(FIGURES, {"edition": "1999-T1/93/1"})
    assert answer.content == unknown.content
    assert client.get(FIGURES, {"edition": OWN}).status_code == 200


# ── Cost ─────────────────────────────────────────────────────────────────────────────────────


def queries_of(client, **parameters) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(FIGURES, {"edition": OWN, **parameters}).status_code == 200
    return len(queries)


def test_a_page_costs_the_same_with_1_and_50_rows(program):
    client = program("93")
    queries_of(client)  # notes the use of the token
    # Edition, cells, code lists, names of the Region and of indicators: 5. Around them: the token
    # is found by the code that is shown (5), its membership in the national scope (6), the page
    # has its scope and a savepoint (8), the trace is written in another scope (6). The proof of a
    # scope goes with its settings, in the same statement.
    assert queries_of(client, page_size=1) == queries_of(client, page_size=50) == 30


def test_a_page_goes_on_in_the_index(program, base):
    """As app, in the scope of a program: from the last key on, nothing is sorted nor read over."""
    client = program("93")
    following = client.get(FIGURES, {"edition": NATION, "page_size": 500}).json()["next"]
    with CaptureQueriesContext(connection) as queries:
        assert len(client.get(following).json()["results"]) == 500
    (page,) = [q["sql"] for q in queries if 'FROM "indicators_editioncell"' in q["sql"]]
    with scope_of(base["api_client 93"], read_only=True), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {page}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    scan, _, of_editions = plan.partition("SubPlan")
    assert "Index Scan using edition_cell_once" in scan, plan
    assert "(edition_id = " in scan.partition("Filter:")[0]
    assert "ROW(" in scan.partition("Filter:")[0]
    assert "Sort" not in plan
    assert "Rows Removed" not in scan
    assert "indicators_edition" in of_editions  # the policy reads the editions once


# ── What is known already ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", [f"{FIGURES}?edition={OWN}", f"/api/v1/editions/{OWN}/"])
def test_what_has_not_changed_is_not_sent_again(program, address):
    client = program("93")
    first = client.get(address)
    tag = first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    with CaptureQueriesContext(connection) as queries:
        again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert not any("indicators_editioncell" in q["sql"] for q in queries)
    for known in (tag.removeprefix("W/"), f'"other", {tag}', "*"):
        assert client.get(address, headers={"If-None-Match": known}).status_code == 304
    other = client.get(address, headers={"If-None-Match": 'W/"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_an_edition_transmitted_meanwhile_is_sent_again(program, base):
    client, address = program("93"), f"/api/v1/editions/{OWN}/"
    tag = client.get(address)["ETag"]
    with scope(regions=["FR"]):
        Edition.objects.filter(period="2016-T1", territory="93").update(
            state="transmitted",
            transmitted_at="2026-11-25T10:00:00Z",
            transmitted_by=base["dgefp_officer"].user,
        )
    answer = client.get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json()["state"]) == (200, "transmitted")


def test_reading_an_edition_is_remembered_once_a_reading(program, base):
    client = program("93")
    following = client.get(FIGURES, {"edition": OTHER}).json()["next"]
    client.get(following)
    client.get("/api/v1/editions/")
    with scope(regions=["93"]):
        read = AccessEvent.objects.filter(by=base["api_client 93"].user)
        assert list(read.values_list("page", "object_id")) == [("edition", OTHER)]
