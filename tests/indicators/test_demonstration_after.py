"""What the demonstration adds of what time did since, over the data set of all Regions."""

import pytest
from django.db import connections

from beneficiaries.queries import exits_to_ask
from beneficiaries.queries.feedback import STILL_SERVES
from indicators import demonstration
from indicators.demonstration.after import ANSWERED_BY_NOW
from sprocep import periods
from sprocep.periods import last_complete_quarter
from tests.databases import cloned_database

OLD = """
    SELECT count(*) FILTER (WHERE state = 'escalated'),
           count(*) FILTER (WHERE state IN ('accepted', 'missed', 'declined'))
    FROM beneficiaries_referral WHERE sent_on < %s
"""
PUBLISHED = """
    SELECT survey, count(DISTINCT period), max(answered) FROM beneficiaries_surveyresult
    WHERE territory = 'FR' GROUP BY survey ORDER BY survey
"""
ASKED = "SELECT count(*), max(id) FROM beneficiaries_exitquestion"


def read(query: str, *values) -> list[tuple]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


@pytest.mark.owner
def test_fiches_of_old_are_answered_and_what_was_said_is_published_once(in_national):
    recent = periods.days_after(periods.today(), -ANSWERED_BY_NOW)
    with cloned_database(f"after_{in_national.name}", template=in_national.name):
        [(silent, answered)] = read(OLD, recent)
        assert silent > 0
        assert read(PUBLISHED) == []
        demonstration.answer_late_fiches()
        assert read(OLD, recent) == [(0, answered + silent)]
        demonstration.play_after()
        (_, *opinions), (_, *exits) = read(PUBLISHED)
        assert min(opinions[0], exits[0]) >= 3
        assert exits[1] >= 11
        # Codes still serve in the first month after the one recent quarter that is full.
        end = last_complete_quarter(periods.today()).ends
        if periods.months_after(end, STILL_SERVES) <= periods.today():
            assert opinions[1] >= 11
        assert read("SELECT count(*) FROM beneficiaries_feedbackcode") == [(0,)]
        assert not exits_to_ask(periods.today()).using("owner").exists()  # nobody is written to
        before = read(ASKED), read(PUBLISHED)
        demonstration.answer_late_fiches()
        demonstration.play_after()
        assert (read(ASKED), read(PUBLISHED)) == before
