"""The whole data set: read the ground, make everything, load it, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.db import connections, transaction

from beneficiaries.models import ContactTally, Journey
from indicators.generation import profiles
from indicators.generation.activity import Activity, Market
from indicators.generation.contacts import COLUMNS as COLUMNS_OF_TALLIES
from indicators.generation.contacts import Contacts, Tallies
from indicators.generation.financing import finance_projects, hand_over_documents
from indicators.generation.ground import OWNER, Ground, read_ground
from indicators.generation.journeys import Journeys
from indicators.generation.loading import (
    FACT_MODELS,
    Timing,
    bulk_load,
    check_dates,
    copy,
    mark_months,
    move_sequences,
    next_id,
)
from indicators.generation.names import Names
from indicators.generation.people import People
from indicators.generation.plan import Days, Plan
from indicators.generation.processes import batches
from indicators.generation.referrals import send_referrals
from indicators.generation.rows import FACTS, LEFT_BEHIND, Rows
from indicators.generation.staff import Staffing
from indicators.generation.structures import Body, Founding, region_factors
from indicators.generation.tables import COLUMNS, as_text, rows_of_networks
from regions.models import Membership, Site, Structure, User

COPYING = "faits tirés et copiés"


@dataclass(frozen=True)
class Made:
    """What the report needs beside the tables."""

    plan: Plan
    timing: Timing
    persons: int


def is_empty() -> bool:
    return not (Journey.objects.using(OWNER).exists() or ContactTally.objects.using(OWNER).exists())


def generate(plan: Plan, truth: Path, processes: int) -> Made:
    """Make and load everything; nothing stays of a run that fails."""
    timing = Timing()
    with (
        transaction.atomic(using=OWNER),
        connections[OWNER].cursor() as cursor,
        _kept_if_whole(truth) as lines,
    ):
        with timing.of("données de référence lues"):
            ground = read_ground()
            profiles.check_codes(ground)
        with timing.of("structures, lieux et conseillers"):
            bodies, staff = _networks(cursor, plan, ground)
            for model, rows in rows_of_networks(plan, ground, bodies, staff.advisers):
                copy(cursor, model, COLUMNS[model], as_text(rows))
            # Their checks come now: what is about to change must not wait for them.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with timing.of("tirages préparés"):
            activity = _activity(cursor, plan, ground, bodies, staff)
        persons, tallies = 0, Tallies()
        with bulk_load(cursor, timing, FACT_MODELS), timing.of(COPYING):
            for batch in batches(activity, plan.slices, processes):
                tallies.add(batch.rows.pop("contact", b""))
                for name, rows in batch.rows.items():
                    copy(cursor, *FACTS[name], rows)
                lines.write(batch.truth)
                persons += batch.persons
            copy(cursor, ContactTally, COLUMNS_OF_TALLIES, tallies.text())
        with timing.of("règles des dates vérifiées"):
            check_dates(cursor)
            mark_months(cursor)
        with bulk_load(cursor, timing, LEFT_BEHIND):
            with timing.of("fiches de liaison"):
                send_referrals(cursor, plan.today)
            with timing.of("documents de synthèse"):
                hand_over_documents(cursor, plan.today)
            with timing.of("plans de financement"):
                finance_projects(cursor, plan.today)
        move_sequences(cursor, [*COLUMNS, *(model for model, _ in FACTS.values())])
    return Made(plan, timing, persons)


def _networks(cursor, plan: Plan, ground: Ground) -> tuple[list[Body], Staffing]:
    founding = Founding(ground, plan.seed, next_id(cursor, Structure), next_id(cursor, Site))
    bodies = founding.found()
    staff = Staffing(ground, Names(), plan, next_id(cursor, User), next_id(cursor, Membership))
    staff.hire(bodies)
    return bodies, staff


def _activity(cursor, plan: Plan, ground: Ground, bodies: list[Body], staff: Staffing) -> Activity:
    days, rows = Days(plan), Rows()
    factors = region_factors(ground, plan.seed, plan.today)
    return Activity(
        days,
        rows,
        People(ground, Names(), plan.seed, len(plan.slices)),
        Market(ground, days, staff.offices(bodies, days), factors, plan.seed),
        Journeys(ground, days, rows, plan.seed),
        Contacts(ground, days, rows, factors, plan.seed, bodies),
        {name: next_id(cursor, model) for name, (model, _) in FACTS.items()},
    )


@contextmanager
def _kept_if_whole(truth: Path) -> Iterator[TextIO]:
    """Which true person stands behind each file: only the oracle reads it."""
    truth.parent.mkdir(parents=True, exist_ok=True)
    aside = truth.with_name(f"{truth.name}.part")
    try:
        with aside.open("w", encoding="utf-8") as lines:
            lines.write("beneficiary_id,person_number\n")
            yield lines
        aside.replace(truth)
    finally:
        aside.unlink(missing_ok=True)
