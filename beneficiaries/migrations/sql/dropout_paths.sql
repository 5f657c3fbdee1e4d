-- The path of a décrocheur: apart from her journey, for a young person without a diploma.

CREATE FUNCTION dropout_path_person() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  years integer;
  level text;
BEGIN
  SELECT coalesce(date_part('year', age(NEW.reported_on, b.birth_date))::integer, j.age),
         j.education_level_id
    INTO years, level
    FROM beneficiaries_journey j JOIN beneficiaries_beneficiary b ON b.id = j.beneficiary_id
   WHERE j.id = NEW.journey_id AND j.structure_id = NEW.structure_id;
  -- Unknown, an age or a level refuses nobody.
  IF years NOT BETWEEN 16 AND 25 THEN
    RAISE EXCEPTION 'not of the age of a décrocheur'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dropout_path_age';
  END IF;
  IF level ~ '^[3-8]$' THEN
    RAISE EXCEPTION 'has a diploma'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dropout_path_diploma';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dropout_path_person BEFORE INSERT OR UPDATE ON beneficiaries_dropoutpath
  FOR EACH ROW EXECUTE FUNCTION dropout_path_person();
