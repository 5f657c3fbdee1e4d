"""A page with names that cannot be traced is not served; another page is."""

import re

import pytest
from django.db import connections

from regions.models import AccessEvent
from regions.wording import PAGES
from sprocep.settings import BASE_DIR
from sprocep.tenancy import scope
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def no_trace():
    """Reading goes on while the table of traces takes nothing."""

    def run(sql: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(sql)

    run("REVOKE INSERT ON regions_accessevent FROM sprocep_app")
    yield
    run("GRANT INSERT ON regions_accessevent TO sprocep_app")


@pytest.fixture
def journey(world):
    adviser = world["adviser marseille"]
    with scope(regions=["93"], structures=[adviser.structure_id]):
        return factories.journey(adviser)


def test_a_nominal_page_leaves_its_trace(world, logged_in, journey):
    answer = logged_in(world["adviser marseille"]).get(f"/parcours/{journey.public_id}/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    with scope(regions=["93"]):
        assert list(AccessEvent.objects.values_list("page", "object_id", "structure")) == [
            ("nominal:journey", str(journey.public_id), world.marseille.pk)
        ]


def test_a_nominal_page_without_its_trace_is_not_served(world, logged_in, journey, no_trace):
    answer = logged_in(world["adviser marseille"]).get(f"/parcours/{journey.public_id}/")
    assert answer.status_code == 503
    assert b"Martin" not in answer.content


def test_a_page_without_names_is_served_all_the_same(world, logged_in, no_trace):
    assert logged_in(world["auditor"]).get("/traces/").status_code == 200


def test_a_page_that_was_refused_leaves_no_trace(world, logged_in, journey):
    assert logged_in(world["adviser aix"]).get(f"/parcours/{journey.public_id}/").status_code == 404
    with scope(regions=["93"]):
        assert AccessEvent.objects.count() == 0


def test_every_page_that_leaves_a_trace_has_its_words():
    apps = ("beneficiaries", "indicators", "operators", "regions")
    sources = [path.read_text() for app in apps for path in (BASE_DIR / app).rglob("*.py")]
    remembered = {name for text in sources for name in re.findall(r'remember\(\s*"([^"]+)"', text)}
    assert "nominal:journey" in remembered
    assert remembered == set(PAGES)
