"""Reads of the territory, of the structures' names and of the people's memberships."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from regions.models import (
    AccessEvent,
    ApiToken,
    AuditEvent,
    Commune,
    Department,
    DepartmentRegion,
    Membership,
    NetworkName,
    Region,
    RegionName,
    RegionSuccession,
    Site,
    Structure,
    StructureName,
    User,
)
from sprocep import periods, tenancy
from sprocep.memory import remembered


@dataclass(frozen=True)
class NamedRegion:
    """A Region as it was named on a day."""

    code: str
    name: str
    zone: str


def in_force(day: date, prefix: str = "") -> Q:
    """Rows whose half-open span holds this day."""
    return Q(**{f"{prefix}starts_on__lte": day}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gt": day})
    )


# ── Territory ────────────────────────────────────────────────────────────────────────────────


def regions_on(day: date) -> list[NamedRegion]:
    """Regions that exist on this day, by code, with their name of this day."""
    rows = (
        RegionName.objects.filter(in_force(day), in_force(day, "region__"))
        .order_by("region_id")
        .values_list("region_id", "name", "region__zone")
    )
    return [NamedRegion(*row) for row in rows]


def region_name(code: str, day: date) -> str:
    """Name of a Region on this day; the last it bore when it is over, « France » for `FR`."""
    if code == tenancy.NATION:
        return "France"
    names = RegionName.objects.filter(region_id=code)
    on_the_day = names.filter(in_force(day)).first()
    return (on_the_day or names.latest("starts_on")).name


def territory_names(day: date) -> dict[str, str]:
    """Name of every Region that ever was and of the nation; the last it bore for those over."""
    names: dict[str, str] = {}
    for row in RegionName.objects.order_by("region_id", "starts_on"):
        if row.starts_on <= day or row.region_id not in names:
            names[row.region_id] = row.name
    return names | {tenancy.NATION: "France"}


def predecessors(code: str) -> list[str]:
    """All Regions that this one inherits from, over all mergers; not itself."""
    return [held for held in region_scope(code) if held != code]


def region_scope(code: str) -> list[str]:
    """What a member of this Region may touch: itself and all its predecessors."""
    return list(_held_by(code))


@remembered
def _held_by(code: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE held(code) AS (SELECT code FROM regions_region WHERE code = %s "
            "UNION SELECT predecessor_id FROM regions_regionsuccession JOIN held "
            "ON successor_id = held.code) SELECT code FROM held ORDER BY code",
            [code],
        )
        return tuple(held for (held,) in cursor.fetchall())


def national_regions() -> list[str]:
    """The national scope: every Region that ever was, and `FR`."""
    return [*Region.objects.order_by("code").values_list("code", flat=True), tenancy.NATION]


def regions_of(membership: Membership) -> list[str]:
    """Regions that a membership may touch: its own and predecessors, or all of them.

    The nation itself, and with it every draft, is for national roles alone.
    """
    if membership.region_id:
        return region_scope(membership.region_id)
    everywhere = national_regions()
    if membership.role in Membership.OF_NETWORKS:
        everywhere.remove(tenancy.NATION)
    return everywhere


def departments_of(region_code: str, day: date) -> list[Department]:
    """Départements of a Region on this day, by code."""
    return list(
        Department.objects.filter(
            in_force(day, "regions__"), regions__region_id=region_code
        ).order_by("code")
    )


def department_regions(day: date) -> dict[str, str]:
    """Region of each département on this day."""
    return dict(
        DepartmentRegion.objects.filter(in_force(day)).values_list("department_id", "region_id")
    )


@dataclass(frozen=True)
class DescribedRegion:
    """A Region of a day with the codes of its départements."""

    code: str
    name: str
    departments: list[str]


def regions_with_departments(day: date) -> list[DescribedRegion]:
    inside: dict[str, list[str]] = {}
    for department, region in sorted(department_regions(day).items()):
        inside.setdefault(region, []).append(department)
    return [DescribedRegion(r.code, r.name, inside.get(r.code, [])) for r in regions_on(day)]


def changes_to_come(day: date) -> list[tuple[date, str]]:
    """Names and mergers announced after this day: (when, sentence), the next one first."""
    names = territory_names(day)
    later = RegionName.objects.filter(starts_on__gt=day).select_related("region")
    found = [
        (row.starts_on, f"{names[row.region_id]} s'appelle {row.name}.")
        for row in later
        if row.region.starts_on != row.starts_on
    ]
    born: dict[tuple[date, str], list[str]] = {}
    for row in RegionSuccession.objects.filter(on__gt=day).order_by("predecessor_id"):
        born.setdefault((row.on, row.successor_id), []).append(names[row.predecessor_id])
    found += [
        (on, f"{names[code]} prend la suite de : {', '.join(merged)}.")
        for (on, code), merged in born.items()
    ]
    return sorted(found)


def department_populations() -> dict[str, int]:
    """Inhabitants of each département: the sum of its communes in the file of today."""
    summed = Commune.objects.values_list("department_id").annotate(inhabitants=Sum("population"))
    return dict(summed)


def commune_key(name: str) -> str:
    """What communes are sorted and searched by: capitals, no accents, one space between words."""
    plain = unicodedata.normalize("NFKD", name.upper().replace("Œ", "OE").replace("Æ", "AE"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def communes_found(text: str) -> QuerySet[Commune]:
    """Communes whose name begins with the text, or that have this postcode."""
    if text.strip().isdigit():
        return Commune.objects.filter(postcodes__contains=text.strip()).order_by("sort_key", "code")
    return Commune.objects.filter(sort_key__startswith=commune_key(text)).order_by(
        "sort_key", "code"
    )


# ── Structures ───────────────────────────────────────────────────────────────────────────────


def structure_name(structure_id: int, day: date) -> str:
    """Name of a structure on this day; the last it bore when it has none that day."""
    names = StructureName.objects.filter(structure_id=structure_id)
    on_the_day = names.filter(in_force(day)).first()
    return (on_the_day or names.latest("starts_on")).name


def structures_found(text: str, day: date) -> QuerySet[Structure]:
    """Structures whose name of the day or Siret holds the text, with `name`, by name."""
    found = Structure.objects.annotate(name=_name_of("structure", day)).filter(name__isnull=False)
    for word in text.split():
        found = found.filter(Q(name__icontains=word) | Q(siret__startswith=word))
    return found.order_by("name", "siret")


def _name_of(what: str, day: date, outer: str = "pk") -> Subquery:
    model = {"structure": StructureName, "network": NetworkName, "region": RegionName}[what]
    names = model.objects.filter(in_force(day), **{f"{what}_id": OuterRef(outer)})
    return Subquery(names.values("name")[:1])


# ── People ───────────────────────────────────────────────────────────────────────────────────


def memberships(day: date) -> QuerySet[Membership]:
    """Memberships in reach of the scope, with the names of the day."""
    return Membership.objects.select_related("user", "site", "structure", "region").annotate(
        region_name=_name_of("region", day, "region_id"),
        structure_name=_name_of("structure", day, "structure_id"),
        network_name=_name_of("network", day, "network_id"),
    )


# The one read of every request: written out, it costs a fifth of what the ORM makes of it.
_IN_FORCE = """
SELECT * FROM regions_membership
 WHERE user_id = %(user)s AND role <> %(program)s
   AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
 ORDER BY id
