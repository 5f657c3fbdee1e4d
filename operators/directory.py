"""« Où être reçu »: places where anybody is received near a commune, read before coming.

Neutral or not, when, how one gets in (cahier des charges, § 3.1), how to reach it and what is done
from afar: what structures said of their places, and nothing of who works or comes there.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from operators.models import Operator
from operators.routing import contacts_of, hours_in_words, premises_in_words
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
_RECEIVING = (SproMembership.Status.BY_LAW, SproMembership.Status.RECOGNISED)


@dataclass(frozen=True)
class Reception:
    """A place as who would come there reads it."""

    site: Site
    structure: str
    offer: str
    publics: str
    hours: str
    contacts: list[tuple[str, str]]  # (address of a link, words)
    premises: str
    directory: str  # its page at acceslibre, or empty


@dataclass(frozen=True)
class Nearby:
    """Places at one distance: in the commune, beside it, elsewhere in the département, or at the
    end of a line for the whole of France."""

    where: str
    places: list[Reception]
    is_from_afar: bool = False


def receptions_near(commune: Commune, day: date, *, kept: Q) -> list[Nearby]:
    """The nearest first; `kept` is what is asked of `Site`: the places that say so are shown."""
    epci = intercommunalities(commune.department_id)
    beside = {code for code, held in epci.items() if held == epci.get(commune.pk)}
    sites = Site.objects.filter(
        Q(is_remote_platform=True) | Q(department=commune.department_id) | Q(commune__in=beside)
    )
    scopes = _scopes(sites, day)
    regions = sorted({region for held in scopes.values() for region in held})
    with tenancy.scope(regions=regions, read_only=True):
        found = _open_to_all(sites.filter(kept), scopes, day)
    here, around, elsewhere, from_afar = groups = (
        Nearby(f"À {commune.name}", []),
        Nearby("Dans la même intercommunalité", []),
        Nearby("Ailleurs dans le département", []),
        Nearby("À distance, de toute la France", [], is_from_afar=True),
    )
    for site in found:
        is_here, is_beside = site.commune_id == commune.pk, site.commune_id in beside
        group = here if is_here else around if is_beside else elsewhere
        group = from_afar if site.is_remote_platform else group
        group.places.append(_as_read(site))
    return [group for group in groups if group.places]


def _scopes(sites: QuerySet[Site], day: date) -> dict[str, list[str]]:
    """Of each département where these are, its Region with what it was before."""
    region_of = department_regions(day)
    departments = sites.order_by().values_list("department_id", flat=True).distinct()
    return {department: region_scope(region_of[department]) for department in departments}


def _open_to_all(sites: QuerySet[Site], scopes: dict[str, list[str]], day: date) -> list[Site]:
    """Those of the operators of that day, and of who receives as a member of the SPRO there."""
    operators = Operator.objects.filter(in_force(day), structure=OuterRef("structure"))
    found = (
        sites.annotate(
            structure_name=name_of("structure", day, "structure_id"),
            max_rank=Subquery(operators.values("max_rank")[:1]),
            publics=F("structure__network__publics"),
        )
        .select_related("commune")
        .prefetch_related("hours", "premises")
        .order_by("commune__name", "structure_name", "pk")
    )
    members = set(
        SproMembership.objects.filter(in_force(day), status__in=_RECEIVING).values_list(
            "structure", "region"
        )
    )
    return [
        site
        for site in found
        if site.max_rank
        or any((site.structure_id, region) in members for region in scopes[site.department_id])
    ]


def _as_read(site: Site) -> Reception:
    said = next(iter(site.premises.all()), None)
    return Reception(
        site=site,
        structure=site.structure_name or site.name,
        offer=_OFFERS.get(site.max_rank, "accueil et information"),
        publics=site.publics or "",
        hours=hours_in_words(site.hours.all()),
        contacts=contacts_of(site),
        premises=premises_in_words(site),
        directory=said.address if said else "",
    )
