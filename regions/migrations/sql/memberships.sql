-- What a structure may change of memberships: the direction alone limits an adviser to level 1,
-- authorises a program and puts an end to it, once. `current_date` is the day of Paris.

CREATE FUNCTION membership_kept() RETURNS trigger LANGUAGE plpgsql
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
      AND m.starts_on <= current_date AND (m.ends_on IS NULL OR m.ends_on > current_date)
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
