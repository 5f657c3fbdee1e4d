-- Fiches de liaison: their moves are those of `Referral.MOVES`, each is logged as it is made. Each takes
-- a place of the structure that receives it, and gives it back once refused or withdrawn: the places
-- left are counted without reading anybody's fiche.

CREATE FUNCTION referral_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
    ('sent', 'opened'), ('sent', 'escalated'), ('sent', 'accepted'), ('sent', 'declined'),
    ('sent', 'withdrawn'),
    ('opened', 'escalated'), ('opened', 'accepted'), ('opened', 'declined'),
    ('opened', 'withdrawn'),
    ('escalated', 'accepted'), ('escalated', 'declined'), ('escalated', 'withdrawn'),
    ('accepted', 'received'), ('accepted', 'withdrawn'),
    ('accepted', 'missed'), ('missed', 'received'), ('missed', 'withdrawn')
  ) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'no such move of a fiche'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_moves';
END $$;
CREATE TRIGGER referral_moves BEFORE UPDATE OF state ON beneficiaries_referral
  FOR EACH ROW EXECUTE FUNCTION referral_moves();
CREATE FUNCTION referral_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' OR OLD.state <> NEW.state THEN
    INSERT INTO beneficiaries_referralevent (referral_id, state, at)
    VALUES (NEW.id, NEW.state, NEW.state_since);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER referral_log AFTER INSERT OR UPDATE OF state ON beneficiaries_referral
  FOR EACH ROW EXECUTE FUNCTION referral_log();

CREATE FUNCTION referral_place() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO operators_placetaken (region_id, structure_id, sent_on, places)
  VALUES (NEW.receiver_region_id, NEW.receiver_id, NEW.sent_on,
          CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE -1 END);
  RETURN NULL;
END $$;
CREATE TRIGGER referral_takes_place AFTER INSERT ON beneficiaries_referral
  FOR EACH ROW EXECUTE FUNCTION referral_place();
CREATE TRIGGER referral_gives_place_back AFTER UPDATE OF state ON beneficiaries_referral
  FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state IN ('declined', 'withdrawn'))
  EXECUTE FUNCTION referral_place();
