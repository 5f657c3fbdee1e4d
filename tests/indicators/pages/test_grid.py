"""The national grid: what it shows, to whom, and acts on one edition or on a whole period."""

import re

import pytest

from indicators import queries
from indicators.models import CalendarEntry, Compilation, EditionEvent, ExpectedReturn, Work
from indicators.worklist import nation
from sprocep import periods
from tests.factories import deadlines
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT, DRAFTS

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
GRID = "/nation/"
OFFICER, AUDITOR, COORDINATOR = "dgefp_officer", "auditor", "regional_coordinator 93"


def days_after(period) -> dict:
    ends = period.ends
    return deadlines(ends, periods.days_after(ends, 30), periods.days_after(ends, 45))


def states(period) -> dict[str, str]:
    with nation(read_only=True):
        return dict(queries.editions(period.code).values_list("territory", "state"))


def said(response) -> str:
    """The messages of the page that a post leads to."""
    return " ".join(str(message) for message in response.context["messages"])


# ── What it shows ────────────────────────────────────────────────────────────────────────────


def test_grid_holds_the_regions_of_each_date(browse):
    tables = browse(OFFICER).get(GRID).context["tables"]
    assert [(t.caption, len(t.rows)) for t in tables] == [
        ("France et 18 Régions", 19),
        ("France et 27 Régions", 28),
    ]
    assert [[c.period.code for c in t.columns] for t in tables] == [
        [DRAFT.code, AFTER.code],
        [BEFORE.code],
    ]
    names = [name for name, _ in tables[0].rows]
    assert names[0] == "France"
    assert names.index("Hauts-de-France") < names.index("Île-de-France") < names.index("Mayotte")


@pytest.mark.parametrize("role", [COORDINATOR, "adviser marseille", "platform_administrator"])
def test_grid_is_for_the_nation(browse, role):
    assert browse(role).get(GRID).status_code == 403


def test_the_auditor_reads_the_same_grid_and_presses_nothing(browse):
    officer, auditor = browse(OFFICER).get(GRID), browse(AUDITOR).get(GRID)
    links = re.compile(r'href="(/tableaux-de-bord/[^"]+)"')
    assert links.findall(officer.content.decode()) == links.findall(auditor.content.decode())
    assert b"/nation/compiler/" in officer.content
    assert b"/nation/compiler/" not in auditor.content
    for word in (b"relecture/", b"valider/", b"sceller/"):
        assert word not in auditor.content
    assert b"transmettre" not in auditor.content


def test_deadline_is_said_late_in_words_until_all_is_transmitted(browse):
    with nation():
        for period in (BEFORE, AFTER):
            CalendarEntry.objects.create(
                period=period.code,
                starts_on=period.starts,
                **days_after(period),
            )
        coming = periods.quarter_of(periods.today()).after
        CalendarEntry.objects.create(
            period=coming.code,
            starts_on=coming.starts,
            **days_after(coming),
        )
    response = browse(OFFICER).get(GRID)
    columns = {c.period.code: c for t in response.context["tables"] for c in t.columns}
    assert (columns[AFTER.code].is_late, columns[BEFORE.code].is_late) == (True, False)
    page = " ".join(response.content.decode().split())
    assert "en retard depuis le 16 mai 2016" in page
    assert "échéance 15 février 2016" in page
    assert [entry.period for _, entry in response.context["upcoming"]] == [coming.code]
    assert coming.code not in columns


def test_grid_queries_are_the_same_with_few_and_many_compilations(
    browse, django_assert_num_queries
):
    browser = browse(OFFICER)
    with nation():
        Compilation.objects.create(period=BEFORE.code)
    browser.get(GRID)
    with django_assert_num_queries(QUERIES):
        browser.get(GRID)
    with nation():
        for period in (BEFORE, AFTER, DRAFT):
            launched = Compilation.objects.create(period=period.code)
            Work.objects.bulk_create(
                Work(
                    compilation=launched,
                    step=Work.Step.COMPUTE,
                    period=period.code,
                    starts_on=period.starts,
                    territory=code,
                    regions=[code],
                )
                for code in ("11", "93", "94")
            )
    with django_assert_num_queries(QUERIES):
        response = browser.get(GRID)
    assert [run.progress.total for run in response.context["running"]] == [3, 3, 3]


