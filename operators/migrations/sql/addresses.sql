-- Where the fiches of a structure go is never one person's word (docs/adr/0057): who works here
-- writes an address that waits, and its holder, who shows a link, makes it stand. A person takes
-- an address away, or carries into the Region of today what stands in the one before.

CREATE FUNCTION capacity_address_proven() RETURNS trigger LANGUAGE plpgsql
SET search_path = public AS $$
BEGIN
  IF NEW.proven_at IS NOT NULL
     AND (TG_OP = 'INSERT' OR NEW.proven_at IS DISTINCT FROM OLD.proven_at)
     OR NEW.address <> '' AND (TG_OP = 'INSERT' OR NEW.address <> OLD.address)
        AND NOT EXISTS (SELECT FROM operators_capacity c
                        WHERE c.structure_id = NEW.structure_id AND c.address = NEW.address) THEN
    RAISE EXCEPTION 'the holder of an address confirms it'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'capacity_address_proven';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER capacity_address_proven BEFORE INSERT OR UPDATE ON operators_capacity FOR EACH ROW
  WHEN (coalesce(current_setting('sprocep.user', true), '') <> '')
  EXECUTE FUNCTION capacity_address_proven();
