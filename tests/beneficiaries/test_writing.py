"""What an act writes stands whole, or not at all."""

from datetime import date

import pytest

from beneficiaries.actions.rules import writing
from beneficiaries.models import Journey
from regions.models import Membership
from regions.permissions import Permission
from sprocep import tenancy
from sprocep.errors import ActionRefused
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def write_half(adviser: Membership, error: Exception) -> None:
    with writing(adviser, Permission.LOG_SESSIONS):
        factories.journey(adviser, opened_on=date(2016, 2, 11))
        raise error


@pytest.mark.parametrize("error", [ActionRefused("non"), RuntimeError("broken half-way")])
def test_what_was_written_before_an_error_is_undone(world, error):
    adviser = world["adviser marseille"]
    with tenancy.scope(regions=["93"], structures=[world.marseille.pk]):
        with writing(adviser, Permission.LOG_SESSIONS):
            factories.journey(adviser, opened_on=date(2016, 2, 10))
        kept = Journey.objects.count()
        assert kept > 0
        with pytest.raises(type(error)):
            write_half(adviser, error)
        assert Journey.objects.count() == kept
