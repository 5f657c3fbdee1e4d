"""What the DGEFP alone edits: the function of the triggers of `tenancy.NationalWriting`."""

from django.db import migrations

from sprocep.tenancy import APP, NATION

FUNCTION = f"""
CREATE FUNCTION national_writing() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF current_user = '{APP}' AND NOT '{NATION}' = ANY (
      string_to_array(coalesce(current_setting('sprocep.regions', true), ''), ',')) THEN
    RAISE EXCEPTION 'national scope needed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("sprocep", "0001_ground")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION national_writing()")]
