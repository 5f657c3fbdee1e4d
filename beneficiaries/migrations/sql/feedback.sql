-- Feedback without a name: one answer more of a month takes its code away, in one act; those of advisers
-- are never more than the sessions held.

CREATE FUNCTION feedback_takes_its_code() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.answered = 0 AND NEW.counts = '{}' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.answered = OLD.answered + 1 THEN
    DELETE FROM beneficiaries_feedbackcode code
     WHERE code.structure_id = NEW.structure_id AND code.region_id = NEW.region_id
       AND code.month = NEW.month AND code.voice = NEW.voice AND code.fingerprint
           = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex');
    IF FOUND THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'feedback without its code'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_takes_its_code';
END $$;
CREATE TRIGGER feedback_takes_its_code BEFORE INSERT OR UPDATE ON beneficiaries_feedbacktally
  FOR EACH ROW EXECUTE FUNCTION feedback_takes_its_code();

CREATE FUNCTION feedback_after_a_session() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
DECLARE first date := to_date(NEW.month || '-01', 'YYYY-MM-DD');
BEGIN
  IF NEW.answered > (
    SELECT count(*) FROM beneficiaries_session s
     WHERE s.structure_id = NEW.structure_id AND s.region_id = NEW.region_id
       AND s.held_on >= first - interval '1 month' AND s.held_on < first + interval '1 month') THEN
    RAISE EXCEPTION 'more answers than sessions'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_after_a_session';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER feedback_after_a_session BEFORE UPDATE ON beneficiaries_feedbacktally
  FOR EACH ROW WHEN (NEW.voice = 'adviser') EXECUTE FUNCTION feedback_after_a_session();
