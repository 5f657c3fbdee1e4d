"""All tables, raw SQL, three roles: what each scope sees is what the owner says it should.

The owner, whom row security does not apply to, is the witness: each test shows that there was
something to see.
"""

import pytest
from django.apps import apps
from django.db import connections
from django.db.utils import ProgrammingError

from sprocep.tenancy import RowPolicy, scope

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner", "compiler"]),
]

TENANT = sorted(
    (m for m in apps.get_models() if any(isinstance(c, RowPolicy) for c in m._meta.constraints)),
    key=lambda m: m._meta.label,
)
LABELS = [m._meta.label for m in TENANT]
DENIED_TO_APP = {
    "beneficiaries.PersonKey",
    "indicators.Figure",
    "indicators.Rollup",
    "indicators.ShownFigure",
}

NOMINAL = "region_id = ANY (%(regions)s) AND structure_id = ANY (%(structures)s)"
# Counts of a structure, which the head of its network reads too (test_network.py).
COUNTED = "structure_id = ANY (%(structures)s) AND region_id = ANY (%(regions)s)"
REGIONAL = "region_id = ANY (%(regions)s)"
TERRITORIAL = "territory = ANY (%(regions)s)"
NATIONAL = "'FR' = ANY (%(regions)s)"
WHOLE = "cardinality(%(structures)s::bigint[]) = 0"
# Who sends, or who receives, each in its own Regions.
PARTIES = (
    f"(({NOMINAL}) OR "
    "(receiver_id = ANY (%(structures)s) AND receiver_region_id = ANY (%(regions)s)))"
)
REFERRED = (
    f"({PARTIES} OR {NATIONAL} OR (state = 'escalated' AND {WHOLE} AND "
    f"({REGIONAL} OR receiver_region_id = ANY (%(regions)s))))"
)
# The structure that a code was opened by, as long as it lives.
READER = (
    "reader_id = ANY (%(structures)s) AND reader_region_id = ANY (%(regions)s) "
    "AND revoked_at IS NULL AND expires_at > now()"
)
SHARED = f"id IN (SELECT document_id FROM beneficiaries_sharecode WHERE {READER})"
SEALED = (
    f"({NATIONAL} OR sealed_at IS NOT NULL "
    f"OR (state IN ('under_review', 'validated') AND {TERRITORIAL} AND {WHOLE}))"
)
OF_EDITION = f"edition_id IN (SELECT id FROM indicators_edition WHERE {SEALED})"

MEMBERSHIPS = (
    f"({NATIONAL} OR ({REGIONAL} AND "
    "(structure_id IS NULL OR structure_id = ANY (%(structures)s))))"
)
# A Region all of its, a structure its own, and each her own.
TRACES = f"{TERRITORIAL} AND ({WHOLE} OR structure_id = ANY (%(structures)s) OR by_id = %(user)s)"

