-- What a structure may change of memberships: the direction alone confirms who comes, limits an
-- adviser to level 1, authorises a program and puts an end to it, once. `current_date` is the day
-- of Paris.

CREATE FUNCTION membership_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = public SET timezone = 'Europe/Paris' AS $$
DECLARE
  writer bigint := nullif(current_setting('sprocep.user', true), '')::bigint;
  is_program boolean := OLD.role = 'structure_program';
  changing text[] := CASE WHEN is_program THEN '{ends_on,valid}'
    WHEN OLD.unconfirmed_since IS NOT NULL THEN '{unconfirmed_since,confirmed_by_id,valid}'
    ELSE '{level1_since,valid}' END;
BEGIN
  IF to_jsonb(NEW) - changing <> to_jsonb(OLD) - changing OR NEW.user_id = writer
     OR (is_program AND (OLD.ends_on IS NOT NULL OR NEW.ends_on IS NULL))
     OR NOT EXISTS (SELECT FROM regions_membership m
                    WHERE m.user_id = writer AND m.role = 'structure_manager'
                      AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
                      AND m.unconfirmed_since IS NULL
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
CREATE TRIGGER membership_kept BEFORE UPDATE ON regions_membership FOR EACH ROW
  WHEN (coalesce(current_setting('sprocep.structures', true), '') <> '')
  EXECUTE FUNCTION membership_kept();

CREATE FUNCTION membership_program() RETURNS trigger LANGUAGE plpgsql
SET search_path = public SET timezone = 'Europe/Paris' AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM regions_membership m
    WHERE m.user_id = nullif(current_setting('sprocep.user', true), '')::bigint
      AND m.role = 'structure_manager'
      AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
      AND m.unconfirmed_since IS NULL AND m.starts_on <= current_date AND (m.ends_on IS NULL OR m.ends_on > current_date)
  ) THEN
    RAISE EXCEPTION 'the direction of a structure authorises its programs'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_program';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER membership_program BEFORE INSERT ON regions_membership FOR EACH ROW
  WHEN (NEW.role = 'structure_program'
        AND coalesce(current_setting('sprocep.structures', true), '') <> '')
  EXECUTE FUNCTION membership_program();

-- Two people for a role that reads names, or that opens roles (docs/adr/0057): who opens it leaves
-- it to be confirmed. The direction of the structure confirms it; where there is none, and for the
-- administration of the platform, another administrator. A merger of Regions carries it on. In the
-- scope of a structure, policies let nobody in, and `membership_kept` nothing else change. Columns
-- are compared one by one: a dump would write a comparison of rows in another way than it read it.

CREATE FUNCTION membership_to_confirm() RETURNS trigger LANGUAGE plpgsql
SET search_path = public AS $$
BEGIN
  IF NEW.unconfirmed_since IS NULL AND NOT EXISTS (
    SELECT FROM regions_membership m
    WHERE m.user_id = NEW.user_id AND m.role = NEW.role
      AND m.structure_id IS NOT DISTINCT FROM NEW.structure_id
      AND m.unconfirmed_since IS NULL AND m.ends_on = NEW.starts_on
  ) THEN
    RAISE EXCEPTION 'somebody else confirms this role'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_to_confirm';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER membership_to_confirm BEFORE INSERT ON regions_membership FOR EACH ROW
  WHEN (NEW.role IN ('adviser', 'level1_receptionist', 'structure_manager',
                     'platform_administrator')
        AND coalesce(current_setting('sprocep.user', true), '') <> ''
        AND coalesce(current_setting('sprocep.structures', true), '') = '')
  EXECUTE FUNCTION membership_to_confirm();

CREATE FUNCTION membership_confirmed() RETURNS trigger LANGUAGE plpgsql
SET search_path = public SET timezone = 'Europe/Paris' AS $$
DECLARE
  writer bigint := nullif(current_setting('sprocep.user', true), '')::bigint;
  has_direction boolean := EXISTS (
    SELECT FROM regions_membership m
    WHERE m.role = 'structure_manager' AND m.unconfirmed_since IS NULL AND m.user_id <> NEW.user_id
      AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
      AND m.starts_on <= current_date AND (m.ends_on IS NULL OR m.ends_on > current_date));
  may_confirm boolean := EXISTS (
    SELECT FROM regions_membership m
    WHERE m.user_id = writer AND m.unconfirmed_since IS NULL
      AND m.starts_on <= current_date AND (m.ends_on IS NULL OR m.ends_on > current_date)
      AND (CASE WHEN has_direction THEN m.role = 'structure_manager'
                  AND m.structure_id = NEW.structure_id AND m.region_id = NEW.region_id
                ELSE m.role = 'platform_administrator' END));
BEGIN
  IF OLD.unconfirmed_since IS NULL OR NEW.confirmed_by_id IS DISTINCT FROM writer
     OR NOT may_confirm THEN
    RAISE EXCEPTION 'the direction confirms, or another administrator where there is none'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_confirmed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER membership_confirmed BEFORE UPDATE ON regions_membership FOR EACH ROW
  WHEN ((OLD.unconfirmed_since IS DISTINCT FROM NEW.unconfirmed_since
         OR OLD.confirmed_by_id IS DISTINCT FROM NEW.confirmed_by_id)
        AND coalesce(current_setting('sprocep.user', true), '') <> '')
  EXECUTE FUNCTION membership_confirmed();

CREATE FUNCTION membership_of_one_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a membership stays with its person, its role and its place'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_of_one_person';
END $$;
CREATE TRIGGER membership_of_one_person BEFORE UPDATE ON regions_membership FOR EACH ROW
  WHEN ((OLD.user_id IS DISTINCT FROM NEW.user_id
         OR OLD.role IS DISTINCT FROM NEW.role
         OR OLD.region_id IS DISTINCT FROM NEW.region_id
         OR OLD.structure_id IS DISTINCT FROM NEW.structure_id
         OR OLD.network_id IS DISTINCT FROM NEW.network_id
         OR OLD.granted_by_id IS DISTINCT FROM NEW.granted_by_id)
        AND coalesce(current_setting('sprocep.user', true), '') <> ''
        AND coalesce(current_setting('sprocep.structures', true), '') = '')
  EXECUTE FUNCTION membership_of_one_person();
