"""Accounts of the demonstration: one a role and place."""

import csv
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery

from beneficiaries.models import FollowUp
from indicators.generation.ground import OWNER
from indicators.worklist import nation
from operators.models import Operator
from regions import actions as people
from regions.models import Membership, Region, Site, User
from regions.queries import departments_of, structure_name
from sprocep import periods
from sprocep.embedded.processes import write_secret

# In which Regions accounts are opened, and in how many missions locales of each.
PLACES = settings.BASE_DIR / "regions" / "data" / "demonstration.csv"
NETWORK = "ML"  # whose head has an account
SOFTWARE = "Logiciel de suivi"


@dataclass(frozen=True)
class Account:
    role: str
    region: str | None
    structure: str | None
    siret: str | None
    email: str
    password: str  # of a program: the token that it shows
    network: str | None = None


def open_accounts(path: Path) -> list[Account]:
    """One account a role and place, its password in a file of mode 600. Kept when it is there."""
    if path.exists():
        return [Account(**row) for row in json.loads(path.read_text())]
    accounts = []
    with nation():
        for role in (
            Membership.Role.DGEFP_OFFICER,
            Membership.Role.AUDITOR,
            Membership.Role.PLATFORM_ADMINISTRATOR,
        ):
            accounts.append(_open(role, role.replace("_", "-"), "Camille Martin"))
        # What one administrator opens, another one approves.
        administrator = Membership.Role.PLATFORM_ADMINISTRATOR
        accounts.append(_open(administrator, "platform-administrator-2", "Charlie Dubois"))
        head = Membership.Role.NETWORK_HEAD
        accounts.append(_open(head, "reseau-ml", "Maxime Robert", network=NETWORK))
        with PLACES.open(encoding="utf-8", newline="") as file:
            for place in csv.DictReader(file):
                accounts += _open_in_region(place["region"], int(place["missions_locales"]))
    _seat_advisers()
    write_secret(path, json.dumps([asdict(a) for a in accounts], ensure_ascii=False, indent=2))
    return accounts


def _open_in_region(region: str, count: int) -> list[Account]:
    role = Membership.Role
    accounts = [
        _open(role.REGIONAL_COORDINATOR, f"coordination-{region}", "Dominique Petit", region),
        _open(role.ELECTED_REFERENT, f"elu-{region}", "Andrea Leroy", region),
        _open(role.CARIF_OREF, f"carif-oref-{region}", "Noa Simon", region),
        _open_program(region),
    ]
    for rank, site in enumerate(_missions_locales(region, count), start=1):
        for local, word, name in (
            (role.STRUCTURE_MANAGER, "direction", "Claude Bernard"),
            (role.ADVISER, "conseil", "Sacha Moreau"),
            (role.LEVEL1_RECEPTIONIST, "accueil", "Alix Durand"),
        ):
            accounts.append(_open(local, f"{word}-{region}-{rank}", name, region, site))
        accounts.append(_open_software(holder(f"direction-{region}-{rank}")))
    return accounts


def _missions_locales(region: str, count: int) -> list[Site]:
    """The first sites of the first missions locales of a Region that are operators today."""
    day = periods.today()
    departments = [department.code for department in departments_of(region, day)]
    operators = Operator.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=day),
        starts_on__lte=day,
        category_id="mission_locale",
        structure__sites__department__in=departments,
    )
    ids = list(operators.order_by("structure_id").values_list("structure_id", flat=True).distinct())
    return [
        Site.objects.filter(structure_id=pk, department__in=departments).order_by("pk")[0]
        for pk in ids[:count]
    ]


def _open_program(region: str) -> Account:
    """A program of a Region, with a token for a year."""
    email = f"logiciel-{region}@sprocep.example"
    by = _of_role(Membership.Role.PLATFORM_ADMINISTRATOR)
    program = Membership.objects.filter(user__email=email).first() or people.authorise_program(
        by=by, name="SI de la coordination", email=email, region=Region.objects.get(pk=region)
    )
    end = periods.days_after(periods.today(), 365)
    _, secret = people.issue_token(by=by, membership=program, label="démonstration", expires_on=end)
    return Account(program.role, region, None, None, email, secret)


def _open_software(direction: Membership) -> Account:
    """The program of a structure, with a token for a year."""
    here = {"structure": direction.structure_id, "region": direction.region_id}
    known = Membership.objects.select_related("user").filter(name=SOFTWARE, **here)
    program = known.first() or people.authorise_software(
        by=direction.user, direction=direction, name=SOFTWARE, site=direction.site
    )
    end = periods.days_after(periods.today(), 365)
    _, secret = people.issue_token(
        by=direction.user, membership=program, label="démonstration", expires_on=end
    )
    name = structure_name(direction.structure_id, periods.today())
    siret = direction.site.structure.siret
    return Account(program.role, direction.region_id, name, siret, program.user.email, secret)


def officer() -> User:
    return _of_role(Membership.Role.DGEFP_OFFICER)


def accounts_of(role: Membership.Role) -> list[Membership]:
    """Of every Region that has accounts."""
    with nation(read_only=True):
        ours = Membership.objects.filter(role=role, user__email__endswith="@sprocep.example")
        return list(ours.select_related("user").order_by("pk"))


def holder(word: str) -> Membership:
    """The membership of the account so named: `coordination-93`."""
    return Membership.objects.select_related("user", "site__commune").get(
        user__email=f"{word}@sprocep.example"
    )


def _of_role(role: Membership.Role) -> User:
    return User.objects.get(email=f"{role.replace('_', '-')}@sprocep.example")


def _open(
    role: Membership.Role,
    word: str,
    name: str,
    region: str | None = None,
    site: Site | None = None,
    network: str | None = None,
) -> Account:
    email = f"{word}@sprocep.example"
    password = secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first() or User.objects.create(email=email)
    user.set_password(password)
    user.save(update_fields=["password"])
    structure = site.structure if site else None
    if not Membership.objects.filter(user=user).exists():
        Membership.objects.create(
            user=user,
            name=name,
            role=role,
            region_id=region,
            structure=structure,
            site=site,
            network_id=network,
            starts_on=periods.today(),
        )
    return Account(
        role=role.value,
        region=region,
        structure=structure_name(structure.pk, periods.today()) if structure else None,
        siret=structure.siret if structure else None,
        email=email,
        password=password,
        network=network,
    )


def _seat_advisers() -> None:
    """Each takes the desk of the adviser of her structure who follows most persons today: an
    account that begins with nobody to follow would show an empty home."""
    today = periods.today()
    advisers = Membership.objects.using(OWNER).filter(role=Membership.Role.ADVISER)
    for seated in advisers.filter(user__email__startswith="conseil-").order_by("pk"):
        followed = FollowUp.objects.filter(
            referent=OuterRef("pk"), ends_on__isnull=True, journey__closed_on__isnull=True
        )
        counted = followed.order_by().values("referent").annotate(count=Count("pk")).values("count")
        desks = advisers.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=today),
            structure=seated.structure_id,
            region=seated.region_id,
            starts_on__lte=today,
        )
        filled = desks.annotate(followed=Subquery(counted)).filter(followed__gt=0)
        fullest = filled.order_by("-followed", "pk").first()
        if fullest is None or filled.filter(pk=seated.pk).exists():
            continue
        with transaction.atomic(using=OWNER):
            Membership.objects.using(OWNER).filter(pk=seated.pk).delete()
            fullest.user, fullest.name = seated.user, seated.name
            fullest.save(using=OWNER, update_fields=["user", "name"])
