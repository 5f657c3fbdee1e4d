"""« Nouvel entretien » and the correction of a session."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from beneficiaries import actions, queries
from beneficiaries.forms import CorrectionForm, NewPersonForm, TalkForm, typed_day
from beneficiaries.models import (
    LONGEST_DRAFT,
    Beneficiary,
    Draft,
    Referral,
    Session,
    Workshop,
)
from beneficiaries.views.chosen import NEW, Chosen, chosen_from, uuid_or_404
from regions.models import Membership
from regions.permissions import Permission, require, require_any
from regions.queries import communes_found, region_scope
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page
from sprocep.periods import full_date
from sprocep.templatetags.french import moment

CSRF_FIELD = "csrfmiddlewaretoken"
KNOWN = (
    "Votre structure connaît une personne qui ressemble à celle-ci. Continuez avec elle, ou cochez "
    "« aucune de ces personnes »."
)
STORED = "C’est déjà enregistré : il n’y a plus de brouillon à garder."
WITHDRAWN = (
    "La personne a repris son accord : cette fiche ne dit plus rien d’elle, et ce qui en venait "
    "n’est pas gardé."
)
ABOVE_LEVEL1 = (
    "Votre habilitation est limitée au niveau 1 : une ou un collègue corrige cet entretien."
)
NOBODY = "Choisissez une personne dans la liste, ou « nouvelle personne »."


@require(Permission.LOG_SESSIONS)
@form_page(is_compared=True)
def log_session(request: HttpRequest) -> HttpResponse:
    draft = draft_asked(request, Draft.Page.SESSION)
    typed = QueryDict(draft.typed) if draft else request.GET
    chosen = chosen_from(request.membership, request.POST or typed)
    if chosen.is_withdrawn:
        return _forgotten(request, chosen.over, typed)
    if chosen.over and request.method == "GET" and draft is None and not request.htmx:
        return redirect("beneficiaries:referral", chosen.over.public_id)
    form = _form(request, chosen, draft)
    alike = []
    if request.method == "POST" and chosen.is_new:
        alike = _alike(request, form)
    if alike and not form.cleaned_data["is_somebody_else"] and not _is_sent(request, form):
        form.add_error("is_somebody_else", KNOWN)
    if chosen.told and form.is_bound and not _is_sent(request, form):
        form.add_error(None, chosen.told)
    if request.method == "POST" and form.is_valid() and not chosen.is_empty:
        try:
            session = _save(request, chosen, form)
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            return _saved(request, session)
    if request.method == "POST" and chosen.is_empty:
        form.add_error(None, NOBODY)
    if chosen.person:
        request.remember("nominal:person", str(chosen.person.public_id))
    if chosen.referral:
        request.remember("nominal:referral", str(chosen.referral.public_id))
    if chosen.document:
        request.remember("nominal:document", str(chosen.document.public_id))
    if draft:
        request.remember("nominal:draft", str(draft.key))
    context = {
        "form": form,
        "chosen": chosen,
        "level": _level(form),
        "draft": draft,
        "alike": alike,
    }
    if request.htmx:
        return render(request, "beneficiaries/_who.html", context)
    context |= {
        "found": _found(request.membership, chosen.text),
        "breadcrumb": [("Ma page", "/"), ("Nouvel entretien", None)],
    }
    return render(request, "beneficiaries/log_session.html", context)


def draft_asked(request: HttpRequest, page: Draft.Page) -> Draft | None:
    """The draft of this page that the address names."""
    if key := request.GET.get("brouillon"):
        mine = queries.drafts(request.membership)
        return get_object_or_404(mine, key=uuid_or_404(key), page=page)
    return None


def _form(request: HttpRequest, chosen: Chosen, draft: Draft | None) -> TalkForm:
    membership = request.membership
    typed = QueryDict(draft.typed) if draft else request.POST
    lists = queries.code_lists(typed_day(typed))
    if request.method == "POST":
        return chosen.form(request.POST, membership=membership, lists=lists)
    if draft:
        initial = chosen.form.as_typed(typed)
        return chosen.form(initial=initial, membership=membership, lists=lists)
    initial = TalkForm.blank(request.form_key, membership, lists)
    if chosen.journey and "repeat" in request.GET:
        last = queries.last_session(chosen.journey)
        initial |= TalkForm.repeated(last, lists) if last else {}
    if chosen.referral:
        initial |= queries.told_by(chosen.referral)
    elif chosen.document:
        initial |= queries.told_by_document(chosen.document)
    elif chosen.is_new:
        wanted = queries.SearchedPerson.read(chosen.text)
        last_name, first_name = queries.names_apart(chosen.text)
        initial |= {
            "last_name": last_name,
            "first_name": first_name,
            "birth_date": wanted.birth_date,
        }
    elif chosen.person:
        initial["commune"] = chosen.person.commune
    return chosen.form(initial=initial, membership=membership, lists=lists)


def _save(request: HttpRequest, chosen: Chosen, form: TalkForm) -> Session:
    who = {"by": request.user, "membership": request.membership}
    key = form.cleaned_data["key"]
    if chosen.journey:
        return actions.log_session(
            **who, journey=chosen.journey, talk=form.talk(), referral=chosen.referral, key=key
        )
    return actions.log_first_session(
        **who,
        person=chosen.person or form.identity(),
        profile=form.profile(),
        talk=form.talk(),
        referral=chosen.referral,
        document=chosen.document,
        key=key,
    )


def _forgotten(request: HttpRequest, referral: Referral, typed: QueryDict) -> HttpResponse:
    """Neither stored nor kept: what was typed under the fiche says who the person is."""
    membership, key = request.membership, (request.POST or typed).get("key")
    place = {"regions": region_scope(membership.region_id), "structures": [membership.structure_id]}
    draft = uuid_or_404(key) if key else None

    def forget() -> None:
        with tenancy.scope(**place):
            actions.drop_draft(membership=membership, key=draft)

    request.afterwards(forget)
    messages.warning(request, WITHDRAWN)
    return redirect("beneficiaries:referral", referral.public_id)


def _is_sent(request: HttpRequest, form: TalkForm) -> bool:
    """The same sending again: it opens nothing more, and the person it opened is no look-alike."""
    form.is_valid()
    key = form.cleaned_data.get("key")
    sent = Session.objects.filter(structure=request.membership.structure_id, idempotency_key=key)
    return key is not None and sent.exists()


def _saved(request: HttpRequest, session: Session) -> HttpResponse:
    # Without her name: a message waits in a cookie, on a desk that others use.
    messages.success(request, f"Entretien du {full_date(session.held_on)} enregistré.")
    request.stored_at = reverse("beneficiaries:journey", args=[session.journey.public_id])
    if "next" in request.POST:
        return redirect("beneficiaries:log_session")
    return redirect("beneficiaries:journey", session.journey.public_id)


@require(Permission.LOG_SESSIONS)
@require_POST
def keep_draft(request: HttpRequest) -> HttpResponse:
    """What is typed so far: kept as it is, by the page itself or by « garder pour plus tard »."""
    typed = request.POST.copy()
    for name in (CSRF_FIELD, "later", "next"):
        typed.pop(name, None)
    text = typed.urlencode()
    if len(text) > LONGEST_DRAFT:
        return HttpResponse("Ce texte est trop long pour être gardé.", status=413)
    key = uuid_or_404(typed.get("key", ""))
    page = typed.get("page", Draft.Page.SESSION)
    if page not in Draft.Page:
        raise Http404
    try:
        is_kept = actions.keep_draft(membership=request.membership, key=key, typed=text, page=page)
    except ActionRefused as refusal:
        if "later" in request.POST:
            raise
        return HttpResponse(str(refusal), status=409)
    words = f"Brouillon gardé à {moment(timezone.now())}." if is_kept else STORED
    if "later" in request.POST:
        messages.success(request, words)
        return redirect("regions:home")
    return HttpResponse(words)


@require(Permission.LOG_SESSIONS)
@require_POST
def drop_draft(request: HttpRequest) -> HttpResponse:
    actions.drop_draft(membership=request.membership, key=uuid_or_404(request.POST.get("key", "")))
    messages.success(request, "Brouillon abandonné.")
    return redirect("regions:home")


def _found(membership: Membership, text: str) -> list[Beneficiary]:
    if not text:
        return []
    return queries.persons_found(membership.structure_id, region_scope(membership.region_id), text)


@require(Permission.LOG_SESSIONS)
@require_GET
def find_person(request: HttpRequest) -> HttpResponse:
    """Persons as one types: a partial."""
    text = request.GET.get("q", "").strip()
    found = _found(request.membership, text)
    if found:
        request.remember("nominal:persons_found")
    return render(request, "beneficiaries/_people.html", {"found": found, "chosen": Chosen(text)})


@require(Permission.LOG_SESSIONS)
@require_GET
def find_look_alikes(request: HttpRequest) -> HttpResponse:
    """Known persons who resemble the one being typed: a partial."""
    lists = queries.code_lists(periods.today())
    form = NewPersonForm(request.GET, membership=request.membership, lists=lists)
    return render(
        request,
        "beneficiaries/_alike.html",
        {
            "form": form,
            "alike": _alike(request, form),
            "chosen": chosen_from(request.membership, {**request.GET.dict(), "person": NEW}),
        },
    )


def _alike(request: HttpRequest, form: NewPersonForm) -> list[queries.LookAlike]:
    """By the names and the birth date of a bound form, as far as they can be read."""
    form.is_valid()
    names = ("last_name", "first_name", "birth_name", "birth_date")
    typed = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
    if not {"last_name", "first_name"} <= set(typed):
        return []
    membership = request.membership
    where = (membership.structure_id, region_scope(membership.region_id))
    if found := queries.look_alikes(*where, **typed):
        request.remember("nominal:persons_found")
    return found


@require_any(Permission.SEND_REFERRALS, Permission.MANAGE_ROUTING)
@require_GET
def communes(request: HttpRequest) -> HttpResponse:
    """Options of a commune field as one types: a partial."""
    text = request.GET.get("commune", "").strip()
    found = communes_found(text).order_by("-population")[:12] if len(text) > 1 else []
    return render(request, "beneficiaries/_communes.html", {"communes": found})


@require(Permission.LOG_SESSIONS)
@require_GET
def session_level(request: HttpRequest) -> HttpResponse:
    """The level of the services chosen so far: a partial."""
    lists = queries.code_lists(typed_day(request.GET))
    services = [request.GET.get("main_service", ""), *request.GET.getlist("other_services")]
    level = _words(lists, services, request.GET.get("level", ""))
    return render(request, "beneficiaries/_level.html", {"level": level})


def _level(form: TalkForm) -> str:
    chosen = [form["main_service"].value(), *(form["other_services"].value() or [])]
    return _words(form.lists, chosen, form["level"].value() or "")


def _words(lists: queries.CodeLists, services: list[str], raised: str) -> str:
    """« niveau 2 · conseil personnalisé », or nothing as long as no service is chosen."""
    known = [code for code in services if lists.has("service", code)]
    if not known:
        return ""
    code = lists.level_of(known, raised if lists.has("level", raised) else "")
    label = lists.label("level", code)
    return f"niveau {lists.rank(code)} · {label[:1].lower()}{label[1:]}"


@require(Permission.LOG_SESSIONS)
@form_page
def correct_session(request: HttpRequest, public_id: UUID) -> HttpResponse:
    membership = request.membership
    session = _session(membership, public_id)
    if membership.is_level1_only and session.rank > 1:
        messages.error(request, ABOVE_LEVEL1)
        return redirect("beneficiaries:journey", session.journey.public_id)
    lists = queries.code_lists(typed_day(request.POST) if request.POST else session.held_on)
    options = {"membership": membership, "lists": lists}
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        initial=CorrectionForm.typed(session, lists),
        **options,
    )
    stored = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_session(
                by=request.user,
                membership=membership,
                session=session,
                talk=form.talk(),
                seen_at=form.cleaned_data["seen_at"],
            )
        except actions.ChangedMeanwhile as exc:
            lines = queries.timeline(session.journey)
            stored = next(line for line in lines if line.public_id == public_id)
            form = CorrectionForm(seen_now(request, stored), **options)
            form.add_error(None, str(exc))
        except ActionRefused as exc:
            form.add_error(None, str(exc))
        else:
            messages.success(request, "Entretien corrigé.")
            return redirect("beneficiaries:journey", session.journey.public_id)
    request.remember("nominal:session", str(session.public_id))
    context = {
        "form": form,
        "session": session,
        "stored": stored,
        "level": _level(form),
        "breadcrumb": [
            ("Mes parcours", reverse("beneficiaries:journeys")),
            (
                str(session.journey.beneficiary),
                reverse("beneficiaries:journey", args=[session.journey.public_id]),
            ),
            ("Corriger un entretien", None),
        ],
    }
    return render(request, "beneficiaries/correct_session.html", context)


def _session(membership: Membership, public_id: UUID) -> Session:
    found = Session.objects.filter(structure=membership.structure_id, public_id=public_id)
    return get_object_or_404(
        found.select_related("journey__beneficiary__commune", "site", "adviser__site")
    )


def seen_now(request: HttpRequest, stored: queries.SessionLine | Workshop) -> QueryDict:
    """What was typed, on top of the text that is stored now: sent again, it replaces it."""
    data = request.POST.copy()
    data["seen_at"] = stored.updated_at.isoformat()
    return data