# What a scope sees of each table, said apart from the policies.
SEEN_BY_APP = {
    "beneficiaries.ContactTally": NOMINAL,
    "beneficiaries.ContactForms": NOMINAL,
    "beneficiaries.Beneficiary": NOMINAL,
    "beneficiaries.Merge": NOMINAL,
    "beneficiaries.Journey": NOMINAL,
    "beneficiaries.JourneyReason": NOMINAL,
    "beneficiaries.FollowUp": NOMINAL,
    "beneficiaries.Session": NOMINAL,
    "beneficiaries.SessionService": NOMINAL,
    "beneficiaries.Draft": NOMINAL,
    "beneficiaries.SavedView": NOMINAL,
    "beneficiaries.Workshop": NOMINAL,
    "beneficiaries.WorkshopParticipant": NOMINAL,
    "beneficiaries.FinancingPlan": NOMINAL,
    "beneficiaries.PlanCost": NOMINAL,
    "beneficiaries.PlanFunding": NOMINAL,
    "beneficiaries.PlanPaper": NOMINAL,
    "beneficiaries.PlanEvent": NOMINAL,
    "beneficiaries.Referral": REFERRED,
    "beneficiaries.ReferralPerson": PARTIES,
    "beneficiaries.ReferralEvent": (
        f"referral_id IN (SELECT id FROM beneficiaries_referral WHERE {REFERRED})"
    ),
    "beneficiaries.ReferralLink": NATIONAL,  # and who shows it (test_links.py)
    "beneficiaries.ExchangeAct": NOMINAL,
    "beneficiaries.Webhook": f"(({NOMINAL}) OR {NATIONAL})",
    "beneficiaries.WebhookEvent": f"(({NOMINAL}) OR {NATIONAL})",
    "operators.RoutingRule": f"({REGIONAL} OR region_id IS NULL)",
    "operators.FundingHint": f"({REGIONAL} OR region_id IS NULL)",
    "operators.Exchange": REGIONAL,
    "operators.Registration": REGIONAL,
    "operators.TradeList": REGIONAL,
    "operators.RecruitingTrade": REGIONAL,
    "operators.Capacity": REGIONAL,
    "operators.OpeningHours": REGIONAL,
    "operators.Premises": REGIONAL,
    "operators.PlaceTaken": REGIONAL,
    "operators.PlatformMember": REGIONAL,
    "beneficiaries.SituationChange": NOMINAL,
    # Of these who counsels there; and a member of a platform (beneficiaries/test_dropouts.py).
    "beneficiaries.DropoutPath": (
        f"(({NOMINAL}) AND EXISTS (SELECT FROM regions_membership WHERE user_id = %(user)s "
        "AND role = 'adviser'))"
    ),
    "beneficiaries.Step": NOMINAL,
    "beneficiaries.SynthesisDocument": f"(({NOMINAL}) OR {SHARED})",
    "beneficiaries.ShareCode": f"(({NOMINAL}) OR ({READER}))",
    "beneficiaries.PersonAccess": NOMINAL,
    "beneficiaries.ExitQuestion": NOMINAL,
    "beneficiaries.FeedbackCode": NOMINAL,  # and who shows it (test_feedback.py)
    "beneficiaries.FeedbackTally": NATIONAL,
    "beneficiaries.ExitLetter": NOMINAL,  # and who shows its link (test_exits.py)
    "beneficiaries.SurveyResult": (
        f"{TERRITORIAL} AND ({WHOLE} OR structure_id = ANY (%(structures)s))"
    ),
    "regions.SproMembership": REGIONAL,
    "regions.Membership": MEMBERSHIPS,
    "regions.ApiToken": f"membership_id IN (SELECT id FROM regions_membership WHERE {MEMBERSHIPS})",
    "regions.AuditEvent": TRACES,
    "regions.AccessEvent": TRACES,
    "regions.Letter": NATIONAL,
    "regions.RefusedAddress": NATIONAL,
    # That a month changed, and nothing of what (`mark_contacts`).
    "indicators.RollupMark": REGIONAL,
    "indicators.ExpectedReturn": (
        f"{REGIONAL} AND ({WHOLE} OR structure_id = ANY (%(structures)s))"
    ),
    "indicators.DeclaredCount": COUNTED,
    "indicators.Anomaly": (f"{REGIONAL} AND ({NATIONAL} OR structure_id = ANY (%(structures)s))"),
    "indicators.EditionEvent": TERRITORIAL,
    "indicators.Contestation": TERRITORIAL,
    "indicators.Recount": NATIONAL,
    "indicators.RegionalIndicator": f"({REGIONAL} OR state <> 'draft')",
    "indicators.Edition": SEALED,
    "indicators.EditionCell": OF_EDITION,
    "indicators.EditionFile": OF_EDITION,
    "indicators.Compilation": NATIONAL,
    "indicators.Work": NATIONAL,
}
UNSEALED = f"state IN ('draft', 'under_review') AND {TERRITORIAL}"
SEEN_BY_COMPILER = {
    "beneficiaries.ContactTally": REGIONAL,
    "beneficiaries.ContactForms": REGIONAL,
    "beneficiaries.Beneficiary": REGIONAL,
    "beneficiaries.PersonKey": REGIONAL,
    "beneficiaries.Merge": REGIONAL,
    "beneficiaries.Journey": REGIONAL,
    "beneficiaries.JourneyReason": REGIONAL,
    "beneficiaries.FollowUp": REGIONAL,
    "beneficiaries.Session": REGIONAL,
    "beneficiaries.Workshop": REGIONAL,
    "beneficiaries.WorkshopParticipant": REGIONAL,
    "beneficiaries.SessionService": REGIONAL,
    "beneficiaries.Draft": REGIONAL,
    "beneficiaries.SavedView": REGIONAL,
    "beneficiaries.FinancingPlan": REGIONAL,
    "beneficiaries.PlanCost": REGIONAL,
    "beneficiaries.PlanFunding": REGIONAL,
    "beneficiaries.PlanPaper": REGIONAL,
    "beneficiaries.PlanEvent": REGIONAL,
    "beneficiaries.Referral": REGIONAL,
    "beneficiaries.ReferralPerson": REGIONAL,
    "beneficiaries.ReferralEvent": (
        f"referral_id IN (SELECT id FROM beneficiaries_referral WHERE {REGIONAL})"
    ),
    "beneficiaries.SituationChange": REGIONAL,
    "beneficiaries.DropoutPath": REGIONAL,
    "beneficiaries.Step": REGIONAL,
    "beneficiaries.SynthesisDocument": REGIONAL,
    "beneficiaries.ShareCode": REGIONAL,
    "beneficiaries.ReferralLink": REGIONAL,
    "beneficiaries.ExchangeAct": REGIONAL,
    "beneficiaries.Webhook": REGIONAL,
    "beneficiaries.WebhookEvent": REGIONAL,
    "beneficiaries.PersonAccess": REGIONAL,
    "beneficiaries.ExitQuestion": REGIONAL,
    "beneficiaries.FeedbackCode": REGIONAL,
    "beneficiaries.FeedbackTally": REGIONAL,
    "beneficiaries.ExitLetter": REGIONAL,
    "beneficiaries.SurveyResult": TERRITORIAL,
    "regions.SproMembership": REGIONAL,
    "indicators.ExpectedReturn": REGIONAL,
    "indicators.RollupMark": REGIONAL,
    "indicators.Rollup": REGIONAL,
    "indicators.DeclaredCount": REGIONAL,
    "indicators.Anomaly": REGIONAL,
    "indicators.RegionalIndicator": REGIONAL,
    "indicators.Figure": TERRITORIAL,
    "indicators.ShownFigure": TERRITORIAL,
    "indicators.Edition": UNSEALED,
    "indicators.EditionCell": (
        f"edition_id IN (SELECT id FROM indicators_edition WHERE {UNSEALED})"
    ),
}


