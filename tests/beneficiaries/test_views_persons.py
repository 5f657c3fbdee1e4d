"""The file of a person, corrected by two at once."""

from html import unescape

import pytest

from beneficiaries.models import Beneficiary
from regions.middleware import scope_of
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_two_who_correct_it_at_once_lose_nothing_of_each_other(logged_in, world):
    adviser, colleague = world["adviser marseille"], world["structure_manager marseille"]
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser, last_name="Bellanger", phone="06 00 00 00 01")
        factories.journey(adviser, of=person)
    address = f"/beneficiaires/{person.public_id}/"
    hers, his = logged_in(adviser), logged_in(colleague)
    first, second = typed(hers.get(address)), typed(his.get(address))
    assert hers.post(address, first | {"phone": "06 00 00 00 02"}).status_code == 302
    refused = his.post(address, second | {"email": "ines@exemple.fr"})
    said = unescape(refused.content.decode())
    assert "téléphone « 06 00 00 00 02 »" in said
    assert "ines@exemple.fr" in said  # what was typed stays
    assert stored(adviser) == ("06 00 00 00 02", "")
    assert his.post(address, typed(refused) | {"phone": "06 00 00 00 02"}).status_code == 302
    assert stored(adviser) == ("06 00 00 00 02", "ines@exemple.fr")


def typed(page) -> dict:
    """The form as the page shows it."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in values.items() if value is not None}


def stored(adviser) -> tuple[str, str]:
    with scope_of(adviser, read_only=True):
        return Beneficiary.objects.values_list("phone", "email").get()
