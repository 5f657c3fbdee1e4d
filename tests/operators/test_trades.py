"""Trades that recruit: how a file is read, who keeps lists, and what an adviser sees of them."""

from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from operators import queries
from operators.models import RecruitingTrade, TradeList
from operators.trades import file as files
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from sprocep.rendering.tables import TableError
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
# What the owner wrote is read by the app.
COMMITTED = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
PAGE, NEW = "/metiers-qui-recrutent/", "/metiers-qui-recrutent/nouvelle-liste/"
FIRST, REFUSED = f"{PAGE}premiers/", f"{PAGE}lignes-refusees.csv"
HEAD = "departement;code;metier;projets;difficile\n"
GOOD = f"""{HEAD}13;M1805;Développement;1 420;63,5
04;;Vente de lavande;;
13;T2A60;Aide à domicile;20;
"""
PLACES = {"13": "Bouches-du-Rhône", "04": "Alpes-de-Haute-Provence"}


def sent(text: str | bytes, **values) -> dict:
    content = text if isinstance(text, bytes) else text.encode()
    first = {"source": "Enquête BMO", "year": "2016", "file": SimpleUploadedFile("m.csv", content)}
    return first | values


def read_by(member, department: str = "13") -> list[str]:
    with scope_of(member, read_only=True):
        found = queries.trades_of(queries.latest_of(queries.trade_lists(member.region_id)))
        return list(
            found.filter(department=department).order_by("-asked").values_list("label", flat=True)
        )


# ── The file ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("cp1252"),
        GOOD.replace("63,5", "63.5").replace(";", ",").encode(),
        GOOD.replace(";", "\t").replace("\n", "\r\n").encode(),
        GOOD.replace("metier", "Métier").replace("departement", "Département").encode(),
        GOOD.replace("04;;", "4;;").encode(),  # as a spreadsheet takes it for a number
    ],
)
def test_a_file_is_read_as_a_spreadsheet_writes_it(content):
    lines = files.read(files.text_of(content), PLACES)
    assert [line.refusal for line in lines] == ["", "", ""]
    assert lines[0].trade == {
        "department_id": "13",
        "code": "M1805",
        "label": "Développement",
        "projects": 1420,
        "difficult": Decimal("63.5"),
    }
    rest = [tuple(line.trade.values()) for line in lines[1:]]
    assert rest == [
        ("04", "", "Vente de lavande", None, None),
        ("13", "T2A60", "Aide à domicile", 20, None),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("75;M1805;Développement;;", "« 75 » n’est pas un département de votre Région"),
        ("13;Z9;Développement;;", "n’est pas un code du ROME"),
        ("13;M1805;;3;", "Écrivez le nom du métier"),
        (f"13;;{'x' * 121};;", "plus de 120 signes"),
        ("13;;Développement;douze;", "n’est pas un nombre de projets"),
        ("13;;Développement;-3;", "n’est pas un nombre de projets"),
        ("13;;Développement;;101", "n’est pas une part"),
        ("13;;aide À domicile;;", "déjà ligne 2"),
    ],
)
def test_each_refusal_says_what_to_do_beside_its_row(row, reason):
    lines = files.read(f"{HEAD}13;;Aide à domicile;;\n{row}\n", PLACES)
    assert lines[0].refusal == ""
    assert reason in lines[1].refusal
    back = files.refused_csv(lines).decode("utf-8-sig").splitlines()
    assert back[0] == "departement;code;metier;projets;difficile;refus"
    assert back[1] == "13;;Aide à domicile;;;"
    assert reason in back[2]


def test_what_goes_back_is_sent_again_as_it_is():
    """With its column of reasons, and the marks that keep a spreadsheet from running a cell."""
    lines = files.read(f"{HEAD}13;;=1+1;;\n", PLACES)
    again = files.read(files.text_of(files.refused_csv(lines)), PLACES)
    assert [line.trade for line in again] == [line.trade for line in lines]
    assert again[0].trade["label"] == "=1+1"
    template = files.read(files.text_of(files.template_csv()), PLACES)
    assert [line.refusal for line in template] == ["", ""]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Il manque une colonne"),
        ("departement;metier\n13;Vente\n", "code, projets, difficile"),
        (HEAD, "aucune ligne"),
        (HEAD + "13;;x;;\n" * (files.MOST_ROWS + 1), "Ne gardez que les premiers"),
        (HEAD + "x" * 200_000, "abîmé"),
    ],
)
def test_a_file_that_is_none_of_ours_says_why(text, reason):
    with pytest.raises(TableError, match=reason):
        files.read(text, PLACES)
    with pytest.raises(TableError, match="n’est pas un CSV"):
        files.text_of(b"PK\x03\x04\x00\x00")