def table(label: str) -> str:
    return apps.get_model(label)._meta.db_table


def ids(alias: str, label: str, where: str = "true", **values) -> set:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table(label)} WHERE {where}", values)
        return {key for (key,) in cursor.fetchall()}


def scopes_of(world) -> dict[str, dict]:
    marseille = world.marseille.pk
    places = {
        "adviser of Marseille": {"regions": ["93"], "structures": [marseille]},
        "adviser of Aix": {"regions": ["93"], "structures": [world.aix.pk]},
        "adviser of Paris": {"regions": ["11"], "structures": [world.paris.pk]},
        "coordinator of 93": {"regions": ["93"], "structures": []},
        "nation": {"regions": ["11", "93", "FR"], "structures": []},
        "structure without its Region": {"regions": ["11"], "structures": [marseille]},
    }
    for name, place in places.items():
        who = name.lower().replace(" of", "")
        place["user"] = world[who].user_id if who.startswith("adviser") else None
    return places


def test_every_tenant_table_is_walked():
    assert set(LABELS) == set(SEEN_BY_APP) | DENIED_TO_APP


@pytest.mark.parametrize("label", LABELS)
def test_without_a_scope_every_table_is_empty(filled, label):
    assert ids("owner", label)
    for alias, seen in (("default", SEEN_BY_APP), ("compiler", SEEN_BY_COMPILER)):
        if label in seen:
            assert ids(alias, label) == set()
        else:
            assert_denied(alias, f"SELECT id FROM {table(label)}")


@pytest.mark.parametrize("label", sorted(SEEN_BY_APP))
def test_the_app_sees_the_rows_of_its_scope_and_no_other(filled, label):
    everything = ids("owner", label)
    seen_somewhere = set()
    for name, place in scopes_of(filled).items():
        expected = ids("owner", label, SEEN_BY_APP[label], **place)
        with scope(**place):
            assert ids("default", label) == expected, name
        seen_somewhere |= expected
    assert seen_somewhere
    if SEEN_BY_APP[label] != NATIONAL:
        with scope(**scopes_of(filled)["adviser of Marseille"]):
            assert set() < ids("default", label) < everything


@pytest.mark.parametrize("label", [x for x, seen in SEEN_BY_APP.items() if seen == NOMINAL])
def test_no_nominal_row_for_another_structure_nor_for_who_has_none(filled, label):
    places = scopes_of(filled)
    rows = {}
    for name, place in places.items():
        with scope(**place):
            rows[name] = ids("default", label)
    assert rows["adviser of Marseille"]
    assert rows["adviser of Aix"]
    assert not rows["adviser of Marseille"] & rows["adviser of Aix"]
    assert rows["coordinator of 93"] == rows["nation"] == set()
    assert rows["structure without its Region"] == set()


@pytest.mark.parametrize("label", sorted(SEEN_BY_COMPILER))
def test_the_compiler_sees_all_structures_of_its_regions_alone(filled, label):
    for regions in (["93"], ["11"], ["93", "11"]):
        expected = ids("owner", label, SEEN_BY_COMPILER[label], regions=regions)
        with scope(regions=regions, using="compiler"):
            assert ids("compiler", label) == expected
        assert expected
    with scope(regions=["93"], using="compiler"):
        assert ids("compiler", label) < ids("owner", label)


def assert_denied(alias: str, sql: str, **values) -> None:
    link = connections[alias]
    before = link.savepoint_ids[:]
    with (
        pytest.raises(ProgrammingError) as refusal,
        scope(using=alias),
        link.cursor() as cursor,
    ):
        cursor.execute(sql, values)
    assert refusal.value.__cause__.sqlstate == "42501"
    assert "permission denied" in str(refusal.value)
    assert link.savepoint_ids == before


@pytest.mark.parametrize("label", sorted(DENIED_TO_APP))
def test_the_app_may_not_read_figures_rollups_nor_keys(filled, label):
    assert ids("owner", label)
    assert_denied("default", f"SELECT * FROM {table(label)}")
