"""« Accueil anonyme » and the counts of the day."""

import re
import uuid
from datetime import timedelta
from itertools import pairwise

import pytest

from beneficiaries.contact_codes import groups_of, is_contact_code_of, read_code
from beneficiaries.models import ContactTally
from regions.models import AuditEvent
from sprocep import periods, tenancy
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
URL = "/accueil-anonyme/"


@pytest.fixture
def desk(world):
    return world["level1_receptionist marseille"]


@pytest.fixture
def browser(logged_in, desk):
    return logged_in(desk)


@pytest.fixture
def file(world):
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        yield


def answers(page, **changes) -> dict:
    """What a person sends who touched only the three questions."""
    form = page.context["form"]
    kept = {name: form[name].value() for name in ("key", "channel", "site", "held_on", "age_band")}
    return kept | {"commune": "", "theme": "T02", "audience": "P04", "result": "R03"} | changes


def test_three_answers_are_enough(browser, desk, file):
    page = browser.post(URL, answers(browser.get(URL))).content.decode()
    assert "Accueil enregistré" in page
    assert "Prêt pour le suivant" in page
    tally = ContactTally.objects.get()
    assert (tally.site, tally.days) == (desk.site, {str(periods.today()): 1})
    assert (tally.channel, tally.age_band, tally.commune) == ({"PRE": 1}, {"NR": 1}, {})


def test_contact_is_found_back_field_by_field(browser, file):
    data = answers(browser.get(URL), age_band="A2", channel="TEL", commune="13055")
    browser.post(URL, data)
    page = browser.get("/accueils/").content.decode()
    for text in (
        "Formations",
        "Demandeur d",
        "26 à 34 ans",
        "Orientation vers une structure",
        "Téléphone",
        "Accueil de Marseille",
        "1 accueil",
    ):
        assert text in page
    assert '<th scope="row">Marseille</th>' in page


@pytest.mark.parametrize(("channel", "words"), [("CHA", "Chat"), ("MEL", "Courriel")])
def test_chat_and_mail_are_channels_of_the_same_form(browser, desk, file, channel, words):
    """Remote, the place is that of who answers."""
    page = browser.get(URL)
    assert f'<option value="{channel}">{words}</option>' in page.content.decode()
    browser.post(URL, answers(page, channel=channel))
    tally = ContactTally.objects.get()
    assert (tally.channel, tally.site) == ({channel: 1}, desk.site)
    assert words in browser.get("/accueils/").content.decode()


def code_on(response) -> str:
    """What is read of the page, group by group."""
    return read_code(" ".join(re.findall(r"<span>([0-9A-Z]{4})</span>", response.content.decode())))


def test_code_is_on_the_page_that_answers(browser, desk, file):
    codes = [code_on(browser.post(URL, answers(browser.get(URL)))) for _ in range(2)]
    assert codes[0] != codes[1]
    for code in codes:
        assert is_contact_code_of(code, desk.structure_id, "93")
        assert not is_contact_code_of(code, desk.structure_id, "11")


def test_a_contact_leaves_no_trace_and_no_line(browser, file, caplog):
    """Neither that somebody came at an instant, nor who received her; a refused page has a line."""
    page = browser.get(URL)
    before = AuditEvent.objects.using("owner").count()
    with caplog.at_level("INFO"):
        assert browser.post(URL, answers(page)).status_code == 201
        assert ContactTally.objects.get().total == 1
        assert AuditEvent.objects.using("owner").count() == before
        assert "request" not in [record.message for record in caplog.records]
        assert browser.get("/parcours/").status_code == 403
        assert "request" in [record.message for record in caplog.records]


