"""States of an edition: the table of moves is total, and PostgreSQL holds to it whoever writes."""

from itertools import product

import pytest
from django.db import IntegrityError, connections, transaction

from indicators.models import Edition
from regions.models import Membership
from sprocep.errors import french
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
STATES = list(Edition.State)


def test_each_state_says_what_follows_and_whose_turn_it_is():
    assert set(Edition.MOVES) == set(Edition.WHOSE_TURN) == set(STATES)
    assert {after for found in Edition.MOVES.values() for after in found} == (
        set(STATES) - {Edition.State.DRAFT}
    )
    assert set(Edition.WHOSE_TURN.values()) - {None} <= set(Membership.Role)
    for state, whose in Edition.WHOSE_TURN.items():
        only_replaced = Edition.MOVES[state] <= {Edition.State.SUPERSEDED}
        assert (whose is None) == only_replaced, state


@pytest.fixture
def unguarded(world):
    """Only the rule of moves is looked at: no other rule of the table stands before it."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for name in (
            "edition_sealed_by_someone",
            "edition_sealed_in_its_chain",
            "edition_transmitted_by_someone",
        ):
            cursor.execute(f"ALTER TABLE indicators_edition DROP CONSTRAINT {name}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield cursor
        transaction.set_rollback(True, using="owner")


@pytest.mark.owner
def test_the_owner_too_makes_no_other_move(unguarded):
    made = factories.edition("2016-T1", "93")
    row = Edition.objects.using("owner").filter(pk=made.pk)
    for state, after in product(STATES, STATES):
        # Laid there with the trigger off, then moved with it on.
        unguarded.execute("ALTER TABLE indicators_edition DISABLE TRIGGER edition_moves")
        row.update(state=state)
        unguarded.execute("ALTER TABLE indicators_edition ENABLE TRIGGER edition_moves")
        if after in Edition.MOVES[state] or after == state:
            assert row.update(state=after) == 1
        else:
            with pytest.raises(IntegrityError) as refused, transaction.atomic(using="owner"):
                row.update(state=after)
            assert "a changé d’état entre-temps" in french(refused.value)


@pytest.mark.owner
@pytest.mark.parametrize("state", [state for state in STATES if state != Edition.State.DRAFT])
def test_an_edition_is_born_a_draft(unguarded, state):
    with pytest.raises(IntegrityError), transaction.atomic(using="owner"):
        Edition.objects.using("owner").create(
            period="2016-T1", territory="93", compiled_at="2016-05-01T00:00Z", state=state
        )
