"""What `make demo` adds to a generated data set: accounts, the calendar, five sealed editions."""

import csv
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from indicators import actions, queries
from indicators.models import CalendarEntry, Compilation, Edition, RegionalIndicator, Work
from indicators.worklist import nation
from operators.models import Operator
from regions import actions as people
from regions.models import Membership, Region, Site, User
from regions.queries import departments_of, structure_name
from sprocep import periods
from sprocep.periods import Period, last_complete_quarter, quarter_of

# In which Regions accounts are opened, and in how many missions locales of each.
PLACES = settings.BASE_DIR / "regions" / "data" / "demonstration.csv"
NETWORK = "ML"  # whose head has an account
CONFIRMED_AFTER_DAYS, COMPUTED_AFTER_DAYS = 20, 30
COMMENTED_AFTER_DAYS, DUE_AFTER_DAYS = 40, 45
QUARTERS_AHEAD = 4
COMPOSES, COMPOSED_FROM = "93", date(2015, 1, 1)
COMPOSED = {
    "label": "Sorties vers l'emploi ou la formation",
    "population": "journeys_closed",
    "measure": "share",
    "subject": "",
    "filters": [],
    "part": [["outcome", ["I02", "I03"]]],
    "breakdown": "age",
    "by_level": True,
    "by_operator": True,
    "by_department": True,
}
Report = Callable[[int, int, bool], None]


@dataclass(frozen=True)
class Account:
    role: str
    region: str | None
    structure: str | None
    siret: str | None
    email: str
    password: str  # of a program: the token that it shows
    network: str | None = None


def compiled_periods(today) -> list[Period]:
    """2015-T4, 2016-T1, and the last quarter with the one before it and the one a year before."""
    last = last_complete_quarter(today)
    return sorted(
        {Period.parse("2015-T4"), Period.parse("2016-T1"), last.year_before, last.before, last}
    )


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────


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
        head = Membership.Role.NETWORK_HEAD
        accounts.append(_open(head, "reseau-ml", "Maxime Robert", network=NETWORK))
        with PLACES.open(encoding="utf-8", newline="") as file:
            for place in csv.DictReader(file):
                accounts += _open_in_region(place["region"], int(place["missions_locales"]))
    _write_secret(path, json.dumps([asdict(a) for a in accounts], ensure_ascii=False, indent=2))
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
    user = User.objects.filter(email=email).first() or User(email=email)
    user.set_password(password)
    user.save()
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


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


# ── Calendar and editions ────────────────────────────────────────────────────────────────────


def open_calendar() -> None:
    """From the current quarter on: what came before was compiled by the set-up."""
    period = quarter_of(periods.today())
    with nation():
        for _ in range(QUARTERS_AHEAD):
            CalendarEntry.objects.get_or_create(
                period=period.code,
                defaults={
                    "starts_on": period.starts,
                    "opens_on": period.ends,
                    "confirm_by": periods.days_after(period.ends, CONFIRMED_AFTER_DAYS),
                    "comment_by": periods.days_after(period.ends, COMMENTED_AFTER_DAYS),
                    "computed_on": periods.days_after(period.ends, COMPUTED_AFTER_DAYS),
                    "due_on": periods.days_after(period.ends, DUE_AFTER_DAYS),
                },
            )
            period = period.after


def compose_regional_indicator() -> None:
    """What the coordinator of one Region shows after the base. Published in the past, which no
    action does, so that the editions of the demonstration hold it."""
    with nation():
        if RegionalIndicator.objects.filter(region=COMPOSES).exists():
            return
        row = actions.compose_indicator(
            by=User.objects.get(email=f"coordination-{COMPOSES}@sprocep.example"),
            region=Region.objects.get(pk=COMPOSES),
            composed=COMPOSED,
        )
        RegionalIndicator.objects.filter(pk=row.pk).update(
            state=RegionalIndicator.State.PUBLISHED,
            published_at=timezone.now(),
            starts_on=COMPOSED_FROM,
            opinion="favorable, 12 décembre 2014 (exemple)",
        )


def compile_and_seal(report: Report) -> None:
    """Compile the five periods, seal them under the DGEFP's account, transmit all but the last."""
    wanted = compiled_periods(periods.today())
    with nation(read_only=True):
        missing = [p for p in wanted if not _is_sealed(p)]
    compilations = []
    for period in missing:
        with nation():
            compilations.append(actions.request_compilation(by=_officer(), period=period))
    _wait(compilations, report)
    for period in missing:
        _seal(period, transmit=period is not wanted[-1])


def _is_sealed(period: Period) -> bool:
    editions = Edition.objects.filter(period=period.code)
    return editions.filter(territory="FR", sealed_at__isnull=False).exists()


def _officer() -> User:
    return _of_role(Membership.Role.DGEFP_OFFICER)


def _wait(compilations: list[Compilation], report: Report) -> None:
    while compilations:
        with nation(read_only=True):
            seen = [queries.progress(compilation) for compilation in compilations]
        done, total = sum(p.done for p in seen), sum(p.total for p in seen)
        report(done, total, all(p.is_frozen for p in seen if not p.is_over) and done < total)
        if failed := sorted({cause for p in seen for cause in p.causes}):
            raise RuntimeError(f"compilation en échec: {' · '.join(failed)}")
        if all(p.is_over for p in seen):
            return
        time.sleep(0.5)


def _seal(period: Period, *, transmit: bool) -> None:
    officer = _officer()

    with nation():
        actions.validate_period(by=officer, period=period)
        for edition in queries.editions(period.code):
            actions.seal_edition(by=officer, edition=edition)
            if transmit:
                actions.transmit_edition(by=officer, edition=edition)


def wait_for_files(report: Report) -> None:
    """Until the worker has written the files of all editions of the last quarter."""
    period = last_complete_quarter(periods.today())
    while True:
        with nation(read_only=True):
            work = Work.objects.filter(step=Work.Step.FILES, period=period.code)
            total, done = work.count(), work.filter(state=Work.State.DONE).count()
            failed = work.filter(state=Work.State.FAILED).first()
        if failed:
            raise RuntimeError(f"fichiers en échec: {failed.territory}: {failed.cause}")
        report(done, total, False)
        if done == total:
            return
        time.sleep(0.5)
