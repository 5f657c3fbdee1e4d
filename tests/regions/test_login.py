"""Login by e-mail, switch of membership, and rights that end at the next request."""

from datetime import date

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client

from regions.actions import end_membership
from regions.login import row_of
from regions.middleware import ENDED, IDLE, NONE_IN_FORCE
from regions.models import AccessEvent, Membership, User
from sprocep import periods
from sprocep.tenancy import NATION, scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LOGIN = "/connexion/"
NATIONAL = ["11", "93", NATION]


def in_days(days: int) -> date:
    """Of the day when a test runs, not of the hour when it was read."""
    return periods.days_after(periods.today(), days)


@pytest.fixture
def person(world) -> User:
    """An account made by the app itself, so that the test's end undoes it."""
    user = User(email="dominique@exemple.fr")
    user.set_password(factories.PASSWORD)
    user.save()
    return user


def hold(user: User, like: Membership, **values) -> Membership:
    """The same place as this member's, since last month."""
    with scope(regions=NATIONAL):
        return Membership.objects.create(
            **{
                "user": user,
                "name": "Dominique Petit",
                "role": like.role,
                "region_id": like.region_id,
                "structure_id": like.structure_id,
                "site_id": like.site_id,
                "starts_on": in_days(-30),
            }
            | values
        )


def log_in(email: str, password: str = factories.PASSWORD) -> tuple[Client, object]:
    client = Client()
    return client, client.post(LOGIN, {"username": email, "password": password})


def cut_with(client: Client, path: str = "/") -> str:
    """The words shown to whom the next page sends to the login."""
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    page = client.get(LOGIN)
    assert "_auth_user_id" not in client.session
    return page.content.decode()


def test_login_takes_the_address_in_any_case_and_opens_the_home(world, person):
    hold(person, world["adviser marseille"])
    client, answer = log_in("  Dominique@Exemple.FR ")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    page = client.get("/")
    assert page.status_code == 200
    assert "Mission locale de Marseille" in page.content.decode()


def test_login_gives_a_new_key(world, person):
    hold(person, world["adviser marseille"])
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["before"] = "kept by an attacker"
    session.save()
    client.cookies["login"] = former = session.session_key
    client.post(LOGIN, {"username": person.email, "password": factories.PASSWORD})
    assert client.session.session_key != former


def test_an_unknown_address_and_a_wrong_password_have_one_answer(world, person):
    hold(person, world["adviser marseille"])

    def told(email: str, password: str) -> str:
        client, answer = log_in(email, password)
        assert (answer.status_code, "_auth_user_id" in client.session) == (200, False)
        return answer.content.decode().replace(email, "")

    def without_token(page: str) -> list[str]:
        return [line for line in page.splitlines() if "csrf" not in line.lower()]

    unknown, wrong = told("personne@exemple.fr", "x"), told(person.email, "x")
    assert without_token(unknown) == without_token(wrong)
    assert "Adresse ou mot de passe inconnu" in unknown
    assert log_in(person.email)[1].status_code == 302


def test_a_page_asked_before_login_is_found_after(world, person):
    hold(person, world["platform_administrator"])
    client = Client()
    assert client.get("/habilitations/")["Location"] == f"{LOGIN}?next=/habilitations/"
    answer = client.post(
        f"{LOGIN}?next=/habilitations/",
        {"username": person.email, "password": factories.PASSWORD, "next": "/habilitations/"},
    )
    assert answer["Location"] == "/habilitations/"


def test_login_leads_nowhere_else(world, person):
    hold(person, world["adviser marseille"])
    answer = Client().post(
        LOGIN,
        {"username": person.email, "password": factories.PASSWORD, "next": "https://ailleurs.fr/"},
    )
    assert answer["Location"] == "/"


def test_no_membership_opens_nothing(person):
    client, answer = log_in(person.email)
    assert answer.status_code == 302
    assert NONE_IN_FORCE.split(".")[0] in cut_with(client)


def test_a_membership_to_come_opens_nothing(world, person):
    hold(person, world["adviser marseille"], starts_on=in_days(1))
    client, _ = log_in(person.email)
    assert "habilitation n’est en cours" in cut_with(client)


def test_the_last_day_is_the_day_before_the_end(world, person):
    """Half-open: who ends today is out today, who ends tomorrow is in."""
    held = hold(person, world["adviser marseille"], ends_on=in_days(1))
    client, _ = log_in(person.email)
    assert client.get("/").status_code == 200
    with scope(regions=NATIONAL):
        Membership.objects.filter(pk=held.pk).update(ends_on=in_days(0))
    assert ENDED.split(":")[0] in cut_with(client)


def test_ended_membership_is_cut_at_the_next_request(world, person):
    held = hold(person, world["adviser marseille"])
    client, _ = log_in(person.email)
    assert client.get("/").status_code == 200
    with scope(regions=NATIONAL):
        end_membership(by=world["platform_administrator"].user, membership=held)
    assert ENDED.split(":")[0] in cut_with(client)


def test_a_poll_of_an_ended_membership_is_sent_to_the_login(world, person):
    held = hold(person, world["adviser marseille"])
    client, _ = log_in(person.email)
    client.get("/")
    with scope(regions=NATIONAL):
        end_membership(by=world["platform_administrator"].user, membership=held)
    answer = client.get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, LOGIN)


def test_a_closed_account_is_cut_at_the_next_request(world, person):
    hold(person, world["adviser marseille"])
    client, _ = log_in(person.email)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/")["Location"] == f"{LOGIN}?next=/"
    assert log_in(person.email)[1].status_code == 200


