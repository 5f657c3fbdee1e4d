"""The document de synthèse of a journey: what it says today, its versions, their files."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from beneficiaries import actions, exports, queries
from beneficiaries.entries import new_key
from beneficiaries.forms import ApprovalForm
from beneficiaries.models import Journey, SynthesisDocument
from beneficiaries.views.chosen import asked_journey
from beneficiaries.views.lines import above, above_journeys, who
from beneficiaries.views.steps import PAGE
from regions.permissions import Permission, require
from sprocep import periods
from sprocep.downloads import attached, versioned_json
from sprocep.errors import ActionRefused
from sprocep.form_pages import filled_form, form_page

VERSION = "beneficiaries:document_version"


@require(Permission.READ_JOURNEYS)
@require_GET
def document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What a version handed over today would say."""
    journey = asked_journey(request.membership, str(public_id))
    request.remember("nominal:document", str(public_id))
    context = {
        "journey": journey,
        "said": exports.described_document(queries.synthesis(journey)),
        "changeable": queries.changeable_steps(journey) if journey.is_open else (),
        "versions": queries.documents(journey),
        "key": new_key(),
        "breadcrumb": [*above(journey), ("Document de synthèse", None)],
    }
    return render(request, "beneficiaries/document.html", context)


@require(Permission.LOG_SESSIONS)
@require_POST
def hand_over_document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    journey = asked_journey(request.membership, str(public_id))
    try:
        found = actions.hand_over_document(**who(request), journey=journey, key=_key(request))
    except ActionRefused as exc:
        messages.error(request, str(exc))
        return redirect(PAGE.route, public_id)
    messages.success(request, f"Version {found.number} remise : elle ne changera plus.")
    return redirect(VERSION, found.public_id)


def _key(request: HttpRequest) -> UUID | None:
    """That of the page that was shown; a button pressed twice hands one version over."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


@require(Permission.READ_JOURNEYS)
@require_GET
def document_version(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _read(request, public_id)
    if queries.is_own(request.membership, found):
        return own_version(request, found)
    asked = request.GET.get("journey")
    journey = (
        asked_journey(request.membership, asked)
        if asked
        else queries.followed_by_thread(request.membership, found.content["thread_number"])
    )
    is_hers = journey is not None and queries.may_be_hers(request.membership, found, journey)
    context = {
        "document": found,
        "said": _said(found),
        "followed": journey if is_hers and journey.is_open else None,
        "other": journey if journey and not is_hers else None,
        "spared": queries.fields_spared(found),
        "breadcrumb": [
            *above_journeys(),
            ("Ouvrir un document", reverse("beneficiaries:open_document")),
            ("Document de synthèse", None),
        ],
    }
    return render(request, "beneficiaries/shared_document.html", context)


def own_version(
    request: HttpRequest, found: SynthesisDocument, code: list[str] | None = None
) -> HttpResponse:
    """`code`: just given, in groups, shown this once by the page that answers."""
    context = {
        "document": found,
        "said": _said(found),
        "codes": queries.share_codes(found),
        "code": code or [],
        "code_days": queries.CODE_DAYS,
        "breadcrumb": _above_version(found.journey, found),
    }
    return render(
        request, "beneficiaries/document_version.html", context, status=201 if code else 200
    )


@require(Permission.READ_JOURNEYS)
@require_GET
def document_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return attached_pdf(_read(request, public_id))


@require(Permission.READ_JOURNEYS)
@require_GET
def document_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A version in the national format."""
    return attached_file(request, _read(request, public_id))


@require(Permission.LOG_SESSIONS)
@form_page
def approve_document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(queries.own_document(request.membership, public_id))
    request.remember("nominal:document", str(public_id))
    lists = queries.code_lists(periods.today())
    typed = request.POST if request.method == "POST" else None
    form = ApprovalForm(typed, lists=lists, initial=ApprovalForm.blank(lists))

    def approve(_: dict) -> str:
        actions.approve_document(**who(request), document=found, approval=form.approval())
        return "Accord de la personne noté : elle peut partager cette version."

    context = {
        "heading": f"Accord de la personne sur la version {found.number}",
        "lead": "Relisez-la avec elle, à l’écran ou sur papier.",
        "send": "Noter son accord",
        "back": ("Annuler", reverse(VERSION, args=[public_id])),
        "breadcrumb": [*_above_version(found.journey, found, is_here=False), ("Accord", None)],
    }
    return filled_form(request, form, approve, VERSION, context, public_id=public_id)


# ── What these pages share ───────────────────────────────────────────────────────────────────


def _read(request: HttpRequest, public_id: UUID) -> SynthesisDocument:
    """Of this structure, or shared with it."""
    found = get_object_or_404(queries.document(public_id))
    request.remember("nominal:document", str(public_id))
    return found


def _said(found: SynthesisDocument) -> dict:
    return exports.described_document(queries.read_back(found.content))


def attached_pdf(found: SynthesisDocument) -> HttpResponse:
    response = HttpResponse(exports.document_pdf(found), content_type="application/pdf")
    return attached(response, f"document-de-synthese-{found.number}.pdf")


def attached_file(request: HttpRequest, found: SynthesisDocument) -> HttpResponse:
    response = versioned_json(request, {1: lambda: exports.document_json(found)})
    return attached(response, f"document-de-synthese-{found.number}.json")


def _above_version(
    journey: Journey, found: SynthesisDocument, *, is_here: bool = True
) -> list[tuple[str, str | None]]:
    url = None if is_here else reverse(VERSION, args=[found.public_id])
    return [*PAGE.above_lines(journey), (f"Version {found.number}", url)]
