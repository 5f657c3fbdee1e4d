"""Journeys of a structure: the list, one file, its timeline."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import In

from beneficiaries.models import (
    Beneficiary,
    FollowUp,
    Journey,
    JourneyReason,
    Session,
    SituationChange,
    SynthesisDocument,
)
from beneficiaries.queries.dropouts import dropout_rows
from beneficiaries.queries.workshops import lines_of
from regions.models import Membership
from sprocep import periods

SILENT_DAYS = 90
HANDED_OVER_DAYS = 30
ADVICE = 2  # the rank from which a document de synthèse is owed
_NEWEST = ("-opened_on", "-id")


def journeys(structure: int) -> QuerySet[Journey]:
    """All journeys of a structure, to be filtered, then shown by `Rows`."""
    return Journey.objects.filter(structure=structure)


def is_silent(day: date) -> Q:
    """Open, and without a session for ninety days."""
    since = periods.days_after(day, -SILENT_DAYS)
    recent = Session.objects.filter(journey=OuterRef("pk"), held_on__gte=since)
    return Q(closed_on__isnull=True) & ~Exists(recent)


def last_held() -> Subquery:
    """The day of its last session."""
    return Subquery(_last_session().values("held_on")[:1])


def last_appointment() -> Subquery:
    """The appointment that its last session gave."""
    return Subquery(_last_session().values("next_on")[:1])


def _last_session() -> QuerySet[Session]:
    return Session.objects.filter(journey=OuterRef("pk")).order_by("-held_on", "-pk")


def last_handed() -> Subquery:
    """The day on which the last version of its document was handed over."""
    made = SynthesisDocument.objects.filter(journey=OuterRef("pk")).order_by("-number")
    return Subquery(made.values("handed_on")[:1])


def has_missed(day: date) -> Q:
    """Open, and the appointment that its last session gave went by."""
    later = Session.objects.filter(
        Q(held_on__gt=OuterRef("held_on")) | Q(held_on=OuterRef("held_on"), pk__gt=OuterRef("pk")),
        journey=OuterRef("journey"),
    )
    given = Session.objects.filter(~Exists(later), journey=OuterRef("pk"), next_on__lt=day)
    return Q(closed_on__isnull=True) & Exists(given)


def awaits_approval() -> Q:
    """The last version of its document was handed over; the person has not approved it yet."""
    later = SynthesisDocument.objects.filter(
        journey=OuterRef("journey"), number__gt=OuterRef("number")
    )
    last = SynthesisDocument.objects.filter(~Exists(later), journey=OuterRef("pk"))
    return Q(Exists(last.filter(approved_on__isnull=True)))


def owes_document(day: date) -> Q:
    """Closed lately after advice, and no document was handed over."""
    advised = Session.objects.filter(journey=OuterRef("pk"), rank__gte=ADVICE)
    handed = SynthesisDocument.objects.filter(journey=OuterRef("pk"))
    since = periods.days_after(day, -SILENT_DAYS)
    left = Q(closed_on__gte=since, joined_to__isnull=True)
    return left & Exists(advised) & ~Exists(handed)


def is_followed_by(membership: Membership, day: date, *, handed_over: int = 0) -> Coalesce:
    """This person is the référent on that day, was the last one, or handed the journey over so many
    days before at most.

    `COALESCE` keeps PostgreSQL from joining: it takes the policies for filters, expects a handful
    of follow-ups where there are thousands, and would look up their journeys one by one. So it
    reads both from an index, once (docs/adr/0011).
    """
    follow_ups = FollowUp.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=periods.days_after(day, -handed_over)),
        structure=membership.structure_id,
        referent=membership.pk,
        starts_on__lte=day,
    )
    return Coalesce(
        In(F("pk"), follow_ups.values("journey")), Value(False), output_field=BooleanField()
    )


def reached_level(code: str) -> Exists:
    return Exists(Session.objects.filter(journey=OuterRef("pk"), level=code))


class JourneyRow(NamedTuple):
    """What a row of the list says."""

    public_id: UUID
    last_name: str
    first_name: str
    birth_date: date | None
    opened_on: date
    main_reason: str
    referent: str | None
    last_held_on: date | None
    rank: int | None
    closed_on: date | None
    outcome: str | None

    @property
    def person(self) -> str:
        return f"{self.last_name.upper()} {self.first_name}"


@dataclass(frozen=True)
class Rows:
    """A filtered list in its order, as a paginator wants it: a count, and slices.

    Region by Region, so that the index (structure, Region, day) gives the newest without sorting
    all of them; a Region that inherits from others has several. Where the filter itself leaves few
    (`is_named`: found by name; `is_mine`), they are found first, counted and sorted then.
    """

    filtered: QuerySet[Journey]
    structure: int
    regions: list[str]
    day: date
    sort: str = "-opened"
    is_named: bool = False
    is_mine: bool = False

    def order_by(self, sort: str) -> "Rows":
        """`opened` or `name`, with a dash when descending."""
        return replace(self, sort=sort)

    def count(self) -> int:
        if self.is_named or self.is_mine:
            return len(self._all)
        each, values = self._of_each_region(self.filtered.order_by(*_NEWEST).values("id"))
        ((count,),) = in_index_order(f"SELECT count(*) FROM {each}", values)
        return count

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, window: slice) -> list[JourneyRow]:
        found = self._all if self.is_named or self.is_mine else self._first(window.stop)
        return journey_rows(found[window], self.day)

    @cached_property
    def _all(self) -> list[int]:
        """The ids of few rows in their order."""
        key = "beneficiary__sort_key" if self._column == "name" else "opened_on"
        found = self.filtered.annotate(ordering=F(key)).values_list("ordering", "id")
        if self.is_named:
            dash = "-" if self._is_descending else ""
            found = found.filter(region__in=self.regions)
            return [pk for _, pk in found.order_by(f"{dash}ordering", f"{dash}id")]
        each, values = self._of_each_region(found.order_by(*_NEWEST))
        rows = in_index_order(f"SELECT found.* FROM {each} {self._order}", values)
        return [pk for _, pk in rows]

    def _first(self, stop: int) -> list[int]:
        return [pk for _, pk in in_index_order(*self._keys(stop))] if stop else []

    def _keys(self, stop: int) -> tuple[str, tuple]:
        """SQL and values of the first `stop` journeys in their order: key of the order, id."""
        if self._column == "name":
            lead, key = "beneficiary__region", "beneficiary__sort_key"
            filtered = self.filtered.filter(beneficiary__structure=self.structure)
        else:
            lead, key, filtered = "region", "opened_on", self.filtered
        dash = "-" if self._is_descending else ""
        found = filtered.annotate(ordering=F(key)).order_by(f"{dash}ordering", f"{dash}id")
        each, values = self._of_each_region(found.values_list("ordering", "id"), lead, stop)
        return f"SELECT found.* FROM {each} {self._order} LIMIT %s", (*values, stop)

    def _of_each_region(
        self, rows: QuerySet, lead: str = "region", stop: int | None = None
    ) -> tuple[str, tuple]:
        """What stands after FROM to read the first rows of each Region, which `lead` names."""
        of_one = rows.filter(**{lead: RawSQL("wanted.region", ())})[:stop]
        sql, values = of_one.query.sql_with_params()
        # OFFSET 0: PostgreSQL would look for all Regions together, in another index.
        each = f"unnest(%s::text[]) AS wanted(region) CROSS JOIN LATERAL ({sql} OFFSET 0) AS found"
        return each, (self.regions, *values)

    @property
    def _column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def _is_descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def _order(self) -> str:
        word = "DESC" if self._is_descending else "ASC"
        return f"ORDER BY found.ordering {word}, found.id {word}"


def _fetched(statement: str, values: tuple | dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def in_index_order(statement: str, values: tuple | dict) -> list[tuple]:
    """Rows come from the index in order, even where sorting them looks cheap.

    The planner takes the policies for filters of their own, believes that they leave a handful of
    a large structure's rows, and would sort thousands to show fifty.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL enable_sort = off; {statement}; SET LOCAL enable_sort = on", values
        )
        cursor.nextset()
        return cursor.fetchall()


