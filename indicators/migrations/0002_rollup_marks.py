"""Statement-level triggers: a change of a fact marks the (Region, month) cells that it touches.

A session touches the months where its journey opened and closed, because the journey's levels come
from its sessions; sessions themselves are counted from the units.
"""

from django.db import migrations

MARK = (
    "INSERT INTO indicators_rollupmark (region_id, month) SELECT DISTINCT region_id, month FROM ("
)
END = ") cells WHERE month IS NOT NULL"

OF_JOURNEYS = """
  SELECT region_id, date_trunc('month', opened_on)::date AS month FROM {rows}
  UNION ALL SELECT closed_region_id, date_trunc('month', closed_on)::date FROM {rows}
"""
OF_SESSIONS = """
  SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
    FROM {rows} r JOIN beneficiaries_journey j ON j.id = r.journey_id
  UNION ALL
  SELECT j.closed_region_id, date_trunc('month', j.closed_on)::date
    FROM {rows} r JOIN beneficiaries_journey j ON j.id = r.journey_id
"""
OF_CONTACTS = "SELECT region_id, date_trunc('month', held_on)::date AS month FROM {rows}"
OF_JOURNEY_REASONS = """
  SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
    FROM {rows} r JOIN beneficiaries_journey j ON j.id = r.journey_id
"""
CELLS = {
    "journey": OF_JOURNEYS,
    "session": OF_SESSIONS,
    "contact": OF_CONTACTS,
    "journeyreason": OF_JOURNEY_REASONS,
}


def triggers() -> str:
    sql = []
    for table, cells in CELLS.items():
        for event, rows in (
            ("INSERT", ["added"]),
            ("UPDATE", ["removed", "added"]),
            ("DELETE", ["removed"]),
        ):
            name = f"mark_{table}_{event.lower()}"
            body = "; ".join(MARK + cells.format(rows=r) + END for r in rows)
            tables = " ".join(f"{'NEW' if r == 'added' else 'OLD'} TABLE AS {r}" for r in rows)
            sql.append(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {body}; RETURN NULL; END $$; "
                f"CREATE TRIGGER {name} AFTER {event} ON beneficiaries_{table} "
                f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
            )
    return "\n".join(sql)


def no_triggers() -> str:
    return "\n".join(
        f"DROP TRIGGER mark_{table}_{event} ON beneficiaries_{table}; "
        f"DROP FUNCTION mark_{table}_{event}();"
        for table in CELLS
        for event in ("insert", "update", "delete")
    )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial"), ("beneficiaries", "0002_journey_dates")]
    operations = [migrations.RunSQL(triggers(), no_triggers())]
