"""What time would have done since: coordinations called those who had not answered a fiche,
advisers asked by phone what became of those who left, persons gave their opinion of a session.

In SQL, as owner, over the journeys and sessions that were generated, and before they are compiled;
what each says is told by its own number. PostgreSQL's rules hold: a question is put, then answered,
an opinion takes its code away. The same journeys give the same answers.
"""

from datetime import date

from django.db import connections, transaction

from beneficiaries.models.feedback import QUESTIONS
from beneficiaries.queries import CLOSED_AFTER
from beneficiaries.queries.feedback import STILL_SERVES
from indicators.actions import publish_surveys
from indicators.generation.ground import OWNER
from indicators.generation.plan import merger_quarters
from sprocep import periods
from sprocep.periods import Period

ANSWERED_BY_NOW = 90  # days after it was sent that no fiche waits any more
_MOST_OPINIONS = 30  # of a structure and a month

_LATE_ANSWERS = """
UPDATE beneficiaries_referral r
   SET state = CASE r.id %% 2 WHEN 0 THEN 'accepted' ELSE 'declined' END,
       state_since = r.sent_on + 12 + (r.id %% 30)::int + time '11:00',
       decline_reason_id = CASE r.id %% 2 WHEN 1 THEN
         (SELECT code FROM operators_declinereason ORDER BY md5(code || r.id) LIMIT 1) END
 WHERE r.state = 'escalated' AND r.sent_on < %(today)s::date - %(days)s
"""
_NOT_COME = """
UPDATE beneficiaries_referral SET state = 'missed', state_since = state_since + interval '14 days'
 WHERE state = 'accepted' AND state_since < %(today)s::date - 14
"""
# Of the recent exits, which are few, nine persons in ten agreed; of the others, one in four.
_AGREED = """
UPDATE beneficiaries_journey j SET may_be_asked = true
 WHERE j.closed_on >= %(starts)s AND j.closed_on < %(ends)s AND j.may_be_asked IS NULL
   AND j.id %% 20 < %(of_twenty)s
   AND EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = j.id AND s.rank >= 2)
"""
_ASKED = """
INSERT INTO beneficiaries_exitquestion
  (region_id, structure_id, journey_id, exit_on, asked_on, closes_on, state, project)
SELECT j.closed_region_id, j.structure_id, j.id, j.closed_on,
       j.closed_on + interval '6 months', j.closed_on + interval '8 months', 'waiting', ''
  FROM beneficiaries_journey j
 WHERE j.closed_on >= %(starts)s AND j.closed_on < %(ends)s AND j.may_be_asked
   AND EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = j.id AND s.rank >= 2)
 ORDER BY j.id
ON CONFLICT DO NOTHING
"""
_ANSWERED = """
UPDATE beneficiaries_exitquestion q
   SET state = 'answered', answered_on = q.asked_on + 3 + (q.journey_id %% 40)::int,
       situation_id = CASE WHEN chance %% 10 < 4 THEN coalesce(exit_situation_id, 'NR')
         ELSE ('{CDI,CDI,CDD,APP,STR,DEI}'::text[])[1 + chance %% 6] END,
       project = ('{yes,yes,partly,partly,no}'::text[])[1 + chance / 10 %% 5],
       usefulness = ('{4,4,3,3,3,2,1}'::int[])[1 + chance / 50 %% 7],
       channel_id = 'TEL', noted_by_id = referent_id
  FROM (SELECT j.id, j.exit_situation_id, f.referent_id,
               ('x' || substr(md5('six months ' || j.id), 1, 6))::bit(24)::int AS chance
          FROM beneficiaries_journey j
          CROSS JOIN LATERAL (SELECT referent_id FROM beneficiaries_followup
                               WHERE journey_id = j.id ORDER BY starts_on DESC LIMIT 1) f
         WHERE j.closed_on >= %(starts)s AND j.closed_on < %(ends)s) said
 WHERE said.id = q.journey_id AND q.exit_on >= %(starts)s AND q.exit_on < %(ends)s
   AND q.state = 'waiting' AND chance %% 100 < 62
"""
# Each opinion as a person gives one: her code is shown, and goes with the answer.
_OPINIONS = """
DO $$
DECLARE held record; code bytea; said jsonb;
BEGIN
  FOR held IN
    SELECT region_id, structure_id, to_char(held_on, 'YYYY-MM') AS month,
           least(count(*) / 6, {most}) AS given
      FROM beneficiaries_session WHERE held_on >= '{starts}' AND held_on < '{ends}'
     GROUP BY 1, 2, 3 HAVING count(*) >= 6 ORDER BY 1, 2, 3
  LOOP
    INSERT INTO beneficiaries_feedbacktally (region_id, structure_id, month, answered, counts)
    VALUES (held.region_id, held.structure_id, held.month, 0, '{{}}') ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    SELECT jsonb_object_agg(question, grades) INTO said FROM (
      SELECT question, jsonb_object_agg(grade, times) AS grades FROM (
        SELECT question, count(*) AS times,
               ('{{4,4,4,3,3,3,2,1}}'::text[])[1 + get_byte(sha256(convert_to(
                 concat_ws(' ', question, held.structure_id, held.month, number), 'UTF8')), 0) % 8]
               AS grade
          FROM generate_series(1, held.given) number, unnest('{questions}'::text[]) question
         GROUP BY 1, 3) one
       GROUP BY question) every;
    FOR number IN 1..held.given LOOP
      code := sha256(convert_to(
        concat_ws(' ', 'opinion', held.region_id, held.structure_id, held.month, number), 'UTF8'));
      INSERT INTO beneficiaries_feedbackcode (id, region_id, structure_id, month, fingerprint)
      VALUES (gen_random_uuid(), held.region_id, held.structure_id, held.month, code);
      PERFORM set_config('sprocep.presented', encode(code, 'hex'), true);
      UPDATE beneficiaries_feedbacktally SET answered = number, counts = said
       WHERE structure_id = held.structure_id AND region_id = held.region_id
         AND month = held.month;
    END LOOP;
  END LOOP;
  PERFORM set_config('sprocep.presented', '', true);
END $$
"""


def answer_late_fiches() -> None:
    """Before anything is compiled: a fiche is counted in the state where it is."""
    today = periods.today()
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(_LATE_ANSWERS, {"today": today, "days": ANSWERED_BY_NOW})
        cursor.execute(_NOT_COME, {"today": today})


def play_after() -> None:
    """Once: what was answered is not asked again, and what was published stays. No edition counts
    it."""
    today = periods.today()
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        exits = _recent(periods.months_after(today, -CLOSED_AFTER))
        for quarter, of_twenty in [
            *((quarter, 18) for quarter in exits),
            *((quarter.after, 5) for quarter in merger_quarters()),
        ]:
            values = {"starts": quarter.starts, "ends": quarter.ends, "of_twenty": of_twenty}
            for statement in (_AGREED, _ASKED, _ANSWERED):
                cursor.execute(statement, values)
        sessions = _recent(periods.months_after(today, -STILL_SERVES))
        questions = f"{{{','.join(QUESTIONS)}}}"
        cursor.execute(
            _OPINIONS.format(
                starts=sessions[0].starts,
                ends=sessions[-1].ends,
                most=_MOST_OPINIONS,
                questions=questions,
            )
        )
    publish_surveys()


def _recent(day: date) -> list[Period]:
    """The last quarters that were over on a day."""
    last = periods.quarter_of(day).before
    return periods.quarters(periods.quarter_of(periods.months_after(last.starts, -9)), last)