QUERIES = 22


def test_a_running_campaign_says_how_far_each_step_is(browse):
    browser = browse(OFFICER)

    def campaign():
        (column,) = [c for c in browser.get(GRID).context["campaigns"] if c.period == DRAFT]
        return column.campaign

    with nation(read_only=True):
        owed = ExpectedReturn.objects.filter(period=DRAFT.code)
        counts = (owed.count(), owed.filter(received_at__isnull=False).count())
    assert (campaign().expected, campaign().received) == counts
    assert (campaign().regions, campaign().commented, campaign().validated) == (2, 0, 0)
    browser.post(f"{GRID}{DRAFT}/relecture/")
    own = browse(COORDINATOR)
    for text in ("Une remarque.", "Une autre."):
        own.post(f"/tableaux-de-bord/{DRAFT}/93/commenter/", {"text": text})
    assert campaign().commented == 1
    for word in ("valider", "sceller"):
        browser.post(f"{GRID}{DRAFT}/{word}/")
    assert (campaign().validated, campaign().sealed, campaign().transmitted) == (2, 2, 0)
    # All of it sent, the campaign is over.
    browser.post(f"{GRID}{DRAFT}/transmettre/")
    shown = browser.get(GRID).context["campaigns"]
    assert DRAFT not in [column.period for column in shown]
    assert BEFORE not in [column.period for column in shown]


# ── A whole period ───────────────────────────────────────────────────────────────────────────


WAY = [
    ("relecture", "seront en relecture", "sont en relecture", "under_review"),
    ("valider", "seront validées", "sont validées", "validated"),
    ("sceller", "seront scellées", "sont scellées", "sealed"),
    ("transmettre", "seront transmises", "sont transmises", "transmitted"),
]


def test_who_validates_reads_what_is_missing_and_what_regions_say(browse):
    officer = browse(OFFICER)
    officer.post(f"{GRID}{DRAFT}/relecture/")
    browse(COORDINATOR).post(
        f"/tableaux-de-bord/{DRAFT}/93/commenter/", {"text": "Deux sites manquent."}
    )
    page = officer.get(f"{GRID}{DRAFT}/valider/")
    with nation(read_only=True):
        owed = ExpectedReturn.objects.filter(period=DRAFT.code, received_at__isnull=True).count()
    assert page.context["unconfirmed"] == owed > 0
    [(territory, name, comment)] = page.context["comments"]
    assert (territory, name, comment.text) == (
        "93",
        "Provence-Alpes-Côte d'Azur",
        "Deux sites manquent.",
    )
    assert "Deux sites manquent." in page.content.decode()
    # Of no use to who seals: nothing changes any more.
    assert officer.get(f"{GRID}{DRAFT}/sceller/").context["comments"] == []


def test_a_period_takes_each_step_once(browse):
    browser = browse(OFFICER)
    for word, asked, done, state in WAY:
        address = f"{GRID}{DRAFT}/{word}/"
        assert f"3 éditions {asked}" in browser.get(address).content.decode()
        assert f"3 éditions {done}" in said(browser.post(address, follow=True))
        assert states(DRAFT) == dict.fromkeys(sorted(DRAFTS), state)
        assert "étaient déjà" in said(browser.post(address, follow=True))
        assert "Rien à faire" in browser.get(address).content.decode()
    with nation(read_only=True):
        files = Work.objects.filter(period=DRAFT.code, step=Work.Step.FILES)
        assert sorted(files.values_list("territory", flat=True)) == sorted(DRAFTS)
        kinds = EditionEvent.objects.filter(edition__period=DRAFT.code).values_list("kind", "by")
        officer = browser.session["_auth_user_id"]
        assert set(kinds) >= {("review_opened", int(officer)), ("validated", int(officer))}


