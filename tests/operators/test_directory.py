"""« Où être reçu », without an account: which places, in which order, and nothing of anybody."""

import csv
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from operators.models import Operator
from regions.loading import DATA
from regions.models import Site, SproMembership
from sprocep import periods
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
PAGE = "/ou-etre-recu/"


def read(**asked) -> list[tuple[str, list[str]]]:
    """(heading, names of the structures), as anybody reads them."""
    response = Client().get(PAGE, asked)
    assert response.status_code == 200
    found = []
    for part in re.findall(r"<section.*?</section>", response.content.decode(), re.DOTALL):
        heading = unescape(re.search(r"<h2>(.*?)</h2>", part)[1])
        names = re.findall(r'<th scope="row">\s*(.*?)\s*(?:<span|</th>)', part, re.DOTALL)
        found.append((heading, [unescape(name) for name in names]))
    return found


def near(**asked) -> list[tuple[str, list[str]]]:
    """Without the platforms, which are of everywhere, and of other tests too."""
    return [(heading, names) for heading, names in read(**asked) if "distance" not in heading]


def text(**asked) -> str:
    return unescape(Client().get(PAGE, asked).content.decode())


@pytest.fixture
def avignon(world):
    """Around Avignon: in it, across the Rhône in its intercommunalité, and further in Vaucluse."""
    return {
        name: factories.structure(name, code, network=network, category=category)
        for name, code, network, category in (
            ("Mission locale d'Avignon", "84007", "ML", "mission_locale"),
            ("Cap emploi de Villeneuve", "30351", "CAP", "cap_emploi"),
            ("Apec de Carpentras", "84031", "APEC", "apec"),
            ("Apec de Nîmes", "30189", "APEC", "apec"),
        )
    }


def test_the_nearest_come_first(avignon):
    assert near(ou="Avignon") == [
        ("À Avignon", ["Mission locale d'Avignon"]),
        ("Dans la même intercommunalité", ["Cap emploi de Villeneuve"]),
        ("Ailleurs dans le département", ["Apec de Carpentras"]),
    ]
    assert near(ou="84140") == near(ou="Avignon")  # a postcode of hers


def test_as_many_places_as_the_rows_say(avignon):
    """Recounted from the file of communes and the table of places."""
    with (DATA / "communes_2026.csv").open(encoding="utf-8", newline="") as lines:
        communes = {row["code"]: row for row in csv.DictReader(lines)}
    theirs = set(Operator.objects.values_list("structure", flat=True))
    theirs |= set(SproMembership.objects.using("owner").values_list("structure", flat=True))
    for home in ("84007", "30351", "13055"):
        hers = communes[home]
        expected = [
            site.pk
            for site in Site.objects.all()
            if site.structure_id in theirs
            and not site.is_remote_platform
            and (
                site.department_id == hers["departement"]
                or communes[site.commune_id]["epci"] == hers["epci"]
            )
        ]
        shown = near(ou=hers["name"], commune=home)
        assert sum(len(names) for _, names in shown) == len(expected) > 2, home


def test_it_says_when_and_how_without_a_name(avignon, world):
    site = Site.objects.filter(structure=avignon["Mission locale d'Avignon"]).first()
    adviser = factories.member("adviser", region="93", at=site)
    factories.opening_hours("93", site, 2, 9, 12)
    factories.premises("93", site)
    page = text(ou="Avignon")
    for said in ("le mardi de 9 h à 12 h", "lieu neutre", "gratuit", "rester anonyme"):
        assert said in page
    assert adviser.name not in page
    assert "horaires à demander" in page
    assert "conseil et accompagnement" in page
    neutral = near(ou="Avignon", neutre="on", plain_pied="on")
    assert neutral == [("À Avignon", ["Mission locale d'Avignon"])]
    assert near(ou="Carpentras", neutre="on") == [
        ("Ailleurs dans le département", ["Mission locale d'Avignon"])
    ]
    assert "Aucun lieu n’a dit qu’il répond" in text(ou="Nîmes", commune="30189", neutre="on")
    assert "public : jeunes 16-25 ans" in page


