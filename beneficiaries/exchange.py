"""Fiches de liaison that come from the software of a structure, or from a file of it.

What is sent is read into the forms of the screens and done by their actions: one rule, and one
sentence for what it refuses. Its shape is `static/schemas/exchange-1.json` (docs/adr/0041).
"""

import uuid
from collections.abc import Callable, Collection
from datetime import date

from django.http import HttpRequest

from beneficiaries import actions, queries
from beneficiaries.actions.referrals import OF_EVERY_LEVEL, OF_LEVEL_3
from beneficiaries.entries import Identity, Orientation, Profile
from beneficiaries.forms import DeclineForm, ExchangedReferralForm
from beneficiaries.models import Referral
from operators import routing
from regions.middleware import scope_of
from regions.models import Membership, User
from regions.queries import department_names
from sprocep import periods
from sprocep.errors import ActionRefused

_DEMAND = ("receiver", "level", "reason", "consent", "person", "other_choice")
_RECEIVER = ("siret", "department")
_PERSON = (*OF_EVERY_LEVEL, *OF_LEVEL_3, "message")
# What a person who did not say is noted as, here as on the screens.
_UNSAID = {name: getattr(Profile(main_reason=""), name) for name in ("situation", *OF_LEVEL_3)} | {
    "sex": Identity(last_name="", first_name="").sex
}
# As the demand calls what the form calls otherwise.
_NAMES = {"main_reason": "reason", "receiver": "receiver.siret"} | {
    name: f"person.{name}" for name in _PERSON
}


class EntryRefused(ActionRefused):
    """What was sent is not what is asked: the sentences name its fields."""


# ── A fiche that is sent ─────────────────────────────────────────────────────────────────────


def send(*, by: User, membership: Membership, key: uuid.UUID, demand: dict) -> tuple[dict, bool]:
    """Send a fiche; its receipt, and whether this key had sent it already."""

    def act() -> Referral:
        return actions.send_referral(
            by=by, membership=membership, orientation=_orientation(membership, demand), key=key
        )

    told = {"demand": demand}
    return actions.act_once(membership=membership, key=key, told=told, act=act)


def _orientation(membership: Membership, demand: dict) -> Orientation:
    _keys(demand, "", _DEMAND, needed=_DEMAND[:-1])
    receiver, person = demand["receiver"], demand["person"]
    _keys(receiver, "receiver", _RECEIVER, needed=_RECEIVER)
    _keys(person, "person", _PERSON, needed=("last_name", "first_name"))
    texts = {"level": demand["level"], "reason": demand["reason"]}
    texts |= {"other_choice": demand.get("other_choice", "")}
    _texts(texts | {f"receiver.{n}": v for n, v in receiver.items()})
    _texts({f"person.{n}": v for n, v in person.items()})
    form = _form(membership, demand | texts)
    if not form.is_valid():
        raise EntryRefused(_sentences(form))
    _refuse_unshared(person, form.lists.rank(form.cleaned_data["level"]))
    return form.orientation(form.identity(), form.profile())


def _form(membership: Membership, demand: dict) -> ExchangedReferralForm:
    lists = queries.code_lists(periods.today())
    receiver, person = demand["receiver"], _UNSAID | demand["person"]
    department, level = receiver["department"], demand["level"]
    if department not in department_names():
        raise EntryRefused("« receiver.department » : ce département n’existe pas.")
    found = []
    if lists.has("level", level):
        wanted = routing.Wanted(
            rank=lists.rank(level),
            commune=person.get("commune", ""),
            age=_age(person.get("birth_date", "")),
            reason=demand["reason"],
            situation=person["situation"],
            category=person["socio_professional_category"],
            without=frozenset([membership.structure_id]),
        )
        found = routing.receivers(wanted, routing.offer_in(department, periods.today()))
    chosen = [one for one in found if one.structure.siret == receiver["siret"]]
    typed = person | {
        "level": level,
        "main_reason": demand["reason"],
        "receiver": str(chosen[0].structure.public_id) if chosen else receiver["siret"],
        "other_choice": demand["other_choice"],
        "consent": "on" if demand["consent"] is True else "",
    }
    return ExchangedReferralForm(
        typed, lists=lists, found=found, department=department, is_dropout=False
    )


def _age(born: str) -> int | None:
    try:
        return periods.age_on(date.fromisoformat(born), periods.today())
    except ValueError:
        return None


def _refuse_unshared(person: dict, rank: int) -> None:
    """Dropped without a word, it would be lost; transmitted, it would be more than is asked."""
    unshared = [name for name in OF_LEVEL_3 if name in person] if rank < 3 else []
    if unshared:
        raise EntryRefused(
            f"« person.{unshared[0]} » ne se transmet qu’au niveau 3 : retirez-le de cette fiche."
        )


