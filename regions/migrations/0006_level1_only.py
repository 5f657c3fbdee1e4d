"""An adviser may be limited to level 1: by the direction of her structure, and by nobody else."""

from django.db import migrations, models

import sprocep.tenancy

# A scope with structures is a request of one of them; the national scope and the owner have none.
RULES = """
CREATE FUNCTION membership_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
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
CREATE TRIGGER membership_kept BEFORE UPDATE ON regions_membership FOR EACH ROW
  WHEN (coalesce(current_setting('sprocep.structures', true), '') <> '')
  EXECUTE FUNCTION membership_kept();
"""
NO_RULES = """
DROP TRIGGER membership_kept ON regions_membership;
DROP FUNCTION membership_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="level1_since",
            field=models.DateField(blank=True, null=True, verbose_name="niveau 1 seul depuis le"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=sprocep.tenancy.StructureChanging(name="membership_of_own_structure"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level1_since__isnull", True), ("role", "adviser"), _connector="OR"
                ),
                name="membership_level1",
                violation_error_message="Seul un conseil se limite au niveau 1.",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
