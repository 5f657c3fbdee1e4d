"""What the DGEFP keeps, by keyboard alone; and every page around the main job, looked at.

In a base of its own: a Region that was merged does not come back.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from indicators.actions import announce_threshold
from indicators.models import CalendarEntry, Compilation, ExpectedReturn, Work
from indicators.worklist import nation
from operators.actions import add_code, end_code
from operators.models import Reason
from regions.actions import authorise_program, issue_token, merge_regions, rename_region
from regions.models import AccessEvent, Region
from sprocep import periods
from tests import factories
from tests.databases import cloned_database
from tests.e2e.keyboard import Keyboard, picture
from tests.factories import deadlines

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
OFFICER, ADMINISTRATOR, AUDITOR = "dgefp_officer", "platform_administrator", "auditor"
HEAD, ADVISER = "network_head ML", "adviser marseille"
SOON, LATER = (period.starts for period in periods.coming_quarters(periods.today(), 2))
OVER = periods.last_complete_quarter(periods.today())


@pytest.fixture(scope="module", autouse=True)
def announced(world, django_db_blocker, worker_id) -> Iterator[None]:
    """A base where a change of each kind is to come."""
    by = world[OFFICER].user
    with django_db_blocker.unblock(), cloned_database(f"back_office_{worker_id}"):
        with nation():
            corse, bretagne, normandie = (Region.objects.get(pk=c) for c in ("94", "53", "28"))
            rename_region(by=by, region=corse, name="Corse, île de Beauté", starts_on=LATER)
            merge_regions(
                by=by,
                merging=[bretagne, normandie],
                code="ZA",
                name="Bretagne et Normandie",
                chef_lieu="Rennes",
                starts_on=LATER,
            )
            add_code(
                by=by,
                code_list=Reason,
                code="M90",
                label="Reprise d’activité",
                starts_on=SOON,
                is_health=False,
            )
            end_code(by=by, entry=Reason.objects.get(pk="M10"), ends_on=LATER)
            announce_threshold(by=by, k=7, starts_on=LATER)
        yield
        connections.close_all()


@pytest.fixture
def busy(world) -> None:
    """Deadlines gone by, work done and failed, returns owed, programs, pages read."""
    now, today = timezone.now(), periods.today()
    officer, adviser = world[OFFICER].user, world[ADVISER]
    with nation():
        for period, late, launched in ((OVER.before, 40, now), (OVER, 3, None)):
            due_on = periods.days_after(today, -late)
            CalendarEntry.objects.create(
                period=period.code,
                starts_on=period.starts,
                **deadlines(due_on - timedelta(days=9), due_on - timedelta(days=9), due_on),
                launched_at=launched,
            )
        for state in ("done", "failed"):
            compilation = Compilation.objects.create(period=OVER.code, requested_by=officer)
            work(OVER, Work.Step.COMPUTE, state, now, compilation=compilation)
        work(OVER.before, Work.Step.FILES, "failed", now)
        seal = {
            "state": "sealed",
            "sealed_at": now,
            "sealed_by_id": officer.pk,
            "chained_seal": "0" * 64,
        }
        for territory, state in (("93", {"state": "draft"}), ("11", seal)):
            factories.edition(OVER.before.code, territory, **state)
        ExpectedReturn.objects.using("owner").bulk_create(
            ExpectedReturn(
                period=period.code,
                region_id=region,
                structure_id=structure.pk,
                received_at=now if structure is world.marseille else None,
            )
            for period in (OVER, OVER.before)
            for structure, region in (
                (world.marseille, "93"),
                (world.aix, "93"),
                (world.paris, "11"),
            )
        )
        for page in ("edition", "nominal:journey", "audit"):
            AccessEvent.objects.using("owner").create(
                by=adviser.user, territory="93", page=page, object_id=str(adviser.public_id)
            )
        program = authorise_program(
            by=world[ADMINISTRATOR].user,
            name="SI de la Région Provence-Alpes-Côte d'Azur",
            email="si@exemple.fr",
            region=Region.objects.get(pk="93"),
        )
        issue_token(
            by=world[ADMINISTRATOR].user,
            membership=program,
            label="tableaux du site de la Région",
            expires_on=periods.days_after(today, 90),
        )


def work(period, step, state: str, now: datetime, **values) -> None:
    """A unit in this state, and one done, for each of two Regions."""
    for territory, reached in (("11", "done"), ("93", state)):
        Work.objects.create(
            step=step,
            period=period.code,
            starts_on=period.starts,
            territory=territory,
            regions=[territory],
            state=reached,
            started_at=now - timedelta(minutes=4),
            finished_at=now,
            cause="OSError: [Errno 28] No space left on device" if reached == "failed" else "",
            **values,
        )


PAGES = {
    OFFICER: [
        "/",
        "/nation/",
        "/nation/referentiels/",
        "/nation/referentiels/secret/",
        f"/nation/{OVER.after}/echeances/",
        "/nation/regions/",
        "/nation/regions/93/nom/",
        "/nation/regions/fusion/",
        "/nation/nomenclatures/",
        "/nation/nomenclatures/motifs/",
        "/nation/nomenclatures/motifs/nouveau/",
        "/nation/nomenclatures/services/nouveau/",
        "/nation/nomenclatures/motifs/M01/fin/",
        "/nation/travaux/",
    ],
    AUDITOR: ["/consultations/", "/traces/", "/nation/travaux/"],
    ADMINISTRATOR: [
        "/habilitations/",
        "/habilitations/nouvelle/",
        "/comptes/nouveau/",
        "/logiciels/",
        "/logiciels/nouveau/",
    ],
    HEAD: ["/remontees/", "/remontees/structures/", "/remontees/?region=75", "/tableaux-de-bord/"],
}


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.parametrize("width", [1280, 375])
def test_every_page_is_accessible_and_fits(world, busy, visit, accessible, who, width):
    page = visit(world[who], PAGES[who][0], width)
    for address in PAGES[who]:
        page.goto(address)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        picture(page, f"{who}{address.strip('/').replace('/', '_').replace('?', '_')}-{width}")


@pytest.fixture
def officer(world, visit):
    """Hands on a page of the DGEFP."""

    def at(address: str) -> tuple[Page, Keyboard]:
        page = visit(world[OFFICER], address)
        return page, Keyboard(page)

    return at


def same_day_and_month(after: date) -> date:
    """Typed with the same keys whether the browser asks for the day or for the month first."""
    days = (periods.days_after(after, count) for count in range(1, 60))
    return next(day for day in days if day.day == day.month)


def said(page: Page) -> Locator:
    return page.locator(".fr-alert--success")


def test_a_region_is_renamed(officer):
    page, hands = officer("/nation/referentiels/")
    hands.open("Régions")
    hands.open("Renommer Pays de la Loire")
    day = same_day_and_month(periods.today())
    hands.answer("Nouveau nom", "Val de Loire")
    hands.answer("À partir du…", f"{day:%d%m%Y}")
    hands.open("Renommer")
    sentence = f"Pays de la Loire s’appellera Val de Loire le {periods.full_date(day)}."
    expect(said(page)).to_have_text(sentence)
    expect(page.get_by_text("Pays de la Loire s’appelle Val de Loire.")).to_be_visible()


def test_a_merger_is_planned(officer):
    page, hands = officer("/nation/regions/")
    hands.open("Fusionner des Régions")
    hands.tick("Hauts-de-France")
    hands.tick("Grand Est")
    hands.answer("Code de la nouvelle Région…", "ZB")
    hands.answer("Nom de la nouvelle Région", "Nord et Est")
    hands.answer("Chef-lieu", "Reims")
    hands.tab_to("À partir du")
    hands.press("ArrowDown")
    # Refused for what it lacks, it keeps what it holds: one Region left out, then back in.
    hands.back_to("Grand Est")
    hands.press("Space")
    hands.send()
    expect(page.get_by_text("Choisissez au moins deux Régions").first).to_be_visible()
    hands.tick("Grand Est")
    hands.send()
    day = periods.full_date(LATER)
    expect(said(page)).to_have_text(f"La Région Nord et Est naîtra le {day}.")
    expect(page.get_by_text("Nord et Est prend la suite de")).to_be_visible()


def test_a_code_is_added_and_another_ended(officer):
    page, hands = officer("/nation/referentiels/")
    hands.open("Nomenclatures")
    hands.open("Motifs de sollicitation")
    hands.open("Ajouter un code")
    hands.answer("Code…", "M91")
    hands.answer("Libellé", "Retour de l’étranger")
    hands.tick("Relève de la santé…")
    hands.open("Ajouter")
    soon, later = periods.full_date(SOON), periods.full_date(LATER)
    expect(said(page)).to_have_text(
        f"Le code M91, Retour de l’étranger, sera proposé à partir du {soon}."
    )
    hands.open("Arrêter Mobilité externe")
    hands.tab_to("Premier jour sans ce code…")
    hands.press("ArrowDown")
    hands.send()
    expect(said(page)).to_have_text(
        f"Le code M04, Mobilité externe, ne sera plus proposé à partir du {later}."
    )
    expect(page.get_by_role("row", name="Mobilité externe")).to_contain_text(later)


def test_deadlines_are_set_and_a_threshold_announced(busy, officer):
    page, hands = officer("/nation/referentiels/")
    hands.open("Ajouter la période suivante")
    computed_on = same_day_and_month(OVER.after.ends)
    due_on = same_day_and_month(computed_on)
    hands.answer("Calcul le…", f"{computed_on:%d%m%Y}")
    hands.answer("Transmission au plus tard le…", f"{due_on:%d%m%Y}")
    hands.open("Fixer les échéances")
    expect(said(page)).to_have_text(f"Les échéances du {OVER.after.label} sont fixées.")
    row = page.get_by_role("row", name=OVER.after.label)
    expect(row).to_contain_text(f"{computed_on:%d/%m/%Y}")
    expect(row).to_contain_text(f"{due_on:%d/%m/%Y}")

    hands.open("Annoncer un seuil")
    hands.answer("Seuil", "2")
    hands.send()
    expect(page.get_by_text("supérieure ou égale à 3").first).to_be_visible()
    hands.tab_to("Seuil : …")  # of the summary, which leads to the field
    hands.press("Enter")
    hands.press("Control+a")
    hands.type("9")
    hands.send()
    day = periods.full_date(SOON)
    expect(said(page)).to_have_text(f"Le seuil de secret sera de 9 à partir du {day}.")
    expect(page.get_by_role("row", name=day)).to_contain_text("9")


def test_files_that_failed_are_launched_again(busy, officer):
    page, hands = officer("/")
    hands.open("Travaux")
    hands.open("Relancer ce qui a échoué…")
    expect(said(page)).to_have_text("Les fichiers de 1 édition sont remis dans la liste.")
    expect(page.get_by_role("button", name="Relancer ce qui a échoué")).to_have_count(0)


def test_readings_are_filtered(busy, world, visit):
    page = visit(world[AUDITOR], "/consultations/")
    hands = Keyboard(page)
    hands.answer("Page", "parcours")
    hands.answer("Territoire", "Provence")
    hands.open("Filtrer")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(world[ADVISER].user.email)
    hands.open("Tout effacer")
    expect(rows).not_to_have_count(1)
