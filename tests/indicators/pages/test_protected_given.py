"""What came out since an edition was protected may give away what it hides: it is protected again
before anybody validates it."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from indicators import actions, secrecy
from indicators.actions import calendar
from indicators.models import CalendarEntry, Compilation, Edition
from indicators.worklist import nation
from sprocep.errors import ActionRefused
from tests import factories
from tests.indicators.pages.fabricated import DRAFT

OFFICER, LATER = "dgefp_officer", "2016-T3"


@pytest.fixture(scope="class")
def later(base, django_db_blocker) -> Iterator[Edition]:
    """The quarter after the drafts', sealed before they are: committed, for this class alone."""
    now = timezone.now()
    with django_db_blocker.unblock():
        made = factories.edition(
            LATER,
            "FR",
            "sealed",
            sealed_at=now,
            sealed_by=base[OFFICER].user_id,
            chained_seal="0" * 64,
        )
        yield made
        made.delete(using="owner")


def under_review(base) -> Edition:
    draft = Edition.objects.get(period=DRAFT.code, territory="93")
    return actions.open_review(by=base[OFFICER].user, edition=draft)


@pytest.mark.django_db
def test_what_knows_all_that_is_out_is_validated(base):
    with nation():
        validated = actions.validate_edition(by=base[OFFICER].user, edition=under_review(base))
    assert validated.state == "validated"


class TestSomethingCameOutSince:
    @pytest.mark.django_db
    def test_it_is_not_validated_before_it_is_protected_again(self, base, later):
        with nation():
            draft = under_review(base)
            with pytest.raises(ActionRefused, match=f"sans connaître {LATER}"):
                actions.validate_edition(by=base[OFFICER].user, edition=draft)
            assert later.pk in secrecy.published_around(DRAFT).editions

    @pytest.mark.django_db
    def test_what_passes_alone_is_compiled_first(self, base, later):
        with nation():
            draft = under_review(base)
            entry = CalendarEntry(period=DRAFT.code)
            calendar.validate_alone(entry, [draft])
            assert Edition.objects.get(pk=draft.pk).state == "under_review"
            assert Compilation.objects.filter(period=DRAFT.code).exists()
