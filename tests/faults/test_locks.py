"""Long transactions and locks: nobody waits for ever, and what was typed is sent again.

The limits themselves: tests/test_limits.py.
"""

import uuid

import psycopg
import pytest

from beneficiaries.contact_codes import form_fingerprint
from beneficiaries.models import ContactForms, Journey
from indicators.worklist import nation
from regions.middleware import scope_of
from regions.models import Membership
from tests import factories
from tests.faults.browser import Browser, typed
from tests.faults.storm import CHOICES, PAGE, is_french_and_bare
from tests.faults.tally import scenario

pytestmark = pytest.mark.faults

SLOW = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_sleep(60); RETURN new; END';
CREATE TRIGGER dawdle BEFORE INSERT ON beneficiaries_contacttally
  FOR EACH ROW EXECUTE FUNCTION dawdle()
"""


def sent(key: str) -> int:
    """How often a form is noted, which is counted in the same transaction."""
    form = form_fingerprint(uuid.UUID(key))
    return sum(row.fingerprints.count(form) for row in ContactForms.objects.all())


@pytest.fixture(scope="module")
def adviser(stage) -> Membership:
    with nation():
        email = stage.account("adviser")["email"]
        return Membership.objects.select_related("site").get(user__email=email)


@pytest.fixture(scope="module")
def browser(stage) -> Browser:
    return stage.browser_of("adviser", stage.site())


@pytest.fixture
def owner(stage):
    """Somebody who holds a lock: a report, a hand on the database, a migration."""
    with psycopg.connect(stage.environment["DATABASE_OWNER_URL"]) as link:
        yield link


def test_a_row_that_somebody_holds(browser, adviser, owner):
    with scope_of(adviser, read_only=False):
        journey = factories.journey(adviser)
    page = f"/parcours/{journey.public_id}/cloture/"
    fields = typed(
        browser.get(page).form()[1],
        closed_on="2016-05-03",
        outcome="I03",
        exit_situation="CDI",
        may_be_asked="no",
    )
    with scenario("a row held by another transaction") as count:
        owner.execute("SELECT 1 FROM beneficiaries_journey WHERE id = %s FOR UPDATE", [journey.pk])
        refused = browser.post(page, fields)
        assert refused.status == 503
        assert "Une autre personne enregistre ce même élément" in refused.text
        count.wrong += not is_french_and_bare(refused)
        owner.rollback()
        again, kept = refused.form(page)
        count.lost += sorted(kept) != sorted(fields)
        assert browser.post(again, kept).status == 302
        with scope_of(adviser, read_only=True):
            count.lost += Journey.objects.get(pk=journey.pk).outcome_id != "I03"


def test_a_table_that_somebody_holds(browser, owner):
    """Pages that do not need it go on; those that do answer after five seconds."""
    with scenario("a table held by a migration") as count:
        owner.execute("LOCK TABLE beneficiaries_journey IN ACCESS EXCLUSIVE MODE")
        refused = browser.get("/parcours/")
        assert refused.status == 503
        count.wrong += "Une autre personne" not in refused.text
        count.wrong += browser.get(PAGE).status != 200
        owner.rollback()
        count.lost += browser.get("/parcours/").status != 200


def test_a_statement_that_lasts(browser, adviser, owner):
    key = str(uuid.uuid4())
    fields = typed(browser.get(PAGE).form()[1], key=key, **CHOICES)
    with scenario("a statement longer than ten seconds") as count:
        owner.execute(SLOW)
        owner.commit()
        refused = browser.post(PAGE, fields)
        assert refused.status == 503
        assert "durait trop longtemps" in refused.text
        count.wrong += not is_french_and_bare(refused)
        with scope_of(adviser, read_only=True):
            count.doubled += sent(key)
        owner.execute("DROP TRIGGER dawdle ON beneficiaries_contacttally; DROP FUNCTION dawdle")
        owner.commit()
        again, kept = refused.form(PAGE)
        assert browser.post(again, kept).status == 201
        with scope_of(adviser, read_only=True):
            count.lost += sent(key) != 1
