"""Anonymous contacts of a structure, as they are kept: how many a day, and answers by the month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from beneficiaries.contact_codes import is_contact_code_of
from beneficiaries.models import ANSWERS, ContactTally
from beneficiaries.queries.code_lists import label
from regions.models import Commune
from sprocep import periods

Counts = list[tuple[str, int]]


@dataclass(frozen=True)
class CountedContacts:
    """How many came on a day, by place, and in its month; `answers`: title of each answer with its
    counts of the month, the most frequent first."""

    of_day: int
    sites: Counts
    of_month: int
    answers: list[tuple[str, Counts]]


def contacts_counted(structure: int, regions: list[str], day: date) -> CountedContacts:
    month = periods.month_of(day).starts
    tallies = list(
        ContactTally.objects.filter(
            structure=structure, region__in=regions, month=month
        ).select_related("site")
    )
    sites = _summed({one.site.name: one.days.get(day.isoformat(), 0)} for one in tallies)
    return CountedContacts(
        of_day=sum(count for _, count in sites),
        sites=[(name, count) for name, count in sites if count],
        of_month=sum(one.total for one in tallies),
        answers=[
            (ContactTally._meta.get_field(name).verbose_name.capitalize(), _labelled(name, counts))
            for name in ANSWERS
            if (counts := _summed(getattr(one, name) for one in tallies))
        ],
    )


def _summed(counts: Iterable[dict[str, int]]) -> Counts:
    summed = Counter()
    for one in counts:
        summed.update(one)
    return sorted(summed.items(), key=lambda pair: (-pair[1], pair[0]))


def _labelled(name: str, counts: Counts) -> Counts:
    if name == "commune":
        named = Commune.objects.in_bulk([code for code, _ in counts])
        return [(named[code].name, count) for code, count in counts]
    return [(label(name, code), count) for code, count in counts]


def is_code_given(structure: int, regions: list[str], code: str) -> bool:
    """Whether a desk of this structure gave this code in one of these Regions."""
    return any(is_contact_code_of(code, structure, region) for region in regions)
