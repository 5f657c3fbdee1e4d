"""« Logiciels »: the direction of a structure lets a program exchange its fiches, and cuts it."""

import re

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client

from regions import actions as people
from regions.middleware import scope_of
from regions.models import AuditEvent, Membership
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused
from tests import factories
from tests.tokens import tokens

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE, NEW = "/equipe/logiciels/", "/equipe/logiciels/nouveau/"
FICHES = "/api/v1/fiches/"


@pytest.fixture
def direction(world, logged_in):
    return logged_in(world["structure_manager marseille"])


def authorise(browser, world, name="Suivi ML", place="marseille") -> str:
    """The address where its token is asked for."""
    site = world[f"adviser {place}"].site.public_id
    answer = browser.post(NEW, {"name": name, "site": str(site)})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def issue(browser, address: str) -> str:
    day = periods.days_after(periods.today(), 30)
    answer = browser.post(address, {"label": "import de nuit", "expires_on": day})
    assert answer["Cache-Control"] == "no-store"
    return re.search(r'id="secret"\s+type="text"\s+value="([^"]+)"', answer.content.decode())[1]


def asked_with(secret: str) -> int:
    return Client(headers={"Authorization": f"Bearer {secret}"}).get(FICHES).status_code


def test_a_direction_authorises_shows_once_and_cuts(world, direction):
    assert "Logiciels" in direction.get("/equipe/").content.decode()
    secret = issue(direction, authorise(direction, world))
    assert asked_with(secret) == 200
    page = direction.get(PAGE).content.decode()
    assert "import de nuit" in page
    assert secret not in page
    (token,) = tokens()
    assert f"/equipe/logiciels/jetons/{token.public_id}/fin/" in page
    answer = direction.post(f"/equipe/logiciels/jetons/{token.public_id}/fin/", follow=True)
    assert "ouvre plus rien" in answer.content.decode()
    assert asked_with(secret) == 401
    with tenancy.scope(regions=["93"], read_only=True):
        traced = AuditEvent.objects.filter(structure=world.marseille).order_by("pk")
        assert list(traced.values_list("action", flat=True)) == [
            "authorise_software", "issue_token", "revoke_token",
        ]  # fmt: skip


def test_it_is_no_member_of_the_team_and_has_no_login(world, direction):
    authorise(direction, world, name="Suivi ML")
    assert "Suivi ML" in direction.get(PAGE).content.decode()
    assert "Suivi ML" not in direction.get("/equipe/").content.decode()
    with scope_of(world["structure_manager marseille"], read_only=True):
        made = Membership.objects.select_related("user").get(name="Suivi ML")
    assert (made.role, made.structure_id) == ("structure_program", world.marseille.pk)
    made.user.set_password(factories.PASSWORD)
    made.user.save(update_fields=["password"])
    browser = Client()
    browser.post("/connexion/", {"username": made.user.email, "password": factories.PASSWORD})
    assert browser.get(FICHES).status_code == 401
    assert browser.get("/")["Location"].startswith("/connexion/")


def test_a_direction_sees_and_cuts_its_own_alone(world, direction, logged_in):
    address = authorise(direction, world)
    issue(direction, address)
    (token,) = tokens()
    neighbour = logged_in(world["structure_manager aix"])
    assert "Suivi ML" not in neighbour.get(PAGE).content.decode()
    assert neighbour.get(address).status_code == 404
    cut = f"/equipe/logiciels/jetons/{token.public_id}/fin/"
    assert neighbour.post(cut).status_code == 404
    assert tokens()[0].revoked_at is None
    assert direction.post(cut).status_code == 302
    assert tokens()[0].revoked_at


def test_a_direction_takes_a_software_away(world, direction, logged_in):
    """Its tokens open nothing from now on; authorised today, it goes tomorrow."""
    address = authorise(direction, world)
    secret = issue(direction, address)
    end = address.replace("/jeton/", "/fin/")
    assert logged_in(world["structure_manager aix"]).post(end).status_code == 404
    assert logged_in(world["adviser marseille"]).post(end).status_code == 403
    assert asked_with(secret) == 200
    answer = direction.post(end, follow=True).content.decode()
    assert "ouvre plus rien" in answer
    tomorrow = periods.full_date(periods.days_after(periods.today(), 1))
    assert f"retiré le {tomorrow}" in answer
    assert asked_with(secret) == 401
    assert direction.get(address).status_code == 404
    assert "déjà retiré" in direction.post(end, follow=True).content.decode()
    older = world["structure_program marseille"]
    direction.post(f"/equipe/logiciels/{older.public_id}/fin/", follow=True)
    assert older.name not in direction.get(PAGE).content.decode()
    with tenancy.scope(regions=["93"], read_only=True):
        traced = AuditEvent.objects.filter(action="end_software").values_list("fields", flat=True)
        assert list(traced) == ["ends_on", "ends_on"]


