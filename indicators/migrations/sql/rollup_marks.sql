-- A change of a fact marks the (Region, month) cells that it touches, statement by statement.
-- A session touches the months where its journey opened and closed, because the journey's levels come
-- from its sessions; sessions themselves are counted from the units. It marks the month in which its
-- journey opened only when it is held on that very day: the level of an entry is that of the first
-- session, so the sessions of this quarter leave the months of the past alone, unless their journey is
-- closed.

CREATE FUNCTION mark_journey_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT region_id, date_trunc('month', opened_on)::date AS month FROM added
    UNION ALL
    SELECT closed_region_id, date_trunc('month', closed_on)::date FROM added
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_journey_insert AFTER INSERT ON beneficiaries_journey
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_journey_insert();

CREATE FUNCTION mark_journey_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT region_id, date_trunc('month', opened_on)::date AS month FROM removed
    UNION ALL
    SELECT closed_region_id, date_trunc('month', closed_on)::date FROM removed
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT region_id, date_trunc('month', opened_on)::date AS month FROM added
    UNION ALL
    SELECT closed_region_id, date_trunc('month', closed_on)::date FROM added
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_journey_update AFTER UPDATE ON beneficiaries_journey
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_journey_update();

CREATE FUNCTION mark_journey_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT region_id, date_trunc('month', opened_on)::date AS month FROM removed
    UNION ALL
    SELECT closed_region_id, date_trunc('month', closed_on)::date FROM removed
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_journey_delete AFTER DELETE ON beneficiaries_journey
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_journey_delete();

CREATE FUNCTION mark_session_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM added r JOIN beneficiaries_journey j ON j.id = r.journey_id AND r.held_on = j.opened_on
    UNION ALL
    SELECT j.closed_region_id, date_trunc('month', j.closed_on)::date
      FROM added r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_session_insert AFTER INSERT ON beneficiaries_session
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_session_insert();

CREATE FUNCTION mark_session_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM removed r JOIN beneficiaries_journey j ON j.id = r.journey_id AND r.held_on = j.opened_on
    UNION ALL
    SELECT j.closed_region_id, date_trunc('month', j.closed_on)::date
      FROM removed r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM added r JOIN beneficiaries_journey j ON j.id = r.journey_id AND r.held_on = j.opened_on
    UNION ALL
    SELECT j.closed_region_id, date_trunc('month', j.closed_on)::date
      FROM added r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_session_update AFTER UPDATE ON beneficiaries_session
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_session_update();

CREATE FUNCTION mark_session_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM removed r JOIN beneficiaries_journey j ON j.id = r.journey_id AND r.held_on = j.opened_on
    UNION ALL
    SELECT j.closed_region_id, date_trunc('month', j.closed_on)::date
      FROM removed r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_session_delete AFTER DELETE ON beneficiaries_session
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_session_delete();

-- Contacts mark their cells too, and leave less behind: one mark is enough for all that come until the
-- rollups are built again, since a row each would say when each came. While this shared lock is held no
-- building takes a mark away (`refresh_rollups`); where one is at work, the mark is written in any case.
CREATE FUNCTION mark_contacts(changed_region text, changed_month date) RETURNS void
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF pg_try_advisory_xact_lock_shared(hashtext('rollup ' || changed_region)) AND EXISTS (
    SELECT FROM indicators_rollupmark
     WHERE region_id = changed_region AND month = changed_month
  ) THEN
    RETURN;
  END IF;
  INSERT INTO indicators_rollupmark (region_id, month) VALUES (changed_region, changed_month);
END $$;

CREATE FUNCTION mark_contacttally_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_contacts(region_id, month)
     FROM (SELECT DISTINCT region_id, month FROM added WHERE total > 0) cells;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_contacttally_insert AFTER INSERT ON beneficiaries_contacttally
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_contacttally_insert();

CREATE FUNCTION mark_contacttally_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_contacts(region_id, month)
     FROM (SELECT DISTINCT added.region_id, added.month
             FROM added JOIN removed USING (id) WHERE added.total <> removed.total) cells;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_contacttally_update AFTER UPDATE ON beneficiaries_contacttally
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_contacttally_update();

CREATE FUNCTION mark_contacttally_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_contacts(region_id, month)
     FROM (SELECT DISTINCT region_id, month FROM removed) cells;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_contacttally_delete AFTER DELETE ON beneficiaries_contacttally
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_contacttally_delete();

CREATE FUNCTION mark_journeyreason_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM added r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_journeyreason_insert AFTER INSERT ON beneficiaries_journeyreason
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_journeyreason_insert();

CREATE FUNCTION mark_journeyreason_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM removed r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM added r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_journeyreason_update AFTER UPDATE ON beneficiaries_journeyreason
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION mark_journeyreason_update();

CREATE FUNCTION mark_journeyreason_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indicators_rollupmark (region_id, month)
  SELECT DISTINCT region_id, month FROM (
    SELECT j.region_id, date_trunc('month', j.opened_on)::date AS month
      FROM removed r JOIN beneficiaries_journey j ON j.id = r.journey_id
  ) cells WHERE region_id IS NOT NULL AND month IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER mark_journeyreason_delete AFTER DELETE ON beneficiaries_journeyreason
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION mark_journeyreason_delete();
