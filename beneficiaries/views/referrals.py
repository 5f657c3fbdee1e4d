"""Fiches de liaison: reading one, answering it, taking it back; those that nobody answers."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from beneficiaries import actions, exports, queries
from beneficiaries.forms import DeclineForm
from beneficiaries.models import Referral
from operators.routing import Offer, Receiver, Wanted, offer_in, receivers
from regions.permissions import Permission, may, require
from regions.queries import region_scope
from sprocep import periods, tenancy
from sprocep.downloads import attached, versioned_json
from sprocep.form_pages import filled_form, form_page, tell_outcome
from sprocep.lists import listing

RECEIVED, SENT = "recues", "envoyees"
SORTS = {"sent_on": ("sent_on", "pk"), "state": ("state", "-sent_on", "pk")}
_NUMBER, _REASON, _LEVEL = ("", "Fiche", False), ("", "Motif", False), ("", "Niveau", False)
_SENT_ON, _STATE = ("sent_on", "Envoyée le", False), ("state", "État", False)
SENT_COLUMNS = [_NUMBER, ("", "Vers", False), _REASON, _LEVEL, _SENT_ON, _STATE]
RECEIVED_COLUMNS = [_NUMBER, ("", "De", False), _REASON, _LEVEL, _SENT_ON, _STATE]
ESCALATED_COLUMNS = [
    _NUMBER,
    ("", "De", False),
    ("", "Doit répondre", False),
    _LEVEL,
    ("sent_on", "Attend depuis", False),
    ("", "Pourraient recevoir", False),
]


@require(Permission.SEND_REFERRALS)
@require_GET
def referrals(request: HttpRequest) -> HttpResponse:
    answers = may(request, Permission.ANSWER_REFERRALS)
    side = request.GET.get("cote", RECEIVED if answers else SENT)
    mine = request.membership.structure_id
    found = queries.referrals_of(request.membership)
    found = found.filter(structure=mine) if side == SENT else found.filter(receiver=mine)
    listed = listing(request, found, SORTS, "-sent_on")
    context = {
        "side": side,
        "answers": answers,
        "columns": SENT_COLUMNS if side == SENT else RECEIVED_COLUMNS,
        "list": listed,
        "undelivered": queries.undelivered(listed.page) if side == SENT else {},
        "breadcrumb": [("Ma page", "/"), ("Fiches de liaison", None)],
    }
    return render(request, "beneficiaries/referrals.html", context)


@require(Permission.SEND_REFERRALS)
@require_GET
def referral(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)
    request.remember("nominal:referral", str(public_id))
    is_received = found.receiver_id == request.membership.structure_id
    answers = is_received and may(request, Permission.ANSWER_REFERRALS)
    # Hers to answer, but asking more than she may log.
    is_above = (
        answers
        and request.membership.is_level1_only
        and found.opened_journey_id is None
        and queries.rank_asked(found) > 1
    )
    if answers and found.state == Referral.State.SENT:
        request.afterwards(lambda: _opened(request, found))
    person = exports.person_of(found)
    context = {
        "referral": found,
        "person": exports.described(person),
        "other_choice": person.other_choice if person and not is_received else "",
        "events": found.events.order_by("pk"),
        "dropout": queries.dropout_told_by(found) if is_received else None,
        "undelivered": None if is_received else queries.undelivered([found]).get(found.pk),
        "is_received": is_received,
        "answers": answers and not is_above,
        "is_above": is_above,
        "breadcrumb": [*_above(), (found.number, None)],
    }
    return render(request, "beneficiaries/referral.html", context)


def _opened(request: HttpRequest, referral: Referral) -> None:
    """After a page that only reads, in a scope of its own."""
    membership = request.membership
    place = {"regions": region_scope(membership.region_id), "structures": [membership.structure_id]}
    with tenancy.scope(**place):
        actions.open_referral(by=request.user, membership=membership, referral=referral)


@require(Permission.SEND_REFERRALS)
@require_GET
def referral_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The fiche in the national format (S103)."""
    found = _own(request, public_id)
    request.remember("nominal:referral", str(public_id))
    response = versioned_json(request, {1: lambda: exports.referral_json(found)})
    return attached(response, f"{found.number}.json")


