"""A link that asks who holds an address whether the fiches of a structure come there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from operators import actions, address_links
from operators.address_links import AddressLink
from regions.permissions import SAFE, public
from sprocep.errors import ActionRefused

LEAVE_FIRST = "Vous êtes connecté : déconnectez-vous avant de confirmer une adresse par un lien."


@public
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def address_link(request: HttpRequest, link: str) -> HttpResponse:
    """Looking at a link does nothing: scanners of mail look at all of them."""
    if request.user.is_authenticated:
        messages.warning(request, LEAVE_FIRST)
        return redirect("regions:home")
    with address_links.opened(link, read_only=request.method in SAFE) as opened:
        if opened is None:
            return render(request, "operators/address_link_over.html", status=410)
        context = {"link": opened}
        if request.method == "POST":
            try:
                context["outcome"] = _answered(opened, is_refused="refuse" in request.POST)
            except ActionRefused as refusal:
                context["outcome"] = str(refusal)
        return render(request, "operators/address_link.html", context)


def _answered(link: AddressLink, *, is_refused: bool) -> str:
    of = {"by": None, "capacity": link.capacity, "wanted_at": link.wanted_at}
    if link.is_of_new:
        proven = actions.prove_address(**of)
        if proven.proven_at is None:
            return "C’est confirmé : les fiches de liaison arrivent ici dès maintenant."
        return (
            "C’est confirmé. L’adresse d’avant peut encore refuser pendant sept jours ; les fiches "
            "arrivent ici ensuite."
        )
    if is_refused:
        actions.refuse_address(**of)
        return "Rien ne change : les fiches de liaison continuent d’arriver ici."
    actions.accept_address(**of)
    return "C’est fait : les fiches de liaison arrivent à la nouvelle adresse."