# ── Who keeps lists ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("keeper", ["regional_coordinator 93", "carif_oref 93"])
def test_a_list_is_published_and_replaced_whole(logged_in, world, keeper):
    browser, adviser = logged_in(world[keeper]), world["adviser marseille"]
    assert browser.post(NEW, sent(GOOD)).status_code == 302
    assert read_by(adviser) == ["Développement", "Aide à domicile"]
    assert read_by(world["adviser paris"]) == []
    other = f"{HEAD}13;;Soudure;5;\n"
    assert browser.post(NEW, sent(other, source=" enquête  bmo ")).status_code == 302
    assert read_by(adviser) == ["Soudure"]
    with scope_of(world[keeper], read_only=True):
        former, current = TradeList.objects.order_by("pk")
        assert (former.ends_on, current.ends_on) == (periods.today(), None)
        assert former.trades.count() == 3  # dated, and there still
        actions = AuditEvent.objects.filter(object_type="operators.tradelist")
        assert [event.action for event in actions] == ["publish_trades"] * 2
    page = browser.get(f"{PAGE}?trade_list={former.public_id}").content.decode()
    assert "Vente de lavande" in page
    assert "Soudure" not in page
    browser.post(f"{PAGE}{current.public_id}/retrait/")
    assert read_by(adviser) == []


def test_another_year_of_a_source_is_read_alone(logged_in, world):
    browser, adviser = logged_in(world["regional_coordinator 93"]), world["adviser marseille"]
    browser.post(NEW, sent(GOOD))
    browser.post(NEW, sent(f"{HEAD}13;;Soudure;5;\n", year="2017"))
    browser.post(NEW, sent(f"{HEAD}13;;Vente;7;\n", source="Observatoire", year="2015"))
    assert read_by(adviser) == ["Vente", "Soudure"]
    with scope_of(adviser, read_only=True):
        assert TradeList.objects.filter(ends_on=None).count() == 3


def test_nothing_is_stored_as_long_as_a_row_is_refused(logged_in, world):
    browser, adviser = logged_in(world["carif_oref 93"]), world["adviser marseille"]
    browser.post(NEW, sent(GOOD))
    wrong = f"{HEAD}13;;Soudure;5;\n75;;Vente;7;\n"
    page = unescape(browser.post(NEW, sent(wrong)).content.decode())
    assert "1 ligne refusée sur 2" in page
    assert "« 75 » n’est pas un département de votre Région" in page
    assert 'value="Enquête BMO"' in page
    assert read_by(adviser) == ["Développement", "Aide à domicile"]
    back = browser.post(REFUSED, {"text": wrong})
    assert back["Content-Disposition"] == 'attachment; filename="metiers-lignes-refusees.csv"'
    assert "75;;Vente;7;;« 75 » n’est pas" in back.content.decode("utf-8-sig")


def test_what_is_missing_is_said_and_the_rest_kept(logged_in, world):
    browser = logged_in(world["regional_coordinator 93"])
    for wrong, said in (
        ({"source": ""}, "Source"),
        ({"year": "1999"}, "Écrivez une année de 2000"),
        ({"year": "bientôt"}, "quatre chiffres"),
        ({"file": SimpleUploadedFile("m.csv", b"PK\x00")}, "n’est pas un CSV"),
        ({"file": SimpleUploadedFile("m.csv", b"x" * 1_000_001)}, "Coupez-le"),
    ):
        page = browser.post(NEW, sent(GOOD, **wrong))
        assert page.status_code == 200
        assert said in unescape(page.content.decode())
    assert "Choisissez le fichier" in browser.post(NEW, {"source": "x"}).content.decode()
    with scope_of(world["regional_coordinator 93"], read_only=True):
        assert not TradeList.objects.exists()


