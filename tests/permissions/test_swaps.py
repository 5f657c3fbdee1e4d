"""Ids of somebody else put in every place that takes an id: as if they had never existed.

Every route × parameter, and every field and filter, with ids of rows that the one who asks may not
see. Each answer must be that given for an id of nobody, and no row may be written. A sample of the
day in the suite; SWAPS=5000 takes more, as `make prove` does every night.
"""

import importlib
import os
import pkgutil
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import pytest
from django import forms
from django.apps import apps
from django.db import connection, connections
from django.test import Client
from django.urls import converters, reverse
from django_filters.filterset import BaseFilterSet

from sprocep import tenancy
from tests import walks
from tests.permissions.routes import ACTORS, Addresses, places_of, resolved

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

SWAPS = int(os.environ.get("SWAPS", "200"))
NOBODY = "3f0e2a52-7f3d-4c53-9c55-000000000000"
NO_ROW = "987654321"
# Written by asking: who read what, when a login was last active, a wrong address tried.
OF_ASKING = {"regions_accessevent", "django_session", "axes_accessattempt", "regions_apitoken"}
# A post to these acts on what is the actor's own, whatever fields it carries: it ends the login of
# all later requests, draws codes, ends a webhook, copies rules.
NOT_POSTED = {
    "regions:logout", "beneficiaries:feedback_codes", "beneficiaries:end_webhook",
    "operators:adopt_rules",
}  # fmt: skip
LISTS_ASKING = {"regions:accesses"}  # each answer is one line longer than the one before
NOMINAL = [
    model
    for model in apps.get_app_config("beneficiaries").get_models()
    if any(isinstance(c, tenancy.NominalIsolation) for c in model._meta.constraints)
]
# What differs from one answer to the next: tokens of forms, new keys, time that went by.
_CHANGING = re.compile(
    r"\b[A-Za-z0-9]{64}\b|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|(?:\d+\xa0(?:h|min|s)\b\xa0?)+"
)
WRITTEN = """
SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                + pg_stat_get_xact_tuples_deleted(oid)
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


@dataclass(frozen=True)
class Swap:
    """One request with an id of somebody else, to be answered as with an id of nobody."""

    actor: str
    method: str
    route: str
    place: str  # the parameter of the address, or the name of the field
    value: str
    of_nobody: str
    others: tuple[tuple[str, str], ...] = ()  # further parameters of the address
    base: str = ""  # the address, where a field takes the id

    def asking(self, value: str) -> tuple[str, dict[str, str]]:
        """The address and the fields of the request with this id."""
        if self.base:
            return self.base, {self.place: value}
        return reverse(self.route, kwargs={**dict(self.others), self.place: value}), {}


# ── Ids of somebody else ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def foreign(filled, django_db_blocker) -> dict[str, list[str]]:
    """Public ids and numbers of nominal rows that nobody of `ACTORS` may see, as the owner does."""
    structures = [filled.aix.pk, filled.paris.pk, filled.national.pk]
    ids: dict[str, set[str]] = {"uuid": set(), "int": set()}
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        for model in NOMINAL:
            names = {f.name: f.column for f in model._meta.local_fields}
            for name in ("public_id", "thread_number", "idempotency_key", "id"):
                if name in names:
                    cursor.execute(
                        f"SELECT {names[name]} FROM {model._meta.db_table} "
                        f"WHERE structure_id = ANY (%s) AND {names[name]} IS NOT NULL",
                        [structures],
                    )
                    for (value,) in cursor.fetchall():
                        ids["int" if isinstance(value, int) else "uuid"].add(str(value))
    return {kind: sorted(values) for kind, values in ids.items()}


FORMS_AND_FILTERS = (
    "regions.forms", "regions.api", "operators.api", "beneficiaries.forms", "beneficiaries.api",
    "indicators.forms", "indicators.api",
)  # fmt: skip


def modules() -> Iterator[ModuleType]:
    for name in FORMS_AND_FILTERS:
        package = importlib.import_module(name)
        yield package
        for info in pkgutil.iter_modules(getattr(package, "__path__", ())):
            yield importlib.import_module(f"{name}.{info.name}")


@cache
def form_fields() -> frozenset[str]:
    """Names that any form or filter of the product reads."""
    names = {"person", "journey", "edition", "ordering", "page", "next"}
    for module in modules():
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, forms.BaseForm):
                names |= set(getattr(kind, "base_fields", ()))
            elif isinstance(kind, type) and issubclass(kind, BaseFilterSet):
                names |= set(kind.base_filters)
    return frozenset(names)


# ── Every place that takes one ───────────────────────────────────────────────────────────────


def in_addresses(actor: str, route: str, foreign: dict[str, list[str]]) -> Iterator[Swap]:
    parameters = resolved()[route].pattern.converters
    is_local = " " in (ACTORS[actor] or "")  # the nation sees its own drafts
    if set(parameters) == {"period", "territory"} and is_local:
        # Sealed editions are everybody's; a draft is the nation's alone.
        others = (("period", "2016-T1"),)
        yield from _of_each(actor, route, "territory", ["11", "FR"], "ZZ", others)
    if len(parameters) != 1:
        return
    ((name, converter),) = parameters.items()
    if isinstance(converter, converters.UUIDConverter) and not route.startswith("regions:"):
        yield from _of_each(actor, route, name, foreign["uuid"], NOBODY)
    elif isinstance(converter, converters.IntConverter):
        yield from _of_each(actor, route, name, foreign["int"], NO_ROW)


def _of_each(actor, route, name, values, of_nobody, others=()) -> Iterator[Swap]:
    for method in ("GET", "POST"):
        for value in values:
            yield Swap(actor, method, route, name, value, of_nobody, others)


def methods_with_fields(route: str) -> list[str]:
    """In the query of every address; in the body where no row of one's own is named."""
    is_of_one_row = bool(resolved()[route].pattern.converters)
    return ["GET"] if is_of_one_row or route in NOT_POSTED else ["GET", "POST"]