def hidden(form: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_a_need_of_level_2_is_one_action_away(browser, file):
    """The fiche begins with where she lives and why she comes, and nothing of it says the contact:
    neither its day, its place, its key nor its code."""
    page = browser.post(URL, answers(browser.get(URL), commune="13055", theme="T02"))
    text = page.content.decode()
    form = re.search(r'<form method="post" action="/fiches/nouvelle/">.*?</form>', text, re.S)[0]
    assert "Besoin de niveau 2" in form
    taken_up = hidden(form)
    assert set(taken_up) == {"csrfmiddlewaretoken", "commune", "main_reason"}
    fiche = browser.post("/fiches/nouvelle/", taken_up | {"chercher": "1"})
    asked = fiche.context["form"]
    assert fiche.status_code == 200
    assert not asked.is_bound
    assert (asked["commune"].value(), asked["main_reason"].value()) == ("Marseille (13)", "M07")
    assert (asked["level"].value(), asked.department) == ("N2", "13")
    assert "Mission locale du pays d&#x27;Aix" in fiche.content.decode()
    again = browser.post(URL, answers(browser.get(URL), theme="T01")).content.decode()
    assert hidden(again.partition('action="/fiches/nouvelle/"')[2])["main_reason"] == ""


def test_code_is_kept_nowhere_else(browser, file, caplog):
    response = browser.post(URL, answers(browser.get(URL)))
    code = code_on(response)
    assert response["Cache-Control"] == "no-store"
    for kept in (caplog.text, str(response.headers), str(browser.cookies), str(browser.session)):
        assert read_nothing_of(code, kept)
    for address in (URL, "/accueils/", "/"):
        assert read_nothing_of(code, browser.get(address).content.decode())
    assert not read_nothing_of(code, response.content.decode())  # the scan sees


def read_nothing_of(code: str, text: str) -> bool:
    """Not even two groups of it, however they are spaced."""
    bare = re.sub(r"<[^>]+>|[^0-9A-Za-z<>]", "", text).upper()
    groups = groups_of(code)
    return not any(one + two in bare for one, two in pairwise(groups))


def test_double_submit_stores_one_contact(browser, file):
    data = answers(browser.get(URL))
    assert code_on(browser.post(URL, data))
    again = browser.post(URL, data)
    assert ContactTally.objects.get().total == 1
    page = again.content.decode()
    assert "Cet accueil était déjà enregistré" in page
    assert "n’est gardé nulle part" in page
    assert "slip" not in page
    # The next one is asked for by the same page.
    assert code_on(browser.post(URL, answers(again)))
    assert ContactTally.objects.get().total == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"theme": ""}, "theme"),
        ({"theme": "T77"}, "theme"),
        ({"audience": "P77"}, "audience"),
        ({"result": ""}, "result"),
        ({"held_on": "2014-12-31"}, "held_on"),
        ({"held_on": "2999-01-01"}, "held_on"),
        ({"commune": "13001x"}, "commune"),
        ({"commune": "75056"}, "commune"),
        ({"site": str(uuid.uuid4())}, "site"),
    ],
)
def test_wrong_answer_is_refused_and_the_rest_kept(browser, file, changes, field):
    data = answers(browser.get(URL), **changes)
    response = browser.post(URL, data)
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert form.data.dict() == {name: str(value) for name, value in data.items()}
    assert not ContactTally.objects.exists()
    assert browser.post(URL, answers(browser.get(URL))).status_code == 201


def test_contact_of_a_place_that_was_in_another_region_then_says_why(logged_in, annex):
    """The desk of Bordeaux types a contact of 2015: its Region was another, and is inherited."""
    browser = logged_in(annex.bordeaux)
    browser.post(URL, answers(browser.get(URL), held_on="2015-12-31"))
    page = browser.get("/accueils/", {"date": "2015-12-31"})
    assert page.context["contacts"].of_day == 1
    with tenancy.scope(regions=["72", "75"], structures=[annex.bordeaux.structure_id]):
        tally = ContactTally.objects.get()
    assert (tally.region_id, str(tally.month)) == ("72", "2015-12-01")


def test_another_day_is_read_by_its_date(browser, desk, file):
    yesterday = periods.today() - timedelta(days=1)
    factories.contact(desk, held_on=yesterday)
    assert "Aucun accueil ce jour-là" in browser.get("/accueils/").content.decode()
    page = browser.get("/accueils/", {"date": str(yesterday)})
    counted = page.context["contacts"]
    assert (counted.of_day, counted.sites) == (1, [(desk.site.name, 1)])
    assert dict(counted.answers)["Thème"] == [("Métiers", 1)]


def test_desk_reads_no_file(browser):
    for address in ("/parcours/", "/parcours/nouvel-entretien/"):
        assert browser.get(address).status_code == 403
    assert browser.get(URL).status_code == 200


def test_contacts_of_another_structure_are_not_shown(browser, world):
    with tenancy.scope(regions=["93"], structures=[world.aix.pk]):
        factories.contact(world["adviser aix"])
        assert ContactTally.objects.get().total == 1
    counted = browser.get("/accueils/").context["contacts"]
    assert (counted.of_day, counted.of_month, counted.answers) == (0, 0, [])
