"""The direction of a structure puts an end to a program of it, once."""

from django.db import migrations

# As in 0006, whose clock 0008 set: a direction limits an adviser, or ends a program.
ENDED_ONCE = """
CREATE OR REPLACE FUNCTION membership_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = public SET timezone = 'Europe/Paris' AS $$
DECLARE
  writer bigint := nullif(current_setting('sprocep.user', true), '')::bigint;
  is_program boolean := OLD.role = 'structure_program';
  changing text[] := CASE WHEN is_program THEN '{ends_on,valid}' ELSE '{level1_since,valid}' END;
BEGIN
  IF to_jsonb(NEW) - changing <> to_jsonb(OLD) - changing OR NEW.user_id = writer
     OR (is_program AND (OLD.ends_on IS NOT NULL OR NEW.ends_on IS NULL))
     OR NOT EXISTS (SELECT FROM regions_membership m
                    WHERE m.user_id = writer AND m.role = 'structure_manager'
                      AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
                      AND (m.ends_on IS NULL OR m.ends_on > current_date)) THEN
    IF is_program THEN
      RAISE EXCEPTION 'the direction of a structure ends its programs, once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'program_ends_once';
    END IF;
    RAISE EXCEPTION 'a structure changes the limit of others alone'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_kept';
  END IF;
  RETURN NEW;
END $$;
"""
NEVER = """
CREATE OR REPLACE FUNCTION membership_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = public SET timezone = 'Europe/Paris' AS $$
DECLARE
  writer bigint := nullif(current_setting('sprocep.user', true), '')::bigint;
  changing text[] := '{level1_since,valid}';
BEGIN
  IF to_jsonb(NEW) - changing <> to_jsonb(OLD) - changing OR NEW.user_id = writer
     OR NOT EXISTS (SELECT FROM regions_membership m
                    WHERE m.user_id = writer AND m.role = 'structure_manager'
                      AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
                      AND (m.ends_on IS NULL OR m.ends_on > current_date)) THEN
    RAISE EXCEPTION 'a structure changes the limit of others alone'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_kept';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0010_returned_mail_and_epci"),
    ]

    operations = [migrations.RunSQL(ENDED_ONCE, NEVER)]
