-- Documents de synthèse: what was handed over never changes; a code opens an approved version to one
-- structure, and is taken back for good.

CREATE FUNCTION document_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  -- `handed` is made by PostgreSQL after this.
  approval text[] := '{approved_on,channel_id,approval_noted_by_id,handed}';
BEGIN
  IF OLD.approved_on IS NOT NULL OR to_jsonb(OLD) - approval <> to_jsonb(NEW) - approval THEN
    RAISE EXCEPTION 'a document that was handed over'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'document_is_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER document_is_kept BEFORE UPDATE ON beneficiaries_synthesisdocument
  FOR EACH ROW EXECUTE FUNCTION document_is_kept();

CREATE FUNCTION code_of_approved() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_synthesisdocument d
                 WHERE d.id = NEW.document_id AND d.approved_on IS NOT NULL) THEN
    RAISE EXCEPTION 'only what the person approved is shared'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'code_of_approved';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER code_of_approved BEFORE INSERT ON beneficiaries_sharecode
  FOR EACH ROW EXECUTE FUNCTION code_of_approved();

CREATE FUNCTION code_opens_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF (OLD.reader_id IS NOT NULL AND (NEW.reader_id, NEW.reader_region_id, NEW.opened_at)
      IS DISTINCT FROM (OLD.reader_id, OLD.reader_region_id, OLD.opened_at))
     OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by_id)
         IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by_id)) THEN
    RAISE EXCEPTION 'a code has one reader, and is revoked for good'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'code_opens_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER code_opens_once BEFORE UPDATE ON beneficiaries_sharecode
  FOR EACH ROW EXECUTE FUNCTION code_opens_once();

CREATE FUNCTION step_of_elsewhere() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF (NEW.what, NEW.actor, NEW.right_id, NEW.due_on, NEW.done_on, NEW.result, NEW.is_from_elsewhere)
     IS DISTINCT FROM
     (OLD.what, OLD.actor, OLD.right_id, OLD.due_on, OLD.done_on, OLD.result, OLD.is_from_elsewhere)
  THEN
    RAISE EXCEPTION 'a step done in another structure'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'step_of_elsewhere';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER step_of_elsewhere BEFORE UPDATE ON beneficiaries_step
  FOR EACH ROW WHEN (OLD.is_from_elsewhere OR NEW.is_from_elsewhere)
  EXECUTE FUNCTION step_of_elsewhere();