_ROWS = """
SELECT j.public_id, p.last_name, p.first_name, p.birth_date, j.opened_on, j.main_reason_id,
       (SELECT m.name
          FROM beneficiaries_followup f JOIN regions_membership m ON m.id = f.referent_id
         WHERE f.journey_id = j.id AND f.starts_on <= %(day)s
         ORDER BY f.starts_on DESC, f.id DESC LIMIT 1),
       s.last_held_on, s.rank, j.closed_on, j.outcome_id
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted(id, position)
  CROSS JOIN LATERAL (SELECT * FROM beneficiaries_journey WHERE id = wanted.id OFFSET 0) j
  JOIN beneficiaries_beneficiary p ON p.id = j.beneficiary_id
  CROSS JOIN LATERAL (SELECT max(held_on) AS last_held_on, max(rank) AS rank
                        FROM beneficiaries_session WHERE journey_id = j.id) s
 ORDER BY wanted.position
"""


def journey_rows(ids: list[int], day: date) -> list[JourneyRow]:
    """The rows of these journeys, in this order: only what the list shows, in one reading.

    Each is looked up (`OFFSET 0`): PostgreSQL would read all of the structure's to find fifty.
    """
    return [JourneyRow(*row) for row in _fetched(_ROWS, {"ids": ids, "day": day})]