def in_a_field(actor: str, route: str, base: str, foreign, chance: random.Random) -> Swap:
    """Some field, some id: fields × routes × roles × ids are two millions."""
    kind, of_nobody = chance.choice((("uuid", NOBODY), ("int", NO_ROW)))
    method = chance.choice(methods_with_fields(route))
    field, value = chance.choice(sorted(form_fields())), chance.choice(foreign[kind])
    return Swap(actor, method, route, field, value, of_nobody, base=base)


# ── Asking ───────────────────────────────────────────────────────────────────────────────────


class Answers:
    """Ask for pages, and keep of each answer what may not differ: status, and the page without what
    changes from one request to the next."""

    def __init__(self, browsers: dict[str, Client]) -> None:
        self.browsers = browsers

    def told(self, swap: Swap, value: str) -> tuple[int, str, str]:
        """Without the two ids, which a page may repeat."""
        browser = self.browsers[swap.actor]
        browser.cookies.pop("messages", None)  # what the request before had to say
        ask = browser.get if swap.method == "GET" else browser.post
        answer = ask(*swap.asking(value))
        is_told = not (answer.streaming or swap.route in LISTS_ASKING)
        page = "" if not is_told else answer.content.decode("utf-8", "replace")
        page, place = _CHANGING.sub("", page), answer.headers.get("Location", "")
        for shown in sorted((swap.value, swap.of_nobody), key=len, reverse=True):
            page, place = page.replace(shown, ""), place.replace(shown, "")
        return answer.status_code, place, page


@pytest.fixture(scope="module")
def every_address(foreign) -> list[Swap]:
    return [
        s
        for actor in ACTORS
        for route in sorted(resolved())
        for s in in_addresses(actor, route, foreign)
    ]


def written() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return {table: count for table, count in cursor.fetchall() if table not in OF_ASKING}


