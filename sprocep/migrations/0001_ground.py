"""Extensions, and what each database role may do with tables that say nothing themselves."""

from django.db import migrations

from sprocep.tenancy import APP, COMPILER

GROUND = f"""
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {APP}, {COMPILER}', current_database());
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {COMPILER}', current_database());
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {APP}, {COMPILER};
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
GRANT SELECT ON django_migrations TO {APP}, {COMPILER};
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    run_before = [
        ("contenttypes", "0001_initial"),
        ("auth", "0001_initial"),
        ("axes", "0001_initial"),
    ]
    operations = [migrations.RunSQL(GROUND, migrations.RunSQL.noop)]
