"""Compiled by a real worker, sealed, compiled again, killed in the middle: the same figures."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from beneficiaries.models import Journey
from indicators import actions, queries
from indicators.computation import compute_figures, extent_of
from indicators.models import Compilation, Edition, EditionCell, Figure, Work
from indicators.worklist import nation
from regions.models import Membership, User
from regions.queries import regions_on
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION
from tests import factories
from tests.databases import cloned_database, pointed_at
from tests.indicators.conftest import National, kill
from tests.waiting import wait_until

# Seconds after which something hangs: a slow machine, beside other tests, protects for minutes.
LONG = 900
QUARTER = Period.parse("2016-T1")


def seals() -> dict[str, str]:
    with nation(read_only=True):
        return dict(queries.editions(QUARTER.code).values_list("territory", "figures_seal"))


def cells() -> set[tuple]:
    """Read all that the editions of the quarter print: where seals differ, cells say which do."""
    own_keys = {"id", "edition"}
    names = [f.name for f in EditionCell._meta.concrete_fields if f.name not in own_keys]
    with nation(read_only=True):
        printed = EditionCell.objects.filter(edition__period=QUARTER.code)
        return set(printed.values_list("edition__territory", *names))


def compile_now() -> Compilation:
    """Ask for it; the worker of the test does it."""
    with nation():
        return actions.request_compilation(by=None, period=QUARTER)


def is_over(compilation: Compilation) -> bool:
    with nation(read_only=True):
        progress = queries.progress(compilation)
    assert not progress.failed, progress.causes
    return progress.is_over


def wait_for(compilation: Compilation) -> Compilation:
    wait_until(lambda: is_over(compilation), LONG)
    return compilation


def forget_figures() -> None:
    """As compiler: what it computes, it may empty."""
    for table in ("rollup", "figure"):
        with connections["compiler"].cursor() as cursor:
            cursor.execute(f"TRUNCATE indicators_{table}")


class Printed(NamedTuple):
    """What the editions of the quarter hold."""

    seals: dict[str, str]
    cells: set[tuple]


def assert_same(first: Printed) -> None:
    assert not cells() ^ first.cells
    assert seals() == first.seals


@pytest.fixture
def officer(in_national) -> User:
    with nation():
        user, _ = User.objects.get_or_create(email="dgefp@sprocep.example")
    return user


@pytest.fixture(scope="module")
def first(national, django_db_blocker) -> Printed:
    """The quarter, compiled by a real worker: what every other compilation must equal."""
    with django_db_blocker.unblock(), pointed_at(national.name):
        with national.worker():
            wait_for(compile_now())
        return Printed(seals(), cells())


def test_a_real_worker_compiles_every_region_of_the_date(in_national, first):
    """Eighteen here; the twenty-seven of before the merger in e2e/test_dashboards.py."""
    expected = {region.code for region in regions_on(QUARTER.last_day)}
    assert len(expected) == 18
    assert first.seals.keys() == expected | {NATION}
    assert all(len(seal) == 64 for seal in first.seals.values())


@pytest.mark.prove
def test_compiled_twice_from_nothing_gives_the_same_seals(in_national, first):
    forget_figures()
    with in_national.worker():
        wait_for(compile_now())
    assert_same(first)


@pytest.mark.prove
@pytest.mark.real_clock
def test_a_killed_worker_loses_nothing(in_national, first):
    forget_figures()
    process = in_national.start_worker()
    compilation = compile_now()

    def begun() -> bool:
        with nation(read_only=True):
            return queries.progress(compilation).done >= 2

    wait_until(begun, LONG)
    kill(process)
    with nation(read_only=True):
        assert not queries.progress(compilation).is_over, "killed too late to prove anything"
    with in_national.worker():
        wait_for(compilation)
    assert_same(first)


def _answer_a_fiche() -> None:
    """One that was without an answer when it was compiled."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE beneficiaries_referral SET state = 'accepted', state_since = now() WHERE id = "
            "(SELECT id FROM beneficiaries_referral WHERE state = 'escalated' AND sent_on >= %s "
            "AND sent_on < %s ORDER BY id LIMIT 1)",
            [QUARTER.starts, QUARTER.ends],
        )
        assert cursor.rowcount == 1


@pytest.fixture
def in_clone(in_national, first) -> Iterator[National]:
    """Give a test a copy of the base: it may seal what the others compile again."""
    name = f"sealed_{in_national.name}"
    with cloned_database(name, template=in_national.name):
        yield replace(in_national, name=name)


def test_nothing_changes_once_sealed(in_clone, officer, first):
    with nation():
        actions.validate_period(by=officer, period=QUARTER)
        editions = list(queries.editions(QUARTER.code))
        for edition in editions:
            actions.seal_edition(by=officer, edition=edition)
    _answer_a_fiche()
    with nation(read_only=True):
        assert EditionCell.objects.filter(edition__period=QUARTER.code).count() > 10_000
    compilation = compile_now()
    with nation(read_only=True):
        assert compilation.work.count() == 0
    with nation():
        again = actions.seal_edition(by=officer, edition=editions[0])
    assert again.state == Edition.State.SEALED
    assert_same(first)
    # And the compiler could not, even if it tried: it does not see what is sealed.
    with tenancy.scope(regions=["11", NATION], using="compiler"):
        assert not Edition.objects.using("compiler").filter(period=QUARTER.code).exists()
        deleted, _ = EditionCell.objects.using("compiler").filter(edition=editions[0]).delete()
        assert deleted == 0


