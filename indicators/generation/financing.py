"""What journeys leave behind: documents de synthèse handed over at the end, plans of level 3.

In SQL over what is there, as the fiches de liaison: the number of a journey tells what it leaves,
so that the same journeys leave the same. Plans are filled, then closed, as they would on screen.
"""

from datetime import date

# Of the journeys of level 2 and 3 that ended, 72 in a hundred: by whom it was followed last.
_DOCUMENTS = """
INSERT INTO beneficiaries_synthesisdocument
  (public_id, region_id, structure_id, department_id, journey_id, number, content, handed_on,
   handed_by_id)
SELECT md5('document ' || j.id)::uuid, j.closed_region_id, j.structure_id, j.closed_department_id,
       j.id, 1,
       jsonb_build_object(
         '$schema', '/static/schemas/synthesis-1.json', 'version', 1, 'number', 1,
         'id', md5('document ' || j.id)::uuid, 'handed_on', j.closed_on,
         'thread_number', j.thread_number,
         'structure', jsonb_build_object(
           'siret', u.siret, 'name', last.name, 'region', j.closed_region_id, 'site', last.site,
           'referent', last.referent),
         'journey', jsonb_build_object(
           'opened_on', j.opened_on, 'closed_on', j.closed_on, 'level', held.level),
         'person', jsonb_build_object('last_name', b.last_name, 'first_name', b.first_name),
         'reasons', jsonb_build_array(j.main_reason_id), 'steps', held.steps, 'plan', NULL),
       j.closed_on, last.referent_id
  FROM beneficiaries_journey j
  JOIN beneficiaries_beneficiary b ON b.id = j.beneficiary_id
  JOIN regions_structure u ON u.id = j.structure_id
  CROSS JOIN LATERAL (
    SELECT f.referent_id, m.name AS referent, s.name AS site,
           (SELECT n.name FROM regions_structurename n WHERE n.structure_id = j.structure_id
             ORDER BY n.starts_on DESC LIMIT 1) AS name
      FROM beneficiaries_followup f
      JOIN regions_membership m ON m.id = f.referent_id
      JOIN regions_site s ON s.id = f.site_id
     WHERE f.journey_id = j.id ORDER BY f.starts_on DESC LIMIT 1) last
  CROSS JOIN LATERAL (
    SELECT max(s.rank) AS rank, max(s.level_id) AS level,
           jsonb_agg(jsonb_build_object(
             'id', s.public_id, 'what', 'Entretien de niveau ' || s.rank, 'actor', last.referent,
             'due_on', NULL, 'done_on', s.held_on, 'result', '',
             'session', jsonb_build_object('level', s.level_id, 'channel', s.channel_id,
                                           'services', jsonb_build_array(first.service_id)))
             ORDER BY s.held_on, s.id) AS steps
      FROM beneficiaries_session s
      CROSS JOIN LATERAL (SELECT v.service_id FROM beneficiaries_sessionservice v
                           WHERE v.session_id = s.id ORDER BY v.position LIMIT 1) first
     WHERE s.journey_id = j.id) held
 WHERE j.closed_on < %(today)s AND held.rank >= 2 AND j.id * 7919 %% 100 < 72
 ORDER BY j.closed_on, j.id
"""

