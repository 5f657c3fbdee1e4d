-- Plans de financement: of journeys of level 3 alone, whole before they are closed, and each change of
-- theirs is logged as it is made.

CREATE FUNCTION plan_level() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = NEW.journey_id
                 AND s.structure_id = NEW.structure_id AND s.rank >= 3) THEN
    RAISE EXCEPTION 'a plan is of a journey that reached level 3'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_level';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_level BEFORE INSERT OR UPDATE OF journey_id, structure_id
  ON beneficiaries_financingplan FOR EACH ROW EXECUTE FUNCTION plan_level();

CREATE FUNCTION plan_keeps_its_level() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT FROM beneficiaries_financingplan p WHERE p.journey_id = OLD.journey_id
             AND p.structure_id = OLD.structure_id)
     AND NOT EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = OLD.journey_id
                     AND s.structure_id = OLD.structure_id AND s.rank >= 3) THEN
    RAISE EXCEPTION 'this journey has a plan: its last session of level 3 stays'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_keeps_its_level';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER plan_keeps_its_level
  AFTER DELETE OR UPDATE OF rank, journey_id ON beneficiaries_session
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.rank >= 3)
  EXECUTE FUNCTION plan_keeps_its_level();

CREATE FUNCTION plan_closed_whole() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  costs numeric;
  granted numeric;
BEGIN
  IF NEW.closed_on IS NULL THEN RETURN NEW; END IF;
  SELECT coalesce(sum(c.amount), 0) INTO costs FROM beneficiaries_plancost c
   WHERE c.plan_id = NEW.id AND NOT c.is_withdrawn;
  SELECT coalesce(sum(f.granted), 0) INTO granted FROM beneficiaries_planfunding f
   WHERE f.plan_id = NEW.id AND NOT f.is_withdrawn;
  IF costs = 0 THEN
    RAISE EXCEPTION 'nothing to finance'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_closed_with_costs';
  END IF;
  IF costs <> granted AND btrim(NEW.gap_explained) = '' THEN
    RAISE EXCEPTION 'a gap that nobody explained'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_gap_explained';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_closed_whole BEFORE INSERT OR UPDATE OF closed_on, gap_explained
  ON beneficiaries_financingplan FOR EACH ROW EXECUTE FUNCTION plan_closed_whole();

CREATE FUNCTION plan_is_open() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  line record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  closed date;
BEGIN
  -- Locked: whoever closes it meanwhile waits, and then counts this line.
  SELECT p.closed_on INTO closed FROM beneficiaries_financingplan p
   WHERE p.id = line.plan_id FOR SHARE;
  IF closed IS NOT NULL THEN
    RAISE EXCEPTION 'a closed plan keeps its lines'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_is_open';
  END IF;
  RETURN line;
END $$;
CREATE TRIGGER plan_is_open BEFORE INSERT OR UPDATE OR DELETE ON beneficiaries_plancost
  FOR EACH ROW EXECUTE FUNCTION plan_is_open();
CREATE TRIGGER plan_is_open BEFORE INSERT OR UPDATE OR DELETE ON beneficiaries_planfunding
  FOR EACH ROW EXECUTE FUNCTION plan_is_open();

CREATE FUNCTION plan_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
  VALUES (NEW.region_id, NEW.structure_id, NEW.id,
          CASE WHEN TG_OP = 'INSERT' THEN 'opened'
               WHEN NEW.closed_on IS NULL THEN 'reopened' ELSE 'closed' END,
          jsonb_build_object('gap_explained', NEW.gap_explained),
          NEW.changed_by_id, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER plan_log AFTER INSERT OR UPDATE ON beneficiaries_financingplan
  FOR EACH ROW EXECUTE FUNCTION plan_log();

CREATE FUNCTION plan_line_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
  VALUES (NEW.region_id, NEW.structure_id, NEW.plan_id,
          CASE WHEN TG_OP = 'INSERT' THEN 'added'
               WHEN NEW.is_withdrawn THEN 'withdrawn' ELSE 'changed' END,
          to_jsonb(NEW) - '{region_id,structure_id,plan_id,idempotency_key}'::text[],
          NEW.changed_by_id, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER plan_line_log AFTER INSERT OR UPDATE ON beneficiaries_plancost
  FOR EACH ROW EXECUTE FUNCTION plan_line_log();
CREATE TRIGGER plan_line_log AFTER INSERT OR UPDATE ON beneficiaries_planfunding
  FOR EACH ROW EXECUTE FUNCTION plan_line_log();
