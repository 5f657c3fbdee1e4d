"""Programs: those that read the interface of data for a Region, those by which a structure
exchanges its fiches de liaison. Their membership, and the tokens that they show."""

import secrets
import uuid
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from regions import queries
from regions.actions.accounts import create_account
from regions.actions.audit import record, record_membership
from regions.actions.memberships import open_membership
from regions.models import ApiToken, Membership, Region, Site, User
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION

TOKEN_DAYS_AT_MOST = 400
_USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def authorise_program(*, by: User, name: str, email: str, region: Region) -> Membership:
    """Let a program read the figures of a Region, from today. Its account never logs in.

    `email` is that of who answers for it; the same may answer for several Regions.
    """
    user = User.objects.filter(email=email).first() or create_account(by=by, email=email)
    if user.has_usable_password():
        raise ActionRefused(
            "Cette adresse est celle du compte d’une personne. Donnez une adresse de service."
        )
    return open_membership(
        by=by,
        user=user,
        name=name,
        role=Membership.Role.API_CLIENT,
        region=region,
        site=None,
        starts_on=periods.today(),
    )


@transaction.atomic
def authorise_software(*, by: User, direction: Membership, name: str, site: Site) -> Membership:
    """Let a program of the structure exchange its fiches, from today. `site`: where those that it
    sends come from. Nobody reads mail for it, and it never logs in.

    Raises:
        ActionRefused: a place of another structure, somebody else than the direction.
    """
    words = slugify(name)[:40] or "logiciel"  # what traces show
    account = User(email=f"{words}.{uuid.uuid4().hex[:12]}@logiciel.invalid")
    account.set_unusable_password()
    with refusals():
        account.save(force_insert=True)
        program = Membership.objects.create(
            user=account,
            name=name,
            role=Membership.Role.STRUCTURE_PROGRAM,
            region_id=direction.region_id,
            structure_id=direction.structure_id,
            site=site,
            starts_on=periods.today(),
        )
        record_membership(by, program, "authorise_software", "name site")
    return program


@transaction.atomic
def end_software(*, by: User, program: Membership) -> Membership:
    """A program of the structure opens nothing any more, and is no longer one of its programs: from
    today, or from tomorrow where it was authorised today.

    Raises:
        ActionRefused: one that has its end already, somebody else than the direction.
    """
    program = Membership.objects.select_for_update(of=("self",)).get(pk=program.pk)
    if program.ends_on:
        raise ActionRefused("Ce logiciel est déjà retiré.")
    program.ends_on = max(periods.today(), periods.days_after(program.starts_on, 1))
    with refusals():
        for token in program.tokens.filter(revoked_at=None):
            revoke_token(by=by, token=token)
        program.save(update_fields=["ends_on"])
        record_membership(by, program, "end_software", "ends_on")
    return program


@transaction.atomic
def issue_token(
    *, by: User, membership: Membership, label: str, expires_on: date
) -> tuple[ApiToken, str]:
    """A token for the membership of a program, and its secret, which is said once.

    PostgreSQL leaves the audit row (sql/api_tokens).

    Raises:
        ActionRefused: not a program's membership, or a term that is past or too far.
    """
    today = periods.today()
    if membership.role not in Membership.PROGRAMS:
        raise ActionRefused("Un jeton se donne à un logiciel autorisé, jamais à une personne.")
    if not today < expires_on <= today + timedelta(days=TOKEN_DAYS_AT_MOST):
        raise ActionRefused(
            f"La fin d’un jeton est un jour à venir, dans {TOKEN_DAYS_AT_MOST} jours au plus."
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
    return token, secret


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> ApiToken:
    """Cut it at the next request. Revoking twice changes nothing."""
    token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(
            by=by,
            territory=token.membership.region_id or NATION,
            structure_id=token.membership.structure_id,
            action="revoke_token",
            obj=token,
            fields="revoked_at",
        )
    return token


def note_use(*, token: ApiToken) -> None:
    """When a token was last used, to the minute."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USE_NOTED_EVERY:
        with tenancy.presenting(bytes.fromhex(token.digest)):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
