"""How many fiches a structure takes and when its places receive, as it or its Region says."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from operators import actions, queries, routing
from operators.forms import CapacityForm, HoursForm, PlatformForm
from operators.models import Capacity, PlatformMember
from operators.routing.forms import PremisesForm
from regions import returned_mail
from regions.models import Site, Structure
from regions.permissions import Permission, may, require
from regions.queries import predecessors
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import filled_form, form_page
from sprocep.lists import listing

_UNDER = ("Capacité et horaires", "/structures/")
_SORTS = {"name": ("name", "pk")}


@require(Permission.MANAGE_RECEPTION)
@require_GET
def receptions(request: HttpRequest) -> HttpResponse:
    """All structures of the Region for its coordination; the manager goes to the one she leads."""
    found = _structures(request)
    if request.membership.structure_id:
        return redirect("operators:reception", get_object_or_404(found).public_id)
    today = periods.today()
    loads = routing.loads_in(_regions(request), today)
    listed = listing(request, found, _SORTS, "name")
    context = {
        "list": listed,
        "columns": [("name", "Structure", False), ("", "Places", False)],
        "rows": [(one, loads.get(one.pk, routing.Load()).in_words(today)) for one in listed.page],
        "breadcrumb": [("Ma page", "/"), (_UNDER[0], None)],
    }
    return render(request, "operators/receptions.html", context)


@require(Permission.MANAGE_RECEPTION)
@require_GET
def reception(request: HttpRequest, public_id: UUID) -> HttpResponse:
    structure, today = _structure(request, public_id), periods.today()
    address = queries.address_of(structure.pk, request.membership.region_id)
    sites = queries.sites_receiving(request.membership.region_id, today)
    context = {
        "structure": structure,
        "load": routing.loads_in(_regions(request), today).get(structure.pk, routing.Load()),
        "member": _member(request, structure),
        "may_route": may(request, Permission.MANAGE_ROUTING),
        "address": address,
        "capacity": Capacity.objects.filter(
            structure=structure, region=request.membership.region_id
        ).first(),
        "unreached": returned_mail.unreached([address]).get(address),
        "sites": [
            (
                site,
                routing.hours_in_words(site.hours.all()),
                routing.premises_in_words(site),
                next(iter(site.premises.all()), None),
                routing.contacts_of(site),
            )
            for site in sites.filter(structure=structure)
        ],
        "breadcrumb": [("Ma page", "/"), *_above(request), (structure.name, None)],
    }
    return render(request, "operators/reception.html", context)


@require(Permission.MANAGE_RECEPTION)
@form_page
def set_capacity(request: HttpRequest, public_id: UUID) -> HttpResponse:
    structure, region = _structure(request, public_id), request.membership.region_id

    def act(values: dict) -> str:
        saved = actions.set_capacity(by=request.user, region=region, structure=structure, **values)
        if saved.wanted_address:
            return (
                f"Enregistré. Un lien part à {saved.wanted_address} : l’adresse sert une fois "
                "confirmée par qui la lit."
            )
        return "Enregistré : les propositions en tiennent compte dès maintenant."

    known = Capacity.objects.filter(region=region, structure=structure)
    said = known.values(*CapacityForm.base_fields).first() or {}
    wanted = known.values_list("wanted_address", flat=True).first()
    said |= {"address": wanted} if wanted else {}
    form = CapacityForm(
        request.POST or None,
        initial=said,
        is_refused=bool(returned_mail.unreached([said.get("address", "")])),
    )
    context = {
        "heading": "Capacité et adresse",
        "lead": f"{structure.name} : fiches de liaison reçues pour toute la Région.",
        "send": "Enregistrer",
        "back": ("Annuler", reverse("operators:reception", args=[public_id])),
        "breadcrumb": _breadcrumb(request, structure, "Capacité et adresse"),
    }
    return filled_form(request, form, act, "operators:reception", context, public_id=public_id)


@require(Permission.MANAGE_RECEPTION)
@form_page
def set_hours(request: HttpRequest, public_id: UUID) -> HttpResponse:
    region = request.membership.region_id
    site, structure = _place(request, public_id)

    def act(values: dict) -> str:
        actions.set_hours(by=request.user, region=region, site=site, hours=form.hours)
        return f"Horaires enregistrés : {site.name}."

    form = HoursForm(request.POST or None, site=site)
    context = {
        "heading": "Horaires d’accueil",
        "lead": f"{site.name}. Sans heure, le lieu ne reçoit pas ce jour-là.",
        "send": "Enregistrer",
        "back": ("Annuler", reverse("operators:reception", args=[structure.public_id])),
        "breadcrumb": _breadcrumb(request, structure, "Horaires"),
    }
    return filled_form(
        request,
        form,
        act,
        "operators:reception",
        context,
        template="operators/hours_form.html",
        public_id=structure.public_id,
    )


@require(Permission.MANAGE_RECEPTION)
@form_page
def set_premises(request: HttpRequest, public_id: UUID) -> HttpResponse:
    region = request.membership.region_id
    site, structure = _place(request, public_id)

    def act(values: dict) -> str:
        actions.set_premises(by=request.user, region=region, site=site, **values)
        return f"Conditions d’accueil enregistrées : {site.name}."

    form = PremisesForm(request.POST or None, site=site)
    context = {
        "heading": "Conditions d’accueil",
        "lead": f"{site.name}. Lues par qui oriente une personne, par elle sur son parcours, et "
        "par tous dans « Où être reçu ».",
        "send": "Enregistrer",
        "back": ("Annuler", reverse("operators:reception", args=[structure.public_id])),
        "breadcrumb": _breadcrumb(request, structure, "Conditions d’accueil"),
    }
    return filled_form(
        request, form, act, "operators:reception", context, public_id=structure.public_id
    )


@require(Permission.MANAGE_ROUTING)
@form_page
def set_platform(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It joins a platform of the Region, or leaves the one that it is of."""
    structure, region = _structure(request, public_id), request.membership.region_id
    member = _member(request, structure)

    def act(values: dict) -> str:
        if values.pop("leaves") != bool(member):
            raise ActionRefused(
                "Quelqu’un l’a déjà dit pendant ce temps. Revenez à la page de la structure pour "
                "voir où elle en est."
            )
        if member:
            actions.leave_platform(by=request.user, member=member, **values)
            return f"Enregistré : elle n’en sera plus membre le {periods.full_date(values['day'])}."
        actions.join_platform(by=request.user, region=region, structure=structure, **values)
        return f"Enregistré : elle en est membre à partir du {periods.full_date(values['day'])}."

    today = periods.today()
    first = max(today, periods.days_after(member.starts_on, 1)) if member else today
    form = PlatformForm(request.POST or None, initial={"day": first, "leaves": bool(member)})
    if member:
        form.fields["day"].label = "Premier jour où elle n’en est plus"
    context = {
        "heading": "Quitter la plateforme" if member else "Entrer dans une plateforme",
        "lead": f"{structure.name}. Les membres d’une plateforme de suivi et d’appui sont proposés "
        "d’abord à qui suit le parcours décrocheur. Quand ils reçoivent sa fiche de liaison, ils "
        "lisent qu’elle le suit, et où elle en est.",
        "send": "Enregistrer",
        "back": ("Annuler", reverse("operators:reception", args=[public_id])),
        "breadcrumb": _breadcrumb(request, structure, "Plateforme"),
    }
    return filled_form(request, form, act, "operators:reception", context, public_id=public_id)


