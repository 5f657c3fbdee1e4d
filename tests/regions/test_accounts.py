"""Invitations and forgotten passwords: a link by mail, once, for a while, and nothing told."""

import re
from datetime import timedelta

import pytest
from celery.signals import after_task_publish
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from regions import actions, links, tasks
from regions.models import AuditEvent, Membership, User
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NATIONAL = ["11", "93", NATION]
NEW = "claude.nouveau@exemple.fr"
PASSWORD = "trois chevaux bruns"
OVER = "Ce lien n’ouvre plus rien"


@pytest.fixture
def invited(world) -> User:
    """An account of a coordinator who was sent an invitation and has not opened it."""
    by = world["platform_administrator"].user
    with scope(regions=NATIONAL):
        user = actions.create_account(by=by, email=NEW)
        Membership.objects.create(
            user=user,
            name="Claude Nouveau",
            role="regional_coordinator",
            region_id="93",
            starts_on=periods.days_after(periods.today(), -1),
        )
        return actions.send_invitation(by=by, user=user)


@pytest.fixture
def person(invited) -> User:
    """The same, once she has chosen a password."""
    with scope(regions=NATIONAL):
        return actions.choose_password(by=invited, password=factories.PASSWORD)


def link_of(letter) -> str:
    """The path of the one link of a letter."""
    (address,) = re.findall(r"https?://\S+", letter.body)
    return address.removeprefix(settings.SITE_URL)


def choose(path: str, password: str = PASSWORD, again: str | None = None, client=None):
    data = {"password": password, "again": password if again is None else again}
    return (client or Client()).post(path, data)


def log_in(email: str, password: str) -> tuple[Client, int]:
    client = Client()
    return client, client.post("/connexion/", {"username": email, "password": password}).status_code


def age(monkeypatch, **later) -> None:
    """As if that time had passed since the link was signed."""
    moment = timezone.now() + timedelta(**later)
    monkeypatch.setattr("django.core.signing.time.time", moment.timestamp)


# ── Invitation ───────────────────────────────────────────────────────────────────────────────


def test_the_letter_holds_a_link_and_nobodys_name(invited):
    (letter,) = mail.outbox
    assert letter.to == [NEW]
    assert letter.content_subtype == "plain"
    assert NEW in letter.body
    assert "Claude" not in letter.body
    assert "sept jours" in letter.body
    assert max(map(len, letter.body.splitlines())) < 998


def test_an_invitation_opens_once_and_gives_a_password(invited):
    path = link_of(mail.outbox[0])
    assert log_in(NEW, PASSWORD)[1] == 200
    page = Client().get(path)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert NEW in page.content.decode()
    assert choose(path)["Location"] == "/connexion/"
    client, status = log_in(NEW, PASSWORD)
    assert status == 302
    assert "coordination régionale" in client.get("/").content.decode()
    for answer in (Client().get(path), choose(path, "un autre mot de passe")):
        assert (answer.status_code, OVER in answer.content.decode()) == (410, True)
    assert log_in(NEW, PASSWORD)[1] == 302


def test_opening_the_link_uses_nothing_up(invited):
    path = link_of(mail.outbox[0])
    for _ in range(3):
        assert Client().get(path).status_code == 200
    assert choose(path).status_code == 302


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("court", "court", "Ce mot de passe est trop court"),
        ("administrator", "administrator", "trop courant"),
        (PASSWORD, "trois chevaux gris", "Les deux saisies diffèrent."),
        ("", "", "obligatoire"),
    ],
)
def test_a_refused_password_leaves_the_link_open(invited, password, again, sentence):
    path = link_of(mail.outbox[0])
    answer = choose(path, password, again)
    assert (answer.status_code, sentence in answer.content.decode()) == (200, True)
    assert choose(path).status_code == 302


@pytest.mark.parametrize(("days", "status"), [(6, 200), (8, 410)])
def test_an_invitation_lasts_seven_days(invited, monkeypatch, days, status):
    path = link_of(mail.outbox[0])
    age(monkeypatch, days=days)
    answer = Client().get(path)
    assert answer.status_code == status
    assert ("Recevoir un autre lien" in answer.content.decode()) is (status == 410)


