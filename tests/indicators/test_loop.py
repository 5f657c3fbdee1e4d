"""Fiches de liaison in the base: where and when one counts, what an answer moves, how fast."""

from collections import defaultdict
from decimal import Decimal
from statistics import median

import pytest
from django.db import connections
from django.utils import timezone

from indicators.computation import compute_figures, extent_of
from indicators.definitions import OUTCOMES_OF_REFERRALS, SENT
from indicators.models import Figure
from sprocep import tenancy
from sprocep.periods import Period
from sprocep.tenancy import NATION

PERIOD = Period.parse("2016-T1")
FICHES = """
SELECT r.id, r.structure_id, r.sent_on, r.state, e.state, e.at
  FROM beneficiaries_referral r JOIN beneficiaries_referralevent e ON e.referral_id = r.id
 WHERE r.sent_on >= %s AND r.sent_on < %s ORDER BY e.id
"""


def read(statement: str, *values) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def totals() -> dict[str, tuple]:
    """Value and units of the nation's H1 and H2, computed now."""
    compute_figures(extent_of(PERIOD, NATION))
    with tenancy.scope(regions=[NATION], using="compiler", read_only=True):
        rows = Figure.objects.using("compiler").filter(
            period=PERIOD.code, territory=NATION, borders="date", breakdown="total",
            indicator__startswith="H",
        )  # fmt: skip
        return {row.indicator: (row.value, row.units) for row in rows}


def test_each_fiche_has_one_outcome(in_national):
    found = totals()
    sent, _ = found.pop("H1.sent")
    outcomes = {code: value for code, (value, _) in found.items() if code.startswith("H1")}
    assert len(outcomes) == len(OUTCOMES_OF_REFERRALS)
    assert all(outcomes.values()), outcomes
    assert sum(outcomes.values()) == sent == len({row[0] for row in fiches_logged()})


def fiches_logged() -> list[tuple]:
    return read(FICHES, PERIOD.starts, PERIOD.ends)


def test_delays_are_those_of_the_log(in_national):
    answers = defaultdict(list)
    for fiche, _, sent_on, now, state, at in fiches_logged():
        if now not in ("withdrawn", "escalated") and state in ("accepted", "declined"):
            answers[fiche].append((timezone.localdate(at) - sent_on).days)
    days = [min(found) for found in answers.values()]
    value, units = totals()["H2.median"]
    assert value == Decimal(str(round(median(days), 1)))
    assert units == len(days) > 30


def test_an_answer_moves_a_fiche_in_the_period_of_its_sending(in_national):
    before = totals()
    (fiche,) = read(
        "SELECT id FROM beneficiaries_referral WHERE state = 'escalated' AND sent_on >= %s "
        "AND sent_on < %s ORDER BY id LIMIT 1",
        PERIOD.starts,
        PERIOD.ends,
    )[0]
    read(
        "UPDATE beneficiaries_referral SET state = 'accepted', state_since = now() "
        "WHERE id = %s RETURNING id",
        fiche,
    )
    after = totals()
    moved = {code: after[code][0] - before[code][0] for code in after if code.startswith("H1")}
    moved = {code: difference for code, difference in moved.items() if difference}
    assert moved == {"H1.silent": -1, "H1.accepted": 1}
    assert after["H2.median"][1] == before["H2.median"][1] + 1


def test_two_fiches_of_one_road_count_two_and_stand_on_one_unit(in_national):
    """Behind acts stand persons: what is sent three times is as small as what is sent once."""
    before = totals()
    copied = "region_id, structure_id, department_id, site_id, receiver_id, receiver_region_id, "
    copied += "journey_id, thread_number, level_id, reason_id, sent_by_id, sent_on, consented_on"
    (again,) = read(
        f"INSERT INTO beneficiaries_referral ({copied}, public_id, state, state_since, "
        f"received_by_link) SELECT {copied}, gen_random_uuid(), 'sent', now(), false "
        "FROM beneficiaries_referral WHERE sent_on >= %s AND sent_on < %s LIMIT 1 RETURNING id",
        PERIOD.starts,
        PERIOD.ends,
    )[0]
    try:
        after = totals()
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "DELETE FROM beneficiaries_referralevent WHERE referral_id = %s", [again]
            )
            cursor.execute("DELETE FROM beneficiaries_referral WHERE id = %s", [again])
    value, units = before["H1.sent"]
    assert after["H1.sent"] == (value + 1, units)


@pytest.mark.parametrize("population", [SENT, *OUTCOMES_OF_REFERRALS])
def test_networks_and_departments_add_up_to_the_fiches(in_national, population):
    territory = extent_of(PERIOD, "93")
    compute_figures(territory)
    with tenancy.scope(regions=["93"], using="compiler", read_only=True):
        rows = Figure.objects.using("compiler").filter(
            period=PERIOD.code, territory="93", borders="date", population=population,
            indicator__startswith="H1",
        )  # fmt: skip
        sums = defaultdict(Decimal)
        for row in rows:
            axis = row.breakdown if row.department == "total" else "department"
            sums[axis] += row.value
    expected = {"total", "from_network", "to_network"}
    assert expected | ({"department"} if population == SENT else set()) <= sums.keys()
    assert len(set(sums.values())) == 1, sums
