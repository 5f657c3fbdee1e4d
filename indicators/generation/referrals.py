"""Fiches de liaison between the journeys that were made: some open the second journey of a person
followed by two structures, others are accepted without the person coming, declined, withdrawn, or
never answered.

In SQL over what is there: what becomes of a fiche is told by the number of its journey, so that
the same journeys give the same fiches. They move as they would on screen, and PostgreSQL logs it.
"""

from datetime import date

from operators.models import Arrival

# Days after it was sent, and after it was accepted without the person coming.
ESCALATED_AFTER, MISSED_AFTER = 10, 14

# Of all journeys, one in fourteen is sent on to an operator of the same département.
_ROADS = """
CREATE TEMP TABLE fiche ON COMMIT DROP AS
WITH pairs AS (
  SELECT DISTINCT ON (a.id) a.id AS journey_id, b.structure_id AS receiver_id, b.id AS opened,
         b.opened_on
    FROM beneficiaries_personkey ka
    JOIN beneficiaries_personkey kb
      ON kb.key = ka.key AND kb.year = ka.year AND kb.structure_id <> ka.structure_id
    JOIN beneficiaries_journey a ON a.beneficiary_id = ka.beneficiary_id
    JOIN beneficiaries_journey b
      ON b.beneficiary_id = kb.beneficiary_id AND b.region_id = a.region_id
     AND b.opened_on BETWEEN a.opened_on + 2 AND a.opened_on + 45
   WHERE a.id %% 2 = 0
   ORDER BY a.id, b.id
), others AS (
  SELECT j.id AS journey_id,
         (SELECT o.structure_id
            FROM operators_operator o
            JOIN regions_site s ON s.structure_id = o.structure_id
           WHERE s.department_id = j.department_id AND o.valid @> j.opened_on
             AND o.structure_id <> j.structure_id
           ORDER BY md5(o.structure_id || ' ' || j.id) LIMIT 1) AS receiver_id
    FROM beneficiaries_journey j
   WHERE j.id %% 14 = 0 AND j.id NOT IN (SELECT journey_id FROM pairs)
)
SELECT journey_id, receiver_id, opened, opened_on AS received_on, 'received' AS outcome, 1 AS days
  FROM pairs
UNION ALL
SELECT journey_id, receiver_id, NULL, NULL,
       CASE WHEN journey_id / 14 %% 20 = 4 THEN 'withdrawn'
            WHEN journey_id / 14 %% 20 = 9 THEN 'silent'
            WHEN journey_id / 14 %% 2 = 0 THEN 'accepted' ELSE 'declined' END,
       (1 + sqrt(journey_id / 14 %% 400))::int
  FROM others WHERE receiver_id IS NOT NULL
"""
_SEND = """
INSERT INTO beneficiaries_referral
  (public_id, region_id, structure_id, department_id, site_id, receiver_id, receiver_region_id,
   journey_id, thread_number, level_id, reason_id, sent_by_id, sent_on, consented_on,
   state, state_since, received_by_link)
SELECT md5('fiche ' || j.id)::uuid, j.region_id, j.structure_id, j.department_id, f.site_id,
       fiche.receiver_id, j.region_id, j.id, j.thread_number, 'N2', j.main_reason_id,
       f.referent_id, j.opened_on, j.opened_on, 'sent', j.opened_on + time '10:00', false
  FROM fiche
  JOIN beneficiaries_journey j ON j.id = fiche.journey_id
  JOIN beneficiaries_followup f ON f.journey_id = j.id AND f.starts_on = j.opened_on
 ORDER BY j.opened_on, j.id
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
_MOVE = """
UPDATE beneficiaries_referral r
   SET state = %(state)s, state_since = moved.on_day + time '15:00',
       opened_journey_id = CASE WHEN %(state)s = 'received' THEN moved.opened END,
       decline_reason_id = CASE WHEN %(state)s = 'declined' THEN moved.reason END
  FROM (SELECT fiche.*, d.code AS reason, CASE WHEN %(state)s = 'received' THEN received_on
               ELSE j.opened_on + CASE WHEN outcome = 'silent' THEN %(escalated)s ELSE days END
                    + CASE WHEN %(state)s = 'missed' THEN %(missed)s ELSE 0 END
               END AS on_day
          FROM fiche
          JOIN beneficiaries_journey j ON j.id = fiche.journey_id
          CROSS JOIN LATERAL (SELECT code FROM operators_declinereason
                               ORDER BY md5(code || ' ' || journey_id %% 5) LIMIT 1) d) moved
 WHERE r.journey_id = moved.journey_id AND moved.outcome = ANY (%(outcomes)s)
   AND moved.on_day < %(today)s
"""
_MOVES = (
    ("accepted", ["accepted", "received"]),
    ("received", ["received"]),
    ("missed", ["accepted"]),
    ("declined", ["declined"]),
    ("withdrawn", ["withdrawn"]),
    ("escalated", ["silent"]),
)


def send_referrals(cursor, today: date) -> None:
    cursor.execute(_ROADS, {})
    cursor.execute(_SEND)
    values = {"today": today, "escalated": ESCALATED_AFTER, "missed": MISSED_AFTER}
    for state, outcomes in _MOVES:
        cursor.execute(_MOVE, values | {"state": state, "outcomes": outcomes})
    cursor.execute(_COME_BY_IT)
    cursor.execute(_NAME)
    cursor.execute("DROP TABLE fiche")