def test_the_region_alone_writes_its_own_in_postgresql(world):
    coordinator = world["regional_coordinator 93"]

    def refused(member, write, error=ProgrammingError, match="row-level security"):
        with (
            pytest.raises(error, match=match),
            transaction.atomic(),
            scope_of(member, read_only=False),
        ):
            write()

    def a_list(region="93"):
        return TradeList(region_id=region, source="x", year=2016, starts_on=periods.today())

    with scope_of(coordinator, read_only=False):
        (held := a_list()).save()
    for name in ("adviser marseille", "structure_manager marseille", "network_head ML"):
        refused(world[name], a_list().save)
    refused(world["dgefp_officer"], a_list().save)
    refused(coordinator, a_list("11").save)
    refused(coordinator, a_list().save, IntegrityError, "trade_list_once")
    refused(coordinator, lambda: TradeList.objects.update(year=2015), match="permission denied")

    def trade(department, region="93"):
        return RecruitingTrade(
            region_id=region, trade_list=held, department_id=department, label="Vente"
        )

    with scope_of(coordinator, read_only=False):
        trade("13").save()
    refused(coordinator, trade("13").save, IntegrityError, "recruiting_trade_once")
    refused(coordinator, trade("75").save, IntegrityError, "another Region")
    refused(world["adviser marseille"], trade("04").save)
    refused(
        coordinator, lambda: RecruitingTrade.objects.update(label="y"), match="permission denied"
    )


# ── What an adviser sees ─────────────────────────────────────────────────────────────────────


@COMMITTED
def test_the_first_ten_of_a_departement_with_their_source(logged_in, world):
    held = factories.recruiting_trade("93", "13", label="Métier 0", projects=0).trade_list
    for rank in range(1, 12):
        factories.recruiting_trade("93", "13", held, label=f"Métier {rank}", projects=rank * 1000)
    factories.recruiting_trade("93", "13", held, label="Sans nombre", projects=None)
    factories.recruiting_trade("93", "04", held, label="Ailleurs", projects=99_000)
    browser = logged_in(world["adviser marseille"])
    for asked in ("13", "75", ""):  # where nobody of the Region lives: hers
        page = browser.get(f"{FIRST}?department={asked}", headers={"HX-Request": "true"})
        text = page.content.decode()
        assert [f"Métier {rank}\n" in text for rank in (11, 2, 1, 0)] == [True, True, False, False]
        assert text.count("Enquête, 2016.") == 10
        assert '<p class="muted">Bouches-du-Rhône</p>' in text
        assert f'href="{PAGE}?department=13"' in text
        assert "Ailleurs" not in text
    assert browser.get(f"{FIRST}?department=13").url == f"{PAGE}?department=13"
    whole = browser.get(f"{PAGE}?department=13&q=métier 1").content.decode()
    assert ("Métier 11" in whole, "Métier 2" in whole) == (True, False)
    assert "Enregistrer une liste" not in whole


@COMMITTED
@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_the_same_whatever_its_rows(logged_in, world, rows):
    held = factories.recruiting_trade("93", "13").trade_list
    for rank in range(1, rows):
        factories.recruiting_trade("93", "13", held, label=f"Métier {rank}", code="")
    browser = logged_in(world["adviser marseille"])
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(PAGE).status_code == 200
    asked = [q["sql"] for q in captured if '"operators_' in q["sql"]]
    assert len(asked) == 3  # lists, then rows counted and read


def test_a_session_and_a_journey_lead_to_it(logged_in, world):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, commune_id="04070")
        journey = factories.journey(adviser, of=person)
    browser = logged_in(adviser)
    for page, department in (
        (f"/parcours/{journey.public_id}/", "04"),
        (f"/parcours/nouvel-entretien/?journey={journey.public_id}", "04"),
        ("/parcours/nouvel-entretien/?person=new", ""),
    ):
        text = browser.get(page).content.decode()
        assert f'hx-get="{FIRST}?department={department}"' in text
