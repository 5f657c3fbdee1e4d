"""The access of a person to her own journey, and what it opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import chain

from django.db.models import QuerySet

from beneficiaries.models import (
    Beneficiary,
    Journey,
    PersonAccess,
    PlanPaper,
    Referral,
    Session,
    ShareCode,
    SynthesisDocument,
)
from beneficiaries.queries.journeys import follow_up_on
from beneficiaries.queries.referrals import named
from regions.models import Site
from regions.queries import heirs, name_of, readings, region_scope
from sprocep import periods, sms
from sprocep.tenancy import presenting, scope

FACTOR_LIFE, FACTOR_TRIES = timedelta(minutes=10), 5
BY_MAIL, BY_SMS = "mail", "sms"


def way_to(person: Beneficiary) -> tuple[str, str] | None:
    """How a message reaches her, and where: by mail first, which is free; None for nowhere."""
    if person.email:
        return BY_MAIL, person.email
    number = sms.number_of(person.phone) if sms.is_available() else None
    return (BY_SMS, number) if number else None


def wanted_address() -> str:
    """What her file must hold, said to her adviser."""
    mobile = " ou un numéro de téléphone mobile" if sms.is_available() else ""
    return f"une adresse électronique{mobile}"


def living_access(journey: Journey) -> QuerySet[PersonAccess]:
    """One at most."""
    return PersonAccess.objects.filter(
        structure=journey.structure_id, journey=journey, ended_at__isnull=True
    )


def shown_access(fingerprint: bytes) -> QuerySet[PersonAccess]:
    """Of the code that is presented, as long as it lives: PostgreSQL shows no other."""
    return PersonAccess.objects.filter(fingerprint=fingerprint, ended_at__isnull=True)


@contextmanager
def opened_by(fingerprint: bytes, *, read_only: bool = False) -> Iterator[PersonAccess | None]:
    """The living access of this code, in the scope of its journey: its structure, in the Regions
    that hold it today. None, and no scope, for a code that opens nothing."""
    with presenting(fingerprint):
        access = shown_access(fingerprint).first()
        if access is None:
            yield None
            return
        regions = [held for heir in heirs(access.region_id) for held in region_scope(heir)]
        with scope(regions=regions, structures=[access.structure_id], read_only=read_only):
            yield access


# ── Of her journey alone ─────────────────────────────────────────────────────────────────────


def journey_of(access: PersonAccess) -> Journey:
    rows = Journey.objects.select_related("beneficiary__commune", "structure")
    return rows.get(structure=access.structure_id, pk=access.journey_id)


def place_of(journey: Journey) -> Site:
    """Where she is followed, when it receives and how."""
    site = follow_up_on(journey, periods.today()).site_id
    places = Site.objects.select_related("commune").prefetch_related("hours", "premises")
    return places.get(pk=site)


def documents_of(access: PersonAccess) -> QuerySet[SynthesisDocument]:
    """Every version, the last first."""
    rows = SynthesisDocument.objects.filter(
        structure=access.structure_id, journey=access.journey_id
    )
    return rows.order_by("-number")


def share_codes_of(access: PersonAccess) -> QuerySet[ShareCode]:
    """The codes given for her versions, the last first, with the name of who opened each."""
    rows = ShareCode.objects.filter(
        structure=access.structure_id, document__journey=access.journey_id
    )
    named_rows = rows.annotate(reader_name=name_of("structure", periods.today(), "reader_id"))
    return named_rows.select_related("document").order_by("-pk")


def referrals_about(access: PersonAccess) -> QuerySet[Referral]:
    """Fiches de liaison that left her journey, the last first."""
    rows = Referral.objects.filter(structure=access.structure_id, journey=access.journey_id)
    return named(rows).order_by("-sent_on", "-pk")


def readings_of(access: PersonAccess) -> list[tuple[date, str]]:
    """Who of her structure opened a page of her file, of the last day first. Lists in which her
    name stands among others are not pages of her file."""
    journey = Journey.objects.filter(structure=access.structure_id, pk=access.journey_id)
    sessions = Session.objects.filter(structure=access.structure_id, journey=access.journey_id)
    papers = PlanPaper.objects.filter(
        structure=access.structure_id, plan__journey=access.journey_id
    )
    ids = chain(
        *journey.values_list("public_id", "beneficiary__public_id"),
        *(
            rows.values_list("public_id", flat=True)
            for rows in (sessions, papers, documents_of(access), referrals_about(access))
        ),
    )
    return readings(map(str, ids), access.structure_id)
