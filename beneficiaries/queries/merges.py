"""Two files of one person: what each says, and what merged files have become."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from beneficiaries.models import TYPED, Beneficiary, Journey, Merge
from beneficiaries.queries.code_lists import label
from beneficiaries.queries.financing import financing_plan
from beneficiaries.queries.journeys import open_journeys
from beneficiaries.queries.look_alikes import LookAlike, look_alikes
from regions.models import Commune
from sprocep.periods import full_date

EMPTY = ("", None, "NR")


@dataclass(frozen=True)
class Values:
    """A field of two files, or of one file at two moments: as they are stored."""

    column: str
    one: object
    other: object

    @property
    def title(self) -> str:
        title = Beneficiary._meta.get_field(self.column).verbose_name
        return title[:1].upper() + title[1:]

    @property
    def words(self) -> tuple[str, str]:
        return _said(self.column, self.one), _said(self.column, self.other)


def compared(kept: Beneficiary, aside: Beneficiary) -> list[Values]:
    return [Values(name, getattr(kept, name), getattr(aside, name)) for name in TYPED]


def continuing(kept: Beneficiary, aside: Beneficiary) -> tuple[Journey, Journey] | None:
    """Where each file has an open journey, which goes on once they are one, and the other.

    The one with a financing plan, else the one that was opened first.
    """
    ours, theirs = (open_journeys(person).first() for person in (kept, aside))
    if not ours or not theirs:
        return None
    first, second = sorted((ours, theirs), key=lambda one: (one.opened_on, one.pk))
    if financing_plan(second) and not financing_plan(first):
        return second, first
    return first, second


def merges_of(person: Beneficiary) -> QuerySet[Merge]:
    """Files merged into this one, the last first."""
    return (
        merges(person.structure_id)
        .filter(kept=person, separated_at__isnull=True)
        .order_by("-merged_at", "-pk")
    )


def merges(structure: int) -> QuerySet[Merge]:
    return Merge.objects.filter(structure=structure).select_related("kept", "aside", "merged_by")


def changed_since(merge: Merge, kept: Beneficiary) -> list[Values]:
    """Fields that the merge wrote and somebody changed afterwards: now, and before the merge."""
    return [
        Values(name, now, before)
        for name, (before, after) in replaced(merge).items()
        if (now := getattr(kept, name)) != after
    ]


def journeys_apart(merge: Merge) -> tuple[list[Journey], list[Journey]]:
    """Those that go back with the file set aside, and those that stay with the kept one."""
    rows = Journey.objects.filter(structure=merge.structure_id, beneficiary=merge.kept)
    rows = list(rows.order_by("-opened_on", "-pk"))
    leaving = [row for row in rows if row.came_from_id == merge.aside_id]
    return leaving, [row for row in rows if row not in leaving]


def replaced(merge: Merge) -> dict[str, tuple]:
    """Columns of the kept file with what stood there before the merge and right after it."""
    return {
        name: tuple(_read(name, value) for value in values)
        for name, values in merge.replaced.items()
    }


def look_alikes_of(person: Beneficiary, regions: list[str]) -> list[LookAlike]:
    """Other files of the structure that may be the same person's."""
    return look_alikes(
        person.structure_id,
        regions,
        last_name=person.last_name,
        first_name=person.first_name,
        birth_name=person.birth_name,
        birth_date=person.birth_date,
        but=person,
    )


def _read(column: str, value):
    return date.fromisoformat(value) if column == "birth_date" and value else value


def _said(column: str, value) -> str:
    if value in EMPTY:
        return "non renseigné"
    if column == "sex_id":
        return label("sex", value)
    if column == "birth_date":
        return full_date(value)
    if column == "commune_id":
        return Commune.objects.get(pk=value).name
    return value
