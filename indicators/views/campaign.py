"""The Region reads its draft over."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from indicators import actions
from indicators.actions import review_ends_on
from indicators.forms import CommentForm
from indicators.models import Edition
from indicators.queries import Names
from indicators.views.editions import crumbs_above, is_own, newest
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.form_pages import filled_form, form_page
from sprocep.periods import Period


@require(Permission.COMMENT_EDITIONS)
@form_page
def comment(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    edition = newest(period, territory)
    if edition is None or edition.is_sealed or not is_own(request, territory):
        raise Http404
    form = CommentForm(request.POST or None)

    def act(values: dict) -> str:
        actions.comment_edition(by=request.user, edition=edition, **values)
        return "Votre commentaire est transmis à la DGEFP."

    name = Names().on(territory, period.last_day)
    address = reverse("indicators:dashboard", args=[period, territory])
    return filled_form(
        request,
        form,
        act,
        "indicators:dashboard",
        {
            "heading": f"Commenter, {name}, {period.label}",
            "lead": _lead(edition),
            "send": "Envoyer ce commentaire",
            "back": ("Revenir au tableau de bord", address),
            "breadcrumb": [
                *crumbs_above(request),
                (f"{name}, {period.label}", address),
                ("Commenter", None),
            ],
        },
        period=period,
        territory=territory,
    )


def _lead(edition: Edition) -> str:
    day = review_ends_on(edition)
    until = f" La relecture est ouverte jusqu’au {periods.full_date(day)}." if day else ""
    return f"La DGEFP lit chaque commentaire avant de valider l’édition.{until}"