# ── An answer ────────────────────────────────────────────────────────────────────────────────

_ACTS: dict[str, Callable] = {
    "accept": actions.accept_referral,
    "decline": actions.decline_referral,
    "absence": actions.note_absence,
    "withdraw": actions.withdraw_referral,
}


def answer(
    *, by: User, membership: Membership, key: uuid.UUID, referral: Referral, told: dict
) -> tuple[dict, bool]:
    """Answer a fiche that was received, or take back one that was sent."""
    _keys(told, "", ("answer", "reason"), needed=("answer",))
    _texts(told)
    if told["answer"] not in _ACTS:
        raise EntryRefused(f"« answer » : choisissez parmi {', '.join(_ACTS)}.")

    def act() -> Referral:
        return _ACTS[told["answer"]](
            by=by, membership=membership, referral=referral, **_reason(told)
        )

    told_of = {"answer": told, "referral": str(referral.public_id)}
    return actions.act_once(membership=membership, key=key, told=told_of, act=act)


def _reason(told: dict) -> dict[str, str]:
    if told["answer"] != "decline":
        if "reason" in told:
            raise EntryRefused("« reason » est le motif d’un refus : retirez-le.")
        return {}
    form = DeclineForm(told, lists=queries.code_lists(periods.today()))
    if not form.is_valid():
        raise EntryRefused(_sentences(form))
    return form.cleaned_data


# ── A file of both ───────────────────────────────────────────────────────────────────────────

_ENTRY = ("key", "demand", "referral", "answer", "reason", "error")


def take(*, by: User, membership: Membership, entry: object) -> tuple[dict, bool]:
    """Do what an entry of a file asks; the `error` of a former refusal in it is not read."""
    _keys(entry, "", _ENTRY, needed=("key",))
    key = _uuid(entry, "key")
    who = {"by": by, "membership": membership, "key": key}
    if "demand" in entry:
        _keys(entry, "", ("key", "demand", "error"), needed=())
        return send(**who, demand=entry["demand"])
    _keys(
        entry, "", ("key", "referral", "answer", "reason", "error"), needed=("referral", "answer")
    )
    found = queries.referral(membership, _uuid(entry, "referral")).first()
    if found is None:
        raise EntryRefused("« referral » : aucune fiche de votre structure n’a cet identifiant.")
    told = {name: entry[name] for name in ("answer", "reason") if name in entry}
    return answer(**who, referral=found, told=told)


def _uuid(entry: dict, name: str) -> uuid.UUID:
    _texts({name: entry[name]})
    try:
        return uuid.UUID(entry[name])
    except ValueError as exc:
        raise EntryRefused(f"« {name} » est un UUID.") from exc


# ── Reading ──────────────────────────────────────────────────────────────────────────────────


def open_afterwards(request: HttpRequest, referrals: Collection[Referral]) -> None:
    """Whoever received them has read them once the answer is given, in a scope of its own."""
    membership = request.membership
    unread = [
        one
        for one in referrals
        if one.state == Referral.State.SENT and one.receiver_id == membership.structure_id
    ]

    def opened() -> None:
        with scope_of(membership, read_only=False):
            for one in unread:
                actions.open_referral(by=request.user, membership=membership, referral=one)

    if unread:
        request.afterwards(opened)


# ── What was sent, checked ───────────────────────────────────────────────────────────────────


def _keys(value: object, name: str, known: Collection[str], needed: Collection[str]) -> None:
    """An object with keys of a closed list, and those that are needed."""
    if not isinstance(value, dict):
        what = f"« {name} »" if name else "Ce qui est envoyé"
        raise EntryRefused(f"{what} est un objet : {', '.join(known)}.")
    prefix = f"{name}." if name else ""
    for key in value:
        if key not in known:
            raise EntryRefused(
                f"« {prefix}{key} » n’est pas attendu. Champs possibles : {', '.join(known)}."
            )
    for key in needed:
        if key not in value:
            raise EntryRefused(f"« {prefix}{key} » manque.")


def _texts(values: dict) -> None:
    for name, value in values.items():
        if not isinstance(value, str):
            raise EntryRefused(f"« {name} » est un texte, entre guillemets.")


def _sentences(form) -> str:
    """Of every field that is wrong, its name and why."""
    return " ".join(
        f"« {_NAMES.get(name, name)} » : {sentence}" if name in form.fields else sentence
        for name, sentences in form.errors.items()
        for sentence in sentences
    )
