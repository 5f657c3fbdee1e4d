"""The DGEFP takes a step with an edition, or with all those of a period."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from indicators import queries
from indicators.models import Edition, EditionEvent
from indicators.queries import Names
from indicators.returns import unconfirmed
from indicators.steps import STEPS, VALIDATE, Step
from indicators.views.editions import newest
from regions.models import User
from regions.permissions import Permission, require
from regions.queries import commune_key
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.form_pages import form_page, tell_outcome
from sprocep.periods import Period
from sprocep.tenancy import NATION

# ── One edition ──────────────────────────────────────────────────────────────────────────────


@require(Permission.VALIDATE)
@require_POST
def act_on_edition(request: HttpRequest, period: Period, territory: str, step: str) -> HttpResponse:
    edition = newest(period, territory)
    if edition is None:
        raise Http404
    former = edition.state

    def act() -> str:
        moved = STEPS[step].act(by=request.user, edition=edition)
        verb = "était déjà" if moved.state == former else "est"
        return f"L’édition {moved.code} {verb} {STEPS[step].words[0]}."

    tell_outcome(request, act)
    return redirect("indicators:dashboard", period, territory)


# ── All editions of a period ─────────────────────────────────────────────────────────────────


@dataclass
class Outcome:
    """What a whole period's act did: sentences for the person who asked."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@require(Permission.VALIDATE)
@form_page
def act_on_period(request: HttpRequest, period: Period, step: str) -> HttpResponse:
    chosen = STEPS[step]
    if request.method == "POST":
        outcome = _act_on_all(request.user, period, chosen)
        for sentence in outcome.done:
            messages.success(request, sentence)
        for sentence in outcome.refused:
            messages.error(request, sentence)
        return redirect("indicators:grid")
    names = Names()
    waiting, aside = [], []
    editions = list(queries.editions(period.code))
    for edition in editions:
        name = names.on(edition.territory, period.last_day)
        if edition.state == chosen.waits:
            waiting.append(name)
        elif _comes_before(edition, chosen):
            aside.append(name)
    context = {
        "step": chosen,
        "period": period,
        "waiting": _by_name(waiting),
        "aside": _by_name(aside),
        "unconfirmed": unconfirmed(period.code, NATION) if chosen is VALIDATE else 0,
        "comments": _comments(editions, names) if chosen is VALIDATE else [],
        "breadcrumb": [
            ("Ma page", "/"),
            ("Régions et périodes", "/nation/"),
            (f"{chosen.label}, {period.label}", None),
        ],
    }
    return render(request, "indicators/act_on_period.html", context)


def _by_name(names: list[str]) -> list[str]:
    return sorted(names, key=commune_key)


def _comments(editions: list[Edition], names: Names) -> list[tuple[str, str, EditionEvent]]:
    """What Regions said of what waits: (territory, its name, the comment), oldest first."""
    said = EditionEvent.objects.filter(edition__in=editions, kind=EditionEvent.Kind.COMMENTED)
    return [
        (one.territory, names.on(one.territory, Period.parse(one.edition.period).last_day), one)
        for one in said.select_related("edition")
    ]


def _act_on_all(by: User, period: Period, step: Step) -> Outcome:
    outcome, count = Outcome(), 0
    editions = list(queries.editions(period.code))
    if not editions:
        raise ActionRefused(_nothing_there(period))
    waiting = [edition for edition in editions if edition.state == step.waits]
    aside = sum(_comes_before(edition, step) for edition in editions)
    for edition in waiting:
        try:
            step.act(by=by, edition=edition)
        except ActionRefused as refusal:
            outcome.refused.append(str(refusal))
        else:
            count += 1
    if count:
        outcome.done.append(f"{_editions('est', 'sont', step.words, count)}.")
    elif not waiting and not aside:
        outcome.done.append(f"Toutes les éditions de cette période étaient déjà {step.words[1]}.")
    if aside:
        outcome.refused.append(
            f"{_editions('attend', 'attendent', ('une étape', 'une étape'), aside)} d’avant "
            f"« {step.label} » : la grille dit laquelle."
        )
    return outcome


def _comes_before(edition: Edition, step: Step) -> bool:
    states = list(Edition.State)
    return states.index(edition.state) < states.index(step.waits)


def _nothing_there(period: Period) -> str:
    if not period.is_over(periods.today()):
        return f"La période {period.label} n’est pas finie : rien à sceller ni à transmettre."
    return f"La période {period.label} n’a pas d’édition. Compilez-la d’abord."


def _editions(one: str, several: str, words: tuple[str, str], count: int) -> str:
    """« 1 édition est scellée », « 28 éditions sont scellées »."""
    if count == 1:
        return f"1 édition {one} {words[0]}"
    return f"{count} éditions {several} {words[1]}"
