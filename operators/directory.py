"""« Où être reçu »: places where anybody is received near a commune, read before coming.

Neutral or not, when, and how one gets in (cahier des charges, § 3.1): what structures said of
their places, and nothing of who works or comes there.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from operators.models import Operator
from operators.routing import hours_in_words, premises_in_words
from regions.models import Commune, Site, SproMembership
from regions.queries import (
    department_regions,
    in_force,
    intercommunalities,
    name_of,
    region_scope,
)
from sprocep import tenancy

_OFFERS = {
    2: "accueil et conseil personnalisé",
    3: "accueil, conseil et accompagnement des projets",
}


@dataclass(frozen=True)
class Reception:
    """A place as who would come there reads it."""

    site: Site
    structure: str
    offer: str
    hours: str
    premises: str
    directory: str  # its page at acceslibre, or empty


@dataclass(frozen=True)
class Nearby:
    """Places at one distance: in the commune, beside it, or elsewhere in the département."""

    where: str
    places: list[Reception]


def receptions_near(
    commune: Commune, day: date, *, neutral: bool = False, step_free: bool = False
) -> list[Nearby]:
    """The nearest first; of those asked for neutral, or without steps, the ones that say so."""
    epci = intercommunalities(commune.department_id)
    beside = [code for code, held in epci.items() if held == epci.get(commune.pk)]
    sites = Site.objects.filter(Q(department=commune.department_id) | Q(commune__in=beside))
    asked = {"premises__is_neutral": neutral, "premises__is_step_free": step_free}
    with tenancy.scope(regions=_regions(sites, day), read_only=True):
        kept = sites.filter(**{said: True for said, is_asked in asked.items() if is_asked})
        found = list(_open_to_all(kept, day))
    here = [site for site in found if site.commune_id == commune.pk]
    around = [site for site in found if site not in here and site.commune_id in beside]
    others = [site for site in found if site not in here and site not in around]
    groups = {
        f"À {commune.name}": here,
        "Dans la même intercommunalité": around,
        "Ailleurs dans le département": others,
    }
    return [
        Nearby(where, [_as_read(one) for one in places])
        for where, places in groups.items()
        if places
    ]


def _regions(sites: QuerySet[Site], day: date) -> list[str]:
    """Where these are, with what those Regions were before."""
    region_of = department_regions(day)
    departments = sites.order_by().values_list("department_id", flat=True).distinct()
    here = {region_of[department] for department in departments}
    return sorted({held for region in here for held in region_scope(region)})


def _open_to_all(sites: QuerySet[Site], day: date) -> QuerySet[Site]:
    """Those of members of the SPRO and of operators of that day."""
    theirs = {"structure": OuterRef("structure")}
    operators = Operator.objects.filter(in_force(day), **theirs)
    members = SproMembership.objects.filter(in_force(day), **theirs).exclude(
        status=SproMembership.Status.WITHDRAWN
    )
    return (
        sites.filter(Exists(operators) | Exists(members), is_remote_platform=False)
        .annotate(
            structure_name=name_of("structure", day, "structure_id"),
            max_rank=Subquery(operators.values("max_rank")[:1]),
        )
        .select_related("commune")
        .prefetch_related("hours", "premises")
        .order_by("commune__name", "structure_name", "pk")
    )


def _as_read(site: Site) -> Reception:
    said = next(iter(site.premises.all()), None)
    return Reception(
        site=site,
        structure=site.structure_name or site.name,
        offer=_OFFERS.get(site.max_rank, "accueil et information"),
        hours=hours_in_words(site.hours.all()),
        premises=premises_in_words(site),
        directory=said.address if said else "",
    )
