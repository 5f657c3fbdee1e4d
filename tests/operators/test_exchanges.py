"""Workshops between networks: who announces, who is in, who waits, and what PostgreSQL refuses."""

from datetime import time
from html import unescape

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from operators import actions
from operators.exchanges.roll import roll
from operators.models import Exchange, Registration
from regions.middleware import scope_of
from regions.models import AuditEvent
from sprocep import periods
from sprocep.errors import ActionRefused
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
PAGE, NEW = "/echanges/", "/echanges/nouveau/"
SAID = {
    "title": "Recevoir sans convoquer",
    # All day long: one registers until it is over, and attendance is noted from the day on.
    "starts_at": "00:01",
    "ends_at": "23:59",
    "place": "à distance, https://exemple.fr/salle",
    "seats": "6",
    "share": "50",
    "least": "2",
}


def typed(**values) -> dict:
    return SAID | {"held_on": periods.today().strftime("%d/%m/%Y")} | values


def announced() -> Exchange:
    return Exchange.objects.using("owner").get()


def address(one: Exchange, act: str = "") -> str:
    return f"{PAGE}{one.public_id}/{act}"


def state_of(browser, one: Exchange) -> str:
    page = unescape(browser.get(address(one)).content.decode())
    return next(
        words
        for words in ("Vous avez une place", "Vous êtes en liste d’attente", "M’inscrire", "closes")
        if words in page
    )


@pytest.mark.parametrize("organiser", ["regional_coordinator 93", "carif_oref 93"])
def test_advisers_register_and_enter_as_the_mix_allows(logged_in, world, organiser):
    host = logged_in(world[organiser])
    assert host.post(NEW, typed()).status_code == 302
    one = announced()
    missions = [logged_in(world[f"adviser {place}"]) for place in ("marseille", "aix")]
    agency = logged_in(world["adviser national"])
    for browser in missions:
        browser.post(address(one, "inscription/"))
    assert [state_of(browser, one) for browser in missions] == [
        "Vous avez une place",
        "Vous êtes en liste d’attente",  # two of two would be of one network
    ]
    twice = missions[1].post(address(one, "inscription/"), follow=True)
    assert "déjà une inscription" in unescape(twice.content.decode())
    agency.post(address(one, "inscription/"))
    logged_in(world["structure_manager national"]).post(address(one, "inscription/"))
    assert state_of(missions[1], one) == "Vous avez une place"  # two by two
    page = unescape(host.get(address(one)).content.decode())
    assert "4 prises sur 6, 0 en attente" in page
    assert "Mission locale du pays d'Aix" in page
    # She leaves: one seat is free, and nobody else loses hers.
    missions[0].post(address(one, "desistement/"))
    assert state_of(missions[0], one) == "M’inscrire"
    assert "3 prises sur 6, 0 en attente" in host.get(address(one)).content.decode()
    listed = host.get(address(one, "inscrits.csv")).content.decode("utf-8-sig").splitlines()
    assert listed[0] == "nom;structure;réseau;inscription le;état;présence"
    assert [row.split(";")[4] for row in listed[1:]] == ["place", "place", "place"]
    assert all(row.split(";")[2] in ("Missions locales", "France Travail") for row in listed[1:])
    with scope_of(world["adviser marseille"], read_only=True):
        done = AuditEvent.objects.filter(by=world["adviser marseille"].user_id).order_by("pk")
        assert [event.action for event in done] == ["join_exchange", "leave_exchange"]


def test_attendance_is_noted_of_who_was_in(logged_in, world):
    host = logged_in(world["regional_coordinator 93"])
    host.post(NEW, typed())
    one = announced()
    for name in ("adviser marseille", "adviser national", "adviser aix"):
        logged_in(world[name]).post(address(one, "inscription/"))
    with scope_of(world["regional_coordinator 93"], read_only=True):
        inside = [row for row in roll(one) if row.is_in]
        came = str(inside[0].public_id)
    page = host.post(address(one, "presences/"), {"present": [came]}, follow=True)
    assert "Présences notées : 1 sur 2" in page.content.decode()
    with scope_of(world["regional_coordinator 93"], read_only=True):
        assert [row.attended for row in roll(one)] == [True, False, None]
    unknown = host.post(address(one, "presences/"), {"present": ["nobody"]})
    assert unknown.status_code == 200
    assert "nobody" in unknown.content.decode()
    assert "oui" in host.get(address(one, "inscrits.csv")).content.decode("utf-8-sig")


