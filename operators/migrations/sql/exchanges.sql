-- Workshops between networks: registrations in time, attendance noted by who organises.

CREATE FUNCTION registration_rules() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  held operators_exchange;
  clock timestamp := now() AT TIME ZONE 'Europe/Paris';
  today date := clock::date;
  was_withdrawn timestamptz;
  had_attended boolean;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    was_withdrawn := OLD.withdrawn_at;
    had_attended := OLD.attended;
  END IF;
  SELECT * INTO held FROM operators_exchange WHERE id = NEW.exchange_id;
  IF (TG_OP = 'INSERT' OR NEW.withdrawn_at IS DISTINCT FROM was_withdrawn)
     AND (held.cancelled_on IS NOT NULL OR held.held_on + held.ends_at < clock OR was_withdrawn IS NOT NULL) THEN
    RAISE EXCEPTION 'registration out of time'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_in_time';
  END IF;
  IF NEW.attended IS DISTINCT FROM had_attended
     AND (coalesce(current_setting('sprocep.structures', true), '') <> ''
          OR held.cancelled_on IS NOT NULL OR held.held_on > today) THEN
    RAISE EXCEPTION 'attendance by another, or before'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_by_organiser';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER registration_rules BEFORE INSERT OR UPDATE ON operators_registration
  FOR EACH ROW EXECUTE FUNCTION registration_rules();
