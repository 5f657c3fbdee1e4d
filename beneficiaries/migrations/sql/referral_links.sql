-- Links to fiches for structures without account: each is used once, and a person who comes there
-- opens no journey.

CREATE FUNCTION referral_link_used_once() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'a link is used once'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_link_used_once';
END $$;
CREATE TRIGGER referral_link_used_once
  BEFORE UPDATE OF used_at, fingerprint, expires_at ON beneficiaries_referrallink
  FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION referral_link_used_once();
-- Seen by who shows the link, and by nobody else: a structure with an account opens a journey.
CREATE FUNCTION referral_told_by_link() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT FROM beneficiaries_referrallink l
              WHERE l.referral_id = NEW.id AND l.used_at IS NOT NULL) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'no link was used'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_told_by_link';
END $$;
CREATE TRIGGER referral_told_by_link
  BEFORE INSERT OR UPDATE OF received_by_link ON beneficiaries_referral
  FOR EACH ROW WHEN (NEW.received_by_link) EXECUTE FUNCTION referral_told_by_link();
