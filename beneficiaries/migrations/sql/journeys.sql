-- A journey is stored with its first session, and its sessions lie within its dates. The rule ties
-- several rows of two tables, so it is checked at the end of the transaction.

CREATE FUNCTION journey_dates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint;
  wrong boolean;
BEGIN
  IF TG_TABLE_NAME = 'beneficiaries_journey' THEN
    touched := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN
    touched := OLD.journey_id;
  ELSE
    touched := NEW.journey_id;
  END IF;
  SELECT min(s.held_on) IS DISTINCT FROM j.opened_on OR max(s.held_on) > j.closed_on
    INTO wrong
    FROM beneficiaries_journey j LEFT JOIN beneficiaries_session s ON s.journey_id = j.id
   WHERE j.id = touched
   GROUP BY j.id, j.opened_on, j.closed_on;
  IF wrong THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      CONSTRAINT = 'journey_dates',
      MESSAGE = 'a journey opens with its first session and closes after its last';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journey_dates
  AFTER INSERT OR UPDATE OF opened_on, closed_on ON beneficiaries_journey
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journey_dates();
CREATE CONSTRAINT TRIGGER journey_dates
  AFTER INSERT OR DELETE OR UPDATE OF held_on, journey_id ON beneficiaries_session
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journey_dates();
