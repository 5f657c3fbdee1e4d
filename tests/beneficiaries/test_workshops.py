"""Workshops: one entry for many, sent once, counted apart, seen by their structure alone. Each
refusal stands beside what is let through."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from beneficiaries import actions, queries
from beneficiaries.entries import Gathering
from beneficiaries.models import Draft, Journey, Session, Workshop, WorkshopParticipant
from indicators.computation import compute_figures, extent_of
from indicators.models import Figure
from regions.middleware import scope_of
from regions.models import AuditEvent, Membership
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused, french
from tests import factories, fixtures
from tests.beneficiaries.test_page_costs import queries as costs

pytestmark = pytest.mark.django_db(databases=fixtures.ALL_DATABASES)
LIST, NEW = "/ateliers/", "/ateliers/nouveau/"
DAY = date(2016, 2, 10)
DRAFT, DROP = "/parcours/nouvel-entretien/brouillon/", "/parcours/nouvel-entretien/abandon/"


@pytest.fixture
def adviser(world) -> Membership:
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def file(adviser):
    with scope_of(adviser, read_only=False):
        yield


def journeys(adviser: Membership, *names: str, **values) -> list[Journey]:
    return [
        factories.journey(
            adviser,
            opened_on=DAY,
            of=factories.beneficiary(adviser, last_name=name, sort_key=f"{name.upper()} ALIX"),
            **values,
        )
        for name in names
    ]


def typed(adviser: Membership, *known: Journey, **changes) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "page": "workshop",
        "held_on": "2016-03-01",
        "theme": "T02",
        "title": "Reprendre des études",
        "channel": "PRE",
        "site": str(adviser.site.public_id),
        "minutes": "120",
        "animator": str(adviser.public_id),
        "known": [str(one.public_id) for one in known],
        "heads": "",
    } | changes


def gathering(adviser: Membership, *known: Journey, **changes) -> Gathering:
    values = {
        "held_on": date(2016, 3, 1),
        "channel": "PRE",
        "theme": "T02",
        "minutes": 120,
        "site": adviser.site,
        "animator": adviser,
        "heads": len(known) + 3,
        "known": tuple(one.public_id for one in known),
    }
    return Gathering(**values | changes)


def who(member: Membership) -> dict:
    return {"by": member.user, "membership": member}


# ── One entry ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("known", "heads", "stored"),
    [(0, "12", (12, 0)), (2, "", (2, 2)), (2, "15", (15, 2))],
    ids=["a number", "names", "both"],
)
def test_a_number_names_or_both(browser, adviser, file, known, heads, stored):
    who_came = journeys(adviser, "Martin", "Petit")[:known]
    assert browser.post(NEW, typed(adviser, *who_came, heads=heads)).status_code == 302
    made = Workshop.objects.get()
    assert (made.heads, made.participants.count()) == stored
    assert (made.animator, made.site, made.region_id, made.department_id, made.minutes) == (
        adviser,
        adviser.site,
        "93",
        "13",
        120,
    )
    event = AuditEvent.objects.get()
    assert (event.action, event.object_id) == ("log_workshop", str(made.public_id))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Dites combien de personnes sont venues"),
        ({"heads": "0"}, "Un atelier compte de 1 à 500 personnes."),
        ({"heads": "501"}, "Un atelier compte de 1 à 500 personnes."),
        ({"minutes": "601", "heads": "8"}, "La durée va de 1 à 600 minutes."),
        ({"theme": "", "heads": "8"}, "Choisissez le thème de l’atelier."),
        ({"held_on": "2014-12-31", "heads": "8"}, "se compte depuis le 1er janvier 2015"),
        ({"title": "1 85 05 78 006 084 91", "heads": "8"}, "numéro de sécurité sociale"),
        ({"site": str(uuid.UUID(int=1)), "heads": "8"}, "pas de votre structure"),
        ({"animator": str(uuid.UUID(int=1)), "heads": "8"}, "pas de votre structure"),
        ({"known": [str(uuid.UUID(int=1))]}, "pas connu de votre structure"),
    ],
)
def test_a_wrong_answer_is_said_and_all_is_kept(browser, adviser, file, changes, sentence):
    data = typed(adviser, **changes)
    answer = browser.post(NEW, data)
    page = answer.content.decode()
    assert (answer.status_code, sentence in page, "120" in page or "601" in page) == (
        200,
        True,
        True,
    )
    assert not Workshop.objects.exists()
    right = data | {"heads": "8", "minutes": "60", "theme": "T01", "held_on": "2016-03-01"}
    right |= {name: typed(adviser)[name] for name in ("title", "site", "animator", "known")}
    assert browser.post(NEW, right).status_code == 302


def test_fewer_heads_than_participants_is_refused(browser, adviser, file):
    known = journeys(adviser, "Martin", "Petit")
    data = typed(adviser, *known, heads="1")
    page = browser.post(NEW, data).content.decode()
    assert "2 participants sont choisis" in page
    assert page.count("checked") >= 2
    assert browser.post(NEW, data | {"heads": "2"}).status_code == 302


def test_remote_it_lies_where_who_animates_works(browser, adviser, file, world):
    manager = world["structure_manager marseille"]
    data = typed(adviser, channel="VIS", animator=str(manager.public_id), heads="4")
    assert browser.post(NEW, data).status_code == 302
    made = Workshop.objects.get()
    assert (made.site, made.animator) == (manager.site, manager)


# ── Participants are looked for as persons are ───────────────────────────────────────────────


def test_who_is_picked_stays_picked_while_one_looks_for_others(browser, adviser, file):
    martin, petit = journeys(adviser, "Martin", "Petit")
    found = browser.get("/ateliers/participants/", {"q": "petit", "known": martin.public_id})
    page = " ".join(found.content.decode().split())
    assert "1 trouvé : cochez qui est venu" in page
    assert page.index(f'value="{martin.public_id}" id="picked-1" checked') < page.index(
        f'value="{petit.public_id}" id="found-1"'
    )
    # Without script the button does it, and nothing is stored.
    data = typed(adviser, martin, heads="9", q="petit", look="1")
    page = browser.post(NEW, data).content.decode()
    assert (str(petit.public_id) in page, 'value="9"' in page, data["key"] in page) == (
        True,
        True,
        True,
    )
    assert not Workshop.objects.exists()


def test_nobody_of_another_structure_is_found_or_picked(browser, adviser, world):
    aix = world["adviser aix"]
    with scope_of(aix, read_only=False):
        (theirs,) = journeys(aix, "Martin")
    with scope_of(adviser, read_only=False):
        (ours,) = journeys(adviser, "Martinez")
    page = browser.get("/ateliers/participants/", {"q": "martin"}).content.decode()
    assert (str(ours.public_id) in page, str(theirs.public_id) in page) == (True, False)
    refused = browser.post(NEW, typed(adviser, ours, theirs)).content.decode()
    assert "pas connu de votre structure" in refused
    assert browser.post(NEW, typed(adviser, ours)).status_code == 302


# ── Sent once, kept as a draft, two at a time ────────────────────────────────────────────────


def test_sent_twice_it_is_stored_once_and_another_text_is_not_lost(browser, adviser, file):
    (martin,) = journeys(adviser, "Martin")
    data = typed(adviser, martin, heads="8")
    for _ in range(2):
        assert browser.post(NEW, data).status_code == 302
    for change in ({"heads": "9"}, {"title": "Autre"}, {"known": []}):
        page = browser.post(NEW, data | change).content.decode()
        assert "déjà enregistré, sans vos derniers changements" in page
    assert Workshop.objects.count() == 1
    assert browser.post(NEW, typed(adviser, heads="8")).status_code == 302


def test_a_draft_is_kept_found_and_gone_with_its_workshop(browser, adviser, file, logged_in, world):
    (martin,) = journeys(adviser, "Martin")
    data = typed(adviser, martin, minutes="mille")
    assert browser.post(DRAFT, data).content.decode().startswith("Brouillon gardé à ")
    home = browser.get("/").content.decode()
    address = f"{NEW}?brouillon={data['key']}"
    assert ("Atelier commencé, gardé le" in home, address in home) == (True, True)
    page = browser.get(address).content.decode()
    assert ('value="mille"' in page, str(martin.public_id) in page) == (True, True)
    assert browser.get(f"/parcours/nouvel-entretien/?brouillon={data['key']}").status_code == 404
    colleague = logged_in(world["structure_manager marseille"])
    assert colleague.get(address).status_code == 404
    assert browser.post(DRAFT, data | {"page": "invoice"}).status_code == 404
    assert browser.post(NEW, data | {"minutes": "60"}).status_code == 302
    assert not Draft.objects.exists()
    assert "déjà enregistré" in browser.post(DRAFT, data).content.decode()
    other = typed(adviser)
    browser.post(DRAFT, other)
    browser.post(DROP, {"key": other["key"]})
    assert not Draft.objects.exists()


def test_two_advisers_correct_one_workshop(browser, adviser, file, logged_in, world):
    martin, petit = journeys(adviser, "Martin", "Petit")
    made = factories.workshop(adviser, martin, held_on=date(2016, 3, 1))
    url, other = f"{LIST}{made.public_id}/", logged_in(world["structure_manager marseille"])
    seen = made.updated_at.isoformat()
    assert str(martin.public_id) in other.get(url).content.decode()
    first = typed(adviser, petit, heads="6", seen_at=seen)
    assert other.post(url, first).status_code == 302
    second = typed(adviser, heads="7", seen_at=seen, title="Le mien")
    page = browser.post(url, second).content.decode()
    words = " ".join(page.split())
    assert "a été modifié pendant que vous le corrigiez" in page
    assert "6 personnes, dont 1 choisie" in words
    assert 'value="Le mien"' in page
    now = Workshop.objects.get()
    assert (now.heads, [one.journey for one in now.participants.all()]) == (6, [petit])
    again = second | {"seen_at": now.updated_at.isoformat()}
    assert browser.post(url, again).status_code == 302
    assert (Workshop.objects.get().title, WorkshopParticipant.objects.count()) == ("Le mien", 0)
    acts = AuditEvent.objects.order_by("pk").values_list("action", "by")
    assert list(acts) == [
        ("correct_workshop", world["structure_manager marseille"].user_id),
        ("correct_workshop", adviser.user_id),
    ]


def test_it_is_cancelled_with_a_reason_and_stays_listed(browser, adviser, file):
    (martin,) = journeys(adviser, "Martin")
    made = factories.workshop(adviser, martin, held_on=date(2016, 3, 1), title="Bilan")
    url = f"{LIST}{made.public_id}/"
    assert "Bilan" in browser.get(f"/parcours/{martin.public_id}/").content.decode()
    page = browser.post(f"{url}annulation/", {"reason": ""}).content.decode()
    assert "Dites pourquoi l’atelier est annulé." in page
    answer = browser.post(f"{url}annulation/", {"reason": "Salle fermée"}, follow=True)
    page = answer.content.decode()
    assert ("Salle fermée" in page, "Mars 2016" in page) == (True, False)
    assert "Bilan" not in browser.get(f"/parcours/{martin.public_id}/").content.decode()
    assert "Cet atelier est annulé" in browser.get(url, follow=True).content.decode()
    held = Workshop.objects.get()
    with pytest.raises(ActionRefused, match="Cet atelier est annulé"):
        actions.correct_workshop(**who(adviser), workshop=held, gathering=gathering(adviser))
    assert AuditEvent.objects.get().action == "cancel_workshop"
    kept = factories.workshop(adviser, held_on=date(2016, 3, 2))
    assert actions.correct_workshop(**who(adviser), workshop=kept, gathering=gathering(adviser))


# ── What PostgreSQL refuses ──────────────────────────────────────────────────────────────────


def refused(act, sentence: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    assert french(caught.value) == sentence


def joined(workshop: Workshop, journey: Journey) -> WorkshopParticipant:
    return WorkshopParticipant.objects.create(
        region_id=workshop.region_id,
        structure_id=workshop.structure_id,
        workshop=workshop,
        journey=journey,
    )


def test_rules_of_the_base(adviser, file):
    martin, petit = journeys(adviser, "Martin", "Petit")
    made = factories.workshop(adviser, martin, held_on=date(2016, 3, 1), heads=1)
    row = Workshop.objects.filter(pk=made.pk)
    fewer = (
        "Le nombre de personnes est plus petit que celui des participants choisis. Corrigez-le, ou "
        "laissez-le vide si tous sont choisis."
    )
    outside = (
        "Un des participants n’avait pas de parcours ouvert ce jour-là. Retirez-le de la liste et "
        "comptez-le dans le nombre de personnes."
    )
    over = "Cet atelier est annulé : il ne change plus. Enregistrez-en un autre."
    refused(lambda: joined(made, petit), fewer)
    row.update(heads=2)
    joined(made, petit)
    refused(lambda: row.update(heads=1), fewer)
    refused(lambda: row.update(held_on=DAY - timedelta(days=1)), outside)
    early = factories.workshop(adviser, held_on=DAY - timedelta(days=1))
    refused(lambda: joined(early, martin), outside)
    refused(lambda: row.update(heads=0), "Un atelier compte de 1 à 500 personnes.")
    refused(lambda: row.update(cancel_reason="x"), "Dites pourquoi l’atelier est annulé.")
    row.update(cancelled_at="2016-03-02T10:00Z", cancelled_by=adviser, cancel_reason="x")
    refused(lambda: row.update(heads=3), over)
    refused(lambda: made.participants.all().delete(), over)
    assert joined(factories.workshop(adviser, held_on=DAY), martin)


def test_a_participant_whose_journey_is_over_is_told(adviser, file):
    closing = {"closed_on": date(2016, 2, 20), "closed_region_id": "93"}
    closing |= {"closed_department_id": "13", "outcome_id": "I03", "exit_situation_id": "CDI"}
    (martin,) = journeys(adviser, "Martin", **closing)
    with pytest.raises(ActionRefused, match="n’avait pas de parcours ouvert ce jour-là"):
        actions.log_workshop(**who(adviser), gathering=gathering(adviser, martin))
    before = gathering(adviser, martin, held_on=date(2016, 2, 20))
    assert actions.log_workshop(**who(adviser), gathering=before)


# ── Counted apart ────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(databases=fixtures.ALL_DATABASES, transaction=True)
def test_no_figure_moves_for_a_workshop(adviser):
    def figures() -> list[tuple]:
        """Of the Region, by the month, the quarter and the year, with what they are made of."""
        found = []
        for code in ("2016-03", "2016-T1", "2016"):
            extent = extent_of(periods.Period.parse(code), "93")
            compute_figures(extent)
            names = [field.name for field in Figure._meta.fields if field.name != "id"]
            rows = Figure.objects.using("owner").filter(period=code, territory="93")
            found += rows.order_by(*names).values_list(*names)
        return found

    with scope_of(adviser, read_only=False):
        martin, petit = journeys(adviser, "Martin", "Petit")
        factories.contact(adviser, held_on=DAY)
        before_rows = list(Journey.objects.order_by("pk").values())
        silent = Journey.objects.filter(queries.is_silent(date(2016, 12, 31))).count()
    before = figures()
    with scope_of(adviser, read_only=False):
        made = actions.log_workshop(**who(adviser), gathering=gathering(adviser, martin, petit))
        actions.correct_workshop(
            **who(adviser), workshop=made, gathering=gathering(adviser, martin, heads=30)
        )
        assert Session.objects.count() == 2
        assert list(Journey.objects.order_by("pk").values()) == before_rows
        assert Journey.objects.filter(queries.is_silent(date(2016, 12, 31))).count() == silent
    assert figures() == before
    assert len(before) > 100
    # The same figures do move for a session.
    with scope_of(adviser, read_only=False):
        factories.session(adviser, martin, held_on=date(2016, 3, 1))
    assert figures() != before


def test_the_list_counts_workshops_and_persons_by_month(browser, adviser, file):
    (martin,) = journeys(adviser, "Martin")
    for day, heads, theme in (
        (date(2016, 3, 1), 10, "T02"),
        (date(2016, 3, 15), 5, "T01"),
        (date(2016, 4, 2), 7, "T02"),
    ):
        factories.workshop(adviser, held_on=day, heads=heads, theme_id=theme)
    cancelled = factories.workshop(adviser, martin, held_on=date(2016, 4, 3), heads=90)
    gone = {"cancelled_at": "2016-04-04T10:00Z", "cancelled_by": adviser, "cancel_reason": "x"}
    Workshop.objects.filter(pk=cancelled.pk).update(**gone)
    factories.workshop(adviser, martin, held_on=DAY, heads=4)
    found = queries.workshops(adviser)
    assert [(m.period.code, m.workshops, m.heads) for m in queries.workshop_months(found)] == [
        ("2016-04", 1, 7),
        ("2016-03", 2, 15),
        ("2016-02", 1, 4),
    ]

    def asked(**filters) -> list[str]:
        page = browser.get(LIST, filters)
        return [str(row) for row in page.context["list"].page]

    march = {"held_from": "2016-03-01", "held_to": "2016-03-31"}
    assert asked(**march) == ["2016-03-15", "2016-03-01"]
    assert asked(theme="T02", **march) == ["2016-03-01"]
    assert len(asked(theme="no such")) == 5
    page = " ".join(browser.get(LIST, {"sort": "heads"}).content.decode().split())
    assert "dont 1 connue" in page


# ── On her journey, and in her document ──────────────────────────────────────────────────────


def test_who_came_reads_it_on_her_journey_and_in_her_document(browser, adviser, file):
    martin, petit = journeys(adviser, "Martin", "Petit")
    factories.workshop(adviser, martin, held_on=date(2016, 3, 1), title="Oser la VAE")
    theme = queries.label("theme", "T02")
    for journey, is_there in ((martin, True), (petit, False)):
        page = browser.get(f"/parcours/{journey.public_id}/").content.decode()
        assert ("Oser la VAE" in page, theme in page) == (is_there, is_there)
        journey = Journey.objects.select_related("structure").get(pk=journey.pk)
        steps = [step["what"] for step in queries.synthesis(journey)["steps"]]
        assert (f"Atelier : {theme}, Oser la VAE" in steps) is is_there


@pytest.mark.django_db(databases=fixtures.ALL_DATABASES, transaction=True)
@pytest.mark.parametrize("rows", [1, 40])
def test_pages_take_the_same_queries_for_1_and_40_rows(browser, adviser, rows):
    with scope_of(adviser, read_only=False):
        known = journeys(adviser, *(f"Nom{rank}" for rank in range(rows)))
        for rank in range(rows):
            made = factories.workshop(adviser, *known, held_on=DAY + timedelta(days=rank))
    pages = (LIST, f"{LIST}{made.public_id}/", NEW, f"/parcours/{known[0].public_id}/")
    assert [costs(browser, page) for page in pages] == [8, 10, 7, 11]


# ── Nobody else sees it ──────────────────────────────────────────────────────────────────────


def test_a_foreign_workshop_does_not_exist(adviser, world, annex, logged_in):
    with scope_of(adviser, read_only=False):
        (martin,) = journeys(adviser, "Martin")
        made = factories.workshop(adviser, martin, held_on=date(2016, 3, 1), title="Chez nous")
    url = f"{LIST}{made.public_id}/"
    mine = logged_in(annex.colleague)
    assert (mine.get(url).status_code, "Chez nous" in mine.get(LIST).content.decode()) == (
        200,
        True,
    )
    for stranger in ("adviser aix", "structure_manager aix", "adviser paris"):
        other = logged_in(world[stranger])
        for address in (url, f"{url}annulation/"):
            assert [other.get(address).status_code, other.post(address).status_code] == [404, 404]
        assert "Chez nous" not in other.get(LIST).content.decode()
    readers = (
        ("regional_coordinator 93", 404),
        ("dgefp_officer", 404),
        ("level1_receptionist marseille", 403),
    )
    for reader, refusal in readers:
        other = logged_in(world[reader])
        # Whether it exists is not told: the role has none of these pages.
        nothing = f"{LIST}{uuid.UUID(int=1)}/"
        asked = [other.get(address).status_code for address in (LIST, url, nothing)]
        assert asked == [refusal] * 3


def test_no_row_of_it_for_the_coordination_or_the_nation(adviser, world):
    with scope_of(adviser, read_only=False):
        (martin,) = journeys(adviser, "Martin")
        factories.workshop(adviser, martin, held_on=date(2016, 3, 1))
        seen = [model.objects.count() for model in (Workshop, WorkshopParticipant)]
    assert seen == [1, 1]
    for reader in ("regional_coordinator 93", "dgefp_officer", "auditor", "adviser aix"):
        with scope_of(world[reader], read_only=True):
            assert not Workshop.objects.exists()
            assert not WorkshopParticipant.objects.exists()
    with tenancy.scope(regions=["11"], structures=[adviser.structure_id]):
        assert not Workshop.objects.exists()


def test_a_stranger_or_an_unknown_code_is_refused_by_the_action(adviser, file, world):
    for wrong, sentence in (
        ({"animator": world["adviser aix"]}, "pas de votre structure"),
        ({"theme": "X"}, "n’est pas un code de la liste « thème »"),
        ({"held_on": periods.today() + timedelta(days=1)}, "une date à venir"),
        ({"known": (uuid.UUID(int=1),)}, "pas connu de votre structure"),
    ):
        with pytest.raises(ActionRefused, match=sentence):
            actions.log_workshop(**who(adviser), gathering=gathering(adviser, **wrong))
    receptionist = world["level1_receptionist marseille"]
    with pytest.raises(ActionRefused, match="permet l’accueil anonyme"):
        actions.log_workshop(**who(receptionist), gathering=gathering(adviser))
    limited = replace(gathering(adviser), heads=4)
    assert actions.log_workshop(**who(adviser), gathering=limited)
