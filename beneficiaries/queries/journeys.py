"""Journeys of a structure: the list, one file, its timeline."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from beneficiaries.models import (
    Beneficiary,
    FollowUp,
    Journey,
    JourneyReason,
    Session,
    SessionService,
)
from sprocep import periods

SILENT_DAYS = 90


def journeys(structure: int) -> QuerySet[Journey]:
    """All journeys of a structure, to be filtered, then shown by `Rows`."""
    return Journey.objects.filter(structure=structure)


def is_silent(day: date) -> Q:
    """Open, and without a session for ninety days."""
    since = periods.days_after(day, -SILENT_DAYS)
    recent = Session.objects.filter(journey=OuterRef("pk"), held_on__gte=since)
    return Q(closed_on__isnull=True) & ~Exists(recent)


def is_followed_by(membership: int, day: date) -> Exists:
    """This person is the référent on that day, or was the last one."""
    follow_ups = FollowUp.objects.filter(
        journey=OuterRef("pk"), referent=membership, starts_on__lte=day
    )
    return Exists(follow_ups.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day)))


def reached_level(code: str) -> Exists:
    return Exists(Session.objects.filter(journey=OuterRef("pk"), level=code))


@dataclass(frozen=True)
class Rows:
    """A filtered list in its order, as a paginator wants it: a count, and slices.

    Region by Region, so that the index (structure, Region, day) gives the newest without sorting
    all of them; a Region that inherits from others has several. `is_short`: the filter itself
    leaves few rows, which are better found first and sorted then.
    """

    filtered: QuerySet[Journey]
    structure: int
    regions: list[str]
    day: date
    sort: str = "-opened"
    is_short: bool = False

    def order_by(self, sort: str) -> "Rows":
        """`opened` or `name`, with a dash when descending."""
        return replace(self, sort=sort)

    def count(self) -> int:
        return self.filtered.filter(region__in=self.regions).count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, window: slice) -> list[Journey]:
        with nullcontext() if self.is_short else in_index_order():
            ids = [row[-1] for row in self.keys(window.stop)][window.start or 0 :]
        rows = {journey.pk: journey for journey in _shown(self.structure, ids, self.day)}
        return [rows[pk] for pk in ids]

    def keys(self, stop: int) -> QuerySet:
        """The first `stop` journeys in their order: key of the order, id."""
        if self.sort.removeprefix("-") == "name":
            lead, key = "beneficiary__region", "beneficiary__sort_key"
            filtered = self.filtered.filter(beneficiary__structure=self.structure)
        else:
            lead, key, filtered = "region", "opened_on", self.filtered
        dash = "-" if self.sort.startswith("-") else ""
        order = [f"{dash}ordering", f"{dash}id"]
        branches = [
            filtered.filter(**{lead: region})
            .annotate(ordering=F(key))
            .order_by(*order)
            .values_list("ordering", "id")[:stop]
            for region in self.regions
        ]
        if len(branches) == 1:
            return branches[0]
        return branches[0].union(*branches[1:], all=True).order_by(*order)[:stop]


@contextmanager
def in_index_order() -> Iterator[None]:
    """Rows come from the index in order, even where sorting them looks cheap.

    The planner takes the policies for filters of their own, believes that they leave a handful of
    a large structure's rows, and would sort thousands to show fifty.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield
        cursor.execute("SET LOCAL enable_sort = on")


def _shown(structure: int, ids: list[int], day: date) -> QuerySet[Journey]:
    """What a row of the list says, for the fifty of a page."""
    sessions = Session.objects.filter(journey=OuterRef("pk")).order_by().values("journey")
    return (
        Journey.objects.filter(structure=structure, pk__in=ids)
        .select_related("beneficiary", "main_reason", "outcome")
        .annotate(
            last_held_on=Subquery(sessions.annotate(last=Max("held_on")).values("last")),
            rank=Subquery(sessions.annotate(highest=Max("rank")).values("highest")),
            referent_name=Subquery(_latest_follow_up(day).values("referent__name")[:1]),
        )
    )


def _latest_follow_up(day: date) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(journey=OuterRef("pk"), starts_on__lte=day).order_by(
        "-starts_on"
    )


def journey_file(structure: int, public_id) -> QuerySet[Journey]:
    """One journey of this structure with all that its page shows; none for a stranger's."""
    return (
        Journey.objects.filter(structure=structure, public_id=public_id)
        .select_related(
            "beneficiary__commune",
            "beneficiary__sex",
            "main_reason",
            "education_level",
            "situation",
            "socio_professional_category",
            "sector",
            "contract_type",
            "boeth",
            "residence_area",
            "sex",
            "outcome",
            "exit_situation",
            "continues",
        )
        .prefetch_related(
            Prefetch("other_reasons", JourneyReason.objects.select_related("reason")),
            Prefetch(
                "follow_ups",
                FollowUp.objects.select_related("site", "referent", "department").order_by(
                    "-starts_on"
                ),
            ),
        )
    )


def timeline(journey: Journey) -> QuerySet[Session]:
    """Sessions of a journey, the newest first, with their services, the main one first."""
    return (
        Session.objects.filter(structure=journey.structure_id, journey=journey)
        .select_related("level", "channel", "adviser", "site")
        .prefetch_related(
            Prefetch(
                "services",
                SessionService.objects.select_related("service").order_by("position", "pk"),
            )
        )
        .order_by("-held_on", "-pk")
    )


def last_sessions(journey: Journey, count: int = 3) -> QuerySet[Session]:
    return timeline(journey)[:count]


def open_journeys(beneficiary: Beneficiary) -> QuerySet[Journey]:
    """Journeys of a person that are not closed, the newest first."""
    return (
        Journey.objects.filter(
            structure=beneficiary.structure_id, beneficiary=beneficiary, closed_on__isnull=True
        )
        .select_related("main_reason")
        .order_by("-opened_on", "-pk")
    )


def follow_up_on(journey: Journey, day: date) -> FollowUp:
    """The follow-up in force that day; the last one before it when none is.

    Raises:
        FollowUp.DoesNotExist: the journey had none yet.
    """
    return (
        FollowUp.objects.filter(structure=journey.structure_id, journey=journey, starts_on__lte=day)
        .select_related("site", "referent")
        .latest("starts_on")
    )
