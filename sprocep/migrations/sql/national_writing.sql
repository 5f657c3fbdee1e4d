-- What the DGEFP alone edits: the function of the triggers of `tenancy.NationalWriting`.

CREATE FUNCTION national_writing() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF current_user = 'sprocep_app' AND NOT (scope_is_proven() AND 'FR' = ANY (
      string_to_array(coalesce(current_setting('sprocep.regions', true), ''), ','))) THEN
    RAISE EXCEPTION 'national scope needed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
