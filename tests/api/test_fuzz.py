"""schemathesis reads the description and tries it, with the tokens of two Regions.

No fault of ours, answers as described, and nothing of another Region but what is sealed.
`FUZZ_EXAMPLES=1000` tries longer.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from indicators.models import Edition
from regions.middleware import scope_of
from sprocep.tenancy import scope
from tests import factories
from tests.tokens import shown_token

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
SLOWLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# What a program of 93 or 11 may ask for: own, another's, the nation's, drafts, nothing.
PERIODS, TERRITORIES = ("2015-T4", "2016-T1", "2016-T2"), ("93", "11", "FR")
CODES = [f"{period}/{territory}/1" for period in PERIODS for territory in TERRITORIES]
CODES += ["2015-T4/75/b2016", "2016-T1/93/2"]
# The description does not list what the database does: some of it, for requests to go deep.
KNOWN = {
    "edition": CODES,
    "period": PERIODS,
    "region": ["93", "11"],
    "department": ["13", "75"],
    "category": ["total"],
    "operator": ["total", "mission_locale"],
    "level": ["total", "N2"],
    "network": ["ML", "FT"],
    "key": ["A1", "A1,d=13", "B1,p=persons_seen,l=N2"],
}
CHOICES = st.fixed_dictionaries({name: st.sampled_from(codes) for name, codes in KNOWN.items()})


@pytest.fixture(scope="module")
def description() -> Iterator[schemathesis.BaseSchema]:
    """What the served description says. A request does not close the connection of its test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def sealed(base) -> set[str]:
    with scope(regions=["FR"]):
        editions = Edition.objects.filter(sealed_at__isnull=False)
        return {edition.code for edition in editions} | {"2015-T4/75/b2016"}


OPERATIONS = (
    "regions_list", "departments_list", "operators_list", "nomenclatures_list",
    "nomenclatures_codes", "definitions_list", "editions_list", "editions_retrieve",
    "editions_figures_retrieve", "editions_events_list", "figures_list",
)  # fmt: skip

# What is right in itself may still name a fiche, a code or a state that is not.
AS_DESCRIBED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXCHANGED = ("fiches_list", "fiches_retrieve", "fiches_create", "fiches_answer")


def editions_in(body: dict) -> set[str]:
    rows = body.get("results", [body])
    return {row["edition"] for row in rows if "edition" in row}


@pytest.mark.parametrize("region", ["93", "11"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_is_found(base, description, sealed, region, name):
    operation = description.find_operation_by_id(name)
    seen, answered = set(), Counter()
    with shown_token(base, f"api_client {region}") as headers:

        def ask(case) -> None:
            response = case.call(headers=headers)
            case.validate_response(response, headers=headers)
            answered[response.status_code] += 1
            if response.status_code == 200:
                seen.update(editions_in(response.json()))

        @SLOWLY
        @given(case=operation.as_strategy(GenerationMode.POSITIVE), known=CHOICES)
        def valid(case, known) -> None:
            case.query.pop("cursor", None)
            case.query.update({n: code for n, code in known.items() if n in case.query})
            if name == "operators_list" and "category" in case.query:
                case.query["category"] = "apec"
            if name == "editions_figures_retrieve":
                case.path_parameters["key"] = known["key"]
            if name.startswith("editions_") and case.path_parameters:
                parts = known["edition"].split("/")
                if name == "editions_events_list" and known["region"] == region:
                    parts = ["2016-T1", region, "1"]  # of all others none is told
                case.path_parameters.update(
                    zip(("period", "territory", "number"), parts, strict=True)
                )
            ask(case)

        @SLOWLY
        @given(case=operation.as_strategy(GenerationMode.NEGATIVE))
        def invalid(case) -> None:
            assume([] not in case.query.values())  # a parameter that is not sent breaks no rule
            ask(case)

        valid()
        invalid()
    assert answered[200]
    assert set(answered) <= {200, 400, 401, 404, 405}
    assert seen <= sealed


@pytest.mark.parametrize("name", EXCHANGED)
def test_nothing_is_found_where_fiches_are_exchanged(base, description, name):
    """Whatever is sent: no fault of ours, answers as described."""
    operation, answered = description.find_operation_by_id(name), Counter()
    sender, receiver = base["adviser marseille"], base["adviser paris"]
    with scope_of(sender, read_only=False):
        own = str(factories.referral(sender, receiver).public_id)
    with shown_token(base, "structure_program paris") as headers:

        def ask(case) -> None:
            if "public_id" in (case.path_parameters or {}):
                case.path_parameters["public_id"] = own
            response = case.call(headers=headers)
            case.validate_response(response, headers=headers, checks=AS_DESCRIBED)
            answered[response.status_code] += 1

        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            made = SLOWLY(given(case=operation.as_strategy(mode))(ask))
            made()
    assert set(answered) <= {200, 201, 400, 401, 404, 405, 409, 415}
    assert answered[200] if name != "fiches_create" else answered[400]


def test_the_operations_are_those_described(description):
    found = {one.ok().definition.raw["operationId"] for one in description.get_all_operations()}
    assert found == {*OPERATIONS, *EXCHANGED}
