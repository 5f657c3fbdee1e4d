"""Nobody gives herself a role, and a role that reads names is two persons' word."""

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client

from regions import actions, queries, tasks
from regions.middleware import reach_of, scope_of
from regions.models import AuditEvent, Membership, User
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, ScopeError, scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TEAM, ACCOUNTS = "/equipe/", "/habilitations/"


@pytest.fixture
def newcomer(world) -> User:
    user = User(email="claude.nouveau@exemple.fr")
    user.save()
    return user


def opened(world, user: User, role: str, like: str | None, by: str = "platform_administrator"):
    """Open a membership at the place of another one, as an administrator does."""
    place = world[like] if like else None
    with scope_of(world[by], read_only=False):
        return actions.open_membership(
            by=world[by].user,
            user=user,
            name="Claude Nouveau",
            role=role,
            region=place and place.region,
            site=place and place.site,
            starts_on=periods.days_after(periods.today(), -1),
        )


def page_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def is_open(user: User) -> bool:
    return page_of(user).get("/").status_code == 200


@pytest.fixture
def second_administrator(world, newcomer) -> Membership:
    """Made by who holds the machine, as the first ones are."""
    user = User.objects.create(email="autre.administration@exemple.fr")
    with scope(regions=[NATION]):
        return Membership.objects.create(
            user=user,
            name="Dominique Autre",
            role="platform_administrator",
            starts_on=periods.days_after(periods.today(), -1),
        )


def test_nobody_gives_herself_a_role(world):
    administrator = world["platform_administrator"].user
    with pytest.raises(ActionRefused, match="Personne ne s’habilite soi-même"):
        opened(world, administrator, "adviser", "adviser marseille")
    page = page_of(administrator)
    site = world["adviser marseille"].site
    form = {
        "email": administrator.email, "name": "Moi", "role": "adviser", "region": "93",
        "search": site.structure.siret, "site": str(site.public_id),
        "starts_on": periods.today().isoformat(),
    }  # fmt: skip
    answer = page.post("/habilitations/nouvelle/", form)
    assert "soi-même" in answer.content.decode()
    with scope(regions=[NATION]):
        assert Membership.objects.filter(user=administrator).count() == 1


def test_a_role_that_reads_names_waits_for_the_direction_who_is_told(world, newcomer):
    sent = len(mail.outbox)
    membership = opened(world, newcomer, "adviser", "adviser marseille")
    assert not is_open(newcomer)
    with pytest.raises(ScopeError):
        reach_of(membership)
    tasks.send_letters()
    (letter,) = mail.outbox[sent:]
    direction = world["structure_manager marseille"].user
    assert letter.to == [direction.email]
    assert "/equipe/" in letter.body
    page = page_of(direction)
    assert "habilitation à confirmer" in page.get("/").content.decode()
    assert "Claude Nouveau" in page.get(TEAM).content.decode()
    answer = page.post(f"{TEAM}{membership.public_id}/confirmation/", follow=True)
    assert "est confirmé" in answer.content.decode()
    assert is_open(newcomer)
    with scope(regions=["93"]):
        trace = AuditEvent.objects.get(action="confirm_membership")
    assert trace.by_id == direction.pk


def test_nobody_else_confirms_it(world, newcomer, second_administrator):
    membership = opened(world, newcomer, "adviser", "adviser marseille")
    path = f"{membership.public_id}/confirmation/"
    assert page_of(world["structure_manager paris"].user).post(TEAM + path).status_code == 404
    for other in (world["platform_administrator"], second_administrator):
        with pytest.raises(ActionRefused), scope_of(other, read_only=False):
            actions.confirm_membership(by=other.user, membership=membership)
        assert page_of(other.user).post(ACCOUNTS + path).status_code == 404
    assert not is_open(newcomer)
    assert page_of(world["structure_manager marseille"].user).post(TEAM + path).status_code == 302
    assert is_open(newcomer)


def test_the_first_direction_is_confirmed_by_another_administrator(
    world, newcomer, second_administrator
):
    with scope(regions=[NATION]):
        Membership.objects.filter(pk=world["structure_manager marseille"].pk).update(
            ends_on=periods.today()
        )
    sent = len(mail.outbox)
    membership = opened(world, newcomer, "structure_manager", "adviser marseille")
    tasks.send_letters()
    assert [letter.to for letter in mail.outbox[sent:]] == [[second_administrator.user.email]]
    path = f"{ACCOUNTS}{membership.public_id}/confirmation/"
    assert page_of(world["platform_administrator"].user).post(path).status_code == 404
    assert not is_open(newcomer)
    assert page_of(second_administrator.user).post(path).status_code == 302
    assert is_open(newcomer)


def test_an_administrator_is_confirmed_by_another(world, newcomer, second_administrator):
    """Or an administrator would be two persons, with a mailbox more."""
    membership = opened(world, newcomer, "platform_administrator", None)
    assert not is_open(newcomer)
    path = f"{ACCOUNTS}{membership.public_id}/confirmation/"
    assert page_of(world["platform_administrator"].user).post(path).status_code == 404
    assert page_of(second_administrator.user).post(path).status_code == 302
    assert is_open(newcomer)


def test_what_is_not_confirmed_is_nobody_for_the_others(world, newcomer):
    direction = world["structure_manager marseille"]
    membership = opened(world, newcomer, "adviser", "adviser marseille")
    with scope_of(direction, read_only=True):
        assert membership not in queries.team(direction, periods.today())
        assert list(queries.to_confirm(direction, periods.today())) == [membership]
    with scope_of(direction, read_only=False):
        actions.confirm_membership(by=direction.user, membership=membership)
        assert membership in queries.team(direction, periods.today())


def refused(constraint: str, statement: str, *values) -> None:
    with (
        pytest.raises(IntegrityError) as raised,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    assert raised.value.__cause__.diag.constraint_name == constraint


def test_postgresql_holds_it(world, newcomer, second_administrator):
    administrator = world["platform_administrator"]
    held = opened(world, newcomer, "adviser", "adviser marseille")
    update = "UPDATE regions_membership SET unconfirmed_since = NULL, confirmed_by_id = %s"
    with scope_of(administrator, read_only=False):
        where = " WHERE id = %s"
        refused("membership_confirmed", update + where, administrator.user_id, held.pk)
        refused("membership_confirmed", update + where, second_administrator.user_id, held.pk)
        refused(
            "membership_of_one_person",
            "UPDATE regions_membership SET user_id = %s WHERE id = %s",
            administrator.user_id,
            world["adviser marseille"].pk,
        )
        copied = (
            "INSERT INTO regions_membership (public_id, user_id, name, role, region_id, "
            "structure_id, site_id, starts_on) SELECT gen_random_uuid(), %s, name, role, region_id,"
            " structure_id, site_id, starts_on FROM regions_membership WHERE id = %s"
        )
        refused("membership_to_confirm", copied, administrator.user_id, held.pk)
    with scope(regions=[NATION]):
        refused(
            "membership_not_to_oneself",
            "UPDATE regions_membership SET granted_by_id = user_id WHERE id = %s",
            held.pk,
        )
        refused("membership_confirmed_by_another", update + " WHERE id = %s", newcomer.pk, held.pk)
    direction = world["structure_manager marseille"]
    with scope_of(direction, read_only=False), connection.cursor() as cursor:
        cursor.execute(update + " WHERE id = %s", [direction.user_id, held.pk])
        assert cursor.rowcount == 1
