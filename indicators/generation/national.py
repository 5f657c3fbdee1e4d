"""The whole data set: read the ground, make everything, load it, in one transaction."""

from dataclasses import dataclass
from pathlib import Path

from django.db import connections, transaction

from beneficiaries.models import Contact, Journey
from indicators.generation import profiles
from indicators.generation.activity import Activity, Market
from indicators.generation.contacts import Contacts
from indicators.generation.ground import OWNER, Ground, read_ground
from indicators.generation.journeys import Journeys
from indicators.generation.loading import (
    Copier,
    Timing,
    bare_tables,
    copy,
    move_sequences,
    next_id,
    sleeping_temporal_keys,
)
from indicators.generation.names import Names
from indicators.generation.people import People
from indicators.generation.plan import Days, Plan
from indicators.generation.rows import FACTS, Rows
from indicators.generation.staff import Staffing
from indicators.generation.structures import Body, Founding, region_factors
from indicators.generation.tables import COLUMNS, as_text, rows_of_networks
from regions.models import Membership, Site, Structure, User


@dataclass(frozen=True)
class Made:
    """What the report needs beside the tables."""

    plan: Plan
    timing: Timing
    persons: int


def is_empty() -> bool:
    return not (Journey.objects.using(OWNER).exists() or Contact.objects.using(OWNER).exists())


def generate(plan: Plan, truth: Path) -> Made:
    """Make and load everything; nothing stays of a run that fails."""
    timing = Timing()
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        with timing.of("données de référence lues"):
            ground = read_ground()
            profiles.check_codes(ground)
        with timing.of("structures, lieux et conseillers"):
            bodies, staff = _networks(cursor, plan, ground)
            for model, rows in rows_of_networks(plan, ground, bodies, staff.advisers):
                copy(cursor, model, COLUMNS[model], as_text(rows))
            # Their checks come now: what is about to change must not wait for them.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        people = _load_facts(cursor, plan, ground, bodies, staff, timing)
        move_sequences(cursor, [*COLUMNS, *(model for model, _ in FACTS.values())])
        _write_truth(truth, people)
    return Made(plan, timing, people.count)


def _networks(cursor, plan: Plan, ground: Ground) -> tuple[list[Body], Staffing]:
    founding = Founding(ground, plan.seed, next_id(cursor, Structure), next_id(cursor, Site))
    bodies = founding.found()
    staff = Staffing(ground, Names(), plan.seed, next_id(cursor, User), next_id(cursor, Membership))
    staff.hire(bodies)
    return bodies, staff


def _load_facts(
    cursor, plan: Plan, ground: Ground, bodies: list[Body], staff: Staffing, timing: Timing
) -> People:
    days, rows = Days(plan), Rows()
    first = {name: next_id(cursor, model) for name, (model, _) in FACTS.items()}
    with timing.of("tirages préparés"):
        factors = region_factors(ground, plan.seed, plan.today)
        people = People(ground, Names(), plan.seed, first["beneficiary"], first["person_key"])
        activity = Activity(
            days,
            rows,
            people,
            Market(ground, days, staff.offices(bodies, days), factors, plan.seed),
            Journeys(ground, days, rows, plan.seed, first),
            Contacts(ground, days, rows, factors, plan.seed, bodies),
            first["contact"],
        )
    with (
        bare_tables(cursor, timing),
        sleeping_temporal_keys(cursor, timing),
        timing.of("faits tirés et copiés"),
        Copier(timing) as copier,
    ):
        for batch in activity.batches():
            copier.put(batch)
    return people


def _write_truth(path: Path, people: People) -> None:
    """Which true person stands behind each file: only the oracle reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        lines.write("beneficiary_id,person_number\n")
        lines.writelines(people.truth)
