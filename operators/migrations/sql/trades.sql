-- Trades that recruit, by département of the Region whose list it is.

CREATE FUNCTION recruiting_trade_department() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM department_region d JOIN operators_tradelist l ON l.id = NEW.trade_list_id
     WHERE d.department_id = NEW.department_id AND d.region_id = NEW.region_id
       AND d.valid @> l.starts_on) THEN
    RAISE EXCEPTION 'a département of another Region'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'recruiting_trade_department';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recruiting_trade_department BEFORE INSERT OR UPDATE ON operators_recruitingtrade
  FOR EACH ROW EXECUTE FUNCTION recruiting_trade_department();
