-- Merges of two files of one person: the row moves the journeys and sets the file aside, its separation
-- gives all back. PostgreSQL does both, so that no half of it stands alone.

CREATE FUNCTION merge_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.separated_at IS NULL THEN
    UPDATE beneficiaries_journey SET beneficiary_id = NEW.kept_id, came_from_id = NEW.aside_id
     WHERE beneficiary_id = NEW.aside_id;
    UPDATE beneficiaries_beneficiary SET kept_in_id = NEW.kept_id WHERE id = NEW.aside_id;
  ELSE
    -- A journey that was joined to one of the other file is open again.
    UPDATE beneficiaries_journey j SET closed_on = NULL, joined_to_id = NULL
      FROM beneficiaries_journey k
     WHERE j.beneficiary_id = NEW.kept_id AND k.id = j.joined_to_id
       AND (j.came_from_id IS NOT DISTINCT FROM NEW.aside_id)
           <> (k.came_from_id IS NOT DISTINCT FROM NEW.aside_id);
    UPDATE beneficiaries_beneficiary SET kept_in_id = NULL WHERE id = NEW.aside_id;
    UPDATE beneficiaries_journey SET beneficiary_id = came_from_id, came_from_id = NULL
     WHERE beneficiary_id = NEW.kept_id AND came_from_id = NEW.aside_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER merge_moves AFTER INSERT ON beneficiaries_merge
  FOR EACH ROW EXECUTE FUNCTION merge_moves();
CREATE TRIGGER merge_moves_back AFTER UPDATE ON beneficiaries_merge
  FOR EACH ROW EXECUTE FUNCTION merge_moves();

CREATE FUNCTION merge_is_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.separated_at IS NOT NULL OR NEW.separated_at IS NULL THEN
    RAISE EXCEPTION 'a merge is separated once, and nothing else of it changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'merge_is_over';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER merge_is_over BEFORE UPDATE ON beneficiaries_merge
  FOR EACH ROW EXECUTE FUNCTION merge_is_over();

CREATE FUNCTION file_set_aside() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  kept bigint;
BEGIN
  SELECT m.kept_id INTO kept FROM beneficiaries_merge m
   WHERE m.structure_id = NEW.structure_id AND m.aside_id = NEW.id AND m.separated_at IS NULL;
  IF TG_OP = 'INSERT' OR NEW.kept_in_id IS DISTINCT FROM kept
     OR (OLD.kept_in_id IS NOT NULL AND NEW.kept_in_id IS NOT NULL) THEN
    RAISE EXCEPTION 'a file set aside stays as it was, as its merge says'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'file_set_aside';
  END IF;
  IF NEW.kept_in_id IS NULL THEN
    RETURN NEW;
  END IF;
  -- Held, so that neither of two merges at once makes a chain of the other.
  PERFORM FROM beneficiaries_beneficiary k
    WHERE k.id = NEW.kept_in_id AND k.kept_in_id IS NULL FOR SHARE;
  IF NOT FOUND OR EXISTS (SELECT FROM beneficiaries_beneficiary a
                          WHERE a.structure_id = NEW.structure_id AND a.kept_in_id = NEW.id) THEN
    RAISE EXCEPTION 'a merged file is merged no further'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'merge_without_chain';
  END IF;
  IF EXISTS (SELECT FROM beneficiaries_journey j WHERE j.beneficiary_id = NEW.id) THEN
    RAISE EXCEPTION 'a file set aside has no journey'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_journey_aside';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER file_set_aside BEFORE UPDATE ON beneficiaries_beneficiary
  FOR EACH ROW WHEN (OLD.kept_in_id IS NOT NULL OR NEW.kept_in_id IS NOT NULL)
  EXECUTE FUNCTION file_set_aside();
CREATE TRIGGER file_begun_aside BEFORE INSERT ON beneficiaries_beneficiary
  FOR EACH ROW WHEN (NEW.kept_in_id IS NOT NULL) EXECUTE FUNCTION file_set_aside();

CREATE FUNCTION journey_of_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  kept bigint;
BEGIN
  -- Held, so that the file is not set aside meanwhile.
  SELECT b.kept_in_id INTO kept FROM beneficiaries_beneficiary b
   WHERE b.id = NEW.beneficiary_id FOR SHARE;
  IF kept IS NOT NULL THEN
    RAISE EXCEPTION 'a file set aside has no journey'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_journey_aside';
  END IF;
  IF NEW.came_from_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM beneficiaries_merge m
     WHERE m.structure_id = NEW.structure_id AND m.aside_id = NEW.came_from_id
       AND m.kept_id = NEW.beneficiary_id AND m.separated_at IS NULL) THEN
    RAISE EXCEPTION 'a journey comes from a file that is merged into its own'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'journey_came_from_aside';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journey_of_kept BEFORE INSERT OR UPDATE OF beneficiary_id, came_from_id
  ON beneficiaries_journey FOR EACH ROW EXECUTE FUNCTION journey_of_kept();
