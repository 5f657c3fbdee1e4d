-- The question put six months after an exit: only where the person agreed to it, answered once, by who
-- holds its link or by her adviser, and never asked again once the journey is reopened.

CREATE FUNCTION exit_question_of_exit() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.asked_on < NEW.exit_on + interval '6 months'
     OR NEW.closes_on <> NEW.exit_on + interval '8 months'
     OR NOT EXISTS (SELECT FROM beneficiaries_journey j
                     WHERE j.id = NEW.journey_id AND j.structure_id = NEW.structure_id
                       AND j.closed_on = NEW.exit_on AND j.closed_region_id = NEW.region_id
                       AND j.may_be_asked)
     OR NOT EXISTS (SELECT FROM beneficiaries_session s
                     WHERE s.journey_id = NEW.journey_id AND s.structure_id = NEW.structure_id
                       AND s.rank >= 2) THEN
    RAISE EXCEPTION 'a question without an exit to ask about'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'exit_question_of_exit';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exit_question_of_exit BEFORE INSERT ON beneficiaries_exitquestion
  FOR EACH ROW EXECUTE FUNCTION exit_question_of_exit();

CREATE FUNCTION exit_answer_is_kept() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'an answer that was given'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'exit_question_moves';
END $$;
CREATE TRIGGER exit_answer_is_kept BEFORE UPDATE OR DELETE ON beneficiaries_exitquestion
  FOR EACH ROW WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION exit_answer_is_kept();

CREATE FUNCTION exit_answer_of_her() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_exitletter letter
                  WHERE letter.question_id = NEW.id AND letter.fingerprint
                        = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))
  THEN
    RAISE EXCEPTION 'in her name, without her link'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'exit_answer_of_her';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exit_answer_of_her BEFORE UPDATE ON beneficiaries_exitquestion
  FOR EACH ROW WHEN (NEW.state IN ('answered', 'declined') AND NEW.noted_by_id IS NULL)
  EXECUTE FUNCTION exit_answer_of_her();

CREATE FUNCTION exit_taken_back() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  UPDATE beneficiaries_exitquestion SET state = 'reopened'
   WHERE journey_id = NEW.id AND structure_id = NEW.structure_id AND state = 'waiting';
  RETURN NULL;
END $$;
CREATE TRIGGER exit_taken_back AFTER UPDATE ON beneficiaries_journey
  FOR EACH ROW WHEN (OLD.closed_on IS NOT NULL AND NEW.closed_on IS DISTINCT FROM OLD.closed_on)
  EXECUTE FUNCTION exit_taken_back();

CREATE FUNCTION survey_result_is_kept() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'a result that was published'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_result_is_kept';
END $$;
CREATE TRIGGER survey_result_is_kept BEFORE UPDATE OR DELETE ON beneficiaries_surveyresult
  FOR EACH ROW EXECUTE FUNCTION survey_result_is_kept();
