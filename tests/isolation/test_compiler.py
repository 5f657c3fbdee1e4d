"""The compilation reads across structures, and nothing that names anybody."""

import pytest
from django.apps import apps
from django.db import connections
from django.db.utils import ProgrammingError

from beneficiaries import models
from sprocep.tenancy import Columns, scope

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner", "compiler"]),
]

DECLARED: dict[type, Columns] = {
    models.ContactTally: models.CONTACT_TALLY,
    models.ContactForms: models.CONTACT_FORMS,
    models.Beneficiary: models.BENEFICIARY,
    models.Merge: models.MERGE,
    models.PersonKey: models.PERSON_KEY,
    models.Journey: models.JOURNEY,
    models.JourneyReason: models.JOURNEY_REASON,
    models.FollowUp: models.FOLLOW_UP,
    models.Session: models.SESSION,
    models.SessionService: models.SESSION_SERVICE,
    models.Draft: models.DRAFT,
    models.SavedView: models.SAVED_VIEW,
    models.Workshop: models.WORKSHOP,
    models.WorkshopParticipant: models.WORKSHOP_PARTICIPANT,
    models.FinancingPlan: models.FINANCING_PLAN,
    models.PlanCost: models.PLAN_COST,
    models.PlanFunding: models.PLAN_FUNDING,
    models.PlanPaper: models.PLAN_PAPER,
    models.PlanEvent: models.PLAN_EVENT,
    models.Referral: models.REFERRAL,
    models.ReferralPerson: models.REFERRAL_PERSON,
    models.ReferralEvent: models.REFERRAL_EVENT,
    models.SituationChange: models.SITUATION_CHANGE,
    models.DropoutPath: models.DROPOUT_PATH,
    models.Step: models.STEP,
    models.SynthesisDocument: models.SYNTHESIS_DOCUMENT,
    models.ShareCode: models.SHARE_CODE,
    models.ReferralLink: models.REFERRAL_LINK,
    models.ExchangeAct: models.EXCHANGE_ACT,
    models.Webhook: models.WEBHOOK,
    models.WebhookEvent: models.WEBHOOK_EVENT,
    models.PersonAccess: models.PERSON_ACCESS,
    models.ExitQuestion: models.EXIT_QUESTION,
    models.ExitLetter: models.EXIT_LETTER,
    models.FeedbackCode: models.FEEDBACK_CODE,
    models.FeedbackTally: models.FEEDBACK_TALLY,
    models.SurveyResult: models.SURVEY_RESULT,
}
NAMES = [(m, column) for m, c in DECLARED.items() for column in c.identifying.split()]
SCOPE = {"regions": ["93", "11"]}


def run(alias: str, sql: str) -> list:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def assert_denied(sql: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope(using="compiler", **SCOPE),
    ):
        run("compiler", sql)


def test_every_column_of_a_nominal_table_is_declared():
    assert set(DECLARED) == set(apps.get_app_config("beneficiaries").get_models())
    for model, columns in DECLARED.items():
        assert columns.all == {f.column for f in model._meta.local_fields}, model


@pytest.mark.parametrize(("model", "column"), NAMES, ids=lambda x: getattr(x, "__name__", x))
def test_what_identifies_is_denied_to_it(filled, model, column):
    table = model._meta.db_table
    assert run("owner", f"SELECT {column} FROM {table}")
    assert_denied(f"SELECT {column} FROM {table}")
    assert_denied(f"SELECT * FROM {table}")
    assert_denied(f"SELECT id FROM {table} ORDER BY {column}")
    assert_denied(f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL")


@pytest.mark.parametrize("model", DECLARED, ids=lambda m: m.__name__)
def test_what_identifies_nobody_is_read(filled, model):
    columns = f"{DECLARED[model].neutral} {DECLARED[model].special}".split()
    with scope(using="compiler", **SCOPE):
        assert run("compiler", f"SELECT {', '.join(columns)} FROM {model._meta.db_table}")


@pytest.mark.parametrize("model", DECLARED, ids=lambda m: m.__name__)
def test_it_writes_no_nominal_row(filled, model):
    table = model._meta.db_table
    assert run("owner", f"SELECT id FROM {table}")
    assert_denied(f"INSERT INTO {table} (id) VALUES (DEFAULT)")
    assert_denied(f"UPDATE {table} SET id = id")
    assert_denied(f"DELETE FROM {table}")
    assert_denied(f"TRUNCATE {table}")


def test_a_sealed_edition_is_out_of_its_reach(filled):
    sealed = "SELECT id FROM indicators_edition WHERE sealed_at IS NOT NULL"
    draft = "SELECT id FROM indicators_edition WHERE sealed_at IS NULL"
    assert run("owner", sealed)
    with scope(using="compiler", **SCOPE):
        assert run("compiler", sealed) == []
        assert run("compiler", draft)
        with connections["compiler"].cursor() as cursor:
            cursor.execute("UPDATE indicators_edition SET figures_seal = %s", ["1" * 64])
            assert cursor.rowcount == 4  # of the two Regions, the draft and the one under review


# Read in the national scope by the tasks that send them: addresses of structures and of software,
# never of a person.
SENT_BY_THE_NATION = {models.ReferralLink, models.Webhook, models.WebhookEvent}


def test_what_identifies_is_not_read_by_the_nation_nor_by_a_region(filled):
    identifying = {model: columns.identifying.split() for model, columns in DECLARED.items()}
    walked = [model for model, names in identifying.items() if names]
    assert len(walked) > 15
    for model in set(walked) - SENT_BY_THE_NATION:
        assert run("owner", f"SELECT 1 FROM {model._meta.db_table}"), model
        for regions in (["93"], ["11", "93", "FR"]):
            with scope(regions=regions):
                assert run("default", f"SELECT 1 FROM {model._meta.db_table}") == [], model
