"""A hundred thousand fiches de liaison over the merger of 2016: none dies in silence.

`make bench SUBJECTS=referrals`, or `python -m bench.referrals 100000 OUTPUT`. Senders and receivers
are drawn among the structures of a small national data set, in the Regions of the day; one receiver
in twenty has closed and never answers. What ends how, and after how long, is known here before it
is read in the log.
"""

import json
import random
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from bench import machine
from bench.base import manage, running_base
from bench.measures import Results, Target

SUBJECT = "Referrals"
FIRST, DAYS_OF_SENDING, DAYS = date(2015, 12, 1), 62, 90
ESCALATED_AFTER = 10
CLOSED, ANSWERED_A_DAY = 0.05, 0.11
NOTHING = Target(0)


class Road:
    """What becomes of one fiche, drawn beforehand: the instant of its answer, or none."""

    def __init__(self, chance: random.Random, is_silent: bool) -> None:
        self.sent_on = FIRST + timedelta(days=chance.randrange(DAYS_OF_SENDING))
        days = DAYS + 1 if is_silent else int(chance.expovariate(ANSWERED_A_DAY))
        day = self.sent_on + timedelta(days=days)
        self.answered_on = day if day < FIRST + timedelta(days=DAYS) else None
        self.answer = chance.choice(("accepted", "accepted", "declined", "withdrawn"))

    @property
    def escalated(self) -> bool:
        """The night before an answer of that day."""
        return self.answered_on is None or self.days >= ESCALATED_AFTER

    @property
    def days(self) -> int:
        return (self.answered_on - self.sent_on).days


def measure(results: Results, fiches: int) -> None:
    import django

    django.setup()
    from beneficiaries import actions

    chance = random.Random(fiches)
    began = time.perf_counter()
    roads = _send(fiches, chance)
    results.add(SUBJECT, "sent", "s", time.perf_counter() - began)
    began = time.perf_counter()
    for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
        actions.follow_referrals(_at(day, 6))
        _answer([(pk, road) for pk, road in roads.items() if road.answered_on == day], day)
    results.add(SUBJECT, "followed and answered, ninety days", "s", time.perf_counter() - began)
    _compare(results, roads)


def _send(fiches: int, chance: random.Random) -> dict[int, Road]:
    from beneficiaries.models import Referral
    from regions.models import Membership
    from regions.queries import department_regions, national_regions
    from sprocep import tenancy

    with tenancy.scope(regions=national_regions(), read_only=True):
        advisers = list(
            Membership.objects.filter(
                role="adviser", site__is_remote_platform=False
            ).select_related("site")
        )
    structures = sorted({adviser.structure_id for adviser in advisers})
    closed = set(chance.sample(structures, round(CLOSED * len(structures))))
    days = (FIRST + timedelta(days=n) for n in range(DAYS_OF_SENDING))
    regions_on = {day: department_regions(day) for day in days}
    roads, rows = [], []
    while len(rows) < fiches:
        sender, receiver = chance.choice(advisers), chance.choice(advisers)
        if sender.structure_id == receiver.structure_id:
            continue
        road = Road(chance, receiver.structure_id in closed)
        regions = regions_on[road.sent_on]
        roads.append(road)
        rows.append(
            Referral(
                region_id=regions[sender.site.department_id],
                structure_id=sender.structure_id,
                department_id=sender.site.department_id,
                site_id=sender.site_id,
                receiver_id=receiver.structure_id,
                receiver_region_id=regions[receiver.site.department_id],
                level_id=chance.choice(("N2", "N3")),
                reason_id="M05",
                sent_by=sender,
                sent_on=road.sent_on,
                consented_on=road.sent_on,
                state_since=_at(road.sent_on, 5),
            )
        )
    with tenancy.scope(regions=national_regions(), structures=structures):
        made = Referral.objects.bulk_create(rows, batch_size=2_000)
    return {row.pk: road for row, road in zip(made, roads, strict=True)}


def _answer(answered: list[tuple[int, Road]], day: date) -> None:
    from beneficiaries.models import Referral
    from regions.queries import national_regions
    from sprocep import tenancy

    with tenancy.scope(regions=national_regions()):
        for state in ("accepted", "declined", "withdrawn"):
            Referral.objects.filter(
                pk__in=[pk for pk, road in answered if road.answer == state]
            ).update(
                state=state,
                state_since=_at(day, 9),
                decline_reason_id="D03" if state == "declined" else None,
            )


def _compare(results: Results, roads: dict[int, Road]) -> None:
    from beneficiaries.models import Referral, ReferralEvent
    from regions.queries import national_regions
    from sprocep import tenancy

    with tenancy.scope(regions=national_regions(), read_only=True):
        states = dict(Referral.objects.values_list("pk", "state"))
        log: dict[int, list] = {}
        events = ReferralEvent.objects.order_by("pk")
        for pk, state, at in events.values_list("referral", "state", "at"):
            log.setdefault(pk, []).append((state, at))
    wrong = sum(
        states[pk] != (road.answer if road.answered_on else "escalated")
        for pk, road in roads.items()
    )
    other = sum(log[pk] != _expected(road) for pk, road in roads.items())
    results.facts["fiches"] = f"{len(roads):,}"
    ends = Counter(states[pk] for pk in roads)
    results.facts["ends"] = ", ".join(f"{state} {count:,}" for state, count in ends.most_common())
    results.add(SUBJECT, "in silence", "fiches", ends["sent"] + ends["opened"], target=NOTHING)
    results.add(SUBJECT, "ended otherwise than drawn", "fiches", wrong, target=NOTHING)
    results.add(SUBJECT, "log otherwise than drawn", "fiches", other, target=NOTHING)
    delays = sorted(road.days for road in roads.values() if road.answered_on)
    results.add(SUBJECT, "median delay of an answer", "days", delays[len(delays) // 2])


def _expected(road: Road) -> list[tuple[str, datetime]]:
    """The log as it should be, instant by instant."""
    moves = [("sent", _at(road.sent_on, 5))]
    if road.escalated:
        moves.append(("escalated", _at(road.sent_on + timedelta(days=ESCALATED_AFTER), 6)))
    if road.answered_on:
        moves.append((road.answer, _at(road.answered_on, 9)))
    return moves


def _at(day: date, hour: int) -> datetime:
    from django.utils import timezone

    return datetime.combine(day, clock(hour), timezone.get_default_timezone())


def main(fiches: int, output: Path) -> None:
    results = Results(fiches, machine.describe(), counted="fiches")
    with running_base():
        manage("generate_activity", "--journeys", "2000", "--seed", "5", "--to", "2016-T1")
        measure(results, fiches)
    output.write_text(json.dumps(results.as_json()))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
