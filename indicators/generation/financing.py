"""What journeys leave behind: documents de synthèse handed over at the end, plans of level 3.

In SQL over what is there, as the fiches de liaison: the number of a journey tells what it leaves,
so that the same journeys leave the same. A plan is written as it stands today, with the log that
triggers would have written had it been filled, then closed, on screen.
"""

from datetime import date

# Of the journeys of level 2 and 3 that ended, 72 in a hundred: by whom it was followed last.
_DOCUMENTS = """
INSERT INTO beneficiaries_synthesisdocument
  (public_id, region_id, structure_id, department_id, journey_id, number, content, handed_on,
   handed_by_id)
WITH handed AS (
  SELECT j.*, f.referent_id, m.name AS referent, s.name AS site
    FROM beneficiaries_journey j
    JOIN (SELECT DISTINCT ON (journey_id) journey_id, referent_id, site_id
            FROM beneficiaries_followup ORDER BY journey_id, starts_on DESC) f
      ON f.journey_id = j.id
    JOIN regions_membership m ON m.id = f.referent_id
    JOIN regions_site s ON s.id = f.site_id
   WHERE j.closed_on < %(today)s AND j.id * 7919 %% 100 < 72
), held AS (
  SELECT s.journey_id, max(s.level_id) AS level,
         jsonb_agg(jsonb_build_object(
           'id', s.public_id, 'what', 'Entretien de niveau ' || s.rank, 'actor', j.referent,
           'due_on', NULL, 'done_on', s.held_on, 'result', '',
           'session', jsonb_build_object('level', s.level_id, 'channel', s.channel_id,
                                         'services', jsonb_build_array(v.service_id)))
           ORDER BY s.held_on, s.id) AS steps
    FROM handed j
    JOIN beneficiaries_session s ON s.journey_id = j.id
    JOIN beneficiaries_sessionservice v ON v.session_id = s.id AND v.position = 0
   GROUP BY s.journey_id HAVING max(s.rank) >= 2
)
SELECT md5('document ' || j.id)::uuid, j.closed_region_id, j.structure_id, j.closed_department_id,
       j.id, 1,
       jsonb_build_object(
         '$schema', '/static/schemas/synthesis-1.json', 'version', 1, 'number', 1,
         'id', md5('document ' || j.id)::uuid, 'handed_on', j.closed_on,
         'thread_number', j.thread_number,
         'structure', jsonb_build_object(
           'siret', u.siret, 'name', u.name, 'region', j.closed_region_id, 'site', j.site,
           'referent', j.referent),
         'journey', jsonb_build_object(
           'opened_on', j.opened_on, 'closed_on', j.closed_on, 'level', held.level),
         'person', jsonb_build_object('last_name', b.last_name, 'first_name', b.first_name),
         'reasons', jsonb_build_array(j.main_reason_id), 'steps', held.steps, 'plan', NULL),
       j.closed_on, j.referent_id
  FROM handed j
  JOIN held ON held.journey_id = j.id
  JOIN beneficiaries_beneficiary b ON b.id = j.beneficiary_id
  JOIN (SELECT DISTINCT ON (o.id) o.id, o.siret, n.name
          FROM regions_structure o JOIN regions_structurename n ON n.structure_id = o.id
         ORDER BY o.id, n.starts_on DESC) u ON u.id = j.structure_id
 ORDER BY j.closed_on, j.id
"""

