"""Accounts and memberships: what an administrator does, refuses to do, and leaves as a trace."""

import pytest

from regions import actions
from regions.models import AuditEvent, Membership, User
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, scope

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NATIONAL = ["11", "93", NATION]
NEW = "claude.nouveau@exemple.fr"


@pytest.fixture
def browser(world, logged_in):
    return logged_in(world["platform_administrator"])


@pytest.fixture
def nation(world):
    with scope(regions=NATIONAL):
        yield


def traces() -> list[tuple]:
    with scope(regions=NATIONAL):
        return list(
            AuditEvent.objects.order_by("id").values_list("action", "territory", "object_type")
        )


def membership_data(world, **changed) -> dict:
    site = world["adviser aix"].site
    return {
        "email": world["adviser marseille"].user.email,
        "name": "Claude Nouveau",
        "role": "adviser",
        "region": "93",
        "search": "pays d'aix",
        "site": str(site.public_id),
        "starts_on": "2016-01-01",
        "ends_on": "",
    } | changed


def test_create_an_account_then_open_its_membership(world, browser, mailoutbox):
    answer = browser.post("/comptes/nouveau/", {"email": NEW.upper()})
    assert answer["Location"] == f"/habilitations/nouvelle/?email={NEW}"
    page = browser.get(answer["Location"]).content.decode()
    assert f"Le compte {NEW} est créé et son invitation est partie." in page
    assert f'value="{NEW}"' in page
    data = membership_data(world, email=NEW)
    assert browser.post("/habilitations/nouvelle/", data)["Location"] == "/habilitations/"
    page = browser.get("/habilitations/", {"q": "claude nouveau"}).content.decode()
    assert "1 habilitation" in " ".join(page.split())
    assert "(mot de passe à choisir)" in page
    with scope(regions=NATIONAL):
        made = Membership.objects.get(user__email=NEW)
    assert (made.role, made.region_id, made.structure_id) == ("adviser", "93", world.aix.pk)
    assert [letter.to for letter in mailoutbox] == [[NEW]]
    assert traces() == [
        ("create_account", "FR", "regions.user"),
        ("send_invitation", "FR", "regions.user"),
        ("open_membership", "93", "regions.membership"),
    ]


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("pas une adresse", "adresse"),
        ("adviser.marseille@exemple.fr", "Un compte existe déjà pour cette adresse."),
    ],
)
def test_a_refused_account_keeps_what_was_typed(world, browser, mailoutbox, email, sentence):
    answer = browser.post("/comptes/nouveau/", {"email": email})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert email in page
    assert (traces(), mailoutbox) == ([], [])


def test_searching_a_structure_keeps_the_form_and_writes_nothing(world, browser):
    data = membership_data(world, site="", look="1")
    page = browser.post("/habilitations/nouvelle/", data).content.decode()
    assert "Mission locale du pays d&#x27;Aix" in page
    assert "Mission locale de Marseille" not in page.split("<main")[1]
    assert 'value="Claude Nouveau"' in page
    assert traces() == []


