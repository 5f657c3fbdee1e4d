"""What a person types about a fact, as plain values: checked by forms, written by actions.

Codes are those of the national lists; nothing here touches the database.
"""

import uuid
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal

from regions.models import Commune, Membership, Site, Structure

FIRST_DAY = date(2015, 1, 1)  # the mission of the arrêté of 16 July 2014 begins to be counted


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the person is. Names are enough to open a file; the rest has its reason on screen."""

    last_name: str
    first_name: str
    birth_name: str = ""
    birth_date: date | None = None
    sex: str = "NR"
    email: str = ""
    phone: str = ""
    commune: Commune | None = None
    # Of her file; a note of a session has the same name in no form.
    file_note: str = ""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Why a journey opens and for whom, frozen that day; the code that she brings."""

    main_reason: str
    other_reasons: tuple[str, ...] = ()
    requested_on: date | None = None
    education_level: str = "NR"
    situation: str = "NR"
    socio_professional_category: str = "NR"
    sector: str = "NR"
    contract_type: str = "K99"
    boeth: str = "NR"
    arrival: str = "NR"
    # Of an anonymous contact, when she gives it; out of what an error would print.
    contact_code: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One session: the first service is the main one; `level` only when raised by hand."""

    held_on: date
    channel: str
    services: tuple[str, ...]
    level: str = ""
    site: Site | None = None
    minutes: int | None = None
    next_on: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Closing:
    closed_on: date
    outcome: str
    exit_situation: str
    # Six months later, about what became of her.
    may_be_asked: bool = False


@dataclass(frozen=True, kw_only=True)
class Following:
    """Who follows a journey, where, from which day on."""

    starts_on: date
    site: Site
    referent: Membership


@dataclass(frozen=True, kw_only=True)
class DropoutSteps:
    """The days of the steps of a décrocheur's path; how it ended, with the last one."""

    reported_on: date
    contacted_on: date | None = None
    relayed_on: date | None = None
    ended_on: date | None = None
    ending: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Another situation of the person, from which day on."""

    situation: str
    starts_on: date


@dataclass(frozen=True, kw_only=True)
class Reception:
    """An anonymous contact: a day and no hour, nothing that identifies."""

    held_on: date
    site: Site
    channel: str
    theme: str
    audience: str
    result: str
    age_band: str = "NR"
    commune: Commune | None = None


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """One workshop; `known`: public ids of the journeys of who came and is known here, the others
    are in `heads` alone."""

    held_on: date
    channel: str
    theme: str
    minutes: int
    site: Site
    animator: Membership
    heads: int
    known: tuple[uuid.UUID, ...] = ()
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Orientation:
    """What a fiche de liaison asks, of whom, for whom; `other_choice` says why not a proposal."""

    receiver: Structure
    department: str
    level: str
    identity: Identity
    profile: Profile
    message: str = ""
    other_choice: str = ""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One line of what a project costs."""

    kind: str
    amount: Decimal
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Funding:
    """What is asked of a funder, and its answer once it came."""

    right: str
    asked: Decimal
    asked_on: date
    state: str = "asked"
    granted: Decimal = Decimal(0)
    decided_on: date | None = None
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper of a plan, or of one of its lines by its number."""

    label: str
    content: bytes
    cost_id: int | None = None
    funding_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """What is to do or was done, by whom, and by which right; a result is of what was done."""

    what: str
    actor: str
    right: str = ""
    due_on: date | None = None
    done_on: date | None = None
    result: str = ""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The person has read a version and approves it: when, and how she said so."""

    approved_on: date
    channel: str


@dataclass(frozen=True, kw_only=True)
class ExitAnswer:
    """What became of a person six months after her exit; online, by herself."""

    situation: str
    project: str
    usefulness: int | None = None
    channel: str = "NUM"


def filled(entry: type, values: dict) -> dict:
    """Of these values, those that this entry has, by name."""
    names = {one.name for one in fields(entry)}
    return {name: value for name, value in values.items() if name in names}


def new_key() -> uuid.UUID:
    """What a form carries so that it is stored once, however often it is sent."""
    return uuid.uuid4()
