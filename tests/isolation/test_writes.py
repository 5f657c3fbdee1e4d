"""Raw SQL of the app in a scope, against a row of another Region and of the neighbour structure.

Each refusal is shown beside the same statement on a row of its own, which passes.
"""

import uuid

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connections, transaction
from django.db.models import AutoField, UUIDField
from django.db.utils import DatabaseError, ProgrammingError

from beneficiaries import models
from sprocep.tenancy import scope

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"]),
]

READABLE = [
    models.ContactTally,
    models.Beneficiary,
    models.Journey,
    models.JourneyReason,
    models.FollowUp,
    models.Session,
    models.SessionService,
]
DELETABLE = {models.JourneyReason, models.FollowUp, models.SessionService}
# Where grants are column by column: one that is written. The tenant's are not, so no row moves.
WRITTEN = {models.Beneficiary: "sort_key", models.ContactTally: "is_settled"}
# What a copy of a row must change so that only its tenant could be the reason of a refusal.
FRESH = {
    "public_id": "gen_random_uuid()",
    "thread_number": "gen_random_uuid()",
    "idempotency_key": "NULL",
}
FRESH_OF = {
    models.ContactTally: {
        "month": "date '2015-02-01'",
        "days": "jsonb_build_object('2015-02-03', total)",
    },
    models.JourneyReason: {"reason_id": "'M02'"},
    models.SessionService: {"service_id": "'S03'"},
    models.FollowUp: {"starts_on": "date '2015-01-05'", "ends_on": "date '2015-01-06'"},
}