"""


def memberships_in_force(user: User, day: date) -> list[Membership]:
    """What a person may be on this day, the first by id first.

    Each has `place_name` and `role_label`, which every page shows. Needs `scope(user=…)`.
    """
    asked = {"user": user.pk, "program": Membership.Role.API_CLIENT.value, "day": day}
    found = list(Membership.objects.raw(_IN_FORCE, asked))
    for membership in found:
        where = (membership.structure_id, membership.network_id, membership.region_id)
        membership.user = user
        membership.site = membership.site_id and site(membership.site_id)
        membership.role_label = membership.get_role_display()
        membership.place_name = place_name(*where, day)
    return found


@remembered
def site(pk: int) -> Site:
    """A place, with its commune."""
    return Site.objects.select_related("commune").get(pk=pk)


@remembered
def place_name(structure: int | None, network: str | None, region: str | None, day: date) -> str:
    """What the place of a membership is called on this day."""
    if structure:
        return structure_name(structure, day)
    place = region_name(region or tenancy.NATION, day)
    if network is None:
        return place
    names = NetworkName.objects.filter(in_force(day), network_id=network)
    return f"{names.values_list('name', flat=True).first() or network}, {place}"


def token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def token_in_force(secret: str) -> ApiToken | None:
    """The token of this secret, with its membership and account; None when any of them is over."""
    day = periods.today()
    tokens = ApiToken.objects.filter(revoked_at__isnull=True, expires_on__gt=day)
    token = tokens.filter(digest=token_digest(secret)).first()
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
    is_of_a_person = membership.role != Membership.Role.API_CLIENT
    return is_of_a_person and user.is_active and not user.has_usable_password()


def name_place(membership: Membership) -> Membership:
    membership.role_label = membership.get_role_display()
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


def sites_found(text: str, region: str, day: date) -> QuerySet[Site]:
    """Sites in the départements of a Region whose structure's name or Siret holds the text."""
    found = Site.objects.filter(department__in=departments_of(region, day)).annotate(
        structure_name=_name_of("structure", day, "structure_id")
    )
    for word in text.split():
        found = found.filter(
            Q(structure_name__icontains=word)
            | Q(name__icontains=word)
            | Q(structure__siret__startswith=word)
        )
    return found.select_related("structure", "commune").order_by("structure_name", "name", "id")


def held_otherwise(user: User, role: str) -> QuerySet[Membership]:
    """What this account holds as a program where a person is meant, or the reverse."""
    of_programs = Q(role=Membership.Role.API_CLIENT)
    wanted = ~of_programs if role == Membership.Role.API_CLIENT else of_programs
    return Membership.objects.filter(wanted, user=user)


def is_of_a_program(user: User) -> bool:
    return Membership.objects.filter(user=user, role=Membership.Role.API_CLIENT).exists()


def was_just_sent_a_link(user: User) -> bool:
    """Whether a link to choose another password left within five minutes."""
    return AuditEvent.objects.filter(
        territory=tenancy.NATION,
        at__gt=timezone.now() - timedelta(minutes=5),
        action="send_reset_link",
        object_id=str(user.pk),
    ).exists()


def network_names(day: date) -> dict[str, str]:
    """Name of each network on this day, by code, in the order of the reference list."""
    names = NetworkName.objects.filter(in_force(day)).order_by("network__position")
    return dict(names.values_list("network_id", "name"))


def programs(day: date) -> QuerySet[Membership]:
    """Memberships of programs with their tokens, the newest first, and the names of the day."""
    tokens = Prefetch("tokens", ApiToken.objects.order_by("-created_at"))
    return memberships(day).filter(role=Membership.Role.API_CLIENT).prefetch_related(tokens)


def accounts_without_membership() -> QuerySet[User]:
    return User.objects.filter(memberships__isnull=True).order_by("email")


# ── Traces ───────────────────────────────────────────────────────────────────────────────────


def audit_events() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.select_related("by")


def access_events() -> QuerySet[AccessEvent]:
    return AccessEvent.objects.select_related("by")


def audited_actions() -> list[str]:
    """The actions of which there is a trace."""
    return list(AuditEvent.objects.order_by("action").values_list("action", flat=True).distinct())
