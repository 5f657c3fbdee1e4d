"""The smaller tables, row by row: structures and people of the networks, expected returns."""

from collections.abc import Iterator
from random import Random

from indicators.generation import chance, mix
from indicators.generation.ground import Ground
from indicators.generation.people import NULL
from indicators.generation.plan import Plan
from indicators.generation.staff import Adviser, overlap
from indicators.generation.structures import MAX_RANK, Body
from indicators.models import ExpectedReturn
from operators.models import Operator
from regions.models import Membership, Site, SproMembership, Structure, StructureName, User
from sprocep import periods

_UNUSABLE = "!"  # as Django marks a password that opens nothing
_EARLIEST_DELAY, _LATEST_DELAY = 5, 40

# In the order of loading; ids are given where others refer to the row.
COLUMNS = {
    Structure: "id public_id siret network_id",
    StructureName: "structure_id name starts_on ends_on",
    Site: "id public_id structure_id name commune_id department_id is_remote_platform",
    SproMembership: "region_id structure_id status starts_on ends_on",
    Operator: "structure_id category_id max_rank starts_on ends_on",
    User: "id password email is_active",
    Membership: "id public_id user_id name role region_id structure_id site_id starts_on ends_on",
    ExpectedReturn: "period region_id structure_id received_at",
}


def rows_of_networks(
    plan: Plan, ground: Ground, bodies: list[Body], advisers: list[Adviser]
) -> Iterator[tuple[type, list[tuple]]]:
    drawn = chance.source(plan.seed, "tables")
    uuid = chance.uuids(drawn)
    yield Structure, [(b.id, uuid(), b.siret, b.network) for b in bodies]
    yield StructureName, [(b.id, *name) for b in bodies for name in b.names]
    yield (
        Site,
        [
            (p.id, uuid(), b.id, p.name, p.town.code, p.department, False)
            for b in bodies
            for p in b.places
        ],
    )
    yield SproMembership, [row for body in bodies for row in _spro(ground, body)]
    yield (
        Operator,
        [(b.id, b.category, MAX_RANK, b.starts_on, b.ends_on) for b in bodies if b.category],
    )
    yield User, [(a.user, f"{_UNUSABLE}{uuid()}", a.email, True) for a in advisers]
    yield Membership, list(_memberships(bodies, advisers, uuid))
    yield ExpectedReturn, list(_returns(plan, ground, bodies, drawn))


def _spro(ground: Ground, body: Body) -> Iterator[tuple]:
    """A row for each Region where it has a site, while that Region exists."""
    spans = {span.region: span for d in body.departments for span in ground.spans[d]}
    for region, span in spans.items():
        starts_on, ends_on = overlap(span, body)
        if ends_on is None or starts_on < ends_on:
            yield region, body.id, body.status, starts_on, ends_on


def _memberships(bodies: list[Body], advisers: list[Adviser], uuid) -> Iterator[tuple]:
    holders = {place.id: body.id for body in bodies for place in body.places}
    for adviser in advisers:
        site = adviser.place.id
        for region, (pk, starts_on, ends_on) in adviser.memberships.items():
            yield (
                *(pk, uuid(), adviser.user, adviser.name, Membership.Role.ADVISER),
                *(region, holders[site], site, starts_on, ends_on),
            )


def _returns(plan: Plan, ground: Ground, bodies: list[Body], drawn: Random) -> Iterator[tuple]:
    """Each operator owes its activity of a quarter to each Region where it receives.

    Those whose campaign runs or is to come have received nothing.
    """
    operators = [(body, body.departments) for body in bodies if body.category]
    for quarter in plan.quarters:
        last, is_closed = quarter.last_day, quarter < plan.first_awaited
        regions = {department: ground.region(department, last) for department in ground.departments}
        for body, departments in operators:
            ended = body.ends_on is not None and body.ends_on <= quarter.starts
            if ended or body.starts_on > last:
                continue
            for region in sorted({regions[department] for department in departments}):
                lost = drawn.random() < mix.RETURNS_NOT_RECEIVED
                delay = drawn.randint(_EARLIEST_DELAY, _LATEST_DELAY)
                day = min(periods.days_after(quarter.ends, delay), plan.today)
                at = f"{day} 00:00:00+01" if is_closed and not lost else None
                yield quarter.code, region, body.id, at


def as_text(rows: list[tuple]) -> str:
    """COPY text. No value here holds a tab or a backslash: they are names of our own lists."""
    return "".join("\t".join(NULL if v is None else str(v) for v in row) + "\n" for row in rows)