# ── Whose ────────────────────────────────────────────────────────────────────────────────────


def _structures(request: HttpRequest) -> QuerySet[Structure]:
    """Those of the Region for its coordination, her own for a manager."""
    membership = request.membership
    found = queries.receiving_structures(membership.region_id, periods.today())
    return found.filter(pk=membership.structure_id) if membership.structure_id else found


def _structure(request: HttpRequest, public_id: UUID) -> Structure:
    return get_object_or_404(_structures(request), public_id=public_id)


def _place(request: HttpRequest, public_id: UUID) -> tuple[Site, Structure]:
    places = queries.sites_receiving(request.membership.region_id, periods.today())
    site = get_object_or_404(places.filter(structure__in=_structures(request)), public_id=public_id)
    return site, _structures(request).get(pk=site.structure_id)


def _member(request: HttpRequest, structure: Structure) -> PlatformMember | None:
    """Of a platform, or to join one, until a day to come or for good."""
    lasts = Q(ends_on=None) | Q(ends_on__gt=periods.today())
    found = PlatformMember.objects.filter(
        lasts, structure=structure, region=request.membership.region_id
    )
    return found.order_by("starts_on").first()


def _regions(request: HttpRequest) -> list[str]:
    """Hers last: what it says replaces what the Regions that merged into it said."""
    region = request.membership.region_id
    return [*predecessors(region), region]


def _above(request: HttpRequest) -> list[tuple[str, str]]:
    return [] if request.membership.structure_id else [_UNDER]


def _breadcrumb(request: HttpRequest, structure: Structure, here: str) -> list[tuple]:
    address = reverse("operators:reception", args=[structure.public_id])
    return [("Ma page", "/"), *_above(request), (structure.name, address), (here, None)]
