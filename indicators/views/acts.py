"""What is sent to a Region, what it says of it, and the history of an edition."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from indicators import actions
from indicators.models import Contestation, Edition, EditionEvent
from indicators.queries import Names
from indicators.views.editions import crumbs_above, is_own, may_read_acts
from regions.models import Letter
from regions.permissions import Permission, may, require
from regions.queries import region_scope
from sprocep.form_pages import tell_outcome
from sprocep.lists import listing
from sprocep.periods import Period

_KINDS = EditionEvent.Kind
_SORTS = {
    "transmitted_at": ("transmitted_at", "-territory", "pk"),
    "period": ("period", "-territory", "number"),
    "state": ("state", "-period", "territory", "number"),
}
_COLUMNS = [
    ("period", "Période", False),
    ("", "Territoire", False),
    ("", "Édition", False),
    ("transmitted_at", "Transmise le", False),
    ("", "Ouverte le", False),
    ("", "Reçue le", False),
    ("state", "État", False),
]


# ── The Region's inbox ───────────────────────────────────────────────────────────────────────


@require(Permission.READ_INBOX)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What was sent to the Region, or to one that became it: when, opened, acknowledged."""
    sent = Edition.objects.filter(
        territory__in=region_scope(request.membership.region_id), transmitted_at__isnull=False
    ).annotate(
        opened_at=_first(_KINDS.OPENED),
        acknowledged_at=_first(_KINDS.ACKNOWLEDGED),
    )
    shown = listing(request, sent, _SORTS, "-transmitted_at")
    names = Names()
    for edition in shown.page:
        period = Period.parse(edition.period)
        edition.period_label = period.label
        edition.territory_name = names.on(edition.territory, period.last_day)
    context = {
        "list": shown,
        "columns": _COLUMNS,
        "may_acknowledge": may(request, Permission.ACKNOWLEDGE),
        "breadcrumb": [
            ("Ma page", "/"),
            ("Reçus", None),
        ],
    }
    return render(request, "indicators/inbox.html", context)


def _first(kind: EditionEvent.Kind) -> Min:
    return Min("events__at", filter=Q(events__kind=kind))


@require(Permission.ACKNOWLEDGE)
@require_POST
def acknowledge(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    sent = Edition.objects.filter(
        period=period.code, territory=territory, transmitted_at__isnull=False
    )
    number = request.POST.get("number", "")
    edition = sent.filter(number=number).first() if number.isdigit() else None
    if edition is None or not is_own(request, territory):
        raise Http404
    was_received = edition.state == Edition.State.ACKNOWLEDGED

    def act() -> str:
        actions.acknowledge_edition(by=request.user, edition=edition)
        said = "Il était déjà accusé réception" if was_received else "Vous avez accusé réception"
        return f"{said} de l’édition {edition.code}."

    tell_outcome(request, act)
    return redirect("indicators:dashboard", period, territory)


# ── The history of an edition ────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Moment:
    """One line of the history. `who`: « la Région », « la DGEFP », or nobody."""

    at: datetime
    edition: Edition
    words: str
    who: str = ""
    text: str = ""


@require(Permission.READ_ACTS)
@require_GET
def timeline(request: HttpRequest, period: Period, territory: str) -> HttpResponse:
    """All that happened to the editions of a territory for a period, errata included."""
    editions = list(
        Edition.objects.filter(period=period.code, territory=territory)
        .select_related("supersedes")
        .order_by("number")
    )
    if not editions or not may_read_acts(request, territory):
        raise Http404
    name = Names().on(territory, period.last_day)
    context = {
        "name": name,
        "period": period,
        "address": (period.code, territory),
        "editions": editions,
        "moments": sorted(_moments(editions), key=lambda moment: moment.at),
        "may_correct": may(request, Permission.ANSWER) and editions[-1].is_sealed,
        "breadcrumb": [
            *crumbs_above(request),
            (f"{name}, {period.label}", reverse("indicators:dashboard", args=[period, territory])),
            ("Historique", None),
        ],
    }
    return render(request, "indicators/timeline.html", context)


_BY_THE_REGION = {_KINDS.COMMENTED, _KINDS.OPENED, _KINDS.ACKNOWLEDGED, _KINDS.CONTESTED}


def _moments(editions: list[Edition]) -> list[Moment]:
    by_id = {edition.pk: edition for edition in editions}
    found = [Moment(edition.compiled_at, edition, "compilation") for edition in editions]
    for event in EditionEvent.objects.filter(edition__in=editions):
        who = "la Région" if event.kind in _BY_THE_REGION else "la DGEFP"
        found.append(
            Moment(
                event.at,
                by_id[event.edition_id],
                event.get_kind_display(),
                who if event.by_id else "passage automatique",
                event.text,
            )
        )
    return found + _answers_read(editions) + _letters(editions)


def _answers_read(editions: list[Edition]) -> list[Moment]:
    read = Contestation.objects.filter(edition__in=editions, read_at__isnull=False)
    return [
        Moment(one.read_at, one.edition, "réponse lue", "la Région")
        for one in read.select_related("edition")
    ]


def _letters(editions: list[Edition]) -> list[Moment]:
    """Letters that announced a transmission and have left; in sight of whom they were written to,
    and of the nation."""
    found = []
    for edition in editions:
        key = f"edition_transmitted {edition.code} "
        sent = Letter.objects.filter(key__startswith=key, sent_at__isnull=False)
        found += [
            Moment(sent_at, edition, "courriel envoyé à la coordination régionale")
            for sent_at in sent.values_list("sent_at", flat=True)
        ]
    return found
