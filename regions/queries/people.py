"""Accounts, memberships and tokens."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from regions.models import (
    ApiToken,
    AuditEvent,
    Membership,
    User,
)
from regions.queries.structures import name_of, place_name, site
from regions.queries.territory import in_force
from sprocep import periods, tenancy

# The one read of every request: written out, it costs a fifth of what the ORM makes of it.
_IN_FORCE = """
SELECT * FROM regions_membership
 WHERE user_id = %(user)s AND role <> ALL (%(programs)s) AND unconfirmed_since IS NULL
   AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
 ORDER BY id
"""


def memberships(day: date) -> QuerySet[Membership]:
    """Memberships in reach of the scope, with the names of the day."""
    return Membership.objects.select_related(
        "user", "site", "structure", "region", "granted_by"
    ).annotate(
        region_name=name_of("region", day, "region_id"),
        structure_name=name_of("structure", day, "structure_id"),
        network_name=name_of("network", day, "network_id"),
    )


def to_confirm(membership: Membership, day: date) -> QuerySet[Membership]:
    """Memberships that who holds this one may confirm: of her structure for its direction; for an
    administrator, those that another opened where no direction is."""
    waiting = (
        memberships(day)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), unconfirmed_since__isnull=False)
        .exclude(user=membership.user_id)
    )
    if membership.structure_id:
        return waiting.filter(structure=membership.structure_id, region=membership.region_id)
    directions = Membership.objects.filter(
        in_force(day),
        role=Membership.Role.STRUCTURE_MANAGER,
        unconfirmed_since__isnull=True,
        structure=OuterRef("structure"),
        region=OuterRef("region"),
    ).exclude(user=OuterRef("user"))
    return waiting.exclude(granted_by=membership.user_id).exclude(Exists(directions))


def team(membership: Membership, day: date) -> QuerySet[Membership]:
    """Who has a role that day in the structure of this membership, in its Region."""
    team = _of_structure(membership, day).exclude(role__in=Membership.PROGRAMS)
    return team.filter(unconfirmed_since__isnull=True)


def structure_programs(membership: Membership, day: date) -> QuerySet[Membership]:
    """Programs of the structure of this membership, in its Region, with their tokens."""
    tokens = Prefetch("tokens", ApiToken.objects.order_by("-created_at"))
    found = _of_structure(membership, day).filter(role=Membership.Role.STRUCTURE_PROGRAM)
    return found.prefetch_related(tokens)


def _of_structure(membership: Membership, day: date) -> QuerySet[Membership]:
    return memberships(day).filter(
        in_force(day), structure=membership.structure_id, region=membership.region_id
    )


def memberships_in_force(user: User, day: date) -> list[Membership]:
    """What a person may be on this day, the first by id first.

    Each has `place_name` and `role_label`, which every page shows. Needs `scope(user=…)`.
    """
    asked = {"user": user.pk, "programs": [role.value for role in Membership.PROGRAMS], "day": day}
    found = list(Membership.objects.raw(_IN_FORCE, asked))
    for membership in found:
        where = (membership.structure_id, membership.network_id, membership.region_id)
        membership.user = user
        membership.site = membership.site_id and site(membership.site_id)
        membership.role_label = membership.role_words
        membership.place_name = place_name(*where, day)
    return found


def token_digest(secret: str) -> str:
    """Return the proof that is kept of a token: without the key of the site nobody makes one."""
    return salted_hmac("regions.api_token", secret, algorithm="sha256").hexdigest()


def token_in_force(secret: str) -> ApiToken | None:
    """The token of this secret, with its membership and account; None when any of them is over."""
    day = periods.today()
    tokens = ApiToken.objects.filter(revoked_at__isnull=True, expires_on__gt=day)
    digest = token_digest(secret)
    with tenancy.presenting(bytes.fromhex(digest)):
        token = tokens.filter(digest=digest).first()
    if token is None:
        return None
    # The membership shows in the national scope alone: nobody is known yet.
    with tenancy.scope(regions=[tenancy.NATION], read_only=True):
        held = Membership.objects.select_related("user").filter(
            in_force(day), pk=token.membership_id, user__is_active=True
        )
        membership = held.first()
    if membership is None:
        return None
    token.membership = membership
    return token


def is_invited(membership: Membership) -> bool:
    """Whose account is open and still without a password: a person's, never a program's."""
    user = membership.user
    is_of_a_person = membership.role not in Membership.PROGRAMS
    return is_of_a_person and user.is_active and not user.has_usable_password()


def name_place(membership: Membership) -> Membership:
    membership.role_label = membership.role_words
    place = membership.region_name or "France"
    if membership.network_name:
        place = f"{membership.network_name}, {place}"
    membership.place_name = membership.structure_name or place
    return membership


def same_membership(membership: Membership) -> QuerySet[Membership]:
    """The same role of the same person at the same place, on a day that both hold."""
    overlapping = Q(ends_on__isnull=True) | Q(ends_on__gt=membership.starts_on)
    if membership.ends_on:
        overlapping &= Q(starts_on__lt=membership.ends_on)
    return Membership.objects.filter(
        overlapping,
        user_id=membership.user_id,
        role=membership.role,
        region_id=membership.region_id,
        structure_id=membership.structure_id,
        network_id=membership.network_id,
    )


def other_administrators(membership: Membership) -> QuerySet[Membership]:
    """Who else administers the platform today."""
    return Membership.objects.filter(
        in_force(periods.today()),
        user__is_active=True,
        role=Membership.Role.PLATFORM_ADMINISTRATOR,
        unconfirmed_since__isnull=True,
    ).exclude(pk=membership.pk)


def memberships_found(text: str, day: date) -> QuerySet[Membership]:
    """Memberships by person, e-mail, place or Siret, with the names of the day."""
    found = memberships(day)
    for word in text.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(user__email__icontains=word)
            | Q(structure_name__icontains=word)
            | Q(network_name__icontains=word)
            | Q(region_name__icontains=word)
            | Q(structure__siret__startswith=word)
        )
    return found


def held_otherwise(user: User, role: str) -> QuerySet[Membership]:
    """What this account holds as a program where a person is meant, or the reverse."""
    of_programs = Q(role__in=Membership.PROGRAMS)
    wanted = ~of_programs if role in Membership.PROGRAMS else of_programs
    return Membership.objects.filter(wanted, user=user)


def is_of_a_program(user: User) -> bool:
    return Membership.objects.filter(user=user, role__in=Membership.PROGRAMS).exists()


def was_just_sent_a_link(user: User) -> bool:
    """Whether a link to choose another password left within five minutes."""
    return AuditEvent.objects.filter(
        territory=tenancy.NATION,
        at__gt=timezone.now() - timedelta(minutes=5),
        action="send_reset_link",
        object_id=str(user.pk),
    ).exists()


def programs(day: date) -> QuerySet[Membership]:
    """Memberships of the programs that read for a Region, with their tokens, the newest first, and
    the names of the day."""
    tokens = Prefetch("tokens", ApiToken.objects.order_by("-created_at"))
    return memberships(day).filter(role=Membership.Role.API_CLIENT).prefetch_related(tokens)


def accounts_without_membership() -> QuerySet[User]:
    return User.objects.filter(memberships__isnull=True).order_by("email")
