-- The three roles of sprocep, none of them superuser, and its database (sprocep/embedded does the
-- same for the private server; tests/operations/test_deployment.py runs both and compares).
-- Run once by the image of PostgreSQL, as its superuser, on an empty cluster. Passwords are files.
\set ON_ERROR_STOP on
\set owner_password `cat "$SECRETS_DIR/owner_password"`
\set app_password `cat "$SECRETS_DIR/app_password"`
\set compiler_password `cat "$SECRETS_DIR/compiler_password"`

\connect template1
CREATE ROLE sprocep_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'owner_password';
CREATE ROLE sprocep_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'app_password';
CREATE ROLE sprocep_compiler LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'compiler_password';
-- Sessions of the app are one role, and would read each other's statements, which hold names.
ALTER ROLE sprocep_app SET track_activities = off;
-- No row security reaches large objects: nobody makes, opens or writes one. The second statement
-- keeps these rights out of the owner's dumps, which could not restore them.
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea),
  lo_open(oid, integer), lo_put(oid, bigint, bytea), lo_truncate(integer, integer),
  lo_truncate64(integer, bigint), lo_unlink(oid), lowrite(integer, bytea) FROM PUBLIC;
INSERT INTO pg_init_privs (objoid, classoid, objsubid, privtype, initprivs)
  SELECT oid, 'pg_proc'::regclass, 0, 'i', proacl FROM pg_proc
   WHERE proname ~ '^lo' AND proacl IS NOT NULL AND oid NOT IN
         (SELECT objoid FROM pg_init_privs WHERE classoid = 'pg_proc'::regclass);
-- In template1, so that the database is born with it, as is the one that a backup is restored into.
ALTER SCHEMA public OWNER TO sprocep_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sprocep_app, sprocep_compiler;
\connect postgres
CREATE DATABASE sprocep OWNER sprocep_owner;
REVOKE ALL ON DATABASE sprocep, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE sprocep TO sprocep_app, sprocep_compiler;
GRANT TEMPORARY ON DATABASE sprocep TO sprocep_compiler;
GRANT CONNECT ON DATABASE postgres TO sprocep_owner;
GRANT SET ON PARAMETER session_replication_role TO sprocep_owner;