def test_a_link_that_is_no_link_of_ours_opens_nothing(invited, person):
    path = link_of(mail.outbox[0])
    assert Client().get(path[:-2] + "x/").status_code == 410
    # That of one purpose is none of the other's.
    token = links.token(links.RESET, person)
    assert Client().get(f"/mot-de-passe/{token}/").status_code == 200
    assert Client().get(f"/invitation/{token}/").status_code == 410


def test_a_closed_account_has_no_link(invited):
    path = link_of(mail.outbox[0])
    assert Client().get(path).status_code == 200
    User.objects.filter(pk=invited.pk).update(is_active=False)
    assert Client().get(path).status_code == 410


def test_who_is_logged_in_leaves_first(world, logged_in, invited):
    path, browser = link_of(mail.outbox[0]), logged_in(world["auditor"])
    assert choose(path, client=browser)["Location"] == "/"
    assert "déconnectez-vous avant" in browser.get("/").content.decode()
    browser.post("/deconnexion/")
    assert choose(path, client=browser)["Location"] == "/connexion/"


def test_two_who_choose_at_once_are_one(invited):
    with scope(regions=NATIONAL):
        actions.choose_password(by=invited, password=PASSWORD)
        with pytest.raises(ActionRefused, match="Ce lien a déjà servi"):
            actions.choose_password(by=invited, password="un autre mot de passe")
    assert User.objects.get(pk=invited.pk).check_password(PASSWORD)


def test_an_invitation_is_sent_again_until_it_is_used(world, logged_in, invited):
    browser = logged_in(world["platform_administrator"])
    sent = len(mail.outbox)
    answer = browser.post("/comptes/invitation/", {"email": NEW}, follow=True)
    assert f"Une invitation est partie à {NEW}." in answer.content.decode()
    assert "Renvoyer l’invitation" in browser.get("/habilitations/", {"q": NEW}).content.decode()
    assert len(mail.outbox) == sent + 1
    choose(link_of(mail.outbox[-1]))
    assert Client().get(link_of(mail.outbox[0])).status_code == 410
    answer = browser.post("/comptes/invitation/", {"email": NEW}, follow=True)
    assert "déjà choisi son mot de passe" in answer.content.decode()
    assert len(mail.outbox) == sent + 1
    listed = browser.get("/habilitations/", {"q": NEW}).content.decode()
    assert "Renvoyer l’invitation" not in listed


def test_when_no_letter_leaves_the_account_is_kept_and_the_page_says_so(world, logged_in, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    settings.EMAIL_USE_TLS = False
    browser = logged_in(world["platform_administrator"])
    page = browser.post("/comptes/nouveau/", {"email": NEW}, follow=True).content.decode()
    assert "Le courriel n’est pas parti" in page
    assert "son invitation est partie" not in page
    assert User.objects.filter(email=NEW).count() == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = browser.post("/comptes/invitation/", {"email": NEW}, follow=True).content.decode()
    assert f"Une invitation est partie à {NEW}." in page
    with scope(regions=NATIONAL):
        assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
            "create_account",
            "send_invitation",
        ]


# ── Forgotten password ───────────────────────────────────────────────────────────────────────


def asked(email: str):
    return Client().post("/mot-de-passe/oublie/", {"email": email})


def test_an_unknown_address_and_a_known_one_have_one_answer(
    person, django_assert_num_queries, world
):
    """Same page, same queries, one ring of the worker each: the same work, hence the same time."""

    def told(email: str) -> tuple[int, list[str]]:
        with django_assert_num_queries(3):
            answer = asked(email)
        page = answer.content.decode().replace(email, "")
        return answer.status_code, [
            line for line in page.splitlines() if "csrf" not in line.lower()
        ]

    assert told(NEW) == told("personne@exemple.fr") == told(world["auditor"].user.email)
    assert told(NEW)[0] == 200


def test_what_the_worker_is_told_names_nobody(person):
    """A number, or 0 for an address that nobody has; not where the site is."""
    told = []

    def hear(body, **_) -> None:
        told.append(body[0])

    after_task_publish.connect(hear, sender="regions.tasks.send_reset_link")
    try:
        asked(NEW)
        asked("personne@exemple.fr")
    finally:
        after_task_publish.disconnect(hear, sender="regions.tasks.send_reset_link")
    assert told == [(person.pk,), (0,)]