# Of the journeys that came to level 3, three in five, on the day that they did.
_PROJECTS = """
CREATE TEMP TABLE project ON COMMIT DROP AS
SELECT s.*, 500 + 100 * (s.journey_id * 6007 %% 60) AS training,
       20 * (s.journey_id * 5003 %% 20) * (s.journey_id %% 3 / 2) AS travel
  FROM (SELECT DISTINCT ON (journey_id) journey_id, region_id, structure_id, department_id,
               adviser_id, held_on
          FROM beneficiaries_session WHERE rank >= 3 AND journey_id %% 5 < 3
         ORDER BY journey_id, held_on, id) s
"""
# One funder is asked for everything, or two for a share each; among the rights of that day.
_REQUESTS = """
CREATE TEMP TABLE request ON COMMIT DROP AS
SELECT answered.*,
       CASE WHEN state <> 'granted' THEN 0 WHEN chance < 10 THEN ceil(asked / 2) ELSE asked END
       AS granted
  FROM (SELECT one.*, CASE WHEN day < %(today)s THEN day END AS decided_on,
               CASE WHEN day >= %(today)s THEN 'asked' WHEN chance >= 85 THEN 'refused'
                    ELSE 'granted' END AS state
          FROM (SELECT journey_id, held_on, chosen.number, chosen.code,
                       ceil((training + travel) / shared.payers) AS asked,
                       (journey_id * 4001 + number * 37) %% 100 AS chance,
                       held_on + 6 + ((journey_id * 3001 + number * 53) %% 60)::int AS day
                  FROM project
                  CROSS JOIN LATERAL (SELECT CASE WHEN journey_id %% 4 = 1 THEN 2 ELSE 1 END
                                             AS payers) shared
                  CROSS JOIN LATERAL (
                    SELECT r.code, row_number() OVER (ORDER BY md5(r.code || journey_id)) AS number
                      FROM operators_fundingright r WHERE r.valid @> held_on
                     ORDER BY number LIMIT shared.payers) chosen) one) answered
"""
# When all have answered, what is left being explained.
_ENDS = """
CREATE TEMP TABLE ending ON COMMIT DROP AS
SELECT journey_id, last + 3 AS closed_on,
       CASE WHEN granted = training + travel THEN ''
            ELSE 'La personne renonce à une partie ou la paie elle-même.' END AS gap_explained
  FROM (SELECT journey_id, max(decided_on) AS last, sum(granted) AS granted,
               bool_or(state = 'asked') AS waits
          FROM request GROUP BY journey_id) answered
  JOIN project USING (journey_id)
 WHERE NOT waits AND last + 3 < %(today)s
"""
_PLANS = """
INSERT INTO beneficiaries_financingplan
  (region_id, structure_id, department_id, journey_id, opened_on, closed_on, gap_explained,
   changed_by_id, changed_at)
SELECT region_id, structure_id, department_id, journey_id, held_on, closed_on,
       coalesce(gap_explained, ''), adviser_id, coalesce(closed_on, held_on) + time '11:00'
  FROM project LEFT JOIN ending USING (journey_id)
 ORDER BY held_on, journey_id
"""
_COSTS = """
INSERT INTO beneficiaries_plancost
  (public_id, region_id, structure_id, plan_id, kind_id, label, amount, is_withdrawn,
   changed_by_id, changed_at)
SELECT md5(line.kind || ' ' || journey_id)::uuid, p.region_id, p.structure_id, p.id, line.kind, '',
       line.amount, false, p.changed_by_id, held_on + time '11:00'
  FROM beneficiaries_financingplan p
  JOIN project USING (journey_id)
  CROSS JOIN LATERAL (VALUES ('CP', training), ('CT', travel)) line(kind, amount)
 WHERE line.amount > 0
 ORDER BY p.id, line.kind
"""
_FUNDINGS = """
INSERT INTO beneficiaries_planfunding
  (public_id, region_id, structure_id, plan_id, right_id, state, asked, granted, asked_on,
   decided_on, document, is_withdrawn, changed_by_id, changed_at)
SELECT md5('demande ' || number || ' ' || journey_id)::uuid, p.region_id, p.structure_id, p.id,
       code, state, asked, granted, held_on, decided_on, '', false, p.changed_by_id,
       coalesce(decided_on, held_on) + time '11:00'
  FROM request JOIN beneficiaries_financingplan p USING (journey_id)
 ORDER BY p.id, number
"""
_OF_A_LINE = """
SELECT plan_id, {rank}, 'added',
       to_jsonb(l) - '{{region_id,structure_id,plan_id,idempotency_key}}'::text[],
       changed_by_id, changed_at, l.id
  FROM {table} l
"""
_LOG = f"""
INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
SELECT p.region_id, p.structure_id, p.id, event.act, event.line, event.by_id, event.at
  FROM (
    SELECT id AS plan_id, 0 AS rank, 'opened' AS act,
           jsonb_build_object('gap_explained', '') AS line, changed_by_id AS by_id,
           opened_on + time '11:00' AS at, 0 AS line_id
      FROM beneficiaries_financingplan
    UNION ALL {_OF_A_LINE.format(rank=1, table="beneficiaries_plancost")}
    UNION ALL {_OF_A_LINE.format(rank=2, table="beneficiaries_planfunding")}
    UNION ALL
    SELECT id, 3, 'closed', jsonb_build_object('gap_explained', gap_explained), changed_by_id,
           changed_at, 0
      FROM beneficiaries_financingplan WHERE closed_on IS NOT NULL) event
  JOIN beneficiaries_financingplan p ON p.id = event.plan_id
 ORDER BY p.id, event.rank, event.line_id
"""


def hand_over_documents(cursor, today: date) -> None:
    cursor.execute(_DOCUMENTS, {"today": today})


def finance_projects(cursor, today: date) -> None:
    for statement in (_PROJECTS, "ANALYZE project", _REQUESTS, "ANALYZE request", _ENDS):
        cursor.execute(statement, {"today": today})
    cursor.execute(_PLANS)
    cursor.execute("ANALYZE beneficiaries_financingplan")
    for statement in (_COSTS, _FUNDINGS, _LOG):
        cursor.execute(statement)
    cursor.execute("DROP TABLE project, request, ending")
