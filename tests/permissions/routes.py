"""Addresses of every route, and who asks for them from where."""

import csv
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver, reverse

TABLE = Path(__file__).parent.parent / "permissions.csv"

# Columns of the table: each person belongs to the mission locale of Marseille, to Region 93, or
# to the nation.
ACTORS = {
    "anonymous": None,
    "level1_receptionist": "level1_receptionist marseille",
    "adviser": "adviser marseille",
    "structure_manager": "structure_manager marseille",
    "regional_coordinator": "regional_coordinator 93",
    "elected_referent": "elected_referent 93",
    "carif_oref": "carif_oref 93",
    "network_head": "network_head ML",
    "dgefp_officer": "dgefp_officer",
    "auditor": "auditor",
    "platform_administrator": "platform_administrator",
    # Both show their token on every route. Off the API a token is nothing: there their columns stay
    # empty, and they are answered as anybody.
    "api_client": "api_client 93",
    "structure_program": "structure_program marseille",
}
PROGRAMS = ("api_client", "structure_program")
# Where the object asked for is, seen from Marseille.
STRUCTURES = {"own structure": "marseille", "other structure": "aix", "other Region": "paris"}
TERRITORIES = {"own Region": "93", "other Region": "11", "nation": "FR"}
# Acts on a draft of a regional indicator; the others want one that is published.
OF_DRAFTS = {
    f"indicators:{name}" for name in ("change_draft", "discard_draft", "publish_indicator")
}
OF_REFERRALS = [
    f"beneficiaries:{name}"
    for name in (
        "referral", "referral_file", "referral_pdf",
        "accept_referral", "decline_referral", "note_absence", "withdraw_referral",
    )
]  # fmt: skip
OF_EXCHANGE = ["api:fiche", "api:fiche_answers"]
OF_COSTS = ["beneficiaries:change_cost", "beneficiaries:withdraw_cost"]
OF_FUNDINGS = ["beneficiaries:change_funding", "beneficiaries:withdraw_funding"]
OF_PAPERS = ["beneficiaries:plan_paper", "beneficiaries:withdraw_paper"]
OF_RULES = ["operators:change_rule", "operators:end_rule"]
OF_HINTS = ["operators:end_hint"]
OF_EXCHANGES = [
    f"operators:{name}"
    for name in (
        "exchange", "join_exchange", "leave_exchange", "note_attendance", "cancel_exchange",
        "registered",
    )
]  # fmt: skip
OF_TRADES = ["operators:withdraw_trades"]
OF_RECEPTIONS = [
    f"operators:{name}"
    for name in ("reception", "set_capacity", "set_hours", "set_premises", "set_platform")
]
OF_PERSONS = [
    f"beneficiaries:{name}" for name in ("correct_beneficiary", "merges", "merge_persons")
]
OF_WORKSHOPS = ["beneficiaries:correct_workshop", "beneficiaries:cancel_workshop"]
OF_STEPS = ["beneficiaries:change_step", "beneficiaries:withdraw_step"]
OF_DOCUMENTS = [
    f"beneficiaries:{name}"
    for name in (
        "document_version", "document_pdf", "document_file", "approve_document", "share_document",
        "take_up_document",
    )
]  # fmt: skip
# Journeys whose persons are asked what became of them.
ASKED = (
    "(SELECT j.* FROM beneficiaries_journey j "
    "JOIN beneficiaries_exitquestion q ON q.journey_id = j.id) asked"
)
PERIODS = {"sealed": "2015-T4", "draft": "2016-T1"}


@dataclass(frozen=True)
class Line:
    """One line of the table: a route, a method, the place of its object, a status by actor."""

    route: str
    method: str
    place: str
    statuses: dict[str, int]


def lines() -> list[Line]:
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return [
            Line(
                row["route"],
                row["method"],
                row["place"],
                {actor: int(row[actor] or row["anonymous"]) for actor in ACTORS},
            )
            for row in csv.DictReader(rows)
        ]


def resolved() -> dict[str, URLPattern]:
    """Every named route of the product."""
    return dict(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, namespace: str):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def places_of(route: str) -> list[str]:
    """The places that an address of this route may point to."""
    name, _, asked = route.partition("?")
    parameters = set(resolved()[name].pattern.converters) | {asked}
    if "siret" in parameters:
        return list(STRUCTURES)
    if {"period", "territory"} <= parameters or asked == "edition":
        return [f"{where}, {state}" for where in TERRITORIES for state in PERIODS]
    if name in OF_RULES + OF_TRADES + OF_EXCHANGES:
        return ["own Region", "other Region"]
    if name in OF_HINTS:
        return list(TERRITORIES)
    if name == "operators:set_platform":  # the coordination's alone, of any structure there
        return ["own structure", "other Region"]
    if name in OF_RECEPTIONS:
        return list(STRUCTURES)
    if "composed" in parameters:
        return ["own Region", "other Region"]
    if name == "beneficiaries:revoke_software_token":
        return ["—"]
    if parameters & {"public_id", "journey", "person"} and name.startswith("beneficiaries:"):
        return list(STRUCTURES)
    if name in OF_EXCHANGE:
        return list(STRUCTURES)
    return ["—"]