def test_no_header_of_a_request_says_where_the_site_is(world, invited, logged_in, settings):
    """Neither the host nor the port that a browser names shapes a link."""
    settings.SITE_URL = "https://sprocep.exemple"
    administrator = logged_in(world["platform_administrator"])
    sent = len(mail.outbox)
    for host in ("127.0.0.1:81", "localhost"):
        administrator.post("/comptes/invitation/", {"email": invited.email}, HTTP_HOST=host)
    links_sent = [re.search(r"https?://[^/]+", letter.body)[0] for letter in mail.outbox[sent:]]
    assert links_sent == ["https://sprocep.exemple"] * 2


def test_no_page_asks_a_request_where_the_site_is():
    folders = ("sprocep", "regions", "operators", "beneficiaries", "indicators", "templates")
    sources = [path for name in folders for path in (settings.BASE_DIR / name).rglob("*.*")]
    asking = [
        path.name
        for path in sources
        if path.suffix in (".py", ".html", ".txt")
        and re.search(r"get_host|build_absolute_uri|HTTP_HOST", path.read_text())
    ]
    assert asking == []
    assert "on_site(" in (settings.BASE_DIR / "regions" / "actions" / "accounts.py").read_text()


def test_a_new_password_cuts_what_was_open_elsewhere(person):
    elsewhere, status = log_in(NEW, factories.PASSWORD)
    assert (status, elsewhere.get("/").status_code) == (302, 200)
    tasks.send_reset_link(person.pk)
    path = link_of(mail.outbox[-1])
    assert "une heure" in mail.outbox[-1].body
    assert elsewhere.get("/").status_code == 200
    assert choose(path)["Location"] == "/connexion/"
    assert elsewhere.get("/")["Location"] == "/connexion/?next=/"
    assert log_in(NEW, factories.PASSWORD)[1] == 200
    assert log_in(NEW, PASSWORD)[1] == 302
    assert Client().get(path).status_code == 410


def test_who_forgot_after_five_tries_may_log_in_at_once(person):
    for _ in range(5):
        status = log_in(NEW, "oublié")[1]
    assert status == 429
    choose(f"/mot-de-passe/{links.token(links.RESET, person)}/")
    assert log_in(NEW, PASSWORD)[1] == 302


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 410)])
def test_the_link_lasts_one_hour(person, monkeypatch, minutes, status):
    path = f"/mot-de-passe/{links.token(links.RESET, person)}/"
    age(monkeypatch, minutes=minutes)
    assert Client().get(path).status_code == status


def test_logging_in_closes_the_link(person):
    path = f"/mot-de-passe/{links.token(links.RESET, person)}/"
    assert Client().get(path).status_code == 200
    assert log_in(NEW, factories.PASSWORD)[1] == 302
    assert Client().get(path).status_code == 410


def test_the_same_message_ten_times_sends_one_letter(person):
    sent = len(mail.outbox)
    for _ in range(10):
        tasks.send_reset_link(person.pk)
    assert len(mail.outbox) == sent + 1
    tasks.send_reset_link(0)  # an address that nobody has
    assert len(mail.outbox) == sent + 1


def test_five_minutes_later_another_letter_leaves(person, monkeypatch):
    tasks.send_reset_link(person.pk)
    sent, moment = len(mail.outbox), timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr("regions.queries.people.timezone.now", lambda: moment)
    tasks.send_reset_link(person.pk)
    assert len(mail.outbox) == sent + 1


def test_no_link_for_a_closed_account_nor_for_a_program(world, person):
    sent = len(mail.outbox)
    tasks.send_reset_link(world["api_client 93"].user_id)
    User.objects.filter(pk=person.pk).update(is_active=False)
    tasks.send_reset_link(person.pk)
    assert len(mail.outbox) == sent
    User.objects.filter(pk=person.pk).update(is_active=True)
    tasks.send_reset_link(person.pk)
    assert len(mail.outbox) == sent + 1


def test_a_letter_that_could_not_leave_may_be_tried_again(person, settings):
    """Nothing is noted of it: the worker's next try finds the way free."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    settings.EMAIL_USE_TLS = False
    with pytest.raises(OSError, match="refused"):
        tasks.send_reset_link(person.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sent = len(mail.outbox)
    tasks.send_reset_link(person.pk)
    assert len(mail.outbox) == sent + 1


def test_without_settings_letters_are_files_under_var(settings):
    """Django's own test set-up replaces the backend: what the site has is read from the source."""
    from sprocep import settings as ours

    assert ours.EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend"
    assert ours.EMAIL_FILE_PATH == settings.VAR_DIR / "mail"
