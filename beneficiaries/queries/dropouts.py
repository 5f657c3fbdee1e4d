"""Paths of décrocheurs, as far as row security shows them to who reads (docs/adr/0036)."""

from collections import Counter, defaultdict
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from beneficiaries.models import DropoutPath, Journey, Referral, SurveyResult
from beneficiaries.queries.surveys import results
from beneficiaries.surveys import Place, Tally
from sprocep import periods
from sprocep.periods import Period

OLDEST = 25
READ_AFTER = 6  # months after the end of the quarter in which they were found
WITHOUT_DIPLOMA = frozenset({"1", "2", "NR"})
_DAYS = ("reported_on", "contacted_on", "relayed_on", "ended_on")


class DropoutLine(NamedTuple):
    """A path as its journey says it: the days of its steps, and how it ended."""

    reported_on: date
    contacted_on: date | None
    relayed_on: date | None
    ended_on: date | None
    ending: str

    @classmethod
    def read(cls, row: dict) -> "DropoutLine":
        return cls(**row | {name: row[name] and date.fromisoformat(row[name]) for name in _DAYS})

    @property
    def steps(self) -> list[tuple[str, date]]:
        """(words, day) of those that were taken, the last one first."""
        words = dict(DropoutPath.Ending.choices).get(self.ending, "")
        taken = (
            (words, self.ended_on),
            ("accompagnée par un relais", self.relayed_on),
            ("contactée", self.contacted_on),
            ("repérée", self.reported_on),
        )
        return [(said, day) for said, day in taken if day]


_LINE = JSONObject(**{name: name for name in DropoutLine._fields})


def dropout_rows(journey: Journey | OuterRef) -> QuerySet:
    """The line of its path, if any: for a query of its own, or inside that of the journey."""
    return DropoutPath.objects.filter(journey=journey).values_list(_LINE, flat=True)


def dropout_line(journey: Journey) -> DropoutLine | None:
    """Of one's own journey, or else of the fiche that opened it, where its receiver may read it."""
    own = dropout_rows(journey).first()
    if own is None:
        fiches = Referral.objects.filter(opened_journey=journey).values("journey")
        paths = DropoutPath.objects.filter(journey__in=fiches)
        own = paths.values_list(_LINE, flat=True).first()
    return own and DropoutLine.read(own)


def dropout_told_by(referral: Referral) -> DropoutLine | None:
    """What a fiche tells who received it: nothing, but to a member of a platform."""
    found = referral.journey_id and dropout_rows(referral.journey_id).first()
    return DropoutLine.read(found) if found else None


def is_dropout(journey: Journey) -> bool:
    return DropoutPath.objects.filter(journey=journey, structure=journey.structure_id).exists()


def waits_for_contact() -> Q:
    """Open, she was found, and no step came after; nothing for who may not read that path."""
    return Q(closed_on__isnull=True) & Exists(_found_alone())


def found_on() -> Subquery:
    """The day on which she was found."""
    return Subquery(_found_alone().values("reported_on")[:1])


def _found_alone() -> QuerySet[DropoutPath]:
    later = {"contacted_on": None, "relayed_on": None, "ended_on": None}
    here = {"journey": OuterRef("pk"), "structure": OuterRef("structure")}
    return DropoutPath.objects.filter(**here, **later)


def may_be_dropout(journey: Journey) -> bool:
    """Whether the path is offered; PostgreSQL decides (sql/dropout_paths)."""
    is_young = journey.age is None or journey.age <= OLDEST
    return journey.is_open and is_young and journey.education_level_id in WITHOUT_DIPLOMA


# ── Counted ──────────────────────────────────────────────────────────────────────────────────


def dropout_tallies(period: Period) -> dict[Place, Tally]:
    """Of those found in a period, by the (Region, structure) that found them first, and what became
    of each, whichever structure of her road noted it: back in training, followed by a relay, or
    neither."""
    found = DropoutPath.objects.filter(reported_on__gte=period.starts, reported_on__lt=period.ends)
    rows = (
        DropoutPath.objects.filter(
            journey__thread_number__in=found.values("journey__thread_number"),
            reported_on__lt=period.ends,
        )
        .order_by("reported_on", "pk")
        .values_list(
            "journey__thread_number", "region_id", "structure_id",
            "reported_on", "relayed_on", "ending",
        )
    )  # fmt: skip
    roads = defaultdict(list)
    for road, *path in rows:
        roads[road].append(path)
    counts = defaultdict(Counter)
    for paths in roads.values():
        region, structure, reported_on, *_ = paths[0]
        if reported_on >= period.starts:
            counts[region, structure][_became(paths)] += 1
    return {
        place: Tally(None, sum(given.values()), {"became": given})
        for place, given in counts.items()
    }


def _became(paths: list[list]) -> str:
    if any(ending == DropoutPath.Ending.TRAINING for *_, ending in paths):
        return "training"
    return "relayed" if any(relayed_on for *_, relayed_on, _ in paths) else "neither"


def dropout_quarters_to_publish(today: date) -> list[Period]:
    """Quarters that ended six months ago, not published yet."""
    first = DropoutPath.objects.aggregate(day=Min("reported_on"))["day"]
    last = periods.quarter_of(periods.months_after(today, -READ_AFTER)).before
    if first is None:
        return []
    published = set(results(SurveyResult.Survey.DROPOUTS).values_list("period", flat=True))
    every = periods.quarters(periods.quarter_of(first), last)
    return [quarter for quarter in every if quarter.code not in published]
