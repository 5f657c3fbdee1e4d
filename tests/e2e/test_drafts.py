"""Nothing that an adviser types is lost or doubled: line, browser, login, tabs, two advisers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from beneficiaries.models import Draft, Session
from sprocep import periods, tenancy
from tests import factories
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner", "compiler"], transaction=True),
]
NEW = "/parcours/nouvel-entretien/"
SAID = "[data-draft-said]"
KEPT = "Brouillon gardé à"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def enter(logged_in, settings, live_server):
    """Log this person in, in the browser as it is."""

    def log_in(context: BrowserContext, membership) -> None:
        name = settings.SESSION_COOKIE_NAME
        value = logged_in(membership).cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])

    return log_in


@pytest.fixture
def browser(chromium, live_server, enter, adviser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=live_server.url, locale="fr-FR", viewport={"width": 375, "height": 900}
    )
    context.set_default_timeout(15_000)
    enter(context, adviser)
    yield context
    context.close()


@pytest.fixture
def journey(adviser, world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        return factories.journey(adviser, opened_on=periods.today())


def stored(world) -> tuple[list[str], int]:
    """Notes of the sessions, and how many drafts."""
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        notes = Session.objects.exclude(note="").order_by("pk").values_list("note", flat=True)
        return list(notes), Draft.objects.count()


def says(page: Page, words: str) -> None:
    """The page tries again every few seconds."""
    expect(page.locator(SAID)).to_contain_text(words, timeout=30_000)


def saved(page: Page) -> None:
    expect(page.locator(".fr-alert--success")).to_contain_text("enregistré", timeout=30_000)


def begun(context: BrowserContext, journey, note: str) -> Page:
    page = context.new_page()
    page.goto(f"{NEW}?journey={journey.public_id}")
    page.select_option("[name=main_service]", "S07")
    page.fill("[name=note]", note)
    return page


def test_a_lost_line_keeps_what_is_typed_and_sends_it_once(browser, journey, world, accessible):
    page = begun(browser, journey, "Avant la coupure.")
    says(page, KEPT)
    browser.set_offline(True)
    page.fill("[name=note]", "Pendant la coupure.")
    says(page, "Réseau perdu : ce que vous avez tapé reste")
    page.get_by_role("button", name="Enregistrer", exact=True).dblclick()
    says(page, "Ce sera enregistré dès que possible.")
    picture(page, "draft-offline")
    accessible(page)
    expect(page.locator("[name=note]")).to_have_value("Pendant la coupure.")
    assert stored(world) == ([], 1)
    browser.set_offline(False)
    saved(page)
    assert stored(world) == (["Pendant la coupure."], 0)


def test_a_closed_browser_loses_nothing(browser, journey, world, accessible):
    page = begun(browser, journey, "Le téléphone a sonné.")
    page.close()  # before the page had the time to keep it
    home = browser.new_page()
    expect(home.locator("h1")).to_have_count(0)
    for _ in range(20):
        home.goto("/")
        if home.get_by_text("Entretien commencé").count():
            break
    hands = Keyboard(home)
    hands.press("Escape")
    hands.open("Entretien commencé, gardé le…")
    expect(home.locator("[name=note]")).to_have_value("Le téléphone a sonné.")
    expect(home.locator("[name=main_service]")).to_have_value("S07")
    picture(home, "draft-resumed")
    accessible(home)
    hands.tab_to("Note…")
    hands.send()
    saved(home)
    assert stored(world) == (["Le téléphone a sonné."], 0)


def test_an_expired_login_keeps_what_is_typed(browser, journey, world, enter, adviser):
    page = begun(browser, journey, "Avant.")
    says(page, KEPT)
    browser.clear_cookies()
    page.fill("[name=note]", "Après l’expiration.")
    says(page, "Votre connexion a expiré")
    expect(page.get_by_text("Se reconnecter dans un nouvel onglet")).to_be_visible()
    page.press("[name=note]", "Control+Enter")
    says(page, "enregistré dès que possible")
    picture(page, "draft-expired")
    # Somebody else sits down at this desk: nothing goes out under her name.
    enter(browser, world["structure_manager marseille"])
    says(page, "Une autre personne s’est connectée")
    assert stored(world) == ([], 1)
    enter(browser, adviser)
    saved(page)
    assert stored(world) == (["Après l’expiration."], 0)


def test_two_tabs_lose_no_text_in_silence(browser, journey, world):
    first = begun(browser, journey, "Premier onglet.")
    says(first, KEPT)
    key = first.input_value("[name=key]")
    second = browser.new_page()
    second.goto(f"{NEW}?brouillon={key}")
    second.fill("[name=note]", "Second onglet.")
    says(second, KEPT)
    first.get_by_role("button", name="Enregistrer", exact=True).dblclick()
    saved(first)
    second.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(second.locator(".error-summary")).to_contain_text("déjà enregistré, sans vos derniers")
    expect(second.locator("[name=note]")).to_have_value("Second onglet.")
    assert stored(world) == (["Premier onglet."], 0)


def test_two_advisers_correct_one_session(browser, chromium, live_server, journey, world, enter):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        session = f"/entretiens/{journey.sessions.get().public_id}/"
    other = chromium.new_context(base_url=live_server.url, locale="fr-FR")
    enter(other, world["structure_manager marseille"])
    mine, hers = browser.new_page(), other.new_page()
    for page in (mine, hers):
        page.goto(session)
    mine.fill("[name=note]", "Le mien.")
    hers.fill("[name=note]", "Le sien.")
    mine.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(mine.locator(".fr-alert--success")).to_be_visible()
    hers.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(hers.locator(".error-summary")).to_contain_text("a été modifié pendant que vous")
    expect(hers.locator("body")).to_contain_text("Le mien.")
    expect(hers.locator("[name=note]")).to_have_value("Le sien.")
    assert stored(world) == (["Le mien."], 0)
    other.close()
