"""Fiches de liaison sent and received, those that the Region looks after, and who may receive."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q, QuerySet

from beneficiaries.models import Referral, ReferralPerson
from operators.models import Operator
from operators.queries import described
from regions.models import Commune, Membership, Site, Structure
from regions.queries import in_force, name_of, region_scope
from sprocep import periods

PROPOSALS = 3
# Who a network is made for: proposed first to them, and to nobody else before the others.
_YOUNG, _YOUNGEST_OF_OTHERS = "ML", 26
_MANAGERS, _MANAGER = "APEC", "3"


# ── Fiches ───────────────────────────────────────────────────────────────────────────────────


def referrals_of(membership: Membership) -> QuerySet[Referral]:
    """Sent or received by the structure, newest first, with the names of both of today."""
    regions = region_scope(membership.region_id)
    mine = Q(structure=membership.structure_id, region__in=regions) | Q(
        receiver=membership.structure_id, receiver_region__in=regions
    )
    return _named(Referral.objects.filter(mine)).order_by("-sent_on", "-pk")


def received(membership: Membership) -> QuerySet[Referral]:
    return referrals_of(membership).filter(receiver=membership.structure_id)


def to_answer(membership: Membership) -> QuerySet[Referral]:
    """Received and unanswered, or accepted and the person not come yet."""
    waiting = (*Referral.UNANSWERED, Referral.State.ACCEPTED)
    return received(membership).filter(state__in=waiting)


def referral(membership: Membership, public_id: UUID) -> QuerySet[Referral]:
    return referrals_of(membership).filter(public_id=public_id)


def told_by(referral: Referral) -> dict:
    """What a fiche says of the person and of her demand, as the opening form asks it."""
    found = ReferralPerson.objects.filter(structure=referral.structure_id, referral=referral)
    fields = dict(found.values_list("fields", flat=True).first() or {})
    message = fields.pop("message", "")
    return as_asked(fields) | {
        "main_reason": referral.reason_id,
        "requested_on": referral.sent_on,
        "note": message,
    }


def as_asked(fields: dict[str, str]) -> dict:
    """Fields of a person that were handed over as plain text, as forms ask them."""
    told = {name: value for name, value in fields.items() if value}
    if born := told.get("birth_date"):
        told["birth_date"] = date.fromisoformat(born)
    if code := told.get("commune"):
        told["commune"] = Commune.objects.get(pk=code)
    return told


def escalations(regions: Iterable[str]) -> QuerySet[Referral]:
    """Unanswered for ten days, of the Regions of a coordination: the oldest first."""
    codes = list(regions)
    here = Q(region__in=codes) | Q(receiver_region__in=codes)
    found = Referral.objects.filter(here, state=Referral.State.ESCALATED)
    return _named(found).order_by("sent_on", "pk")


def _named(found: QuerySet[Referral]) -> QuerySet[Referral]:
    today = periods.today()
    return found.annotate(
        sender_name=name_of("structure", today, "structure_id"),
        receiver_name=name_of("structure", today, "receiver_id"),
    )


# ── Who may receive ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Receiver:
    """A structure that delivers this level in a département, and why it is proposed."""

    structure: Structure
    name: str
    reasons: tuple[str, ...]
    is_proposed: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Wanted:
    """Whom a receiver is looked for."""

    department: str
    rank: int
    commune: str = ""
    age: int | None = None
    category: str = ""  # socio-professional
    without: frozenset[int] = frozenset()


def receivers(wanted: Wanted, today: date) -> list[Receiver]:
    """Structures with the right to deliver this level there: those proposed first."""
    operators = (
        described(Operator.objects.filter(in_force(today), max_rank__gte=wanted.rank), today)
        .filter(structure__in=_receiving_in(wanted.department))
        .exclude(structure__in=wanted.without)
        .annotate(publics=F("structure__network__publics"))
        .select_related("structure")
    )
    places = _communes_of(wanted.department)
    ranked = sorted(operators, key=lambda one: (*_fit(one, wanted, places), one.name))
    return [
        Receiver(
            structure=one.structure,
            name=one.name,
            reasons=_reasons(one, places[one.structure_id]),
            is_proposed=place < PROPOSALS,
        )
        for place, one in enumerate(ranked)
    ]


def _receiving_in(department: str) -> QuerySet:
    sites = Site.objects.filter(department=department, is_remote_platform=False)
    return sites.values("structure_id")


def _communes_of(department: str) -> dict[int, list[tuple[str, str]]]:
    """Structure → its communes there, (code, name), by name."""
    sites = Site.objects.filter(department=department, is_remote_platform=False)
    pairs = sites.values_list("structure_id").annotate(
        codes=ArrayAgg("commune_id", order_by="commune__name"),
        names=ArrayAgg("commune__name", order_by="commune__name"),
    )
    return {structure: list(zip(codes, names, strict=True)) for structure, codes, names in pairs}


def _fit(one: Operator, wanted: Wanted, places: dict) -> tuple[int, int]:
    """Lower is better: made for such a person, then in her own commune."""
    network = one.structure.network_id
    is_young = wanted.age is not None and wanted.age < _YOUNGEST_OF_OTHERS
    is_manager = wanted.category == _MANAGER
    made_for = {_YOUNG: is_young, _MANAGERS: is_manager}.get(network)
    near = any(code == wanted.commune for code, _ in places[one.structure_id])
    return ({True: 0, None: 1, False: 2}[made_for], 0 if near else 1)


def _reasons(one: Operator, communes: list[tuple[str, str]]) -> tuple[str, ...]:
    names = list(dict.fromkeys(name for _, name in communes))
    where = ", ".join(names[:3]) + ("…" if len(names) > 3 else "")
    publics = (f"public : {one.publics}",) if one.publics else ()
    return (f"reçoit à {where}", *publics, f"jusqu'au niveau {one.max_rank}")
