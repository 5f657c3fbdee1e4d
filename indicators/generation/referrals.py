"""Fiches de liaison between the journeys that were made: some open the second journey of a person
followed by two structures, others are accepted without the person coming, declined, withdrawn, or
never answered.

In SQL over what is there: what becomes of a fiche is told by the number of its journey, so that
the same journeys give the same fiches. Each is written once, as it stands today, with the moves
and the places taken that triggers would have written had it moved on screen.
"""

from datetime import date

from operators.models import Arrival

# Days after it was sent, and after it was accepted without the person coming.
ESCALATED_AFTER, MISSED_AFTER = 10, 14

# Files of one person in two structures. A table of its own: in one query with the journeys,
# PostgreSQL sometimes guesses a handful of rows and looks up hundreds of thousands one by one.
_KNOWN_TWICE = """
CREATE TEMP TABLE known_twice ON COMMIT DROP AS
SELECT DISTINCT ka.beneficiary_id AS here, kb.beneficiary_id AS there
  FROM beneficiaries_personkey ka
  JOIN beneficiaries_personkey kb
    ON kb.key = ka.key AND kb.year = ka.year AND kb.structure_id <> ka.structure_id
"""
_SECOND_JOURNEYS = """
CREATE TEMP TABLE fiche ON COMMIT DROP AS
SELECT DISTINCT ON (a.id) a.id AS journey_id, b.structure_id AS receiver_id, b.id AS opened,
       b.opened_on AS received_on, 'received' AS outcome, 1 AS days
  FROM known_twice
  JOIN beneficiaries_journey a ON a.beneficiary_id = here
  JOIN beneficiaries_journey b
    ON b.beneficiary_id = there AND b.region_id = a.region_id
   AND b.opened_on BETWEEN a.opened_on + 2 AND a.opened_on + 45
 WHERE a.id %% 2 = 0
 ORDER BY a.id, b.id
"""
# Of all journeys, one in fourteen is sent on to an operator of the same département.
_OTHERS = """
INSERT INTO fiche
SELECT journey_id, receiver_id, NULL, NULL,
       CASE WHEN journey_id / 14 %% 20 = 4 THEN 'withdrawn'
            WHEN journey_id / 14 %% 20 = 9 THEN 'silent'
            WHEN journey_id / 14 %% 2 = 0 THEN 'accepted' ELSE 'declined' END,
       (1 + sqrt(journey_id / 14 %% 400))::int
  FROM (SELECT j.id AS journey_id,
               (SELECT o.structure_id
                  FROM operators_operator o
                  JOIN regions_site s ON s.structure_id = o.structure_id
                 WHERE s.department_id = j.department_id AND o.valid @> j.opened_on
                   AND o.structure_id <> j.structure_id
                 ORDER BY md5(o.structure_id || ' ' || j.id) LIMIT 1) AS receiver_id
          FROM beneficiaries_journey j
         WHERE j.id %% 14 = 0 AND j.id NOT IN (SELECT journey_id FROM fiche)) others
 WHERE receiver_id IS NOT NULL
"""
# How each has moved until today.
_MOVES = """
CREATE TEMP TABLE move ON COMMIT DROP AS
SELECT fiche.journey_id, rank, one.state, on_day + hour AS at
  FROM fiche
  JOIN beneficiaries_journey j ON j.id = fiche.journey_id
  CROSS JOIN LATERAL (VALUES
    (0, 'sent', j.opened_on, time '10:00'),
    (1, CASE outcome WHEN 'received' THEN 'accepted' WHEN 'silent' THEN 'escalated'
                     ELSE outcome END,
        j.opened_on + CASE outcome WHEN 'silent' THEN %(escalated)s ELSE days END, time '15:00'),
    (2, CASE outcome WHEN 'received' THEN 'received' WHEN 'accepted' THEN 'missed' END,
        CASE outcome WHEN 'received' THEN received_on
                     ELSE j.opened_on + days + %(missed)s END, time '15:00')
  ) one(rank, state, on_day, hour)
 WHERE one.state IS NOT NULL AND (rank = 0 OR on_day < %(today)s)
"""
_SEND = """
INSERT INTO beneficiaries_referral
  (public_id, region_id, structure_id, department_id, site_id, receiver_id, receiver_region_id,
   journey_id, thread_number, level_id, reason_id, sent_by_id, sent_on, consented_on,
   state, state_since, opened_journey_id, decline_reason_id, received_by_link)
SELECT md5('fiche ' || j.id)::uuid, j.region_id, j.structure_id, j.department_id, f.site_id,
       fiche.receiver_id, j.region_id, j.id, j.thread_number, 'N2', j.main_reason_id,
       f.referent_id, j.opened_on, j.opened_on, last.state, last.at,
       CASE WHEN last.state = 'received' THEN fiche.opened END,
       CASE WHEN last.state = 'declined' THEN declined.reason END, false
  FROM fiche
  JOIN beneficiaries_journey j ON j.id = fiche.journey_id
  JOIN beneficiaries_followup f ON f.journey_id = j.id AND f.starts_on = j.opened_on
  JOIN (SELECT DISTINCT ON (journey_id) * FROM move ORDER BY journey_id, rank DESC) last
    ON last.journey_id = j.id
  JOIN (SELECT fifth, (SELECT code FROM operators_declinereason
                        ORDER BY md5(code || ' ' || fifth) LIMIT 1) AS reason
          FROM generate_series(0, 4) fifth) declined ON declined.fifth = j.id %% 5
 ORDER BY j.opened_on, j.id
"""
_LOG = """
INSERT INTO beneficiaries_referralevent (referral_id, state, at)
SELECT r.id, move.state, move.at
  FROM move JOIN beneficiaries_referral r USING (journey_id)
 ORDER BY r.id, move.rank
"""
_TAKE_PLACES = """
INSERT INTO operators_placetaken (region_id, structure_id, sent_on, places)
SELECT r.receiver_region_id, r.receiver_id, r.sent_on,
       CASE WHEN move.state = 'sent' THEN 1 ELSE -1 END
  FROM move JOIN beneficiaries_referral r USING (journey_id)
 WHERE move.state IN ('sent', 'declined', 'withdrawn')
 ORDER BY r.id, move.rank
"""
# Whom they bring. Their months are marked already, once.
_COME_BY_IT = f"""
ALTER TABLE beneficiaries_journey DISABLE TRIGGER USER;
UPDATE beneficiaries_journey SET arrival_id = '{Arrival.FROM_A_STRUCTURE}'
 WHERE id IN (SELECT opened FROM fiche);
ALTER TABLE beneficiaries_journey ENABLE TRIGGER USER
"""
# Whom each is about: all fields of a fiche of level 2. One that was withdrawn no longer says it.
_NAME = """
INSERT INTO beneficiaries_referralperson
  (region_id, structure_id, receiver_id, receiver_region_id, referral_id, fields,
   other_choice)
SELECT r.region_id, r.structure_id, r.receiver_id, r.receiver_region_id, r.id,
       jsonb_build_object(
         'last_name', b.last_name, 'first_name', b.first_name, 'birth_name', b.birth_name,
         'birth_date', coalesce(b.birth_date::text, ''), 'sex', b.sex_id, 'phone', b.phone,
         'email', b.email, 'commune', coalesce(b.commune_id, ''), 'situation', j.situation_id,
         'message', ''), ''
  FROM fiche
  JOIN beneficiaries_referral r USING (journey_id)
  JOIN beneficiaries_journey j ON j.id = r.journey_id
  JOIN beneficiaries_beneficiary b ON b.id = j.beneficiary_id
 WHERE r.state <> 'withdrawn'
"""


def send_referrals(cursor, today: date) -> None:
    for statement in (_KNOWN_TWICE, "ANALYZE known_twice", _SECOND_JOURNEYS, _OTHERS):
        cursor.execute(statement, {})
    cursor.execute("ANALYZE fiche")
    values = {"today": today, "escalated": ESCALATED_AFTER, "missed": MISSED_AFTER}
    cursor.execute(_MOVES, values)
    cursor.execute("ANALYZE move")
    cursor.execute(_SEND, {})
    cursor.execute("ANALYZE beneficiaries_referral")
    for statement in (_LOG, _TAKE_PLACES, _COME_BY_IT, _NAME):
        cursor.execute(statement)
    cursor.execute("DROP TABLE known_twice, fiche, move")
