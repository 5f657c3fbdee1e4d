"""How a place receives: who says it, who reads it, and what nobody can say."""

import re
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from operators.models import Channel, Premises
from operators.models.premises import DIRECTORY
from operators.routing import Wanted, offer_in, receivers
from regions.middleware import scope_of
from sprocep import periods
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def address_of(member) -> str:
    return f"/structures/lieux/{member.site.public_id}/accueil/"


def reasons(adviser, structure) -> str:
    with scope_of(adviser, read_only=True):
        offer = offer_in("13", periods.today())
        found = receivers(Wanted(rank=1), offer)
        return " · ".join(next(one for one in found if one.structure == structure).reasons)


def test_its_direction_says_it_and_who_sends_reads_it(logged_in, world):
    manager, adviser = world["structure_manager aix"], world["adviser marseille"]
    browser = logged_in(manager)
    factories.opening_hours("93", manager.site, 2, 9, 12)
    assert "(" not in reasons(adviser, world.aix)
    page = {"is_neutral": "yes", "is_step_free": "no", "comforts": ["sign_language", "parking"]}
    detail = f"{DIRECTORY}app/13-aix/a/accueil/"
    saved = browser.post(address_of(manager), page | {"address": detail}, follow=True)
    text = unescape(saved.content.decode())
    said = "lieu neutre, entrée avec marches, stationnement réservé, langue des signes"
    assert said in text
    assert f'href="{detail}"' in text
    assert f"mis à jour le {periods.full_date(periods.today())}" in text
    where = f"reçoit à Aix-en-Provence le mardi de 9 h à 12 h ({said})"
    assert where in reasons(adviser, world.aix)
    form = browser.get(address_of(manager)).context["form"]
    assert (form["is_step_free"].value(), form["address"].value()) == ("no", detail)
    browser.post(address_of(manager), {"is_step_free": "yes"})
    assert "12 h (entrée sans marche)" in reasons(adviser, world.aix)
    with scope_of(manager, read_only=True):
        assert Premises.objects.count() == 1


def test_how_to_reach_it_and_what_is_done_from_afar(logged_in, world):
    manager, adviser = world["structure_manager aix"], world["adviser marseille"]
    browser = logged_in(manager)
    ways = {"phone": "0490.123456", "mail": "accueil@aix.example", "web_page": "aix.example/tchat"}
    page = browser.post(address_of(manager), ways | {"remote": ["TEL", "CHA"]}, follow=True)
    text = unescape(page.content.decode())
    for link, words in (
        ("tel:0490123456", "04 90 12 34 56"),
        ("mailto:accueil@aix.example", "accueil@aix.example"),
        ("https://aix.example/tchat", "page en ligne"),
    ):
        assert re.search(f'href="{link}"[^>]*>{words}</a>', text), link
    said = "conseil à distance par téléphone ou par tchat"
    assert said in text
    assert said in reasons(adviser, world.aix)
    form = browser.get(address_of(manager)).context["form"]
    assert (form["phone"].value(), form["remote"].value()) == ("04 90 12 34 56", ["TEL", "CHA"])
    for typed, number in (("+33 4 91 00 00 01", "04 91 00 00 01"), ("3936", "39 36")):
        assert number in browser.post(address_of(manager), {"phone": typed}, follow=True).text


def test_the_channels_from_afar_are_those_of_the_national_list(world):
    """But those by which nobody answers: a service used alone."""
    listed = Channel.objects.filter(is_remote=True).values_list("pk", flat=True)
    assert {*Premises.Remote.values, "NUM"} == set(listed)


def test_a_remote_platform_says_its_hours_and_its_number(logged_in, world):
    """It receives nobody, and no fiche is proposed to it."""
    manager = world["structure_manager aix"]
    platform = factories.site(world.aix, "13055", is_remote_platform=True)
    browser = logged_in(manager)
    reception = browser.get(f"/structures/{world.aix.public_id}/").content.decode()
    assert "plateforme nationale à distance" in reception
    said = {"phone": "39 36", "remote": ["TEL"]}
    assert browser.post(f"/structures/lieux/{platform.public_id}/accueil/", said).status_code == 302
    with scope_of(manager, read_only=True):
        assert Premises.objects.get().site_id == platform.pk
    assert "39 36" not in reasons(world["adviser marseille"], world.aix)


