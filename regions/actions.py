"""Writes on people, and the audit row that every action of the product leaves."""

import secrets
from datetime import date, timedelta

from django.db import models, transaction
from django.utils import timezone

from regions import queries
from regions.models import ApiToken, AuditEvent, Membership, Network, Region, Site, User
from sprocep import periods
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION


def record(
    *,
    by: User | None,
    territory: str,
    action: str,
    obj: models.Model,
    structure_id: int | None = None,
    fields: str = "",
) -> AuditEvent:
    """Write who did what to which object. `fields` holds names of fields, never their values."""
    identifier = getattr(obj, "public_id", None) or obj.pk
    return AuditEvent.objects.create(
        by=by,
        territory=territory,
        structure_id=structure_id,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(identifier),
        fields=fields,
    )


@transaction.atomic
def create_account(*, by: User, email: str, password: str) -> User:
    """An account that opens nothing until it has a membership."""
    user = User(email=email.strip().lower())
    user.set_password(password)
    with refusals():
        user.save(force_insert=True)
        record(by=by, territory=NATION, action="create_account", obj=user, fields="email")
    return user


@transaction.atomic
def close_account(*, by: User, user: User) -> User:
    """Cut the account at its next request, whatever its memberships."""
    if user == by:
        raise ActionRefused("Vous ne pouvez pas fermer votre propre compte.")
    return _set_active(by=by, user=user, is_active=False, action="close_account")


@transaction.atomic
def reopen_account(*, by: User, user: User) -> User:
    return _set_active(by=by, user=user, is_active=True, action="reopen_account")


def _set_active(*, by: User, user: User, is_active: bool, action: str) -> User:
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if user.is_active is not is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        record(by=by, territory=NATION, action=action, obj=user, fields="is_active")
    return user


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
    """Give a role at a place from a day on. The same one twice at a time is refused."""
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
    )
    if queries.same_membership(membership).exists():
        raise ActionRefused(
            "Cette personne a déjà cette habilitation à cette période. Mettez d'abord fin à "
            "l'ancienne, ou choisissez une date de début plus tardive."
        )
    with refusals():
        membership.save(force_insert=True)
        _record_membership(
            by, membership, "open_membership", "role region structure site network starts_on"
        )
    return membership


@transaction.atomic
def end_membership(*, by: User, membership: Membership) -> Membership:
    """End it today: whoever holds it is cut at the next request."""
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    today = periods.today()
    if membership.ends_on and membership.ends_on <= today:
        raise ActionRefused(
            f"Cette habilitation est finie depuis le {periods.full_date(membership.ends_on)}."
        )
    if membership.starts_on >= today:
        raise ActionRefused(
            "Cette habilitation commence aujourd'hui ou plus tard: elle ne peut pas finir avant. "
            "Fermez le compte pour couper l'accès tout de suite."
        )
    is_administration = membership.role == Membership.Role.PLATFORM_ADMINISTRATOR
    if is_administration and not queries.other_administrators(membership).exists():
        raise ActionRefused("C'est la dernière habilitation d'administration: ouvrez-en une autre.")
    membership.ends_on = today
    with refusals():
        membership.save(update_fields=["ends_on"])
        _record_membership(by, membership, "end_membership", "ends_on")
    return membership


def _record_membership(by: User, membership: Membership, action: str, fields: str) -> None:
    record(
        by=by,
        territory=membership.region_id or NATION,
        structure_id=membership.structure_id,
        action=action,
        obj=membership,
        fields=fields,
    )


# ── Tokens of programs ───────────────────────────────────────────────────────────────────────

TOKEN_DAYS_AT_MOST = 400
_USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue_token(
    *, by: User, membership: Membership, label: str, expires_on: date
) -> tuple[ApiToken, str]:
    """A token for the membership of a program, and its secret, which is said once.

    Raises:
        ActionRefused: not a program's membership, or a term that is past or too far.
    """
    today = periods.today()
    if membership.role != Membership.Role.API_CLIENT:
        raise ActionRefused("Un jeton se donne à un logiciel autorisé, jamais à une personne.")
    if not today < expires_on <= today + timedelta(days=TOKEN_DAYS_AT_MOST):
        raise ActionRefused(
            f"La fin d'un jeton est un jour à venir, dans {TOKEN_DAYS_AT_MOST} jours au plus."
        )
    secret = secrets.token_urlsafe(32)
    with refusals():
        token = ApiToken.objects.create(
            membership=membership,
            label=label,
            digest=queries.token_digest(secret),
            created_by=by,
            expires_on=expires_on,
        )
        _record_token(by, token, membership, "issue_token", "membership label expires_on")
    return token, secret


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> ApiToken:
    """Cut it at the next request. Revoking twice changes nothing."""
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        _record_token(by, token, token.membership, "revoke_token", "revoked_at")
    return token


def _record_token(
    by: User, token: ApiToken, membership: Membership, action: str, fields: str
) -> None:
    territory = membership.region_id or NATION
    record(by=by, territory=territory, action=action, obj=token, fields=fields)


def note_use(*, token: ApiToken) -> None:
    """When a token was last used, to the minute."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
