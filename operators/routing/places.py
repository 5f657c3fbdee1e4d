"""Where and when structures receive, and what is left there this week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from django.db.models import QuerySet, Sum

from operators.models import Capacity, OpeningHours, PlaceTaken
from regions.models import Site
from sprocep import periods


@dataclass(frozen=True)
class Place:
    """A commune where a structure receives, when and how, as far as it said so."""

    code: str
    name: str
    hours: str
    premises: str = ""

    def __str__(self) -> str:
        when = f"{self.name} {self.hours}" if self.hours else self.name
        return f"{when} ({self.premises})" if self.premises else when

    @property
    def said(self) -> int:
        return bool(self.hours) + bool(self.premises)


def places_in(department: str) -> dict[int, list[Place]]:
    """Structure → where it receives there, by name: one place a commune, that which says most."""
    found: dict[int, dict[str, Place]] = {}
    sites = sites_in(department).select_related("commune").prefetch_related("hours", "premises")
    for site in sites.order_by("commune__name", "pk"):
        hours = hours_in_words(site.hours.all())
        place = Place(site.commune_id, site.commune.name, hours, premises_in_words(site))
        of_structure = found.setdefault(site.structure_id, {})
        if place.code not in of_structure or place.said > of_structure[place.code].said:
            of_structure[place.code] = place
    return {structure: list(places.values()) for structure, places in found.items()}


def sites_in(department: str) -> QuerySet[Site]:
    return Site.objects.filter(department=department, is_remote_platform=False)


def premises_in_words(site: Site) -> str:
    """« lieu neutre, entrée sans marche »; empty as long as nothing was said."""
    return ", ".join(str(one) for one in site.premises.all())


def contacts_of(site: Site) -> list[tuple[str, str]]:
    """(address of a link, words): how to reach the place, as far as it said so."""
    return [
        (address, words)
        for said in site.premises.all()
        for address, words in (
            (f"tel:{said.phone.replace(' ', '')}", said.phone),
            (f"mailto:{said.mail}", said.mail),
            (said.web_page, said.web_page and "page en ligne"),
        )
        if words
    ]


def hours_in_words(hours: Iterable[OpeningHours]) -> str:
    """« le mardi de 9 h à 12 h, du jeudi au vendredi de 9 h à 17 h 30 »."""
    days: dict[tuple[time, time], list[OpeningHours]] = {}
    for one in hours:
        if one.opens_at:
            days.setdefault((one.opens_at, one.closes_at), []).append(one)
    return ", ".join(
        f"{_days(found)} de {_clock(opens)} à {_clock(closes)}"
        for (opens, closes), found in days.items()
    )


def _days(found: list[OpeningHours]) -> str:
    names = [one.get_weekday_display() for one in found]
    if len(found) > 2 and found[-1].weekday - found[0].weekday == len(found) - 1:
        return f"du {names[0]} au {names[-1]}"
    return "le " + " et le ".join([", le ".join(names[:-1]), names[-1]] if names[1:] else names)


def _clock(at: time) -> str:
    return f"{at.hour} h {at.minute:02d}" if at.minute else f"{at.hour} h"


@dataclass(frozen=True)
class Load:
    """What a structure takes a week, until when it is full, what it was sent this week."""

    weekly: int | None = None
    full_until: date | None = None
    taken: int = 0

    def is_full(self, day: date) -> bool:
        return self._is_closed(day) or (self.weekly is not None and self.taken >= self.weekly)

    def _is_closed(self, day: date) -> bool:
        return self.full_until is not None and self.full_until >= day

    def in_words(self, day: date) -> str:
        if self._is_closed(day):
            return f"complet jusqu’au {periods.full_date(self.full_until)}"
        if self.weekly is None:
            return ""
        left = self.weekly - self.taken
        if left <= 0:
            return "complet cette semaine"
        return "1 place cette semaine" if left == 1 else f"{left} places cette semaine"


def loads_in(regions: list[str], day: date) -> dict[int, Load]:
    """Structure → what it said in the last of these Regions where it said something."""
    monday = periods.week_of(day)
    taken = dict(
        PlaceTaken.objects.filter(
            region__in=regions, sent_on__gte=monday, sent_on__lt=periods.days_after(monday, 7)
        )
        .values_list("structure_id")
        .annotate(Sum("places"))
    )
    said = {
        one.structure_id: one
        for one in sorted(
            Capacity.objects.filter(region__in=regions),
            key=lambda one: regions.index(one.region_id),
        )
    }
    return {
        structure: Load(
            weekly=said[structure].weekly if structure in said else None,
            full_until=said[structure].full_until if structure in said else None,
            taken=taken.get(structure, 0),
        )
        for structure in said.keys() | taken.keys()
    }
