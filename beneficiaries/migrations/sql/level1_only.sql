-- Who is limited to level 1, by the day of Paris, holds and writes no session above it, and changes no
-- financing plan.

CREATE FUNCTION writer_is_level1_only(place bigint) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public SET timezone = 'Europe/Paris' AS $$
  SELECT EXISTS (
    SELECT FROM regions_membership m
     WHERE m.user_id = nullif(current_setting('sprocep.user', true), '')::bigint
       AND m.structure_id = place AND m.level1_since IS NOT NULL
       AND m.region_id = ANY (string_to_array(current_setting('sprocep.regions', true), ','))
       AND (m.ends_on IS NULL OR m.ends_on > current_date))
$$;
CREATE FUNCTION may_reach_above_level1(member bigint, day date) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = public AS $$
  SELECT EXISTS (SELECT FROM regions_membership m
                 WHERE m.id = member AND coalesce(m.level1_since > day, true))
$$;

CREATE FUNCTION session_level1_only() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  -- A colleague still corrects what she held, but does not raise it.
  IF writer_is_level1_only(NEW.structure_id) OR (
       NEW.rank > 1
       AND (TG_OP = 'INSERT' OR (NEW.rank, NEW.held_on, NEW.adviser_id)
                                 IS DISTINCT FROM (OLD.rank, OLD.held_on, OLD.adviser_id))
       AND NOT may_reach_above_level1(NEW.adviser_id, NEW.held_on)) THEN
    RAISE EXCEPTION 'limited to level 1'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'level1_only';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER level1_only AFTER INSERT ON beneficiaries_session
  FOR EACH ROW WHEN (NEW.rank > 1) EXECUTE FUNCTION session_level1_only();
CREATE TRIGGER level1_only_changed AFTER UPDATE ON beneficiaries_session
  FOR EACH ROW WHEN (greatest(NEW.rank, OLD.rank) > 1) EXECUTE FUNCTION session_level1_only();

CREATE FUNCTION plan_level1_only() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public SET timezone = 'Europe/Paris' AS $$
BEGIN
  IF NOT may_reach_above_level1(NEW.changed_by_id, NEW.changed_at::date) THEN
    RAISE EXCEPTION 'limited to level 1'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'level1_only';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER level1_only AFTER INSERT OR UPDATE ON beneficiaries_financingplan
  FOR EACH ROW EXECUTE FUNCTION plan_level1_only();
CREATE TRIGGER level1_only AFTER INSERT OR UPDATE ON beneficiaries_plancost
  FOR EACH ROW EXECUTE FUNCTION plan_level1_only();
CREATE TRIGGER level1_only AFTER INSERT OR UPDATE ON beneficiaries_planfunding
  FOR EACH ROW EXECUTE FUNCTION plan_level1_only();
