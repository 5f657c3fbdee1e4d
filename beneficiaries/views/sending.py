"""« Orienter »: a fiche de liaison, from a journey or from the desk."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from beneficiaries import actions, queries
from beneficiaries.entries import Identity, Profile
from beneficiaries.forms import NewReferralForm, ReferralForm
from beneficiaries.models import Journey, Referral
from beneficiaries.views.chosen import asked_journey
from regions.models import Commune
from regions.permissions import Permission, may, require
from regions.queries import communes_found, department_names
from sprocep import periods
from sprocep.errors import ActionRefused

LOOK = "chercher"  # the button that only shows the structures of another département


@require(Permission.SEND_REFERRALS)
@require_http_methods(["GET", "POST"])
def send_referral(request: HttpRequest) -> HttpResponse:
    journey = _journey(request)
    form = _form(request, journey)
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
    context = {
        "form": form,
        "journey": journey,
        "departments": department_names(),
        "breadcrumb": [("Accueil", "/"), ("Orienter", None)],
    }
    return render(request, "beneficiaries/send_referral.html", context)


@require(Permission.SEND_REFERRALS)
@require_GET
def receivers(request: HttpRequest) -> HttpResponse:
    """Structures of the département and level chosen so far: a partial."""
    form = _form(request, _journey(request))
    return render(request, "beneficiaries/_receivers.html", {"form": form})


def _journey(request: HttpRequest) -> Journey | None:
    text = (request.POST or request.GET).get("journey", "")
    if not text:
        return None
    if not may(request, Permission.READ_JOURNEYS):
        raise Http404
    return asked_journey(request.membership, text)


def _form(request: HttpRequest, journey: Journey | None) -> ReferralForm:
    lists = queries.code_lists(periods.today())
    typed = request.POST or request.GET
    blank = ReferralForm.blank(lists, journey)
    wanted = _wanted(request, typed, lists, journey, blank["level"])
    form = ReferralForm if journey else NewReferralForm
    options = {
        "lists": lists,
        "found": queries.receivers(wanted, periods.today()),
        "department": wanted.department,
    }
    if request.method == "POST" and LOOK not in request.POST:
        return form(request.POST, **options)
    return form(initial=blank | {name: typed[name] for name in typed}, **options)


def _wanted(
    request: HttpRequest,
    typed: QueryDict,
    lists: queries.CodeLists,
    journey: Journey | None,
    level: str,
) -> queries.Wanted:
    """Whom a receiver is looked for: of the journey, or as typed so far."""
    asked = typed.get("level", level)
    commune = journey.beneficiary.commune if journey else _commune(typed.get("commune", ""))
    near = commune.department_id if commune else request.membership.site.department_id
    department = typed.get("department", near)
    return queries.Wanted(
        department=department if department in department_names() else near,
        rank=lists.rank(asked) if lists.has("level", asked) else lists.rank(level),
        commune=commune.pk if commune else "",
        age=journey.age if journey else _age(typed.get("birth_date", "")),
        category=journey.socio_professional_category_id if journey else "",
        without=frozenset([request.membership.structure_id]),
    )


def _commune(text: str) -> Commune | None:
    found = communes_found(text.partition("(")[0])[:2] if text.strip() else []
    return found[0] if len(found) == 1 else None


def _age(text: str) -> int | None:
    born = queries.SearchedPerson.read(text).birth_date
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