class Addresses:
    """Real addresses, of the rows that `filled` committed."""

    def __init__(self, world) -> None:
        self.world = world
        self._ids: dict[tuple, str] = {}

    def of(self, route: str, place: str) -> str:
        name, _, asked = route.partition("?")
        pattern = resolved()[name].pattern
        values = {p: self._value(name, p, place) for p in pattern.converters}
        address = reverse(name, kwargs=values)
        return (
            f"{address}?{urlencode({asked: self._value(name, asked, place)})}" if asked else address
        )

    def _value(self, route: str, parameter: str, place: str):
        where, _, state = place.partition(", ")
        if parameter == "period":
            return PERIODS.get(state, PERIODS["draft"])
        if parameter == "siret":
            return getattr(self.world, STRUCTURES[where]).siret
        if parameter == "rule":
            return "test"
        if parameter == "territory":
            return TERRITORIES.get(where, "93")
        if parameter in ("key", "indicator"):
            return "A1"
        if parameter == "file_format":
            return "csv"
        if parameter == "edition":
            return f"{PERIODS[state]}/{TERRITORIES[where]}/1"
        if parameter == "region":
            return "93"
        if parameter == "code_list":
            return "motifs"
        if parameter == "code":
            return "M01"
        if parameter == "indicator":
            return "A1"
        if parameter == "composed":
            rank = "2" if route in OF_DRAFTS else "1"
            return f"R{TERRITORIES[where]}.{rank}-v1"
        if parameter == "number":
            return "1"
        if parameter == "name":
            return "reason" if route == "api:codes" else "A1.svg"
        if parameter == "pk":
            return self._id("indicators_compilation", "id")
        if parameter == "referral":
            return self._id("beneficiaries_referral", "public_id")
        if parameter in ("token", "secret", "link"):
            return "of-nobody"
        if parameter in ("version", "share", "fiche"):
            return uuid.UUID(int=1)  # opened by a person's cookie alone (test_views_access.py)
        if route in OF_RULES:
            return self._id("operators_routingrule", "public_id", region=TERRITORIES[where])
        if route in OF_HINTS:
            place = TERRITORIES[where]
            return self._id("operators_fundinghint", "public_id", region=place, last=True)
        if route in OF_EXCHANGES:
            return self._id("operators_exchange", "public_id", region=TERRITORIES[where])
        if route in OF_TRADES:
            return self._id("operators_tradelist", "public_id", region=TERRITORIES[where])
        if route in ("operators:set_hours", "operators:set_premises"):
            place = STRUCTURES[where]
            return self.world[f"adviser {place}"].site.public_id
        if route in OF_RECEPTIONS:
            return getattr(self.world, STRUCTURES[where]).public_id
        if route in ("regions:confirm_membership", "regions:confirm_member"):
            return uuid.UUID(int=1)  # which waits for nobody
        if route == "regions:end_membership":
            return self.world["adviser aix"].public_id
        if route in ("regions:limit_to_level1", "regions:lift_level1"):
            return self.world["adviser marseille"].public_id
        if route in ("beneficiaries:issue_software_token", "beneficiaries:end_software"):
            return self.world[f"structure_program {STRUCTURES[where]}"].public_id
        if route == "beneficiaries:revoke_software_token":
            return uuid.UUID(int=1)  # which is no token's
        if route == "regions:issue_token":
            return self.world["api_client 93"].public_id
        if route == "indicators:contestation":
            return self._id("indicators_contestation", "public_id")
        if route == "regions:revoke_token":
            return uuid.UUID(int=1)  # which is no token's
        if route == "indicators:recount":
            return self._id("indicators_recount", "public_id")
        table = {
            "beneficiaries:correct_session": "beneficiaries_session",
            **dict.fromkeys(OF_PERSONS, "beneficiaries_beneficiary"),
            "beneficiaries:separate_persons": "beneficiaries_merge",
            **dict.fromkeys([*OF_REFERRALS, *OF_EXCHANGE], "beneficiaries_referral"),
            **dict.fromkeys(OF_COSTS, "beneficiaries_plancost"),
            **dict.fromkeys(OF_FUNDINGS, "beneficiaries_planfunding"),
            **dict.fromkeys(OF_PAPERS, "beneficiaries_planpaper"),
            **dict.fromkeys(OF_STEPS, "beneficiaries_step"),
            **dict.fromkeys(OF_DOCUMENTS, "beneficiaries_synthesisdocument"),
            "beneficiaries:drop_view": "beneficiaries_savedview",
            **dict.fromkeys(OF_WORKSHOPS, "beneficiaries_workshop"),
            "beneficiaries:revoke_share_code": "beneficiaries_sharecode",
            "beneficiaries:note_exit_answer": ASKED,
        }.get(route, "beneficiaries_journey")
        if parameter == "person":
            table = "beneficiaries_beneficiary"
        structure = getattr(self.world, STRUCTURES[where])
        if parameter == "other":
            return self._id("beneficiaries_beneficiary", "public_id", structure.pk, last=True)
        return self._id(table, "public_id", structure.pk)

    def _id(
        self, table: str, column: str, structure: int | None = None, region: str = "", *, last=False
    ):
        where = {"structure_id": structure, "coalesce(region_id, 'FR')": region}
        held = {name: value for name, value in where.items() if value}
        clauses = " AND ".join(f"{name} = %s" for name in held) or "true"
        order = "id DESC" if last else "id"
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                f"SELECT {column} FROM {table} WHERE {clauses} ORDER BY {order} LIMIT 1",
                list(held.values()),
            )
            return cursor.fetchone()[0]
