"""Two files of one person by keyboard alone: compared, merged, one value changed, separated."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.identity import sort_key
from beneficiaries.models import Beneficiary, Journey
from regions.middleware import scope_of
from tests import factories
from tests.beneficiaries.test_views_merges import CLOSED
from tests.e2e.keyboard import Keyboard, picture

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(databases=["default", "owner"], transaction=True),
]


def fits(page: Page) -> bool:
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", [1280, 375])
def test_two_files_are_merged_and_separated_by_keyboard(visit, world, accessible, width):
    adviser = world["adviser marseille"]

    def file_of(last: str, first: str, *, is_closed: bool = False, **values) -> Journey:
        person = factories.beneficiary(
            adviser,
            last_name=last,
            first_name=first,
            birth_date=date(1985, 3, 12),
            sort_key=sort_key(last, first, ""),
            **values,
        )
        return factories.journey(adviser, of=person, **(CLOSED if is_closed else {}))

    with scope_of(adviser, read_only=False):
        journey = file_of("Lefèvre", "Sophie", phone="06 11 22 33 44", sex_id="F")
        file_of(
            "Lefevre-Bellanger",
            "Sophie",
            is_closed=True,
            sex_id="F",
            email="sophie.lefevre.bellanger@exemple.fr",
            note="Préfère être jointe le soir, après son travail ; vient avec sa sœur.",
        )

    page = visit(adviser, f"/parcours/{journey.public_id}/", width)
    hands = Keyboard(page)

    def looked_at(name: str) -> None:
        accessible(page)
        assert fits(page)
        picture(page, f"{name}-{width}")

    looked_at("merge-journey")
    hands.open("Réunir avec une autre fiche")
    looked_at("merge-alike")
    hands.open("Comparer avec LEFEVRE-BELLANGER Sophie…")
    looked_at("merge-compare")
    hands.pick("Lefèvre (fiche gardée)")
    hands.send()
    expect(page.locator(".fr-alert--success")).to_contain_text("Fiches réunies")
    looked_at("merge-done")
    with scope_of(adviser, read_only=True):
        kept, aside = Beneficiary.objects.order_by("pk")
        assert (str(kept), aside.kept_in_id) == ("LEFÈVRE Sophie", kept.pk)
    with scope_of(adviser, read_only=False):
        Beneficiary.objects.filter(pk=kept.pk).update(email="sophie@exemple.fr")
    hands.open("Séparer de nouveau LEFEVRE-BELLANGER Sophie…")
    looked_at("merge-separate")
    hands.open("Séparer les deux fiches")
    expect(page.locator(".fr-alert--success")).to_contain_text("Fiches séparées")
    looked_at("merge-separated")
    print(f"\nfiches réunies et séparées : {hands.strokes} frappes")