def journey_file(structure: int, public_id: UUID) -> QuerySet[Journey]:
    """One journey of this structure with its person, the codes of its other reasons, the rows of
    her workshops and of her path as a décrocheur; none for a stranger's."""
    reasons = JourneyReason.objects.filter(journey=OuterRef("pk")).order_by("pk")
    return (
        Journey.objects.filter(structure=structure, public_id=public_id)
        .select_related("beneficiary__commune", "continues", "joined_to")
        .annotate(
            reasons=ArraySubquery(reasons.values("reason")),
            workshop_rows=ArraySubquery(lines_of(OuterRef("pk"))),
            dropout_rows=ArraySubquery(dropout_rows(OuterRef("pk"))),
        )
    )


class Followed(NamedTuple):
    """Who followed a journey, where, from a day to another."""

    referent: str | None
    site: str
    starts_on: date
    ends_on: date | None


def follow_ups(journey: Journey) -> list[Followed]:
    """Who follows a journey, the last one first."""
    rows = FollowUp.objects.filter(structure=journey.structure_id, journey=journey)
    columns = ("referent__name", "site__name", "starts_on", "ends_on")
    return [Followed(*row) for row in rows.order_by("-starts_on", "-pk").values_list(*columns)]


def situation_changes(journey: Journey) -> QuerySet[SituationChange]:
    """What her situation became since the opening, the last one first."""
    rows = SituationChange.objects.filter(structure=journey.structure_id, journey=journey)
    return rows.order_by("-starts_on")


def situation_on(journey: Journey, day: date) -> str:
    """Her situation that day: that of the opening until a change."""
    changes = situation_changes(journey).filter(starts_on__lte=day)
    return changes.values_list("situation", flat=True).first() or journey.situation_id


class SessionLine(NamedTuple):
    """What a session says; codes as they are stored, the main service first."""

    public_id: UUID
    held_on: date
    channel: str
    level: str
    rank: int
    minutes: int | None
    next_on: date | None
    note: str
    adviser: str | None
    site: str
    updated_at: datetime
    services: list[str]


_TIMELINE = """
SELECT s.public_id, s.held_on, s.channel_id, s.level_id, s.rank, s.minutes, s.next_on, s.note,
       adviser.name, site.name, s.updated_at,
       ARRAY(SELECT service_id FROM beneficiaries_sessionservice
              WHERE session_id = s.id ORDER BY position, id)
  FROM beneficiaries_session s
  JOIN regions_site site ON site.id = s.site_id
  LEFT JOIN regions_membership adviser ON adviser.id = s.adviser_id
 WHERE s.structure_id = %(structure)s AND s.journey_id = %(journey)s
 ORDER BY s.held_on DESC, s.id DESC LIMIT %(count)s
"""


def timeline(journey: Journey, count: int | None = None) -> list[SessionLine]:
    """Sessions of a journey, the newest first."""
    wanted = {"structure": journey.structure_id, "journey": journey.pk, "count": count}
    with connection.cursor() as cursor:
        cursor.execute(_TIMELINE, wanted)
        return [SessionLine(*row) for row in cursor.fetchall()]


def last_session(journey: Journey) -> Session | None:
    found = Session.objects.filter(structure=journey.structure_id, journey=journey)
    return found.select_related("site").order_by("-held_on", "-pk").first()


def open_journeys(beneficiary: Beneficiary) -> QuerySet[Journey]:
    """Journeys of a person that are not closed, the newest first."""
    return Journey.objects.filter(
        structure=beneficiary.structure_id, beneficiary=beneficiary, closed_on__isnull=True
    ).order_by("-opened_on", "-pk")


def last_journey(beneficiary: Beneficiary) -> Journey:
    """The newest one, open or closed: a person is known by a journey."""
    found = Journey.objects.filter(structure=beneficiary.structure_id, beneficiary=beneficiary)
    return found.select_related("beneficiary").latest("opened_on", "pk")


def follow_up_on(journey: Journey, day: date) -> FollowUp:
    """The follow-up in force that day; the last one before it when none is.

    Raises:
        FollowUp.DoesNotExist: the journey had none yet.
    """
    return (
        FollowUp.objects.filter(structure=journey.structure_id, journey=journey, starts_on__lte=day)
        .select_related("site", "referent")
        .latest("starts_on", "pk")
    )