def test_a_commune_is_told_by_its_place_that_says_most(world):
    adviser = world["adviser marseille"]
    other = factories.site(world.aix, "13001")
    factories.premises("93", other)
    factories.opening_hours("93", other, 4, 9, 12)
    factories.opening_hours("93", world["adviser aix"].site, 2, 9, 12)
    assert "le jeudi de 9 h à 12 h (lieu neutre, entrée sans marche)" in reasons(adviser, world.aix)


def test_the_coordination_says_it_too_and_no_other_structure(logged_in, world):
    place = address_of(world["structure_manager aix"])
    for name, status in (
        ("regional_coordinator 93", 302),
        ("structure_manager marseille", 404),
        ("regional_coordinator 11", 404),
        ("adviser aix", 403),
    ):
        assert logged_in(world[name]).post(place, {"is_neutral": "yes"}).status_code == status


def test_postgresql_refuses_what_is_not_theirs_or_not_said_so(world):
    manager, site = world["structure_manager aix"], world["structure_manager aix"].site

    def said(**values) -> Premises:
        first = {"region_id": "93", "structure_id": site.structure_id, "site_id": site.pk}
        return Premises(**first | {"said_on": periods.today()} | values)

    for member, values, error, match in (
        (world["structure_manager marseille"], {}, ProgrammingError, "row-level security"),
        (world["dgefp_officer"], {}, ProgrammingError, "row-level security"),
        (manager, {"site_id": world["adviser marseille"].site.pk}, IntegrityError, "premises_site"),
        (manager, {"comforts": ["lift"]}, IntegrityError, "premises_comforts"),
        (manager, {"address": "https://exemple.fr/"}, IntegrityError, "premises_address"),
        (manager, {"remote": ["PRE"]}, IntegrityError, "premises_remote"),
        (manager, {"remote": ["TEL"]}, IntegrityError, "premises_remote_reached"),
        (manager, {"remote": ["CHA"], "mail": "a@b.example"}, IntegrityError, "remote_reached"),
        (manager, {"phone": "08 92 12 34 56"}, IntegrityError, "premises_phone"),
        (manager, {"web_page": "http://aix.example/"}, IntegrityError, "premises_web_page"),
    ):
        with (
            pytest.raises(error, match=match),
            transaction.atomic(),
            scope_of(member, read_only=False),
        ):
            said(**values).save()
    abroad = factories.site(world.aix, "75056").pk  # of another Region
    with (
        pytest.raises(IntegrityError, match="another Region"),
        transaction.atomic(),
        scope_of(manager, read_only=False),
    ):
        said(site_id=abroad).save()
    with scope_of(manager, read_only=False):
        reached = {"remote": ["TEL", "VIS"], "phone": "08 00 12 34 56"}
        said(comforts=["parking"], address=DIRECTORY, **reached).save()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"address": "https://exemple.fr/lieu"}, "elle commence par https://acceslibre"),
        ({"comforts": ["lift"]}, "lift"),
        ({"is_neutral": "peut-être"}, "peut-être"),
        ({"phone": "0892 12 34 56"}, "font payer la personne"),
        ({"phone": "04 90"}, "dix chiffres, ou quatre"),
        ({"web_page": "http://aix.example/"}, "commence par https://"),
        ({"remote": ["TEL"]}, "dites à quel numéro"),
        ({"remote": ["MEL"]}, "dites à quelle adresse"),
        ({"remote": ["CHA"], "phone": "39 36"}, "dites sur quelle page"),
    ],
)
def test_what_cannot_be_said_is_explained(logged_in, world, wrong, sentence):
    manager = world["structure_manager aix"]
    page = logged_in(manager).post(address_of(manager), {"is_step_free": "yes"} | wrong)
    assert page.status_code == 200
    assert sentence in unescape(page.content.decode())
    assert page.context["form"]["is_step_free"].value() == "yes"
    with scope_of(manager, read_only=True):
        assert not Premises.objects.exists()