def test_it_says_how_to_reach_a_place_and_finds_who_counsels_from_afar(avignon):
    site = Site.objects.filter(structure=avignon["Apec de Carpentras"]).first()
    factories.premises("93", site, phone="08 00 12 34 56", remote=["TEL", "VIS"])
    page = text(ou="Avignon")
    assert 'href="tel:0800123456"' in page
    assert "conseil à distance par téléphone ou par visioconférence" in page
    remote = near(ou="Avignon", a_distance="on")
    assert remote == [("Ailleurs dans le département", ["Apec de Carpentras"])]


def test_a_platform_answers_from_anywhere(avignon):
    """Last, whatever the commune, as long as its structure counsels or receives."""
    network = factories.structure("Info parcours", "75056", network="OPACIF", category="opacif")
    platform = factories.site(network, "75056", is_remote_platform=True)
    factories.premises("11", platform, is_neutral=False, phone="39 36", remote=["TEL"])

    def is_last(**asked) -> bool:
        *_, (heading, names) = read(**asked)
        return heading == "À distance, de toute la France" and "Info parcours" in names

    assert is_last(ou="Avignon")
    assert is_last(ou="Ajaccio")
    assert is_last(ou="Avignon", a_distance="on")
    assert near(ou="Avignon", a_distance="on") == []
    neutral = near(ou="Avignon", neutre="on")
    assert read(ou="Avignon", neutre="on") == neutral  # it said that it is not
    Operator.objects.using("owner").filter(structure=network).update(ends_on=periods.today())
    assert "Info parcours" not in text(ou="Avignon")


def test_who_left_is_not_shown(avignon):
    """A member of the SPRO that is no operator is."""
    gone = avignon["Apec de Carpentras"]
    yesterday = periods.today() - timedelta(days=1)
    Operator.objects.using("owner").filter(structure=gone).update(ends_on=yesterday)
    assert ["Apec de Carpentras"] not in [names for _, names in near(ou="Avignon")]
    factories.spro_membership("93", gone)
    assert ["Apec de Carpentras"] in [names for _, names in near(ou="Avignon")]
    assert "accueil et information" in text(ou="Avignon")
    members = SproMembership.objects.using("owner").filter(structure=gone)
    for status in ("withdrawn", "observer"):
        members.update(status=status)
        assert ["Apec de Carpentras"] not in [names for _, names in near(ou="Avignon")]
    members.update(status="by_law", region="11")  # of another Region
    assert ["Apec de Carpentras"] not in [names for _, names in near(ou="Avignon")]


def test_where_nobody_is_known_yet_it_is_said(avignon):
    assert "Aucun lieu n’est encore connu" in text(ou="Ajaccio")


def test_of_several_communes_one_is_asked(avignon):
    assert "écrivez le nom entier" in text(ou="Saint")
    page = text(ou="Saint-Saturnin")
    assert "écrivez le nom entier" not in page
    assert "De quelle commune" in page
    (link,) = re.findall(r'href="(\?[^"]*commune=84119)"', page)
    chosen = Client().get(PAGE + link).content.decode()
    assert "Cap emploi de Villeneuve" in chosen
    assert "De quelle commune" not in chosen
    assert 'name="commune" value="84119"' in chosen  # and stays, for the next conditions
    assert near(ou="Avignon", commune="84119") == near(ou="Avignon")  # until another is typed


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"ou": ""}, "Écrivez le nom de votre commune"),
        ({"ou": "Xyzzy"}, "Aucune commune ne porte ce nom"),
        ({"ou": "x" * 300}, "80"),
        ({"ou": "-"}, "les premières lettres de la commune"),
        ({"ou": "84"}, "code postal à cinq chiffres"),
    ],
)
def test_what_cannot_be_found_is_explained_and_kept(avignon, asked, said):
    page = text(**asked)
    assert said in page
    assert f'value="{asked["ou"]}"' in page or not asked["ou"]


def test_the_page_asks_for_nothing_by_itself(avignon):
    page = text()
    assert "Commune ou code postal" in page
    assert "fr-error-text" not in page
