-- Extensions, and who enters. No right on a table comes by default: each says its own (`Grants`).

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
DO $$ BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO sprocep_app, sprocep_compiler', current_database());
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO sprocep_compiler', current_database());
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sprocep_app, sprocep_compiler;
GRANT SELECT ON django_migrations TO sprocep_app, sprocep_compiler;