def test_a_validation_is_taken_back(browse):
    browser = browse(OFFICER)
    for word in ("relecture", "valider"):
        browser.post(f"{GRID}{DRAFT}/{word}/")
    page = browser.get(GRID).content.decode()
    assert f"/nation/{DRAFT}/reprendre/" in page
    assert f"/nation/{DRAFT}/sceller/" in page
    taken = browser.post(f"{GRID}{DRAFT}/reprendre/", follow=True)
    assert "3 éditions sont en relecture" in said(taken)
    assert set(states(DRAFT).values()) == {"under_review"}
    assert f"/nation/{DRAFT}/reprendre/" not in browser.get(GRID).content.decode()


@pytest.mark.parametrize("word", ["valider", "sceller", "transmettre"])
def test_no_step_of_a_period_is_jumped_over(browse, word):
    response = browse(OFFICER).post(f"{GRID}{DRAFT}/{word}/", follow=True)
    assert "3 éditions attendent une étape d’avant" in said(response)
    assert set(states(DRAFT).values()) == {"draft"}


@pytest.mark.parametrize("act", ["sceller", "transmettre"])
def test_a_period_that_is_open_or_empty_is_refused(browse, act):
    browser = browse(OFFICER)
    now = periods.quarter_of(periods.today())
    refused = browser.post(f"{GRID}{now}/{act}/")
    assert refused.status_code == 409
    assert "n’est pas finie" in refused.content.decode()
    empty = browser.post(f"{GRID}2016-T4/{act}/")
    assert empty.status_code == 409
    assert "Compilez-la" in empty.content.decode()


# ── One edition ──────────────────────────────────────────────────────────────────────────────


def test_one_edition_takes_each_step_once(browse):
    browser, address = browse(OFFICER), f"/tableaux-de-bord/{DRAFT}/93/"
    own, other = browse(COORDINATOR), browse("regional_coordinator 11")
    assert own.get(address).status_code == 404
    for word, done, state, others in (
        ("relecture", "est en relecture", "under_review", 404),
        ("valider", "est validée", "validated", 404),
        ("sceller", "est scellée", "sealed", 200),
        ("transmettre", "est transmise", "transmitted", 200),
    ):
        assert done in said(browser.post(f"{address}{word}/", follow=True))
        assert "était déjà" in said(browser.post(f"{address}{word}/", follow=True))
        assert states(DRAFT) == {"11": "draft", "93": state, "FR": "draft"}
        # A second Region sees nothing of it before it is sealed.
        assert own.get(address).status_code == 200
        assert other.get(address).status_code == others


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("valider", "est un brouillon"),
        ("reprendre", "n’est pas validée"),
        ("sceller", "n’est pas validée"),
        ("transmettre", "n’est pas scellée"),
    ],
)
def test_no_step_of_an_edition_is_jumped_over(browse, word, why):
    address = f"/tableaux-de-bord/{DRAFT}/93/"
    assert why in said(browse(OFFICER).post(f"{address}{word}/", follow=True))
    assert states(DRAFT)["93"] == "draft"


@pytest.mark.parametrize("role", [AUDITOR, COORDINATOR, "adviser marseille"])
@pytest.mark.parametrize(
    "address",
    [
        f"/tableaux-de-bord/{DRAFT}/93/relecture/",
        f"/tableaux-de-bord/{DRAFT}/93/valider/",
        f"/tableaux-de-bord/{DRAFT}/93/reprendre/",
        f"/tableaux-de-bord/{DRAFT}/93/sceller/",
        f"/tableaux-de-bord/{AFTER}/93/transmettre/",
        f"{GRID}{DRAFT}/relecture/",
        f"{GRID}{DRAFT}/valider/",
        f"{GRID}{DRAFT}/reprendre/",
        f"{GRID}{DRAFT}/sceller/",
        f"{GRID}{AFTER}/transmettre/",
        f"{GRID}compiler/",
    ],
)
def test_nobody_but_the_dgefp_acts(browse, role, address):
    before = states(DRAFT) | states(AFTER)
    assert browse(role).post(address, {"period": DRAFT.code}).status_code == 403
    assert states(DRAFT) | states(AFTER) == before


def test_acts_are_never_done_by_reading(browse):
    browser = browse(OFFICER)
    for address in (f"/tableaux-de-bord/{DRAFT}/93/sceller/", f"{GRID}compiler/"):
        assert browser.get(address).status_code == 405
