"""« Mon parcours »: what a person reads and does through her own access, without an account.

Her code, then the digits that are sent to her, leave one signed cookie; it opens her journey for
half an hour, and each request asks again whether the access lives.
"""

from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from kombu.exceptions import OperationalError

from beneficiaries import actions, exports, queries, tasks
from beneficiaries.contact_codes import access_fingerprint, groups_of, new_code
from beneficiaries.forms import AccessCodeForm, FactorForm
from beneficiaries.models import SynthesisDocument
from beneficiaries.views.documents import attached_file, attached_pdf
from operators.routing import contacts_of, hours_in_words, premises_in_words
from regions import throttle
from regions.permissions import SAFE, View, public
from sprocep import errors, sms
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE, tell_outcome

ENTER, CONFIRM = "beneficiaries:enter_journey", "beneficiaries:confirm_entry"
PAGE, VERSION = "beneficiaries:own_journey", "beneficiaries:own_version"
COOKIE = settings.PERSON_COOKIE_NAME
# What a cookie says, and for how many seconds: a code was typed; the digits were right too.
TYPED, ENTERED = "typed", "entered"
SECONDS = {TYPED: 600, ENTERED: 1800}

LEAVE_FIRST = "Vous êtes connecté à votre compte : déconnectez-vous avant d’ouvrir un parcours."
IS_OVER = (
    "Votre visite est finie. Tapez de nouveau votre code ; s’il n’ouvre plus rien, demandez-en un "
    "autre à la structure qui vous suit."
)
WRONG_DIGITS = (
    "Ces chiffres n’ouvrent rien. Relisez ceux du dernier message ; s’ils sont justes, ils ont "
    "plus de dix minutes ou votre code est retiré : recommencez avec votre code."
)
TOO_MANY = "Trop d’essais. Attendez un quart d’heure, puis recommencez avec votre code."
NO_MAIL = (
    "Aucun message ne peut partir en ce moment. Rien n’est perdu : recommencez dans quelques "
    "minutes."
)


# ── Entering ─────────────────────────────────────────────────────────────────────────────────