def entries_so_far(period: Period) -> int:
    """The raw A1 of the nation, as the compiler reads it."""
    with tenancy.scope(regions=["FR"], using="compiler"):
        figure = Figure.objects.using("compiler").get(
            period=period.code, territory="FR", borders="date", indicator="A1", breakdown="total",
            operator="total", level="total",
        )  # fmt: skip
    return int(figure.value)


def test_an_open_period_gives_raw_figures_to_the_last_journey(in_national):
    """Through the command and a real worker."""
    period = periods.quarter_of(periods.today())
    with nation():
        adviser = Membership.objects.filter(
            role=Membership.Role.ADVISER, region_id="93", ends_on__isnull=True
        ).select_related("site")[0]
    with in_national.worker():
        call_command("compile", period=period.code, wait=True, stdout=StringIO())
        before = entries_so_far(period)
        with tenancy.scope(regions=["93"], structures=[adviser.structure_id]):
            added = factories.journey(adviser, opened_on=periods.today())
        call_command("compile", period=period.code, wait=True, stdout=StringIO())
    after = entries_so_far(period)
    take_back(added)
    assert after == before + 1
    with tenancy.scope(regions=["11"], using="compiler"):
        raw = Figure.objects.using("compiler").filter(period=period.code, territory="11")
        assert raw.count() > 1_000
    with nation(read_only=True):
        units = Work.objects.filter(period=period.code)
        assert set(units.values_list("step", flat=True)) == {Work.Step.COMPUTE}
        assert not queries.editions(period.code).exists()
    work = Work(step=Work.Step.PROTECT, period=period.code, territory=NATION, regions=[NATION])
    with pytest.raises(ActionRefused, match="n’est pas finie"):
        actions.carry_out(work=work)


def take_back(journey: Journey) -> None:
    """As owner: other tests count what the generator made, and nothing else."""
    person = journey.beneficiary_id
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for statement in (
            "DELETE FROM beneficiaries_sessionservice WHERE session_id IN "
            "(SELECT id FROM beneficiaries_session WHERE journey_id = %(journey)s)",
            "DELETE FROM beneficiaries_session WHERE journey_id = %(journey)s",
            "DELETE FROM beneficiaries_followup WHERE journey_id = %(journey)s",
            "DELETE FROM beneficiaries_journey WHERE id = %(journey)s",
            "DELETE FROM beneficiaries_personkey WHERE beneficiary_id = %(person)s",
            "DELETE FROM beneficiaries_beneficiary WHERE id = %(person)s",
        ):
            cursor.execute(statement, {"journey": journey.pk, "person": person})


def test_the_command_refuses_in_french(in_national):
    with pytest.raises(CommandError, match="n’est pas une période"):
        call_command("compile", period="2016-T9")
    with pytest.raises(CommandError, match="Région inconnue au 31 mars 2016: 72"):
        call_command("compile", period="2016-T1", regions=["72"])


MERGER = """
UPDATE regions_region SET ends_on = %(on)s WHERE code IN ('52', '53');
INSERT INTO regions_region (code, zone, chef_lieu, starts_on)
VALUES ('99', 'metropole', 'Rennes', %(on)s);
INSERT INTO regions_regionname (region_id, name, starts_on) VALUES ('99', 'Ouest', %(on)s);
INSERT INTO regions_regionsuccession (predecessor_id, successor_id, "on")
VALUES ('52', '99', %(on)s), ('53', '99', %(on)s);
WITH former AS (
  UPDATE department_region SET ends_on = %(on)s
   WHERE region_id IN ('52', '53') AND ends_on IS NULL RETURNING department_id
)
INSERT INTO department_region (department_id, region_id, starts_on)
SELECT department_id, '99', %(on)s FROM former;
"""


@pytest.mark.owner
def test_a_merger_is_rows_alone(in_national):
    """Bretagne and Pays de la Loire merge on 2030-01-01: 17 Regions, their figures together."""
    period = Period.parse("2030-T1")
    with connections["owner"].cursor() as cursor:
        for statement in MERGER.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"on": period.starts})
    with nation():
        compilation = actions.request_compilation(by=None, period=period)
        territories = set(
            compilation.work.filter(borders="date").values_list("territory", flat=True)
        )
        assert len(territories - {"FR"}) == 17
        assert "99" in territories
        assert not territories & {"52", "53"}
        constant = compilation.work.filter(borders="2016").values_list("territory", flat=True)
        assert {"52", "53"} <= set(constant)
        compilation.work.update(state=Work.State.DONE)
    extent = extent_of(period, "99")
    assert extent.scope == ["52", "53", "99"]
    assert compute_figures(extent) > 1_000
    with tenancy.scope(regions=extent.scope, using="compiler"):
        stock = Figure.objects.using("compiler").get(
            period=period.code, territory="99", indicator="A4", department="total",
            operator="total", level="total",
        )  # fmt: skip
    assert stock.value > 0
