"""« Orienter »: a fiche de liaison, from a journey or from the desk."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from beneficiaries import actions, queries
from beneficiaries.entries import Identity, Profile
from beneficiaries.forms import NewReferralForm, ReferralForm
from beneficiaries.models import Journey, Referral
from beneficiaries.views.chosen import asked_journey
from operators import routing
from regions.models import Commune
from regions.permissions import Permission, may, require
from regions.queries import communes_found, department_names
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page

LOOK = "chercher"  # the button that only shows the structures of another département


@require(Permission.SEND_REFERRALS)
@form_page
def send_referral(request: HttpRequest) -> HttpResponse:
    journey = _journey(request)
    form = _form(request, journey, request.form_key)
    if form.is_bound and form.is_valid():
        try:
            sent = _send(request, form, journey)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Fiche {sent.number} envoyée. La structure a dix jours pour répondre."
            )
            return redirect("beneficiaries:referral", sent.public_id)
    if journey:
        request.remember("nominal:journey", str(journey.public_id))
    # One that begins at the desk begins as any other: the journal of requests tells none of them
    # until it is sent, else the first would say that an anonymous contact came just before.
    request.is_unlogged = journey is None
    context = {
        "form": form,
        "journey": journey,
        "departments": department_names(),
        "breadcrumb": [("Ma page", "/"), ("Orienter", None)],
    }
    return render(request, "beneficiaries/send_referral.html", context)


@require(Permission.SEND_REFERRALS)
@require_POST
def receivers(request: HttpRequest) -> HttpResponse:
    """Structures for what is chosen so far: a partial. Posted: addresses are logged, and a reason
    may be of health."""
    form = _form(request, _journey(request))
    return render(request, "beneficiaries/_receivers.html", {"form": form})


def _journey(request: HttpRequest) -> Journey | None:
    text = (request.POST or request.GET).get("journey", "")
    if not text:
        return None
    if not may(request, Permission.READ_JOURNEYS):
        raise Http404
    return asked_journey(request.membership, text)


def _form(request: HttpRequest, journey: Journey | None, key: UUID | None = None) -> ReferralForm:
    lists = queries.code_lists(periods.today())
    typed = request.POST or request.GET
    blank = ReferralForm.blank(key, lists, journey)
    commune = journey.beneficiary.commune if journey else _commune(typed.get("commune", ""))
    department = _department(request, typed, commune)
    asked = blank | typed.dict()
    if not lists.has("level", asked["level"]):
        asked["level"] = blank["level"]
    wanted = routing.Wanted(
        rank=lists.rank(asked["level"]),
        commune=commune.pk if commune else "",
        reason=asked["main_reason"],
        without=frozenset([request.membership.structure_id]),
        **(_of_journey(journey) if journey else _of_typed(asked)),
    )
    form = ReferralForm if journey else NewReferralForm
    options = {
        "lists": lists,
        "found": routing.receivers(wanted, routing.offer_in(department, periods.today())),
        "department": department,
        "is_dropout": wanted.is_dropout,
    }
    if request.method == "POST" and LOOK not in request.POST:
        return form(request.POST, **options)
    return form(initial=blank | {name: typed[name] for name in typed}, **options)


def _department(request: HttpRequest, typed: QueryDict, commune: Commune | None) -> str:
    """Where to receive: as chosen, else where she lives, else where the sender is."""
    chosen = typed.get("department")
    if chosen in department_names():
        return chosen
    return commune.department_id if commune else request.membership.site.department_id


def _of_journey(journey: Journey) -> dict:
    return {
        "age": _age(journey.beneficiary.birth_date),
        "situation": queries.situation_on(journey, periods.today()),
        "category": journey.socio_professional_category_id or "",
        "is_dropout": queries.is_dropout(journey),
    }


def _of_typed(asked: dict) -> dict:
    """Of somebody who has no journey here, as typed so far."""
    born = queries.SearchedPerson.read(asked.get("birth_date", "")).birth_date
    return {"age": _age(born), "situation": asked.get("situation", "")}


def _commune(text: str) -> Commune | None:
    found = communes_found(text.partition("(")[0])[:2] if text.strip() else []
    return found[0] if len(found) == 1 else None


def _age(born: date | None) -> int | None:
    return periods.age_on(born, periods.today()) if born else None


def _send(request: HttpRequest, form: ReferralForm, journey: Journey | None) -> Referral:
    if journey:
        person = journey.beneficiary
        names = ("last_name", "first_name", "birth_name", "birth_date", "email", "phone", "commune")
        identity = Identity(**{name: getattr(person, name) for name in names}, sex=person.sex_id)
        profile = _profile(journey, form.cleaned_data["main_reason"])
    else:
        identity, profile = form.identity(), form.profile()
    return actions.send_referral(
        by=request.user,
        membership=request.membership,
        orientation=form.orientation(identity, profile),
        journey=journey,
        key=form.cleaned_data["key"],
    )


def _profile(journey: Journey, reason: str) -> Profile:
    codes = (
        "situation",
        "education_level",
        "socio_professional_category",
        "sector",
        "contract_type",
    )
    known = {name: getattr(journey, f"{name}_id") for name in codes}
    return Profile(main_reason=reason, **known)