def for_persons(view: View) -> View:
    """Open to everyone but who is logged in: an account has its own pages of a journey."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            messages.warning(request, LEAVE_FIRST)
            return redirect("regions:home")
        return view(request, *args, **kwargs)

    return public(cache_control(no_store=True)(guarded))


@for_persons
@require_http_methods(["GET", "POST"])
def enter_journey(request: HttpRequest) -> HttpResponse:
    """One answer, after one ring of the worker, whether the code opens something or not."""
    form = AccessCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        fingerprint = access_fingerprint(form.cleaned_data["code"])
        try:
            tasks.send_factor.delay(fingerprint.hex())
        except OperationalError:
            return errors.page(request, 503, NO_MAIL)
        return _holding(redirect(CONFIRM), fingerprint, TYPED)
    context = {
        "heading": "Lire mon parcours",
        "lead": "Votre conseil vous a remis un code. Tapez-le : six chiffres partiront "
        f"{_where()}. Tout est gratuit.",
        "form": form,
        "send": "Continuer",
    }
    return render(request, FORM_PAGE, context)


@for_persons
@require_http_methods(["GET", "POST"])
def confirm_entry(request: HttpRequest) -> HttpResponse:
    fingerprint = _held(request, TYPED)
    if fingerprint is None:
        return redirect(ENTER)
    form, status = FactorForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST" and form.is_valid():
        if not throttle.may_try(request, fingerprint.hex()):
            form.add_error(None, TOO_MANY)
            status = 429
        elif _is_confirmed(request, fingerprint, form.cleaned_data["digits"]):
            return _holding(redirect(PAGE), fingerprint, ENTERED)
        else:
            form.add_error("digits", WRONG_DIGITS)
    context = {
        "heading": "Les six chiffres",
        "lead": f"Si votre code est juste, six chiffres viennent de partir {_where()}. Ils servent "
        "dix minutes ; pendant ce temps, il n’en part pas d’autres.",
        "form": form,
        "send": "Lire mon parcours",
        "back": ("Taper un autre code", reverse(ENTER)),
    }
    return render(request, FORM_PAGE, context, status=status)


def _where() -> str:
    """The same words whoever typed which code."""
    mobile = ", ou par SMS à son numéro si elle n’en a pas" if sms.is_available() else ""
    return f"à l’adresse électronique de votre fiche{mobile}"


def _is_confirmed(request: HttpRequest, fingerprint: bytes, digits: str) -> bool:
    access = actions.try_factor(fingerprint=fingerprint, digits=digits)
    if access is None:
        throttle.count_failure(request, fingerprint.hex())
        return False
    throttle.forget(fingerprint.hex())
    actions.enter_journey(by=access)
    return True


@for_persons
@require_POST
def leave_journey(request: HttpRequest) -> HttpResponse:
    messages.success(request, "Vous avez quitté votre parcours.")
    return _without_cookie(redirect(ENTER))


def _holding(response: HttpResponse, fingerprint: bytes, state: str) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        fingerprint.hex(),
        salt=state,
        max_age=SECONDS[state],
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _held(request: HttpRequest, state: str) -> bytes | None:
    told = request.get_signed_cookie(COOKIE, None, salt=state, max_age=SECONDS[state])
    return bytes.fromhex(told) if told else None


def _without_cookie(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


# ── Her journey ──────────────────────────────────────────────────────────────────────────────


def through_access(view: View) -> View:
    """Answer inside the scope that her access opens, as `request.access`, as long as it lives."""

    @wraps(view)
    def opened(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        fingerprint = _held(request, ENTERED)
        if fingerprint is not None:
            with queries.opened_by(fingerprint, read_only=request.method in SAFE) as access:
                if access is not None:
                    request.access = access
                    return view(request, *args, **kwargs)
        messages.warning(request, IS_OVER)
        return _without_cookie(redirect(ENTER))

    return for_persons(opened)


@through_access
@require_GET
def own_journey(request: HttpRequest) -> HttpResponse:
    journey = queries.journey_of(request.access)
    place, versions = queries.place_of(journey), list(queries.documents_of(request.access))
    context = {
        "said": exports.described_document(queries.synthesis(journey)),
        "place": place,
        "hours": hours_in_words(place.hours.all()),
        "terms": premises_in_words(place),
        "contacts": contacts_of(place),
        "versions": versions,
        "to_approve": next((one for one in versions[:1] if not one.is_approved), None),
        "openings": queries.share_codes_of(request.access).filter(opened_at__isnull=False),
        "referrals": queries.referrals_about(request.access),
        "readings": queries.readings_of(request.access),
    }
    return render(request, "beneficiaries/own_journey.html", context)


@through_access
@require_GET
def own_version(request: HttpRequest, version: UUID) -> HttpResponse:
    return _version_page(request, _version(request, version))


@through_access
@require_GET
def own_version_pdf(request: HttpRequest, version: UUID) -> HttpResponse:
    return attached_pdf(_version(request, version))


@through_access
@require_GET
def own_version_file(request: HttpRequest, version: UUID) -> HttpResponse:
    return attached_file(request, _version(request, version))


@through_access
@require_POST
def approve_own_document(request: HttpRequest, version: UUID) -> HttpResponse:
    found = _version(request, version)

    def approve() -> str:
        actions.approve_own_document(by=request.access, document=found)
        return "Vous avez approuvé cette version : vous pouvez la partager."

    tell_outcome(request, approve)
    return redirect(VERSION, version)


@through_access
@require_POST
def share_own_document(request: HttpRequest, version: UUID) -> HttpResponse:
    """Answered by a page and no redirection: what carries the code to another would keep it."""
    found, code = _version(request, version), new_code()
    try:
        actions.share_own_document(by=request.access, document=found, code=code)
    except ActionRefused as exc:
        messages.error(request, str(exc))
        return redirect(VERSION, version)
    return _version_page(request, found, groups_of(code))


@through_access
@require_POST
def revoke_own_code(request: HttpRequest, share: UUID) -> HttpResponse:
    found = get_object_or_404(queries.share_codes_of(request.access), public_id=share)

    def revoke() -> str:
        actions.revoke_own_code(by=request.access, code=found)
        return "Code révoqué : il n’ouvre plus rien."

    tell_outcome(request, revoke)
    return redirect(VERSION, found.document.public_id)


@through_access
@require_POST
def withdraw_own_consent(request: HttpRequest, fiche: UUID) -> HttpResponse:
    found = get_object_or_404(queries.referrals_about(request.access), public_id=fiche)

    def withdraw() -> str:
        actions.withdraw_own_consent(by=request.access, referral=found)
        return "Accord repris : la fiche ne dit plus rien de vous, et la structure est prévenue."

    tell_outcome(request, withdraw)
    return redirect(PAGE)


def _version(request: HttpRequest, public_id: UUID) -> SynthesisDocument:
    return get_object_or_404(queries.documents_of(request.access), public_id=public_id)


def _version_page(
    request: HttpRequest, found: SynthesisDocument, code: list[str] | None = None
) -> HttpResponse:
    """`code`: just made, in groups, shown this once by the page that answers."""
    context = {
        "document": found,
        "said": exports.described_document(queries.read_back(found.content)),
        "codes": queries.share_codes_of(request.access).filter(document=found),
        "code": code or [],
        "code_days": queries.CODE_DAYS,
        "breadcrumb": [("Mon parcours", reverse(PAGE)), (f"Version {found.number}", None)],
    }
    return render(request, "beneficiaries/own_version.html", context, status=201 if code else 200)
