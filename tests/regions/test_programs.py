"""Programs and their tokens: given by an administrator, shown once, cut at once."""

import re
from datetime import date

import pytest

from regions import actions, queries
from regions.models import AuditEvent, Membership, User
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, scope
from tests import factories
from tests.tokens import tokens

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NATIONAL = ["11", "93", NATION]
CONTACT = "si.coordination@exemple.fr"


def in_days(days: int) -> date:
    """Of the day when a test runs, not of the hour when it was read."""
    return periods.days_after(periods.today(), days)


@pytest.fixture
def browser(world, logged_in):
    return logged_in(world["platform_administrator"])


def authorise(browser, **changed):
    data = {"name": "SI de la Région", "email": CONTACT, "region": "93"} | changed
    return browser.post("/logiciels/nouveau/", data)


def issue(browser, program: Membership, **changed):
    data = {"label": "tableaux du site", "expires_on": in_days(30)} | changed
    return browser.post(f"/logiciels/{program.public_id}/jeton/", data)


def secret_in(page: str) -> str:
    return re.search(r'id="secret"\s+type="text"\s+value="([^"]+)"', page)[1]


def test_a_program_has_an_account_that_cannot_log_in(world, browser, mailoutbox):
    answer = authorise(browser)
    with scope(regions=NATIONAL):
        made = Membership.objects.select_related("user").get(user__email=CONTACT)
    assert answer["Location"] == f"/logiciels/{made.public_id}/jeton/"
    assert (made.role, made.region_id, made.structure_id) == ("api_client", "93", None)
    assert not made.user.has_usable_password()
    assert mailoutbox == []
    # Not even with a password that somebody would have given it.
    made.user.set_password(factories.PASSWORD)
    made.user.save(update_fields=["password"])
    client = browser.__class__()
    client.post("/connexion/", {"username": CONTACT, "password": factories.PASSWORD})
    assert client.get("/")["Location"] == "/connexion/"


def test_the_same_contact_may_answer_for_two_regions(world, browser):
    assert authorise(browser).status_code == authorise(browser, region="11").status_code == 302
    assert User.objects.filter(email=CONTACT).count() == 1
    again = authorise(browser)
    assert "Cette personne a déjà cette habilitation" in again.content.decode()


def test_the_address_of_a_person_is_no_program_s(world, browser, mailoutbox):
    person = factories.user("quelqu.un@exemple.fr", factories.PASSWORD)
    try:
        page = authorise(browser, email=world["adviser aix"].user.email).content.decode()
        assert "jamais aux deux" in page
    finally:
        User.objects.using("owner").filter(pk=person.pk).delete()
    assert authorise(browser).status_code == 302
    with scope(regions=NATIONAL), pytest.raises(ActionRefused, match="jamais aux deux"):
        actions.open_membership(
            by=world["platform_administrator"].user,
            user=User.objects.get(email=CONTACT),
            name="Quelqu’un",
            role=Membership.Role.AUDITOR,
            region=None,
            site=None,
            starts_on=in_days(0),
        )
    page = browser.post("/comptes/invitation/", {"email": CONTACT}, follow=True)
    assert "celui d’un logiciel" in page.content.decode()
    assert mailoutbox == []


def test_a_secret_is_shown_once_and_only_its_digest_is_kept(world, browser):
    program = world["api_client 93"]
    answer = issue(browser, program)
    secret = secret_in(answer.content.decode())
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert len(secret) == 43
    (token,) = tokens()
    assert token.digest == queries.token_digest(secret)
    assert secret not in str(vars(token))
    page = browser.get("/logiciels/").content.decode()
    assert "tableaux du site" in page
    assert secret not in page
    assert queries.token_in_force(secret) == token


@pytest.mark.parametrize(
    ("label", "lasts", "sentence"),
    [
        ("", 30, "obligatoire"),
        ("tableaux du site", 0, "La fin d’un jeton est un jour à venir"),
        ("tableaux du site", 401, "dans 400 jours au plus"),
    ],
)
def test_a_refused_token_keeps_what_was_typed(world, browser, label, lasts, sentence):
    program = world["api_client 93"]
    answer = issue(browser, program, label=label, expires_on=in_days(lasts))
    page = answer.content.decode()
    assert (answer.status_code, sentence in page) == (200, True)
    assert tokens() == []
    assert ("tableaux du site" in page) is bool(label)


def test_a_revoked_token_opens_nothing_and_leaves_a_trace(world, browser):
    secret = secret_in(issue(browser, world["api_client 93"]).content.decode())
    token = queries.token_in_force(secret)
    path = f"/logiciels/jetons/{token.public_id}/fin/"
    page = browser.post(path, follow=True).content.decode()
    assert "n’ouvre plus rien" in page
    assert "révoqué" in page.split("<tbody>")[1]
    assert queries.token_in_force(secret) is None
    first = tokens()[0].revoked_at
    assert first
    browser.post(path)
    assert tokens()[0].revoked_at == first
    with scope(regions=NATIONAL):
        assert list(AuditEvent.objects.order_by("id").values_list("action", "territory")) == [
            ("issue_token", "93"),
            ("revoke_token", "93"),
        ]


def test_a_person_is_given_no_token(world, browser):
    assert issue(browser, world["adviser aix"]).status_code == 404
    with scope(regions=NATIONAL), pytest.raises(ActionRefused, match="jamais à une personne"):
        actions.issue_token(
            by=world["platform_administrator"].user,
            membership=world["adviser aix"],
            label="x",
            expires_on=in_days(1),
        )


def test_the_page_says_what_each_token_is(world, browser, monkeypatch):
    assert "ouvre rien encore" in browser.get("/logiciels/").content.decode()
    program = world["api_client 93"]
    issue(browser, program, label="expiré hier")
    next_month, day_after = in_days(30), in_days(31)
    monkeypatch.setattr(periods, "today", lambda: next_month)
    issue(browser, program, label="bon", expires_on=day_after)
    row = browser.get("/logiciels/").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    words = " ".join(re.sub("<[^>]+>", " ", row).split())
    assert re.findall(r"(bon|expiré hier) (en cours|expiré)", words) == [
        ("bon", "en cours"),
        ("expiré hier", "expiré"),
    ]
    assert words.count("Révoquer ce jeton") == 1
    assert words.count("jamais") == 2


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_with_many_tokens(world, browser, rows, django_assert_num_queries):
    for rank in range(rows):
        issue(browser, world["api_client 93"], label=f"jeton {rank}")
    browser.get("/logiciels/")
    with django_assert_num_queries(13):
        assert browser.get("/logiciels/").status_code == 200