def test_a_cancelled_or_past_workshop_takes_nobody(logged_in, world):
    host, adviser = logged_in(world["carif_oref 93"]), logged_in(world["adviser marseille"])
    past = factories.exchange("93", held_on=periods.days_after(periods.today(), -1))
    coming = factories.exchange("93")
    adviser.post(address(coming, "inscription/"))
    assert state_of(adviser, coming) == "Vous avez une place"
    assert "annulé" in host.post(address(coming, "annulation/"), follow=True).content.decode()
    for one in (past, coming):
        for act in ("inscription/", "desistement/"):
            assert adviser.post(address(one, act)).status_code == 302
    assert state_of(adviser, past) == "closes"
    with scope_of(world["adviser marseille"], read_only=True):
        assert [row.withdrawn_at for row in Registration.objects.all()] == [None]
    assert "Annulé le" in adviser.get(address(coming)).content.decode()
    again = host.post(address(coming, "annulation/"), follow=True)
    assert "déjà annulé" in unescape(again.content.decode())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Ce champ est obligatoire"),
        ({"held_on": "01/01/2020"}, "Ce jour est passé"),
        ({"ends_at": "00:00"}, "finit après avoir commencé"),
        ({"least": "1"}, "personne ne pourrait entrer"),
        ({"least": "7"}, "qui va de 1 à toutes"),
        ({"seats": "1"}, "2"),
        ({"starts_at": "tôt"}, "Écrivez une heure"),
    ],
)
def test_what_cannot_be_announced_is_explained(logged_in, world, wrong, said):
    page = logged_in(world["regional_coordinator 93"]).post(NEW, typed(**wrong))
    assert page.status_code == 200
    assert said in unescape(page.content.decode())
    assert page.context["form"]["place"].value() == SAID["place"]
    assert not Exchange.objects.using("owner").exists()


def test_it_is_of_its_region(logged_in, world):
    one = factories.exchange("93")
    assert one.title in logged_in(world["adviser aix"]).get(PAGE).content.decode()
    elsewhere = logged_in(world["adviser paris"])
    assert one.title not in elsewhere.get(PAGE).content.decode()
    assert elsewhere.post(address(one, "inscription/")).status_code == 404


def test_postgresql_holds_who_writes_what_and_when(world):
    one = factories.exchange("93")
    adviser, coordinator = world["adviser marseille"], world["regional_coordinator 93"]

    def refused(member, write, error=ProgrammingError, match="row-level security"):
        with (
            pytest.raises(error, match=match),
            transaction.atomic(),
            scope_of(member, read_only=False),
        ):
            write()

    def joined(member, **values):
        first = {"region_id": "93", "exchange_id": one.pk, "structure_id": member.structure_id}
        return Registration(
            **first | {"member_id": member.pk, "user_id": member.user_id, "name": "x"} | values
        )

    with scope_of(adviser, read_only=False):
        joined(adviser).save()
    refused(adviser, joined(adviser).save, IntegrityError, "registration_once")
    refused(adviser, joined(world["adviser aix"]).save)
    aix = world["adviser aix"]
    stranger = joined(adviser, member_id=aix.pk, user_id=aix.user_id)
    refused(adviser, stranger.save, IntegrityError, "registration_member")
    own = Registration.objects.filter(member=adviser.pk)
    refused(adviser, lambda: own.update(attended=True), IntegrityError, "attendance by another")
    refused(coordinator, lambda: own.update(attended=True), IntegrityError, "or before")
    refused(adviser, lambda: own.update(name="y"), match="permission denied")

    def an_exchange(**values) -> Exchange:
        hours = {"starts_at": time(9), "ends_at": time(10), "held_on": periods.today()}
        mix = {"seats": 500, "share": 100, "least": 500}
        return Exchange(region_id="93", title="x", place="x", **mix | hours | values)

    for other in ("structure_manager marseille", "network_head ML", "dgefp_officer"):
        refused(world[other], an_exchange().save)
    for values in ({"share": 3, "least": 33}, {"least": 501}, {"seats": 1}, {"ends_at": time(8)}):
        refused(coordinator, an_exchange(**values).save, IntegrityError, "exchange_")
    with scope_of(coordinator, read_only=False):
        an_exchange().save()
        with pytest.raises(ActionRefused):
            actions.announce_exchange(
                by=coordinator.user, region="93", held_on=periods.days_after(periods.today(), -1)
            )


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_whatever_its_rows(logged_in, world, rows):
    for _ in range(rows):
        factories.registration(world["adviser aix"], factories.exchange("93"))
    browser = logged_in(world["adviser marseille"])
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(PAGE).status_code == 200
    assert len([q for q in captured if '"operators_' in q["sql"]]) == 3  # coming, past, registered
