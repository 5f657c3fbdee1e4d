"""A preview says what sums of published cells say, and nothing else."""

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from indicators import actions
from indicators.models import EditionCell
from indicators.regional.composition import Composition
from indicators.regional.relations import Address
from indicators.regional.sizes import Size, sizes
from regions.models import Region
from sprocep.tenancy import scope
from tests import factories
from tests.indicators.regional.conftest import WOMEN

PLACE = ("93", "date")


def at(indicator: str, category: str = "total=total", **margin: str) -> Address:
    breakdown, _, code = category.partition("=")
    place = {"department": "total", "operator": "total", "level": "total"} | margin
    return Address(*PLACE, indicator, "journeys_opened", *place.values(), breakdown, code)


PUBLIC: dict[Address, int | None] = {
    at("A1"): 300,
    at("A1", level="N1"): 120,
    at("B1"): 300,
    **{at("B1", f"sex_age={pair}"): n for pair, n in (("F|A1", 80), ("F|A2", 70), ("H|A1", 60))},
    at("C1.main"): 300,
    at("C1.main", "reason=M01"): 90,
    at("C1.main", "reason=M02"): 150,
    at("C1.main", "reason=M03"): None,
    at("C1.main", "reason=M12"): None,
    at("B1", "sex_age=H|A2"): None,
}


def women(**other) -> Composition:
    given = {"population": "journeys_opened", "measure": "count", "filters": (("sex", ("F",)),)}
    return Composition(code="R93.1", label="essai", **given | other)


def size(composition: Composition, public: dict = PUBLIC, **margin: str) -> Size:
    address = at("R93.1", **margin)
    return sizes(composition, [address], public)[address]


def test_a_sum_of_published_cells_is_said():
    assert size(women()) == Size(150, is_exact=True)


def test_what_is_left_of_published_cells_is_said():
    """« H|A2 » is not published; the rest of the whole is."""
    assert size(women(filters=(("sex", ("H",)),))) == Size(150, is_exact=True)


def test_a_crossing_is_at_most_the_smallest_that_contains_it():
    crossed = women(filters=(("sex", ("F",)), ("reason", ("M01",))))
    assert size(crossed) == Size(90, is_exact=False)
    assert size(women(), level="N1") == Size(120, is_exact=False)


def test_nothing_is_said_where_nothing_is_published():
    secret = dict.fromkeys(PUBLIC)
    assert size(women(), secret) == Size(None, is_exact=False)


def test_the_attack_of_the_review_is_told_nothing():
    """« reason in {M12} ∪ published reasons »: each answer was within ten of the truth."""
    asked = women(filters=(("reason", ("M12", "M01")),))
    assert size(asked) == Size(300, is_exact=False)
    assert size(asked, PUBLIC | {at("C1.main", "reason=M12"): 4}) == Size(94, is_exact=True)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_coordinator_reads_the_sizes_of_her_draft(world, logged_in):
    coordinator = world["regional_coordinator 93"]
    now = timezone.now()
    sealed = factories.edition(
        "2015-T4", "93", "sealed", sealed_at=now, sealed_by_id=coordinator.user.pk,
        chained_seal="0" * 64,
    )  # fmt: skip
    for address, value in PUBLIC.items():
        EditionCell.objects.using("owner").create(
            edition=sealed, unit="journeys", completeness=100, value=value,
            status="secret" if value is None else "published", **address._asdict(),
        )  # fmt: skip
    with scope(regions=["93"]):
        region = Region.objects.get(pk="93")
        draft = actions.compose_indicator(by=coordinator.user, region=region, composed=WOMEN)
    page = logged_in(coordinator).get(reverse("indicators:regional_indicator", args=[draft.slug]))
    text = page.content.decode()
    assert "4e trimestre 2015" in text
    assert "au plus 120" in " ".join(text.split())
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM indicators_work")
        assert cursor.fetchone() == (0,)