def test_another_membership_is_not_taken_up_in_silence(world, person):
    """The active one ended: the person is told, and does not go on in another Region unaware."""
    held = hold(person, world["adviser marseille"])
    hold(person, world["adviser paris"])
    client, _ = log_in(person.email)
    assert "Mission locale de Marseille" in client.get("/").content.decode()
    with scope(regions=NATIONAL):
        end_membership(by=world["platform_administrator"].user, membership=held)
    assert ENDED.split(":")[0] in cut_with(client)
    client, _ = log_in(person.email)
    assert "Mission locale de Paris" in client.get("/").content.decode()


def test_switching_takes_up_one_of_my_own(world, person):
    hold(person, world["adviser marseille"])
    paris = hold(person, world["adviser paris"])
    client, _ = log_in(person.email)
    assert "Mission locale de Marseille" in client.get("/").content.decode()
    assert client.post("/habilitation/", {"membership": paris.public_id}).status_code == 302
    page = client.get("/").content.decode()
    assert 'who__place">Mission locale de Paris' in page
    stranger = world["adviser aix"].public_id
    assert client.post("/habilitation/", {"membership": stranger}).status_code == 404
    assert 'who__place">Mission locale de Paris' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("key", "idle", "is_cut"),
    [
        ("adviser marseille", 29 * 60, False),
        ("adviser marseille", 31 * 60, True),
        ("level1_receptionist aix", 31 * 60, True),
        ("regional_coordinator 93", 31 * 60, False),
        ("dgefp_officer", 31 * 60, False),
    ],
)
def test_half_an_hour_without_activity_cuts_who_reads_names(world, logged_in, key, idle, is_cut):
    client = logged_in(world[key])
    assert client.get("/").status_code == 200
    session = client.session
    session["seen"] -= idle
    session.save()
    if is_cut:
        assert IDLE.split(".")[0] in cut_with(client)
    else:
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(("hours", "status"), [(11, 200), (13, 302)])
def test_twelve_hours_are_the_most(world, logged_in, hours, status):
    client = logged_in(world["dgefp_officer"])
    client.get("/")
    session = client.session
    session["began"] -= hours * 3600
    session.save()
    assert client.get("/").status_code == status


@pytest.mark.parametrize("key", ["adviser marseille", "auditor"])
def test_logging_out(world, logged_in, key):
    """The auditor writes nothing, and logs out all the same."""
    client = logged_in(world[key])
    assert client.get("/").status_code == 200
    assert client.get("/deconnexion/").status_code == 405
    assert client.post("/deconnexion/")["Location"] == LOGIN
    assert client.get("/")["Location"] == f"{LOGIN}?next=/"


def test_a_page_of_names_is_not_kept_and_leaves_a_trace(world, logged_in):
    answer = logged_in(world["adviser marseille"]).get("/")
    assert answer["Cache-Control"] == "no-store"
    with scope(regions=[NATION]):
        assert AccessEvent.objects.count() == 0
    assert logged_in(world["auditor"]).get("/traces/").status_code == 200
    with scope(regions=[NATION]):
        assert list(AccessEvent.objects.values_list("page", "by")) == [
            ("audit", world["auditor"].user_id)
        ]


def test_every_answer_carries_the_content_policy(world, logged_in):
    client = logged_in(world["adviser marseille"])
    for answer in (client.get("/"), client.get("/nulle-part/"), Client().get(LOGIN)):
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(("rows", "queries"), [(1, 12), (12, 12)])
def test_a_request_costs_the_same_with_many_memberships(
    world, person, rows, queries, django_assert_num_queries
):
    for _ in range(rows):
        hold(person, world["adviser marseille"])
    client, _ = log_in(person.email)
    client.get("/")
    # Four of these give the test's own transaction its settings back.
    with django_assert_num_queries(queries):
        client.get("/")


# ── What is stored of logins and passwords serves nobody who reads it ────────────────────────


def stored(key: str = "") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_data FROM django_session WHERE session_key = %s"
            if key
            else "SELECT session_key FROM django_session WHERE %s = ''",
            [key],
        )
        return [text for (text,) in cursor.fetchall()]


def test_a_stored_login_is_nobody_s_cookie(world, logged_in):
    client, stranger = logged_in(world["adviser marseille"]), Client()
    key = client.session.session_key
    assert client.get("/").status_code == 200
    assert stored(row_of(key))
    assert key not in stored()
    for row in stored():
        stranger.cookies["login"] = row
        assert stranger.get("/").status_code == 302
    stranger.cookies["login"] = key
    assert stranger.get("/").status_code == 200


def test_what_a_login_holds_opens_nothing_in_the_row_of_another(world, logged_in):
    adviser, coordinator = (
        logged_in(world[name]) for name in ("adviser marseille", "regional_coordinator 93")
    )
    own, other = (row_of(client.session.session_key) for client in (coordinator, adviser))
    copy = "UPDATE django_session SET session_data = %s WHERE session_key = %s"
    assert "Mission locale de Marseille" in adviser.get("/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute(copy, [stored(other)[0], own])
        assert cursor.rowcount == 1
    assert coordinator.get("/").status_code == 302
    assert adviser.get("/").status_code == 200


def test_a_hash_opens_its_own_account_under_the_key_of_the_site_alone(world, person, settings):
    hold(person, world["adviser marseille"])
    other = User(email="camille@exemple.fr")
    other.set_password("une autre phrase de passe")
    other.save()
    User.objects.filter(pk=other.pk).update(password=person.password)
    other.refresh_from_db()
    assert person.check_password(factories.PASSWORD)
    assert not other.check_password(factories.PASSWORD)
    assert not hashers.check_password(factories.PASSWORD, person.password)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key of the site, as long as one"
    assert not person.check_password(factories.PASSWORD)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert person.check_password(factories.PASSWORD)
    settings.SECRET_KEY_FALLBACKS = []
    person.refresh_from_db()
    assert person.check_password(factories.PASSWORD)
