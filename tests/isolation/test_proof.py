"""A statement slipped into a request changes the settings of its scope, and then sees nothing.

Each refusal is shown beside the scope that the product opens, which reads and writes.
"""

import hmac

import pytest
from django.db import connections, transaction
from django.db.utils import DatabaseError, ProgrammingError

from beneficiaries.models import Journey
from operators.models import Theme
from regions.models import AuditEvent, Membership
from sprocep import periods, tenancy
from sprocep.tenancy import keep_scope_key, scope

pytestmark = [pytest.mark.django_db(databases=["default", "owner", "compiler"])]


def slip_in(**settings: str) -> None:
    """What an injected expression can do: it needs no statement of its own."""
    with connections["default"].cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [f"sprocep.{name}", str(value)])


def counts() -> tuple[int, int, int]:
    return Journey.objects.count(), Membership.objects.count(), AuditEvent.objects.count()


@pytest.fixture
def adviser(filled):
    return {
        "regions": ["93"],
        "structures": [filled.marseille.pk],
        "user": filled["adviser marseille"].user_id,
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"regions": "11,93,FR"},
        {"regions": "11"},
        {"structures": "paris"},
        {"structures": ""},
        {"user": "other"},
        {"network": "ML"},
        {"proof": ""},
        {"proof": "0" * 64},
    ],
)
def test_a_scope_that_is_changed_shows_nothing(filled, adviser, changed):
    words = {"paris": filled.paris.pk, "other": filled["dgefp_officer"].user_id}
    with scope(**adviser):
        assert all(counts())
        slip_in(**{name: words.get(value, value) for name, value in changed.items()})
        assert counts() == (0, 0, 0)
    with scope(**adviser):
        assert all(counts())


def test_without_a_scope_nothing_is_opened_by_settings(filled):
    with scope():
        slip_in(regions="11,93,FR", structures=str(filled.marseille.pk))
        assert counts() == (0, 0, 0)
    with scope(regions=["93"], structures=[filled.marseille.pk]):
        assert all(counts())


def test_a_proof_opens_its_own_scope_alone(filled, adviser):
    """The proof of one's own scope may be read: it proves no other."""
    with scope(**adviser), connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('sprocep.proof')")
        (own,) = cursor.fetchone()
    with scope():
        slip_in(regions="93", structures=filled.aix.pk, user=adviser["user"], proof=own)
        assert counts() == (0, 0, 0)
        slip_in(structures=filled.marseille.pk)
        assert all(counts())


def test_reference_data_is_written_in_a_proven_national_scope(filled):
    theme = Theme.objects.order_by("pk").first()
    day = periods.today()
    with scope(regions=["93"]):
        slip_in(regions="FR")
        with (
            pytest.raises(ProgrammingError, match="national scope needed"),
            transaction.atomic(),
        ):
            Theme.objects.filter(pk=theme.pk).update(ends_on=day)


def test_reference_data_is_written_by_the_nation(filled):
    with scope(regions=["FR"]):
        theme = Theme.objects.order_by("pk").first()
        assert Theme.objects.filter(pk=theme.pk).update(ends_on=theme.ends_on) == 1


@pytest.mark.parametrize("alias", ["default", "compiler"])
def test_nobody_reads_the_key_nor_writes_it(filled, alias):
    statements = (
        "SELECT * FROM sprocep_scopekey",
        "UPDATE sprocep_scopekey SET inner_pad = 'x'",
        "DELETE FROM sprocep_scopekey",
        "INSERT INTO sprocep_scopekey (inner_pad, outer_pad) VALUES ('x', 'x')",
    )
    for sql in statements:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            scope(regions=["93"], using=alias),
            connections[alias].cursor() as cursor,
        ):
            cursor.execute(sql)
    with scope(regions=["93"], using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT scope_is_proven()")
        assert cursor.fetchone() == (True,)


def test_another_key_of_the_site_opens_nothing_until_it_is_kept(filled, adviser, settings):
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key of the site, as long as one"
    with scope(**adviser):
        assert counts() == (0, 0, 0)
    settings.SECRET_KEY = former
    keep_scope_key()
    with scope(**adviser):
        assert all(counts())


def test_the_proof_is_that_of_the_settings(filled, adviser):
    """Computed apart, by the library."""
    key = tenancy._key(tenancy.settings.SECRET_KEY)
    said = f"93|{filled.marseille.pk}|{adviser['user']}|"
    with scope(**adviser), connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('sprocep.proof')")
        assert cursor.fetchone() == (hmac.new(key, said.encode(), "sha256").hexdigest(),)


def test_a_wrong_proof_writes_nothing(filled, adviser):
    trace = (
        "INSERT INTO regions_auditevent (territory, structure_id, action, object_type, object_id, "
        "fields, at, by_id) VALUES (%s, %s, 'seal', 'edition', '1', '', now(), %s)"
    )
    own = ["93", filled.marseille.pk, adviser["user"]]
    with scope(**adviser), connections["default"].cursor() as cursor:
        cursor.execute(trace, own)
        assert cursor.rowcount == 1
        slip_in(regions="11", structures=filled.paris.pk)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(trace, ["11", filled.paris.pk, adviser["user"]])
