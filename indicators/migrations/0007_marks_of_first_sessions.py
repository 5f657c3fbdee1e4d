"""A session marks the month in which its journey opened only when it is held on that very day.

A later one changes nothing there: the level of an entry is that of the first session. So the sessions
of this quarter leave the months of the past alone, unless their journey is closed.
"""

from django.db import migrations

MARK = """
INSERT INTO indicators_rollupmark (region_id, month)
SELECT DISTINCT region_id, month FROM (
  SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
    FROM {rows} r JOIN beneficiaries_journey j ON j.id = r.journey_id {of_that_day}
  UNION ALL
  SELECT j.closed_region_id, date_trunc('month', j.closed_on)::date
    FROM {rows} r JOIN beneficiaries_journey j ON j.id = r.journey_id
) cells WHERE month IS NOT NULL
"""
EVENTS = {"insert": ["added"], "update": ["removed", "added"], "delete": ["removed"]}


def functions(of_that_day: str) -> str:
    sql = []
    for event, sources in EVENTS.items():
        body = "; ".join(MARK.format(rows=rows, of_that_day=of_that_day) for rows in sources)
        sql.append(
            f"CREATE OR REPLACE FUNCTION mark_session_{event}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {body}; RETURN NULL; END $$;"
        )
    return "\n".join(sql)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0006_edited_reference")]
    operations = [
        migrations.RunSQL(functions("AND r.held_on = j.opened_on"), functions("")),
    ]
