"""`journey_dates` reads the columns of the table that called it, and of no other.

One CASE over both tables does not run: PL/pgSQL resolves `OLD.journey_id` on a journey too.
"""

from django.db import migrations

JOURNEY_DATES = """
CREATE OR REPLACE FUNCTION journey_dates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  wrong boolean;
BEGIN
  IF TG_TABLE_NAME = 'beneficiaries_journey' THEN
    touched := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN
    touched := OLD.journey_id;
  ELSE
    touched := NEW.journey_id;
  END IF;
  SELECT min(s.held_on) IS DISTINCT FROM j.opened_on OR max(s.held_on) > j.closed_on
    INTO wrong
    FROM beneficiaries_journey j LEFT JOIN beneficiaries_session s ON s.journey_id = j.id
   WHERE j.id = touched
   GROUP BY j.id, j.opened_on, j.closed_on;
  IF wrong THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      CONSTRAINT = 'journey_dates',
      MESSAGE = 'a journey opens with its first session and closes after its last';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0002_journey_dates")]
    operations = [migrations.RunSQL(JOURNEY_DATES, migrations.RunSQL.noop)]
