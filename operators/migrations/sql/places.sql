-- Opening hours and premises are of a place of their Region.

CREATE FUNCTION opening_hours_place() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM regions_site s JOIN department_region d ON d.department_id = s.department_id
     WHERE s.id = NEW.site_id AND d.region_id = NEW.region_id) THEN
    RAISE EXCEPTION 'a place of another Region'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'opening_hours_place';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER opening_hours_place BEFORE INSERT OR UPDATE ON operators_openinghours
  FOR EACH ROW EXECUTE FUNCTION opening_hours_place();

CREATE TRIGGER premises_place BEFORE INSERT OR UPDATE ON operators_premises
  FOR EACH ROW EXECUTE FUNCTION opening_hours_place();
