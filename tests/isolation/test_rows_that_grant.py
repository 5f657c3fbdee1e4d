"""Rows by which somebody is let in, or that say who did what: who may write each, in raw SQL.

Every table of the product either stands here or opens nothing to who writes a row of it.
"""

import pytest
from django.db import connections

from operators.models import PlaceTaken
from regions.models import AccessEvent, AuditEvent
from sprocep.tenancy import scope
from tests.isolation.test_writes import NATION, allowed, app, refused

pytestmark = [pytest.mark.django_db(databases=["default", "owner"])]

TOKEN = (
    "INSERT INTO regions_apitoken (public_id, membership_id, label, digest, created_at, "
    "created_by_id, expires_on) VALUES (gen_random_uuid(), %s, 'essai', repeat('a', 64), now(), "
    "%s, '2100-01-01')"
)
AUDIT = (
    "INSERT INTO regions_auditevent (at, by_id, territory, structure_id, action, object_type, "
    "object_id, fields) VALUES (now(), %s, %s, %s, 'seal', 'edition', '1', '')"
)
ACCESS = (
    "INSERT INTO regions_accessevent (at, by_id, territory, structure_id, page, object_id) "
    "VALUES (now(), %s, %s, %s, 'nominal:journey', '')"
)
EVENT = (
    "INSERT INTO indicators_editionevent (edition_id, territory, kind, at, by_id, text) "
    "SELECT id, territory, %s, now(), %s, '' FROM indicators_edition "
    "WHERE sealed_at IS NOT NULL AND territory = '93' LIMIT 1"
)


def place(member, **other) -> dict:
    """The scope of this member."""
    found = {"regions": [member.region_id], "user": member.user_id, **other}
    return found | ({"structures": [member.structure_id]} if member.structure_id else {})


def seen_by_owner(sql: str, *values) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


# ── Tokens of programs ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "program",
    ["structure_program paris", "structure_program aix", "api_client 93", "adviser marseille"],
)
def test_a_direction_issues_no_token_but_for_its_own_programs(filled, program):
    direction = filled["structure_manager marseille"]
    with scope(**place(direction)):
        allowed(TOKEN, filled["structure_program marseille"].pk, direction.user_id)
        assert "row-level security" in refused(TOKEN, filled[program].pk, direction.user_id)


@pytest.mark.parametrize(
    "name",
    ["adviser marseille", "level1_receptionist marseille", "structure_manager aix",
     "regional_coordinator 93"],
)  # fmt: skip
def test_nobody_but_its_direction_issues_a_token_of_a_structure(filled, name):
    program, direction = (
        filled[f"{role} marseille"] for role in ("structure_program", "structure_manager")
    )
    with scope(**place(filled[name])):
        assert "row-level security" in refused(TOKEN, program.pk, filled[name].user_id)
    with scope(**place(direction)):
        # Nor in the name of another.
        assert "row-level security" in refused(TOKEN, program.pk, filled[name].user_id)
        allowed(TOKEN, program.pk, direction.user_id)


def test_a_token_that_is_written_in_sql_leaves_its_trace(filled):
    direction, program = (
        filled[f"{role} marseille"] for role in ("structure_manager", "structure_program")
    )
    with scope(**place(direction)):
        before = set(AuditEvent.objects.values_list("pk", flat=True))
        assert app(TOKEN, program.pk, direction.user_id) == 1
        [trace] = AuditEvent.objects.exclude(pk__in=before)
    assert (trace.by_id, trace.territory, trace.structure_id) == (
        direction.user_id, "93", filled.marseille.pk,
    )  # fmt: skip
    assert (trace.action, trace.object_type) == ("issue_token", "regions.apitoken")


def test_a_token_that_is_not_shown_is_seen_by_who_reaches_its_program_alone(filled):
    digests = "SELECT digest FROM regions_apitoken"
    assert len(seen_by_owner(digests)) >= 6
    with scope():
        assert app(digests) == 0
    with scope(**place(filled["adviser marseille"])):
        assert app(digests) == 2  # of her structure, and of her Region
    with scope(regions=NATION):
        assert app(digests) == len(seen_by_owner(digests))


def test_the_address_of_an_account_is_never_another_s(filled):
    adviser = filled["adviser marseille"]
    for where in (place(adviser), {"regions": NATION}):
        with scope(**where):
            sql = "UPDATE regions_user SET email = 'moi@exemple.fr' WHERE id = %s"
            assert "permission denied" in refused(sql, adviser.user_id)
            allowed("UPDATE regions_user SET takes_digest = true WHERE id = %s", adviser.user_id)


