-- Anonymous contacts are counts (docs/adr/0061): each answer of a tally adds up to the contacts of its
-- month, in codes that are known, and what is counted is never taken back.
CREATE FUNCTION given_in(counts jsonb) RETURNS bigint
  LANGUAGE sql IMMUTABLE SET search_path = public AS $$
  SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(counts)
$$;

CREATE FUNCTION contact_tally_adds_up() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF given_in(NEW.days) = NEW.total AND given_in(NEW.theme) = NEW.total
     AND given_in(NEW.audience) = NEW.total AND given_in(NEW.result) = NEW.total
     AND given_in(NEW.age_band) = NEW.total AND given_in(NEW.channel) = NEW.total
     AND given_in(NEW.commune) <= NEW.total
     AND (TG_OP = 'INSERT' OR NEW.total >= OLD.total)
     AND NOT EXISTS (SELECT FROM jsonb_object_keys(NEW.days) key
                      WHERE key NOT LIKE to_char(NEW.month, 'YYYY-MM-__'))
     AND NOT EXISTS (SELECT FROM (
           SELECT jsonb_object_keys(NEW.theme) EXCEPT SELECT code FROM operators_theme
           UNION ALL
           SELECT jsonb_object_keys(NEW.audience) EXCEPT SELECT code FROM operators_audience
           UNION ALL
           SELECT jsonb_object_keys(NEW.result) EXCEPT SELECT code FROM operators_steeringresult
           UNION ALL
           SELECT jsonb_object_keys(NEW.age_band) EXCEPT SELECT code FROM operators_ageband
           UNION ALL
           SELECT jsonb_object_keys(NEW.channel) EXCEPT SELECT code FROM operators_channel
         ) strangers)
     AND NOT EXISTS (SELECT FROM jsonb_object_keys(NEW.commune) key
                      WHERE NOT EXISTS (SELECT FROM regions_commune WHERE code = key)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'contacts that do not add up'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'contact_tally_adds_up';
END $$;
CREATE TRIGGER contact_tally_adds_up BEFORE INSERT OR UPDATE ON beneficiaries_contacttally
  FOR EACH ROW EXECUTE FUNCTION contact_tally_adds_up();
