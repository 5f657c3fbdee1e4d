"""The document de synthèse of a journey: what it says today, its versions, what another structure
takes up of one."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from beneficiaries.models import Journey, JourneyReason, ShareCode, Step, SynthesisDocument
from beneficiaries.queries.code_lists import label
from beneficiaries.queries.financing import financing_plan, plan_costs, plan_fundings
from beneficiaries.queries.journeys import (
    SessionLine,
    follow_up_on,
    situation_on,
    timeline,
)
from beneficiaries.queries.look_alikes import look_alikes
from beneficiaries.queries.referrals import as_asked
from beneficiaries.queries.workshops import WorkshopLine, workshop_lines
from regions.models import Membership
from regions.queries import department_regions, name_of, region_scope, structure_name
from sprocep import periods

CODE_DAYS = 30
# Never the health data, and no note: those are read by the structure alone.
_IDENTITY = ("last_name", "first_name", "birth_name", "birth_date", "phone", "email")
_CODES_OF_PERSON = ("sex_id", "commune_id")
_PROFILE = (
    "education_level_id", "socio_professional_category_id", "sector_id", "contract_type_id",
)  # fmt: skip
_UNSAID = (None, "", "NR", "K99")
_COST = ("kind_id", "label", "amount")
_FUNDING = ("right_id", "asked", "asked_on", "state", "granted", "decided_on", "document")
_AMOUNTS = ("amount", "asked", "granted")

Content = dict[str, Any]


# ── What a document says ─────────────────────────────────────────────────────────────────────


def synthesis(journey: Journey) -> Content:
    """What a document made today says: the names of its schema, days and amounts as such."""
    today = periods.today()
    name = structure_name(journey.structure_id, today)
    follow_up = follow_up_on(journey, today)
    sessions = timeline(journey)
    return {
        "thread_number": journey.thread_number,
        "structure": {
            "siret": journey.structure.siret,
            "name": name,
            "region": department_regions(today)[follow_up.department_id],
            "site": follow_up.site.name,
            "referent": follow_up.referent.name,
        },
        "journey": {
            "opened_on": journey.opened_on,
            "closed_on": journey.closed_on,
            "level": max(sessions, key=lambda session: session.rank).level,
        },
        "person": _said(journey.beneficiary, _IDENTITY + _CODES_OF_PERSON)
        | _said(journey, _PROFILE)
        | _spoken({"situation": situation_on(journey, today)}),
        "reasons": [journey.main_reason_id, *_other_reasons(journey)],
        "steps": _in_order(
            [
                *(_held(one, name) for one in sessions),
                *(_gathered(one, name) for one in workshop_lines(journey)),
                *_planned(journey),
            ]
        ),
        "plan": _plan(journey),
    }


def _said(row: Any, names: Iterable[str]) -> Content:
    """By the names that forms give them."""
    return _spoken({name.removesuffix("_id"): getattr(row, name) for name in names})


def _spoken(found: Content) -> Content:
    return {name: value for name, value in found.items() if value not in _UNSAID}


def _other_reasons(journey: Journey) -> QuerySet:
    rows = JourneyReason.objects.filter(structure=journey.structure_id, journey=journey)
    return rows.order_by("pk").values_list("reason", flat=True)


def _held(session: SessionLine, structure: str) -> Content:
    """A session is a step that was done, in the words of its day."""
    services = ", ".join(label("service", code) for code in session.services)
    return {
        "id": session.public_id,
        "what": f"Entretien de niveau {session.rank} : {services}",
        "actor": ", ".join(filter(None, (session.adviser, structure))),
        "right": None,
        "due_on": None,
        "done_on": session.held_on,
        "result": "",
        "session": {
            "level": session.level,
            "channel": session.channel,
            "services": session.services,
        },
    }


def _gathered(workshop: WorkshopLine, structure: str) -> Content:
    """A workshop is a step that was done, and no session."""
    words = f"Atelier : {label('theme', workshop.theme)}"
    return {
        "id": workshop.public_id,
        "what": f"{words}, {workshop.title}" if workshop.title else words,
        "actor": f"{workshop.animator}, {structure}",
        "right": None,
        "due_on": None,
        "done_on": workshop.held_on,
        "result": "",
        "session": None,
    }


def _planned(journey: Journey) -> list[Content]:
    rows = steps(journey).values(
        "public_id", "what", "actor", "right", "due_on", "done_on", "result"
    )
    return [{"id": row.pop("public_id")} | row | {"session": None} for row in rows]


def _in_order(found: list[Content]) -> list[Content]:
    """Done, the first first; then to do, the most urgent first."""
    return sorted(
        found,
        key=lambda step: (
            step["done_on"] is None,
            step["done_on"] or step["due_on"] or date.max,
        ),
    )


def _plan(journey: Journey) -> Content | None:
    plan = financing_plan(journey)
    if plan is None:
        return None
    return {
        "costs": [_line(cost, _COST) for cost in plan_costs(plan)],
        "fundings": [_line(funding, _FUNDING) for funding in plan_fundings(plan)],
    }


def _line(row: Any, names: Iterable[str]) -> Content:
    return {name.removesuffix("_id"): getattr(row, name) for name in names}


def read_back(value: Any, name: str = "") -> Any:
    """Give back the days and amounts that JSON holds as text; a day left empty is None."""
    if isinstance(value, dict):
        return {key: read_back(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [read_back(inner) for inner in value]
    if isinstance(value, str) and (name.endswith("_on") or name == "birth_date"):
        return date.fromisoformat(value) if value else None
    if isinstance(value, str) and name in _AMOUNTS:
        return Decimal(value)
    return value


# ── Steps, versions, codes ───────────────────────────────────────────────────────────────────


def steps(journey: Journey) -> QuerySet[Step]:
    rows = Step.objects.filter(structure=journey.structure_id, journey=journey, is_withdrawn=False)
    return rows.order_by("pk")


def changeable_steps(journey: Journey) -> frozenset[UUID]:
    """Public ids of the steps that are ours to change: neither sessions nor workshops, nor what was
    done in another structure."""
    return frozenset(
        steps(journey).filter(is_from_elsewhere=False).values_list("public_id", flat=True)
    )


def step(structure: int, public_id: UUID) -> QuerySet[Step]:
    found = Step.objects.filter(structure=structure, public_id=public_id, is_withdrawn=False)
    return found.select_related("journey__beneficiary")


def documents(journey: Journey) -> QuerySet[SynthesisDocument]:
    """Every version, the last first."""
    rows = SynthesisDocument.objects.filter(structure=journey.structure_id, journey=journey)
    return rows.order_by("-number")


def document(public_id: UUID) -> QuerySet[SynthesisDocument]:
    """Of this structure, or shared with it by a code that lives: PostgreSQL says which."""
    return SynthesisDocument.objects.filter(public_id=public_id)


def own_document(membership: Membership, public_id: UUID) -> QuerySet[SynthesisDocument]:
    return _own(document(public_id), membership).select_related("journey__beneficiary")


def is_own(membership: Membership, found: SynthesisDocument | ShareCode) -> bool:
    """Not one that a code opens, be it of the same structure in another Region."""
    is_here = found.region_id in region_scope(membership.region_id)
    return is_here and found.structure_id == membership.structure_id


def share_codes(found: SynthesisDocument) -> QuerySet[ShareCode]:
    """The codes given for a version, the last first, with the name of who opened each."""
    rows = ShareCode.objects.filter(structure=found.structure_id, document=found)
    named = rows.annotate(reader_name=name_of("structure", periods.today(), "reader_id"))
    return named.order_by("-pk")


def share_code(membership: Membership, public_id: UUID) -> QuerySet[ShareCode]:
    found = _own(ShareCode.objects.filter(public_id=public_id), membership)
    return found.select_related("document")


def _own(rows: QuerySet, membership: Membership) -> QuerySet:
    return rows.filter(
        structure=membership.structure_id, region__in=region_scope(membership.region_id)
    )


# ── What another structure takes up ──────────────────────────────────────────────────────────


def told_by_document(found: SynthesisDocument) -> Content:
    """What it says of the person and of her reasons, as the opening form asks it."""
    main, *others = found.content["reasons"]
    told = as_asked(found.content["person"])
    return told | {"main_reason": main, "other_reasons": others}


def fields_spared(found: SynthesisDocument) -> int:
    """How many fields nobody types again, steps and lines of the plan included."""
    plan = found.content["plan"] or {"costs": [], "fundings": []}
    lines = [*found.content["steps"], *plan["costs"], *plan["fundings"]]
    typed = sum(1 for line in lines for name, value in line.items() if _is_typed(name, value))
    return len(found.content["person"]) + len(found.content["reasons"]) + typed


def _is_typed(name: str, value: Any) -> bool:
    return bool(value) and name not in ("id", "session")


def may_be_hers(membership: Membership, found: SynthesisDocument, journey: Journey) -> bool:
    """Whether a journey of this structure may be that of the document's person: on her thread, or
    as alike as what is proposed when a file is opened."""
    if str(journey.thread_number) == found.content["thread_number"]:
        return True
    told = as_asked(found.content["person"])
    names = ("last_name", "first_name", "birth_name", "birth_date")
    typed = {name: told[name] for name in names if name in told}
    alike = look_alikes(membership.structure_id, region_scope(membership.region_id), **typed)
    return journey.beneficiary_id in {one.person.pk for one in alike}


def followed_by_thread(membership: Membership, thread_number: UUID) -> Journey | None:
    """The last journey that this structure opened on the person's thread."""
    rows = Journey.objects.filter(structure=membership.structure_id, thread_number=thread_number)
    return rows.select_related("beneficiary__commune").order_by("-opened_on", "-pk").first()
