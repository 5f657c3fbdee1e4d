-- The person's own access: ended for good. What a row says that she did herself, her code was shown
-- for: no request of her structure writes in her name.

CREATE FUNCTION access_ends_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'an access that is over'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'access_ends_once';
END $$;
CREATE TRIGGER access_ends_once BEFORE UPDATE ON beneficiaries_personaccess
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION access_ends_once();

CREATE FUNCTION refuse_without_person(file bigint) RETURNS void LANGUAGE plpgsql
  SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM beneficiaries_personaccess access
     WHERE access.journey_id = file AND access.ended_at IS NULL AND access.fingerprint
           = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')) THEN
    RAISE EXCEPTION 'in her name, without her code'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'person_acts_herself';
  END IF;
END $$;

CREATE FUNCTION document_approved_by_person() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public AS $$
BEGIN
  PERFORM refuse_without_person(NEW.journey_id);
  RETURN NEW;
END $$;
CREATE TRIGGER document_approved_by_person BEFORE INSERT OR UPDATE
  ON beneficiaries_synthesisdocument FOR EACH ROW
  WHEN (NEW.approved_on IS NOT NULL AND NEW.approval_noted_by_id IS NULL)
  EXECUTE FUNCTION document_approved_by_person();

CREATE FUNCTION code_of_person() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM refuse_without_person(
    (SELECT journey_id FROM beneficiaries_synthesisdocument WHERE id = NEW.document_id));
  RETURN NEW;
END $$;
CREATE TRIGGER code_made_by_person BEFORE INSERT ON beneficiaries_sharecode
  FOR EACH ROW WHEN (NEW.made_by_id IS NULL OR
                     (NEW.revoked_at IS NOT NULL AND NEW.revoked_by_id IS NULL))
  EXECUTE FUNCTION code_of_person();
CREATE TRIGGER code_revoked_by_person BEFORE UPDATE ON beneficiaries_sharecode
  FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
                     AND NEW.revoked_by_id IS NULL)
  EXECUTE FUNCTION code_of_person();