def test_postgresql_lets_a_direction_end_a_program_once_and_nothing_else(world):
    """In raw SQL: neither a person nor another column, neither again nor by an adviser."""
    program, tomorrow = world["structure_program marseille"], periods.days_after(periods.today(), 1)

    def update(by: str, of: Membership = program, **values) -> None:
        with transaction.atomic():
            with scope_of(world[by], read_only=False):
                assert Membership.objects.filter(pk=of.pk).update(**values) == 1
            transaction.set_rollback(True)

    manager = "structure_manager marseille"
    update(manager, ends_on=tomorrow)
    for by, values in (
        ("adviser marseille", {"ends_on": tomorrow}),
        (manager, {"name": "x"}),
        (manager, {"starts_on": periods.today()}),
        (manager, {"ends_on": None}),
    ):
        with pytest.raises(IntegrityError, match="ends its programs, once"):
            update(by, **values)
    with pytest.raises(IntegrityError, match="the limit of others alone"):
        update(manager, of=world["adviser marseille"], ends_on=tomorrow)
    with scope_of(world[manager], read_only=False):
        Membership.objects.filter(pk=program.pk).update(ends_on=tomorrow)
    with pytest.raises(IntegrityError, match="ends its programs, once"):
        update(manager, ends_on=periods.days_after(tomorrow, 9))


def test_a_place_of_another_structure_is_refused_and_what_was_typed_stays(world, direction):
    typed = {"name": "Suivi ML", "site": str(world["adviser aix"].site.public_id)}
    page = direction.post(NEW, typed).content.decode()
    assert "pas de votre structure" in page
    assert 'value="Suivi ML"' in page
    assert authorise(direction, world)


INSERT = """
INSERT INTO regions_membership
  (public_id, user_id, name, role, region_id, structure_id, site_id, starts_on)
SELECT gen_random_uuid(), user_id, 'x', %s, region_id, structure_id, site_id, starts_on
FROM regions_membership WHERE id = %s
"""


def test_postgresql_lets_a_direction_alone_open_one_for_its_own_structure(world):
    """In raw SQL: another role, another structure, another person are refused."""

    def insert(by: str, of: str, role="structure_program") -> None:
        with transaction.atomic():
            with scope_of(world[by], read_only=False), connection.cursor() as cursor:
                cursor.execute(INSERT, [role, world[of].pk])
                assert cursor.rowcount == 1
            transaction.set_rollback(True)

    insert("structure_manager marseille", "structure_manager marseille")
    with pytest.raises(IntegrityError, match="the direction of a structure"):
        insert("adviser marseille", "adviser marseille")
    with pytest.raises(ProgrammingError, match="row-level security"):
        insert("structure_manager marseille", "structure_manager marseille", "adviser")
    foreign = world["structure_manager aix"]
    with (
        pytest.raises(IntegrityError, match="the direction of a structure"),
        transaction.atomic(),
        scope_of(world["structure_manager marseille"], read_only=False),
    ):
        Membership.objects.create(
            user_id=foreign.user_id, name="x", role="structure_program", region_id="93",
            structure_id=foreign.structure_id, site_id=foreign.site_id,
            starts_on=periods.today(),
        )  # fmt: skip
    adviser = world["adviser marseille"]
    with (
        scope_of(adviser, read_only=False),
        pytest.raises(ActionRefused, match="Seule la direction"),
    ):
        people.authorise_software(by=adviser.user, direction=adviser, name="x", site=adviser.site)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_with_many_tokens(
    world, direction, rows, django_assert_num_queries
):
    address = authorise(direction, world)
    for _ in range(rows):
        issue(direction, address)
    direction.get(PAGE)
    with django_assert_num_queries(12):
        assert direction.get(PAGE).status_code == 200