def test_a_siret_finds_its_structure(world, browser):
    data = membership_data(world, site="", search=world.marseille.siret[:9], look="1")
    page = browser.post("/habilitations/nouvelle/", data).content.decode().split("<main")[1]
    assert "Mission locale de Marseille" in page
    assert "pays d&#x27;Aix" not in page.split('name="site"')[1].split("</select>")[0]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"email": "inconnu@exemple.fr"}, "Aucun compte n’a cette adresse."),
        ({"site": ""}, "Cherchez la structure, puis choisissez le lieu d’accueil."),
        ({"region": ""}, "Choisissez la Région de ce rôle."),
        ({"region": "72"}, "Sélectionnez un choix valide"),
        ({"region": "11"}, "Sélectionnez un choix valide"),
        ({"role": "emperor"}, "Sélectionnez un choix valide"),
        ({"role": ""}, "obligatoire"),
        ({"role": "api_client"}, "Sélectionnez un choix valide"),
        ({"role": "network_head"}, "Choisissez le réseau dont cette personne est la tête."),
        ({"role": "network_head", "network": "XX"}, "Sélectionnez un choix valide"),
        ({"ends_on": "2015-12-31"}, "La fin d’une habilitation suit son début."),
        ({"starts_on": "hier"}, "Saisissez une date valide."),
        ({"site": "11111111-2222-3333-4444-555555555555"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_refused_membership_keeps_what_was_typed(world, browser, changed, sentence):
    data = membership_data(world, **changed)
    answer = browser.post("/habilitations/nouvelle/", data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert 'value="Claude Nouveau"' in page
    assert traces() == []
    assert browser.post("/habilitations/nouvelle/", membership_data(world)).status_code == 302


def test_a_national_role_takes_no_place(world, browser):
    assert (
        browser.post("/habilitations/nouvelle/", membership_data(world, role="auditor")).status_code
        == 302
    )
    with scope(regions=NATIONAL):
        made = Membership.objects.get(name="Claude Nouveau")
    assert (made.region_id, made.structure_id, made.site_id) == (None, None, None)


@pytest.mark.parametrize(
    ("changed", "place", "shown"),
    [
        ({"role": "network_head", "network": "ML"}, (None, None, "ML"), "Missions locales, France"),
        (
            {"role": "network_head", "network": "ML", "site": "", "region": "11"},
            ("11", None, "ML"),
            "Missions locales, Île-de-France",
        ),
        ({"role": "elected_referent"}, ("93", None, None), "Provence-Alpes-Côte d&#x27;Azur"),
        ({"role": "carif_oref", "network": "ML"}, ("93", None, None), "Carif-Oref"),
    ],
)
def test_each_role_keeps_its_own_place_alone(world, browser, changed, place, shown):
    region = "" if changed == {"role": "network_head", "network": "ML"} else "93"
    data = membership_data(world, region=region, **({"site": ""} if not region else {})) | changed
    assert browser.post("/habilitations/nouvelle/", data).status_code == 302
    with scope(regions=NATIONAL):
        made = Membership.objects.get(name="Claude Nouveau")
    assert (made.region_id, made.structure_id, made.network_id) == place
    page = browser.get("/habilitations/", {"q": "claude nouveau"}).content.decode()
    assert shown in page.split("<tbody>")[1]


def test_memberships_are_filtered_by_role_and_network(world, browser):
    def rows(**query) -> int:
        return shown(browser.get("/habilitations/", query).content.decode())

    assert rows(network="ML") == rows(role="network_head") == 1
    assert rows(network="FT") == 0
    assert rows(q="missions locales") == 1
    assert rows(role="elected_referent") == 1
    assert rows() > 20


def test_the_same_membership_twice_is_refused(world, browser):
    assert browser.post("/habilitations/nouvelle/", membership_data(world)).status_code == 302
    again = browser.post("/habilitations/nouvelle/", membership_data(world))
    assert "Cette personne a déjà cette habilitation" in again.content.decode()
    with scope(regions=NATIONAL):
        assert Membership.objects.filter(name="Claude Nouveau").count() == 1
    assert len(traces()) == 1


def test_ending_a_membership_leaves_a_trace(world, browser):
    aix = world["adviser aix"]
    assert browser.post(f"/habilitations/{aix.public_id}/fin/").status_code == 302
    with scope(regions=NATIONAL):
        assert Membership.objects.get(pk=aix.pk).ends_on == periods.today()
    assert traces() == [("end_membership", "93", "regions.membership")]
    page = browser.post(f"/habilitations/{aix.public_id}/fin/", follow=True).content.decode()
    assert "Cette habilitation est finie depuis le" in page
    assert len(traces()) == 1


def test_the_last_administrator_stays(world, nation):
    administrator = world["platform_administrator"]
    with pytest.raises(ActionRefused, match="dernière habilitation d’administration"):
        actions.end_membership(by=administrator.user, membership=administrator)
    other = actions.open_membership(
        by=administrator.user,
        user=world["auditor"].user,
        name="Relève",
        role=Membership.Role.PLATFORM_ADMINISTRATOR,
        region=None,
        site=None,
        starts_on=periods.days_after(periods.today(), -1),
    )
    with pytest.raises(ActionRefused, match="dernière"):  # the other waits to be confirmed
        actions.end_membership(by=administrator.user, membership=administrator)
    Membership.objects.filter(pk=other.pk).update(unconfirmed_since=None)
    actions.end_membership(by=administrator.user, membership=administrator)
    with pytest.raises(ActionRefused, match="dernière"):
        actions.end_membership(by=administrator.user, membership=other)


def test_closing_and_reopening_an_account(world, browser):
    email = world["adviser aix"].user.email
    page = browser.post("/comptes/etat/", {"email": email}, follow=True).content.decode()
    assert f"Le compte {email} est fermé." in page
    assert not User.objects.get(email=email).is_active
    browser.post("/comptes/etat/", {"email": email})
    assert User.objects.get(email=email).is_active
    assert [action for action, *_ in traces()] == ["close_account", "reopen_account"]
    own = world["platform_administrator"].user.email
    page = browser.post("/comptes/etat/", {"email": own}, follow=True).content.decode()
    assert "Vous ne pouvez pas fermer votre propre compte." in page


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_with_many_rows(
    world, browser, rows, nation, django_assert_num_queries
):
    user = world["adviser aix"].user
    for rank in range(rows):
        Membership.objects.create(
            user=user, name=f"Personne {rank}", role="auditor", starts_on=periods.today()
        )
    browser.get("/habilitations/")
    with django_assert_num_queries(21):  # five of which open and close a scope
        assert browser.get("/habilitations/", {"q": "personne"}).status_code == 200


# ── The auditor's page ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def traced(world, nation):
    by = world["platform_administrator"].user
    for rank in range(60):
        actions.record(
            by=by,
            territory=("93", "11", NATION)[rank % 3],
            action=("seal_edition", "log_session")[rank % 2],
            obj=by,
            fields="state",
        )


def shown(page: str) -> int:
    return page.split("<tbody>")[1].count("<tr>") if "<tbody>" in page else 0


def test_traces_are_filtered_sorted_and_cut_in_pages(world, logged_in, traced):
    browser = logged_in(world["auditor"])

    def rows(**query) -> int:
        return shown(browser.get("/traces/", query).content.decode())

    assert (rows(), rows(page="2"), rows(page="99")) == (50, 10, 10)
    assert rows(action="seal_edition") == 30
    assert rows(territory="93") == 20
    assert rows(action="log_session", territory="FR") == 10
    for sort in ("at", "-at", "by", "action", "territory", "password", "--at"):
        assert rows(sort=sort) == 50
    first = browser.get("/traces/", {"sort": "territory"}).content.decode().split("<tbody>")[1]
    assert ">Île-de-France</td>" in " ".join(first.split())
    assert "Aucune trace" in browser.get("/traces/", {"territory": "24"}).content.decode()


def test_the_auditor_changes_nothing(world, logged_in, traced):
    browser = logged_in(world["auditor"])
    assert browser.post("/comptes/nouveau/", {"email": NEW}).status_code == 403
    with scope(regions=NATIONAL):
        assert AuditEvent.objects.count() == 60
