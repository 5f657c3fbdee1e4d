"""The head of a network: what its own structures owe, in all Regions, and no name of anybody."""

import pytest
from django.db import connections, transaction
from django.db.utils import DatabaseError

from indicators.models import Edition, ExpectedReturn
from regions.middleware import scope_of
from regions.models import Membership
from sprocep.tenancy import NATION, ScopeError, scope
from tests.isolation.test_walk import NOMINAL, SEEN_BY_APP, ids

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OF_ML = (
    "structure_id IN (SELECT id FROM regions_structure WHERE network_id = 'ML')"
    " AND region_id = ANY (%(regions)s)"
)


def head(filled, **changed) -> Membership:
    kept = filled["network_head ML"]
    place = {"region_id": kept.region_id, "network_id": kept.network_id} | changed
    return Membership(user_id=kept.user_id, role=kept.role, name=kept.name, **place)


@pytest.mark.parametrize("label", [x for x, seen in SEEN_BY_APP.items() if seen == NOMINAL])
def test_no_nominal_row_exists_for_it(filled, label):
    with scope_of(filled["network_head ML"], read_only=True):
        assert ids("default", label) == set()
    assert ids("owner", label)


def test_it_sees_the_returns_of_its_structures_and_no_other(filled):
    own = ids("owner", "indicators.ExpectedReturn", OF_ML, regions=["93", "11"])
    every = ids("owner", "indicators.ExpectedReturn")
    with scope_of(filled["network_head ML"], read_only=True):
        assert ids("default", "indicators.ExpectedReturn") == own
    assert set() < own < every
    with scope_of(head(filled, network_id="FT"), read_only=True):
        assert ids("default", "indicators.ExpectedReturn") == every - own
    with scope_of(head(filled, network_id="APEC"), read_only=True):
        assert ids("default", "indicators.ExpectedReturn") == set()


def test_it_sees_the_counts_and_anomalies_of_its_structures_and_no_other(filled):
    for label in ("indicators.DeclaredCount", "indicators.Anomaly"):
        own = ids("owner", label, OF_ML, regions=["93", "11"])
        with scope_of(filled["network_head ML"], read_only=True):
            assert ids("default", label) == own
        assert set() < own < ids("owner", label)


def test_with_a_region_it_sees_those_of_that_region(filled):
    own = ids("owner", "indicators.ExpectedReturn", OF_ML, regions=["11"])
    with scope_of(head(filled, region_id="11"), read_only=True):
        assert ids("default", "indicators.ExpectedReturn") == own
        assert set(ExpectedReturn.objects.values_list("region", flat=True)) == {"11"}
    assert own


def test_it_sees_no_draft_and_every_sealed_edition(filled):
    with scope_of(filled["network_head ML"], read_only=True):
        seen = set(Edition.objects.values_list("territory", "period"))
    assert seen == {(territory, "2015-T4") for territory in ("93", "11", NATION)}


def test_it_writes_nothing(filled):
    """Neither its page nor anything else: the transaction itself is read-only."""
    with (
        pytest.raises(DatabaseError, match="read-only"),
        transaction.atomic(),
        scope_of(filled["network_head ML"], read_only=True),
    ):
        Membership.objects.filter(pk=1).update(name="x")


def test_who_heads_no_network_is_not_narrowed(filled):
    every = ids("owner", "indicators.ExpectedReturn", "region_id = '93'")
    with scope_of(filled["regional_coordinator 93"], read_only=True):
        assert ids("default", "indicators.ExpectedReturn") == every
    assert len(every) == 3


def test_its_code_cannot_be_widened(filled):
    for text in ("ML' OR true --", "ML,FT", "%", "x" * 11):
        with pytest.raises(ScopeError), scope(regions=["93"], network=text):
            pytest.fail("opened")
    with scope(regions=["93"], network="ml"):
        assert ids("default", "indicators.ExpectedReturn") == set()


def test_every_policy_of_the_network_is_restrictive(filled):
    """Alone it would open rows: beside the Region's it can only close some."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT tablename, permissive FROM pg_policies WHERE qual LIKE '%%sprocep.network%%' "
            # which need that there be no network
            "AND policyname NOT IN ('edition_reading', 'referral_parties', 'survey_result_read', "
            "'audit_event_territory', 'access_event_territory')"
        )
        found = cursor.fetchall()
    tables = {f"indicators_{name}" for name in ("expectedreturn", "declaredcount", "anomaly")}
    assert set(found) == {(table, "RESTRICTIVE") for table in tables}