def sample(filled, foreign, every_address: list[Swap]) -> list[Swap]:
    """A third in addresses, the rest in fields and filters; every role and every app in each."""
    few = min(SWAPS // 3, len(every_address))
    chosen = walks.draw(
        "ids in addresses", every_address, few, lambda s: classes_of(s.actor, s.route), whole=False
    )
    addresses, chance = Addresses(filled), random.Random(f"{walks.SEED} ids in fields")
    pairs = [(actor, route) for actor in ACTORS for route in sorted(resolved())]
    more, times = SWAPS - few, -(-(SWAPS - few) // len(pairs))
    for actor, route in walks.draw(
        "ids in fields", pairs * times, more, lambda pair: classes_of(*pair), whole=False
    ):
        base = addresses.of(route, places_of(route)[0])
        chosen.append(in_a_field(actor, route, base, foreign, chance))
    return chosen


def classes_of(actor: str, route: str) -> list[str]:
    return [actor, route.partition(":")[0]]


def difference(answer: tuple, expected: tuple) -> tuple:
    """Both statuses, and where the pages begin to differ."""
    pairs = zip(answer[2], expected[2], strict=False)
    first = next((rank for rank, (here, there) in enumerate(pairs) if here != there), 0)
    around = slice(max(0, first - 60), first + 60)
    return answer[0], expected[0], answer[2][around], expected[2][around]


def test_an_id_of_somebody_else_is_an_id_of_nobody(filled, foreign, every_address, browsers):
    chosen = sample(filled, foreign, every_address)
    assert len(chosen) >= SWAPS
    assert {swap.actor for swap in chosen} == set(ACTORS)
    answers, before = Answers(browsers), written()
    wrong, by_address = [], set()
    for swap in chosen:
        answer = answers.told(swap, swap.value)
        expected = answers.told(swap, swap.of_nobody)
        if not swap.base:
            by_address.add(answer[0])
        if answer != expected:
            wrong.append((swap, *difference(answer, expected)))
        after = written()
        if after != before:
            changed = sorted(t for t in after if after[t] != before.get(t, 0))
            wrong.append((swap, changed))
            before = after
    assert wrong == [], "\n".join(map(str, wrong[:20]))
    assert {404} < by_address <= {302, 401, 403, 404, 405}


def test_every_kind_of_place_is_in_the_walk(every_address):
    assert len(every_address) > 5_000
    by_address = {swap.route for swap in every_address}
    assert {"beneficiaries:journey", "beneficiaries:correct_session"} <= by_address
    assert {"indicators:dashboard", "indicators:seal"} <= by_address
    assert {swap.actor for swap in every_address} == set(ACTORS)
    assert {"site", "referent", "person", "journey", "key"} <= form_fields()


def test_what_is_ones_own_is_found(filled, browsers):
    """The same addresses with an id of one's own open, and the counter of rows sees a write."""
    own = Addresses(filled).of("beneficiaries:journey", "own structure")
    assert browsers["adviser"].get(own).status_code == 200
    before = written()
    closed = browsers["adviser"].post(
        f"{own}cloture/",
        {"closed_on": "2016-03-09", "outcome": "X", "exit_situation": "CDI", "may_be_asked": "no"},
    )
    assert closed.status_code == 200
    assert written() == before
    assert browsers["adviser"].post(f"{own}reouverture/").status_code == 302
    with tenancy.scope(regions=["93"]), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_rollupmark (region_id, month) VALUES ('93', '2016-05-01')"
        )
    assert written() != before


# ── Forms that are right but for one id ──────────────────────────────────────────────────────


def bodies(filled) -> dict[str, tuple[str, dict, dict]]:
    """Of each form: its address, what makes it pass, and one foreign id by field."""
    addresses, adviser = Addresses(filled), filled["adviser marseille"]
    of_paris = filled["adviser paris"]
    talk = {
        "held_on": "2016-03-10", "channel": "PRE", "site": str(adviser.site.public_id),
        "main_service": "S07", "minutes": "30",
    }  # fmt: skip
    journey = addresses.of("beneficiaries:journey", "own structure")
    elsewhere = addresses.of("beneficiaries:journey", "other structure")
    person = addresses.of("beneficiaries:correct_beneficiary", "other Region")
    public_id = journey.strip("/").rpartition("/")[2]
    site = {"site": str(of_paris.site.public_id)}
    return {
        "log_session": (
            "/parcours/nouvel-entretien/",
            talk | {"journey": public_id},
            site
            | {
                "journey": elsewhere.strip("/").rpartition("/")[2],
                "person": person.strip("/").rpartition("/")[2],
            },
        ),
        "correct_session": (
            addresses.of("beneficiaries:correct_session", "own structure"), talk, site
        ),
        "change_follow_up": (
            f"{journey}suivi/",
            {
                "starts_on": "2016-03-10",
                "site": talk["site"],
                "referent": str(adviser.public_id),
            },
            site | {"referent": str(of_paris.public_id)},
        ),
        "log_contact": (
            "/accueil-anonyme/",
            {
                "held_on": "2016-03-10", "channel": "PRE", "site": talk["site"], "theme": "T01",
                "audience": "P04", "result": "R01", "age_band": "A2",
            },
            site,
        ),
    }  # fmt: skip


FORMS = ("log_session", "correct_session", "change_follow_up", "log_contact")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_with_one_foreign_id_writes_nothing(filled, browsers, form):
    address, body, foreign_ids = bodies(filled)[form]
    browser = browsers["adviser"]
    for field, value in foreign_ids.items():
        swapped = body | {field: value}
        if field == "person":
            swapped.pop("journey")
        before = written()
        answer = browser.post(address, swapped)
        assert answer.status_code in {200, 404}, (field, answer.status_code)
        assert written() == before, field
        unknown = browser.post(address, swapped | {field: NOBODY})
        assert unknown.status_code == answer.status_code
    before = written()
    assert browser.post(address, body | {"key": str(uuid.uuid4())}).status_code in {201, 302}
    assert written() != before