# ── Traces ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sql", [AUDIT, ACCESS])
def test_a_trace_is_signed_by_who_leaves_it_where_she_is(filled, sql):
    adviser, other = filled["adviser marseille"], filled["adviser aix"]
    with scope(**place(adviser)):
        allowed(sql, adviser.user_id, "93", filled.marseille.pk)
        for forged in (
            (other.user_id, "93", filled.marseille.pk),
            (adviser.user_id, "93", filled.aix.pk),
            (adviser.user_id, "93", None),
            (adviser.user_id, "11", filled.marseille.pk),
        ):
            assert "row-level security" in refused(sql, *forged)
    coordinator = filled["regional_coordinator 93"]
    with scope(**place(coordinator)):
        allowed(sql, coordinator.user_id, "93", filled.aix.pk)
        allowed(sql, coordinator.user_id, "93", None)
        assert "row-level security" in refused(sql, adviser.user_id, "93", None)


@pytest.mark.parametrize("model", [AuditEvent, AccessEvent])
def test_a_structure_reads_no_trace_of_another(filled, model):
    def structures(where: dict) -> set:
        with scope(**where):
            return set(model.objects.values_list("structure_id", flat=True))

    assert structures(place(filled["adviser marseille"])) == {filled.marseille.pk}
    assert structures(place(filled["adviser aix"])) == {filled.aix.pk}
    of_region = structures(place(filled["regional_coordinator 93"]))
    assert {filled.marseille.pk, filled.aix.pk} <= of_region
    assert filled.paris.pk not in of_region


# ── The journal of an edition ────────────────────────────────────────────────────────────────


def test_a_structure_writes_nothing_in_the_journal_of_an_edition(filled):
    coordinator, officer = filled["regional_coordinator 93"], filled["dgefp_officer"]
    for name in ("adviser marseille", "structure_manager marseille"):
        with scope(**place(filled[name])):
            assert "row-level security" in refused(EVENT, "commented", filled[name].user_id)
    head = filled["network_head ML"]
    with scope(regions=["93"], network="ML", user=head.user_id):
        assert "row-level security" in refused(EVENT, "commented", head.user_id)
    with scope(**place(coordinator)):
        allowed(EVENT, "commented", coordinator.user_id)
        assert "row-level security" in refused(EVENT, "commented", officer.user_id)
        for kind in ("validated", "superseded", "answered", "erratum_opened"):
            assert "row-level security" in refused(EVENT, kind, coordinator.user_id)
    with scope(regions=NATION, user=officer.user_id):
        allowed(EVENT, "validated", officer.user_id)


def test_an_event_is_of_the_edition_of_its_territory(filled):
    coordinator = filled["regional_coordinator 93"]
    of_another = EVENT.replace("SELECT id, territory", "SELECT id, '93'").replace(
        "territory = '93'", "territory = '11'"
    )
    with scope(**place(coordinator)):
        allowed(EVENT, "commented", coordinator.user_id)
        assert app("SELECT 1 FROM indicators_edition WHERE territory = '11'")
        assert "row-level security" in refused(of_another, "commented", coordinator.user_id)


# ── Written by PostgreSQL alone ──────────────────────────────────────────────────────────────


def test_a_place_is_taken_by_a_fiche_and_by_nothing_else(filled):
    sql = (
        "INSERT INTO operators_placetaken (region_id, structure_id, sent_on, places) "
        "VALUES (%s, %s, '2016-01-01', 1)"
    )
    adviser = filled["adviser marseille"]
    assert seen_by_owner("SELECT 1 FROM operators_placetaken WHERE region_id = '11'")
    with scope(**place(adviser)):
        assert PlaceTaken.objects.exists()
        for region, structure in (("93", filled.marseille), ("11", filled.paris)):
            assert "row-level security" in refused(sql, region, structure.pk)


def test_a_step_of_a_fiche_is_written_with_its_move(filled):
    adviser = filled["adviser marseille"]
    event = (
        "INSERT INTO beneficiaries_referralevent (referral_id, state, at) "
        "SELECT id, 'accepted', now() FROM beneficiaries_referral LIMIT 1"
    )
    steps = "SELECT 1 FROM beneficiaries_referralevent"
    with scope(**place(adviser)):
        before = app(steps)
        assert "row-level security" in refused(event)
        withdrawn = app(
            "UPDATE beneficiaries_referral SET state = 'withdrawn', state_since = now() "
            "WHERE id = (SELECT max(id) FROM beneficiaries_referral WHERE structure_id = %s "
            "AND state = 'sent')",
            filled.marseille.pk,
        )
        assert app(steps) == before + withdrawn == before + 1


# ── What identifies a person is read by her structures alone ─────────────────────────────────


def test_why_another_structure_is_read_by_the_two_parties_alone(filled):
    reasons = "SELECT other_choice FROM beneficiaries_referralperson"
    with scope(**place(filled["adviser marseille"])):
        assert app(reasons)
    for where in (place(filled["regional_coordinator 93"]), {"regions": NATION}):
        with scope(**where):
            assert app("SELECT 1 FROM regions_region")
            assert app(reasons) == 0