# Of the journeys that came to level 3, three in five, on the day that they did.
_PLANS = """
CREATE TEMP TABLE project ON COMMIT DROP AS
SELECT s.*, 500 + 100 * (s.journey_id * 6007 %% 60) AS training,
       20 * (s.journey_id * 5003 %% 20) * (s.journey_id %% 3 / 2) AS travel
  FROM (SELECT DISTINCT ON (journey_id) journey_id, region_id, structure_id, department_id,
               adviser_id, held_on
          FROM beneficiaries_session WHERE rank >= 3 AND journey_id %% 5 < 3
         ORDER BY journey_id, held_on, id) s
"""
_OPEN = """
INSERT INTO beneficiaries_financingplan
  (region_id, structure_id, department_id, journey_id, opened_on, gap_explained, changed_by_id,
   changed_at)
SELECT region_id, structure_id, department_id, journey_id, held_on, '', adviser_id,
       held_on + time '11:00'
  FROM project ORDER BY held_on, journey_id
"""
_COSTS = """
INSERT INTO beneficiaries_plancost
  (public_id, region_id, structure_id, plan_id, kind_id, label, amount, is_withdrawn,
   changed_by_id, changed_at)
SELECT md5(line.kind || ' ' || journey_id)::uuid, p.region_id, p.structure_id, p.id, line.kind, '',
       line.amount, false, p.changed_by_id, p.changed_at
  FROM beneficiaries_financingplan p
  JOIN project USING (journey_id)
  CROSS JOIN LATERAL (VALUES ('CP', training), ('CT', travel)) line(kind, amount)
 WHERE line.amount > 0
 ORDER BY p.id, line.kind
"""
# One funder is asked for everything, or two for a share each; among the rights of that day.
_ASK = """
INSERT INTO beneficiaries_planfunding
  (public_id, region_id, structure_id, plan_id, right_id, state, asked, granted, asked_on,
   decided_on, document, is_withdrawn, changed_by_id, changed_at)
SELECT md5('demande ' || number || ' ' || journey_id)::uuid, region_id, structure_id, plan_id, code,
       state, asked,
       CASE WHEN state <> 'granted' THEN 0 WHEN chance < 10 THEN ceil(asked / 2) ELSE asked END,
       held_on, decided_on, '', false, changed_by_id,
       coalesce(decided_on, held_on) + time '11:00'
  FROM (SELECT request.*, CASE WHEN day < %(today)s THEN day END AS decided_on,
               CASE WHEN day >= %(today)s THEN 'asked' WHEN chance >= 85 THEN 'refused'
                    ELSE 'granted' END AS state
          FROM (SELECT p.id AS plan_id, p.region_id, p.structure_id, p.changed_by_id, journey_id,
                       held_on, chosen.number, chosen.code,
                       ceil((training + travel) / shared.payers) AS asked,
                       (journey_id * 4001 + number * 37) %% 100 AS chance,
                       held_on + 6 + ((journey_id * 3001 + number * 53) %% 60)::int AS day
                  FROM beneficiaries_financingplan p
                  JOIN project USING (journey_id)
                  CROSS JOIN LATERAL (SELECT CASE WHEN journey_id %% 4 = 1 THEN 2 ELSE 1 END
                                             AS payers) shared
                  CROSS JOIN LATERAL (
                    SELECT r.code, row_number() OVER (ORDER BY md5(r.code || journey_id)) AS number
                      FROM operators_fundingright r WHERE r.valid @> held_on) chosen
                 WHERE chosen.number <= shared.payers) request) answered
 ORDER BY plan_id, number
"""
# When all have answered, what is left being explained.
_CLOSE = """
UPDATE beneficiaries_financingplan p
   SET closed_on = answered.last + 3, changed_at = answered.last + 3 + time '11:00',
       gap_explained = CASE WHEN answered.granted = training + travel THEN ''
                            ELSE 'La personne renonce à une partie ou la paie elle-même.' END
  FROM (SELECT plan_id, max(decided_on) AS last, sum(granted) AS granted,
               bool_or(state = 'asked') AS waits
          FROM beneficiaries_planfunding GROUP BY plan_id) answered,
       project
 WHERE p.id = answered.plan_id AND p.journey_id = project.journey_id
   AND NOT answered.waits AND answered.last + 3 < %(today)s
"""


def hand_over_documents(cursor, today: date) -> None:
    cursor.execute(_DOCUMENTS, {"today": today})


def finance_projects(cursor, today: date) -> None:
    cursor.execute(_PLANS, {"today": today})
    cursor.execute("ANALYZE project")
    for statement in (_OPEN, _COSTS, _ASK, _CLOSE):
        cursor.execute(statement, {"today": today})
    cursor.execute("DROP TABLE project")
