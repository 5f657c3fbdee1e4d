-- « Aiguillage »: rules ask for what a fiche shares alone.

CREATE FUNCTION routing_rule() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.department_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM department_region d WHERE d.department_id = NEW.department_id
     AND d.region_id = NEW.region_id AND d.valid @> NEW.starts_on) THEN
    RAISE EXCEPTION 'a département of another Region'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'routing_rule_department';
  END IF;
  IF EXISTS (SELECT unnest(NEW.reasons) EXCEPT SELECT code FROM operators_reason)
     OR EXISTS (SELECT unnest(NEW.situations) EXCEPT SELECT code FROM operators_situation)
     OR EXISTS (SELECT unnest(NEW.categories)
                EXCEPT SELECT code FROM operators_socioprofessionalcategory) THEN
    RAISE EXCEPTION 'a code that no list holds'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'routing_rule_codes';
  END IF;
  -- A fiche shares the category from level 3 on.
  IF NEW.categories <> '{}' AND NOT EXISTS (
    SELECT FROM operators_servicelevel l WHERE l.code = NEW.level_id AND l.rank >= 3) THEN
    RAISE EXCEPTION 'a fiche of this level does not share the category'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'routing_rule_shared';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER routing_rule BEFORE INSERT OR UPDATE ON operators_routingrule
  FOR EACH ROW EXECUTE FUNCTION routing_rule();
