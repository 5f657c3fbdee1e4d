-- Regional indicators: what is published stands.

CREATE FUNCTION regional_indicator_stands() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF (NEW.id, NEW.region_id, NEW.code, NEW.version)
       IS NOT DISTINCT FROM (OLD.id, OLD.region_id, OLD.code, OLD.version) THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND
     to_jsonb(NEW) - ARRAY['state', 'ends_on', 'opinion', 'promoted_as']
     = to_jsonb(OLD) - ARRAY['state', 'ends_on', 'opinion', 'promoted_as'] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a published indicator stands'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'regional_indicator_stands';
END $$;
CREATE TRIGGER regional_indicator_stands BEFORE UPDATE OR DELETE ON indicators_regionalindicator
  FOR EACH ROW EXECUTE FUNCTION regional_indicator_stands();
