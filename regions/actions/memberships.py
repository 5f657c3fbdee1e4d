"""Dated memberships: who may do what, where."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from regions import letters, queries
from regions.actions.audit import record_membership
from regions.models import Membership, Network, Region, Site, User
from sprocep import periods
from sprocep.errors import ActionRefused, refusals

TO_ONESELF = (
    "Personne ne s’habilite soi-même. Demandez-le à une autre personne de l’administration."
)


@transaction.atomic
def open_membership(
    *,
    by: User,
    user: User,
    name: str,
    role: Membership.Role,
    region: Region | None,
    site: Site | None,
    starts_on: date,
    network: Network | None = None,
    ends_on: date | None = None,
) -> Membership:
    """Give a role at a place from a day on. One that reads names, or that opens roles, opens
    nothing until somebody else confirms it: she is told by letter.

    Raises:
        ActionRefused: to oneself; the same one twice at a time; one account for a person and for a
            program.
    """
    if user == by:
        raise ActionRefused(TO_ONESELF)
    if queries.held_otherwise(user, role).exists():
        raise ActionRefused(
            "Un compte est à une personne ou à un logiciel, jamais aux deux. Prenez une autre "
            "adresse."
        )
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    membership = Membership(
        user=user,
        name=name,
        role=role,
        region=region,
        site=site,
        structure_id=site.structure_id if site else None,
        network=network,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by,
        unconfirmed_since=timezone.now() if role in Membership.TO_CONFIRM else None,
    )
    if queries.same_membership(membership).exists():
        raise ActionRefused(
            "Cette personne a déjà cette habilitation à cette période. Mettez d’abord fin à "
            "l’ancienne, ou choisissez une date de début plus tardive."
        )
    with refusals():
        membership.save(force_insert=True)
        record_membership(
            by, membership, "open_membership", "role region structure site network starts_on"
        )
    if not membership.is_confirmed:
        _ask_to_confirm(membership)
    return membership


def _ask_to_confirm(membership: Membership) -> None:
    """By letter: of the direction of the structure or, where there is none, of the other
    administrators of the platform."""
    direction = []
    if membership.structure_id:
        direction = letters.managers(membership.structure_id, membership.region_id)
    confirming = [user for user in direction if user != membership.user]
    page = "/equipe/"
    if not confirming:
        page = "/habilitations/"
        strangers = (membership.user_id, membership.granted_by_id)
        confirming = [user for user in letters.administrators() if user.pk not in strangers]
    letters.write(
        key=f"membership.opened {membership.public_id}",
        to=confirming,
        subject="Une habilitation à confirmer",
        template="membership_to_confirm",
        context={"membership": membership, "page": page},
        is_formal=True,
    )


@transaction.atomic
def confirm_membership(*, by: User, membership: Membership) -> Membership:
    """From now on it opens what its role opens. Twice changes nothing.

    Raises:
        ActionRefused: by who opened it or receives it; by an administrator where a direction is.
    """
    locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if locked.is_confirmed:
        return locked
    locked.unconfirmed_since, locked.confirmed_by = None, by
    with refusals():
        locked.save(update_fields=["unconfirmed_since", "confirmed_by"])
        record_membership(by, locked, "confirm_membership", "unconfirmed_since confirmed_by")
    return locked


@transaction.atomic
def end_membership(*, by: User, membership: Membership) -> Membership:
    """End it today: whoever holds it is cut at the next request."""
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    today = periods.today()
    if membership.ends_on and membership.ends_on <= today:
        raise ActionRefused(
            f"Cette habilitation est finie depuis le {periods.full_date(membership.ends_on)}."
        )
    if membership.starts_on >= today and membership.is_confirmed:
        raise ActionRefused(
            "Cette habilitation commence aujourd’hui ou plus tard: elle ne peut pas finir avant. "
            "Fermez le compte pour couper l’accès tout de suite."
        )
    is_administration = membership.role == Membership.Role.PLATFORM_ADMINISTRATOR
    if is_administration and not queries.other_administrators(membership).exists():
        raise ActionRefused("C’est la dernière habilitation d’administration: ouvrez-en une autre.")
    membership.ends_on = max(today, periods.days_after(membership.starts_on, 1))
    with refusals():
        membership.save(update_fields=["ends_on"])
        record_membership(by, membership, "end_membership", "ends_on")
    return membership


@transaction.atomic
def limit_to_level1(*, by: User, membership: Membership) -> Membership:
    """From today on, this adviser logs level 1 and nothing above. Twice changes nothing.

    Raises:
        ActionRefused: another role; one's own membership; one that is over.
    """
    return _set_level1(by, membership, "limit_to_level1", periods.today())


@transaction.atomic
def lift_level1(*, by: User, membership: Membership) -> Membership:
    """This adviser logs again what the structure may deliver."""
    return _set_level1(by, membership, "lift_level1", None)


def _set_level1(by: User, membership: Membership, action: str, since: date | None) -> Membership:
    held = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if held.is_level1_only == (since is not None):
        return held
    held.level1_since = since
    with refusals():
        held.save(update_fields=["level1_since"])
        record_membership(by, held, action, "level1_since")
    return held