@require(Permission.SEND_REFERRALS)
@require_GET
def referral_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)
    request.remember("nominal:referral", str(public_id))
    response = HttpResponse(exports.referral_pdf(found), content_type="application/pdf")
    return attached(response, f"{found.number}.pdf")


@require(Permission.ANSWER_REFERRALS)
@require_POST
def accept_referral(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Accepted, the first session is what comes next: nothing of it is typed again."""
    found = _own(request, public_id)

    def accept() -> str:
        actions.accept_referral(by=request.user, membership=request.membership, referral=found)
        return f"Fiche {found.number} acceptée : la structure en est prévenue."

    tell_outcome(request, accept)
    return redirect("beneficiaries:referral", public_id)


@require(Permission.ANSWER_REFERRALS)
@form_page
def decline_referral(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)
    url = reverse("beneficiaries:referral", args=[public_id])
    form = DeclineForm(
        request.POST if request.method == "POST" else None,
        lists=queries.code_lists(periods.today()),
    )

    def decline(values: dict) -> str:
        actions.decline_referral(
            by=request.user, membership=request.membership, referral=found, **values
        )
        return f"Fiche {found.number} refusée : le motif revient à la structure."

    context = {
        "heading": f"Refuser la fiche {found.number}",
        "send": "Refuser la fiche",
        "back": ("Annuler", url),
        "breadcrumb": [*_above(), (found.number, url), ("Refuser", None)],
    }
    return filled_form(
        request, form, decline, "beneficiaries:referral", context, public_id=public_id
    )


@require(Permission.ANSWER_REFERRALS)
@require_POST
def note_absence(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)

    def note() -> str:
        actions.note_absence(by=request.user, membership=request.membership, referral=found)
        return (
            f"Fiche {found.number} : la structure qui l’a envoyée sait que la personne n’est pas "
            "venue. Si elle vient plus tard, cette fiche permet encore de la recevoir."
        )

    tell_outcome(request, note)
    return redirect("beneficiaries:referral", public_id)


@require(Permission.SEND_REFERRALS)
@require_POST
def withdraw_referral(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _own(request, public_id)

    def withdraw() -> str:
        actions.withdraw_referral(by=request.user, membership=request.membership, referral=found)
        return f"Fiche {found.number} retirée : elle ne dit plus rien de la personne."

    tell_outcome(request, withdraw)
    return redirect("beneficiaries:referral", public_id)


@require(Permission.READ_ESCALATIONS)
@require_GET
def escalations(request: HttpRequest) -> HttpResponse:
    """For the coordination: two structures, a delay, who else could; nothing of the person."""
    found = queries.escalations(region_scope(request.membership.region_id))
    listed = listing(request, found, SORTS, "sent_on")
    today = periods.today()
    offers = {code: offer_in(code, today) for code in {one.department_id for one in listed.page}}
    context = {
        "list": listed,
        "columns": ESCALATED_COLUMNS,
        "rows": [
            (one, _days(one), _alternatives(one, offers[one.department_id])) for one in listed.page
        ],
        "breadcrumb": [("Ma page", "/"), ("Fiches sans réponse", None)],
    }
    return render(request, "beneficiaries/escalations.html", context)


def _days(referral: Referral) -> int:
    return (periods.today() - referral.sent_on).days


def _alternatives(referral: Referral, offer: Offer) -> list[Receiver]:
    wanted = Wanted(
        rank=queries.code_lists(offer.day).rank(referral.level_id),
        without=frozenset((referral.structure_id, referral.receiver_id)),
    )
    return [one for one in receivers(wanted, offer) if one.is_proposed]


def _own(request: HttpRequest, public_id: UUID) -> Referral:
    return get_object_or_404(queries.referral(request.membership, public_id))


def _above() -> list[tuple[str, str]]:
    return [("Ma page", "/"), ("Fiches de liaison", reverse("beneficiaries:referrals"))]