def app(sql: str, *values) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def row_of(model, structure: int) -> int | uuid.UUID:
    """Id of a row of this structure, as the owner sees it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {model._meta.db_table} WHERE structure_id = %s ORDER BY id LIMIT 1",
            [structure],
        )
        return cursor.fetchone()[0]


@pytest.fixture
def rows(filled):
    """Inside the scope of the adviser of Marseille: (own, [of the neighbour, of Paris])."""

    def of(model) -> tuple:
        own = row_of(model, filled.marseille.pk)
        foreign = [row_of(model, s.pk) for s in (filled.aix, filled.paris)]
        assert all([own, *foreign])
        return own, foreign

    with scope(regions=["93"], structures=[filled.marseille.pk]):
        yield of


def refused(sql: str, *values) -> str:
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
        app(sql, *values)
    assert refusal.value.__cause__.sqlstate == "42501"
    return str(refusal.value)


def allowed(sql: str, *values, touched: int = 1) -> None:
    """The same statement on an own row touches it; it is undone at once."""
    with transaction.atomic():
        assert app(sql, *values) == touched
        transaction.set_rollback(True)


def copy_of(model, **changed: str) -> str:
    """An INSERT of the row `%s` again, with these columns changed."""
    columns = [f.column for f in model._meta.local_fields if not f.generated]
    if isinstance(model._meta.pk, UUIDField):
        changed.setdefault("id", "gen_random_uuid()")
    elif "id" not in changed:
        columns.remove("id")
    expressions = {c: c for c in columns} | {c: v for c, v in FRESH.items() if c in columns}
    expressions |= FRESH_OF.get(model, {}) | changed
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(expressions[c] for c in columns)} FROM {table} WHERE id = %s"
    )


@pytest.mark.parametrize("model", READABLE)
def test_update(rows, model):
    own, foreign = rows(model)
    column = WRITTEN.get(model, "region_id")
    sql = f"UPDATE {model._meta.db_table} SET {column} = {column} WHERE id = %s"
    allowed(sql, own)
    assert [app(sql, key) for key in foreign] == [0, 0]


@pytest.mark.parametrize("model", READABLE)
def test_delete(rows, model):
    own, foreign = rows(model)
    sql = f"DELETE FROM {model._meta.db_table} WHERE id = %s"
    if model in DELETABLE:
        allowed(sql, own)
        assert [app(sql, key) for key in foreign] == [0, 0]
    elif model is models.Session:
        allowed("DELETE FROM beneficiaries_sessionservice WHERE session_id = %s", own)
        assert [app(sql, key) for key in foreign] == [0, 0]
    else:
        assert "permission denied" in refused(sql, own)


@pytest.mark.parametrize("model", READABLE)
def test_select_for_update(rows, model):
    own, foreign = rows(model)
    sql = f"SELECT id FROM {model._meta.db_table} WHERE id = %s FOR UPDATE"
    allowed(sql, own)
    assert [app(sql, key) for key in foreign] == [0, 0]


@pytest.mark.parametrize("model", READABLE)
def test_insert(rows, model, filled):
    own, _ = rows(model)
    allowed(copy_of(model), own)
    elsewhere = [{"region_id": "'11'"}, {"structure_id": str(filled.aix.pk)}]
    for changed in (*elsewhere, elsewhere[0] | {"structure_id": str(filled.paris.pk)}):
        assert "row-level security" in refused(copy_of(model, **changed), own)


@pytest.mark.parametrize("model", [m for m in READABLE if isinstance(m._meta.pk, AutoField)])
def test_the_number_of_a_row_is_not_chosen(rows, model):
    """Nor is the row of another reached by its number, in an upsert."""
    own, foreign = rows(model)
    column = WRITTEN.get(model, "region_id")
    allowed(copy_of(model), own)
    chosen = copy_of(model, id="%s")
    upsert = f"{chosen} ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}"
    overriding = chosen.replace(" SELECT ", " OVERRIDING SYSTEM VALUE SELECT ", 1)
    for sql in (chosen, upsert, overriding):
        for key in (own, *foreign, 10**12):
            assert "permission denied" in refused(sql, key, own)


@pytest.mark.parametrize("model", READABLE)
def test_moving_a_row(rows, model, filled):
    own, _ = rows(model)
    table = model._meta.db_table
    column, refusal = WRITTEN.get(model), "permission denied"
    if column is None:
        column, refusal = "region_id", "row-level security"
    allowed(f"UPDATE {table} SET {column} = {column} WHERE id = %s", own)
    for tenant, value in (("region_id", "11"), ("structure_id", filled.aix.pk)):
        sql = f"UPDATE {table} SET {tenant} = %s WHERE id = %s"
        assert refusal in refused(sql, value, own)


@pytest.mark.parametrize("model", [*READABLE, models.PersonKey])
def test_truncate_and_references(rows, model):
    assert rows(model)[0]
    assert "permission denied" in refused(f"TRUNCATE {model._meta.db_table}")
    refused(f"CREATE TABLE spy (id bigint REFERENCES {model._meta.db_table} (id))")
    refused(f"CREATE TEMPORARY TABLE spy AS SELECT * FROM {model._meta.db_table}")


def test_person_keys_go_in_and_never_out(rows, filled):
    own, _ = rows(models.Beneficiary)
    sql = (
        "INSERT INTO beneficiaries_personkey (region_id, structure_id, beneficiary_id, year, key) "
        "VALUES (%s, %s, %s, 2017, 'k')"
    )
    allowed(sql, "93", filled.marseille.pk, own)
    for region, structure in (("11", filled.marseille.pk), ("93", filled.aix.pk)):
        assert "row-level security" in refused(sql, region, structure, own)
    assert "permission denied" in refused(f"{sql} RETURNING key", "93", filled.marseille.pk, own)
    for statement in ("SELECT key FROM", "DELETE FROM"):
        assert "permission denied" in refused(f"{statement} beneficiaries_personkey")
    assert "permission denied" in refused("UPDATE beneficiaries_personkey SET year = 2018")


@pytest.mark.parametrize("model", READABLE)
def test_copy(rows, model):
    own, foreign = rows(model)
    table = model._meta.db_table
    with connections["default"].cursor() as cursor:
        with cursor.copy(f"COPY (SELECT id FROM {table}) TO STDOUT") as out:
            copied = set(b"".join(bytes(part) for part in out).decode().split())
        assert str(own) in copied
        assert not copied & set(map(str, foreign))
        with (
            pytest.raises(psycopg.errors.FeatureNotSupported, match="row-level security"),
            transaction.atomic(),
            cursor.copy(f"COPY {table} (region_id) FROM STDIN") as into,
        ):
            into.write("93\n")


def test_a_link_to_another_structure_is_refused_by_its_key(rows, filled):
    """Row security does not apply to foreign keys: composite keys do."""
    own, foreign = rows(models.Journey)
    session, _ = rows(models.Session)
    sql = "UPDATE beneficiaries_session SET journey_id = %s WHERE id = %s"
    for journey in foreign:
        with pytest.raises(DatabaseError, match="session_journey"), transaction.atomic():
            app(sql, journey, session)
    allowed(sql, own, session)


def test_a_key_that_exists_elsewhere_is_free_here(rows, filled):
    """A refusal of a double would tell that another structure holds it."""
    own, _ = rows(models.Workshop)
    key = "11111111-2222-3333-4444-555555555555"
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "UPDATE beneficiaries_workshop SET idempotency_key = %s WHERE structure_id = %s",
            [key, filled.aix.pk],
        )
        assert cursor.rowcount == 1
    copy = copy_of(models.Workshop, idempotency_key=f"'{key}'")
    assert app(copy, own) == 1
    with pytest.raises(DatabaseError, match="workshop_sent_once"), transaction.atomic():
        app(copy, own)


# ── Tables of one axis ───────────────────────────────────────────────────────────────────────

NATION = ["11", "93", "FR"]
TERRITORIAL = {
    "regions_auditevent": "(territory, action, object_type, object_id, fields, at)"
    " VALUES (%s, 'seal', 'edition', '1', '', now())",
    "regions_accessevent": "(territory, by_id, page, object_id, at)"
    " VALUES (%s, (SELECT min(id) FROM regions_user), 'edition', '', now())",
    "indicators_rollupmark": "(region_id, month) VALUES (%s, '2016-01-01')",
}


@pytest.mark.parametrize("table", sorted(TERRITORIAL))
def test_a_trace_is_left_in_its_own_territory(filled, table):
    sql = f"INSERT INTO {table} {TERRITORIAL[table]}"
    with scope(regions=["93"]):
        allowed(sql, "93")
        for elsewhere in ("11", "FR"):
            assert "row-level security" in refused(sql, elsewhere)
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            assert "permission denied" in refused(statement)


def test_only_the_nation_gives_and_ends_memberships(filled):
    member = filled["adviser marseille"]
    sql = copy_of(apps.get_model("regions.Membership"))
    end = "UPDATE regions_membership SET ends_on = '2030-01-01' WHERE id = %s"
    for place in (
        {"regions": ["93"], "structures": [filled.marseille.pk], "user": member.user_id},
        {"regions": ["93"]},
    ):
        with scope(**place):
            if place.get("structures"):
                assert app("SELECT 1 FROM regions_membership WHERE id = %s", member.pk) == 1
                assert "row-level security" in refused(sql, member.pk)
                # A row of one's structure is reached, for one column (test_level1.py).
                with (
                    pytest.raises(IntegrityError, match="the limit of others alone"),
                    transaction.atomic(),
                ):
                    app(end, member.pk)
            else:
                assert app(end, member.pk) == 0
    with scope(regions=NATION):
        allowed(sql, member.pk)
        allowed(end, member.pk)
        assert "permission denied" in refused("DELETE FROM regions_membership")


def test_only_the_nation_moves_an_edition_and_nobody_its_figures(filled):
    sealed = "SELECT id FROM indicators_edition WHERE sealed_at IS NOT NULL AND territory = '93'"
    move = f"UPDATE indicators_edition SET state = state WHERE id = ({sealed})"
    with scope(regions=["93"]):
        assert app(sealed) == 1
        assert "row-level security" in refused(move)
    with scope(regions=NATION):
        allowed(move)
        for statement in (
            "UPDATE indicators_edition SET figures_seal = ''",
            "UPDATE indicators_editioncell SET value = 1",
            "DELETE FROM indicators_edition",
            "DELETE FROM indicators_editionfile",
            "UPDATE indicators_editionfile SET content = ''",
        ):
            assert "permission denied" in refused(statement)


def test_only_the_nation_lays_the_file_of_an_edition(filled):
    """A coordinator reads the edition, and could otherwise lay a file of her own beside it."""
    sql = (
        "INSERT INTO indicators_editionfile "
        "(edition_id, name, media_type, content, sha256, size, created_at) "
        "SELECT id, 'edition.zip', 'application/zip', '', repeat('0', 64), 0, now() "
        "FROM indicators_edition WHERE sealed_at IS NOT NULL AND territory = '93'"
    )
    with scope(regions=["93"]):
        assert "row-level security" in refused(sql)
    with scope(regions=NATION):
        allowed(sql)


def test_work_is_of_the_nation_alone(filled):
    sql = "INSERT INTO indicators_compilation (period, requested_at) VALUES ('2016-T2', now())"
    with scope(regions=["93"]):
        assert "row-level security" in refused(sql)
        assert app("UPDATE indicators_work SET tries = 0") == 0
    with scope(regions=NATION):
        allowed(sql)
        allowed("UPDATE indicators_work SET tries = 0", touched=2)


def test_a_read_only_scope_writes_nothing(filled):
    place = {"regions": ["93"], "structures": [filled.marseille.pk]}
    sql = "UPDATE beneficiaries_contacttally SET is_settled = is_settled"
    with scope(**place):
        allowed(sql)
    with pytest.raises(DatabaseError, match="read-only"), scope(**place, read_only=True):
        app(sql)


def test_what_was_handed_over_is_kept_from_the_owner_too(filled):
    """Two rows of whom the owner may write each column: the step changes, the document does not."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        with pytest.raises(DatabaseError, match="handed over"), transaction.atomic(using="owner"):
            cursor.execute("UPDATE beneficiaries_synthesisdocument SET content = '{}'")
        cursor.execute("UPDATE beneficiaries_step SET what = 'autre chose'")
        assert cursor.rowcount
        transaction.set_rollback(True, using="owner")
