-- A person's situation after the opening of her journey, day by day, inside the journey.

CREATE FUNCTION situation_in_journey() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_journey j
                 WHERE j.id = NEW.journey_id AND j.structure_id = NEW.structure_id
                   AND NEW.starts_on > j.opened_on
                   AND NEW.starts_on <= coalesce(j.closed_on, 'infinity')) THEN
    RAISE EXCEPTION 'a change of situation outside its journey'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'situation_in_journey';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER situation_in_journey BEFORE INSERT OR UPDATE ON beneficiaries_situationchange
  FOR EACH ROW EXECUTE FUNCTION situation_in_journey();
