-- Papers of financing plans: few, whole until they are taken back, then gone; logged as lines are.

CREATE FUNCTION plan_has_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  -- Locked, before the trigger that only shares it: two papers at once are counted in turn.
  PERFORM FROM beneficiaries_financingplan p WHERE p.id = NEW.plan_id FOR NO KEY UPDATE;
  IF (SELECT count(*) FROM beneficiaries_planpaper p
       WHERE p.structure_id = NEW.structure_id AND p.plan_id = NEW.plan_id
         AND NOT p.is_withdrawn) >= 20 THEN
    RAISE EXCEPTION 'twenty papers a plan'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_has_room';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_has_room BEFORE INSERT ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_has_room();
CREATE TRIGGER plan_is_open BEFORE INSERT OR UPDATE OR DELETE ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_is_open();
CREATE TRIGGER level1_only AFTER INSERT OR UPDATE ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_level1_only();

CREATE FUNCTION plan_paper_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  -- Neither what it holds nor its digest: what is taken back is gone from the log too.
  INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
  VALUES (NEW.region_id, NEW.structure_id, NEW.plan_id,
          CASE WHEN NEW.is_withdrawn THEN 'removed' ELSE 'joined' END,
          jsonb_build_object('public_id', NEW.public_id, 'label', NEW.label, 'kind', NEW.kind,
                             'size', NEW.size, 'cost_id', NEW.cost_id,
                             'funding_id', NEW.funding_id),
          NEW.changed_by_id, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER plan_paper_log AFTER INSERT OR UPDATE OF is_withdrawn ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_paper_log();
