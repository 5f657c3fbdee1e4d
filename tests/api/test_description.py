"""docs/openapi.yaml is the description of this code, and is what is served."""

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from sprocep.settings import API_REQUESTS_A_MINUTE
from tests.api.test_parameters import ONE_OF
from tests.permissions.routes import resolved

pytestmark = pytest.mark.django_db

FILE = Path(settings.BASE_DIR) / "docs/openapi.yaml"
NOBODY = "3f0e2a52-7f3d-4c53-9c55-000000000000"
# What is not only read: fiches, which structures exchange.
WRITTEN = {
    "/api/v1/fiches/": ["get", "post"],
    "/api/v1/fiches/{public_id}/answers/": ["post"],
}


def test_the_committed_file_is_that_of_the_code():
    made = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=made)
    assert made.getvalue().strip() == FILE.read_text("utf-8").strip(), (
        "manage.py spectacular --file docs/openapi.yaml"
    )


def test_it_is_served_to_everybody():
    assert Client().get("/api/v1/schema/").json() == yaml.safe_load(FILE.read_text("utf-8"))


def test_it_describes_every_route_and_every_refusal():
    described = yaml.safe_load(FILE.read_text("utf-8"))["paths"]
    routes = {name for name in resolved() if name.startswith("api:")} - {"api:schema"}
    values = {"name": "{name}", "period": "{period}", "territory": "{territory}"}
    values["public_id"] = NOBODY
    addresses = {
        reverse(name, kwargs={p: values.get(p, f"{{{p}}}") for p in pattern.pattern.converters})
        for name, pattern in resolved().items()
        if name in routes
    }
    told = {a.replace("%7B", "{").replace("%7D", "}") for a in addresses}
    assert {a.replace(NOBODY, "{public_id}") for a in told} == set(described)
    for address, path in described.items():
        assert list(path) == WRITTEN.get(address, ["get"])
        for operation in path.values():
            refusals = {"400", "401", "403", "404", "406", "429", "500", "503"}
            assert refusals <= set(operation["responses"])
            assert operation["security"] == [{"jeton": []}]
            assert operation["description"]


def test_the_manual_names_the_resources_their_parameters_and_the_limit():
    manual = (Path(settings.BASE_DIR) / "docs/api.md").read_text("utf-8")
    told = {}
    for address, asked in re.findall(r"^\| `([^`]+)/` \|.*\| (.*)\|$", manual, re.MULTILINE):
        told[address.replace("<liste>", "reason")] = ", ".join(re.findall(r"`(\w+)`", asked))
    pages = ", cursor, page_size"
    expected = {name: known.replace(pages, "") for name, known in ONE_OF.items()}
    del expected["schema"]
    assert told == {name: "" if known == "aucun" else known for name, known in expected.items()}
    assert f"plus de {API_REQUESTS_A_MINUTE} demandes en une minute" in manual
