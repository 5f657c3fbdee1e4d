-- Which state follows which: the function of the triggers of `constraints.StateMoves`.
-- Arguments: name of the rule, first state, then each move, « from>to ».

CREATE FUNCTION state_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.state = TG_ARGV[1]
     OR TG_OP = 'UPDATE' AND (NEW.state = OLD.state
                              OR OLD.state || '>' || NEW.state = ANY (TG_ARGV)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'no such move of state'
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$;
