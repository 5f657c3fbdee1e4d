-- Workshops, with head-counts and participants.

CREATE FUNCTION workshop_whole() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  line jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  workshop beneficiaries_workshop;
  known integer;
  outside integer;
BEGIN
  -- Locked: two who add participants at once count each other's.
  SELECT * INTO workshop FROM beneficiaries_workshop w
   WHERE w.id = (line ->> TG_ARGV[0])::bigint FOR UPDATE;
  IF TG_ARGV[0] = 'workshop_id' AND workshop.cancelled_at IS NOT NULL THEN
    RAISE EXCEPTION 'a cancelled workshop does not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_is_over';
  END IF;
  SELECT count(*), count(*) FILTER (WHERE workshop.held_on < j.opened_on
                                      OR workshop.held_on > coalesce(j.closed_on, 'infinity'))
    INTO known, outside
    FROM beneficiaries_workshopparticipant p JOIN beneficiaries_journey j ON j.id = p.journey_id
   WHERE p.workshop_id = workshop.id;
  IF known > workshop.heads THEN
    RAISE EXCEPTION 'more participants than heads'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_heads_known';
  END IF;
  IF outside > 0 THEN
    RAISE EXCEPTION 'a participant whose journey was not open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_in_journey';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER workshop_whole AFTER UPDATE OF held_on, heads ON beneficiaries_workshop
  FOR EACH ROW EXECUTE FUNCTION workshop_whole('id');
CREATE TRIGGER workshop_whole AFTER INSERT OR UPDATE OR DELETE ON beneficiaries_workshopparticipant
  FOR EACH ROW EXECUTE FUNCTION workshop_whole('workshop_id');

CREATE FUNCTION workshop_is_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'a cancelled workshop does not change'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_is_over';
END $$;
CREATE TRIGGER workshop_is_over BEFORE UPDATE ON beneficiaries_workshop
  FOR EACH ROW WHEN (OLD.cancelled_at IS NOT NULL) EXECUTE FUNCTION workshop_is_over();
