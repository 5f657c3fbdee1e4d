"""A form of one line of a page of a journey: a cost, a funding, a step."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from beneficiaries import actions
from beneficiaries.models import Journey
from sprocep.errors import ActionRefused
from sprocep.form_pages import tell_outcome


@dataclass(frozen=True)
class Page:
    """Where lines stand, what reading it is called, how a line is told from its columns, and what
    withdrawing one does."""

    route: str
    title: str
    remembered: str
    told: Callable[[dict], str]
    withdrawal: str

    def above_lines(self, journey: Journey) -> list[tuple[str, str]]:
        here = (self.title, reverse(self.route, args=[journey.public_id]))
        return [*above(journey), here]


def above_journeys() -> list[tuple[str, str]]:
    return [("Ma page", "/"), ("Mes parcours", reverse("beneficiaries:journeys"))]


def above(journey: Journey) -> list[tuple[str, str]]:
    url = reverse("beneficiaries:journey", args=[journey.public_id])
    return [*above_journeys(), (str(journey.beneficiary), url)]


def who(request: HttpRequest) -> dict:
    return {"by": request.user, "membership": request.membership}


def line_page(
    request: HttpRequest,
    page: Page,
    journey: Journey,
    form: Form,
    act: Callable[[], str],
    context: dict,
) -> HttpResponse:
    """The form of one line; where somebody changed it meanwhile, both texts."""
    stored = None
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
        except actions.ChangedMeanwhile as exc:
            line = context["line"]
            stored = type(line).objects.filter(pk=line.pk).values().get()
            form.data = form.data.copy()
            form.data["seen_at"] = stored["changed_at"].isoformat()
            form.add_error(None, str(exc))
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            return redirect(page.route, journey.public_id)
    request.remember(page.remembered, str(journey.public_id))
    context = (
        {"hints": [], "withdraw_url": ""}
        | context
        | {
            "form": form,
            "lead": f"{page.title} de {journey.beneficiary}.",
            "back": reverse(page.route, args=[journey.public_id]),
            "withdrawal": page.withdrawal,
            "stored": page.told(stored) if stored else "",
            "breadcrumb": [*page.above_lines(journey), (context["heading"], None)],
        }
    )
    return render(request, "beneficiaries/line.html", context)


def withdraw_line(
    request: HttpRequest, page: Page, journey: Journey, line: Model, act: Callable, outcome: str
) -> HttpResponse:
    def withdraw() -> str:
        act(**who(request), line=line)
        return outcome

    tell_outcome(request, withdraw)
    return redirect(page.route, journey.public_id)
