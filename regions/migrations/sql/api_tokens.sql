-- A token that is issued leaves its trace, whatever wrote it.

CREATE FUNCTION api_token_traced() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO regions_auditevent
    (at, by_id, territory, structure_id, action, object_type, object_id, fields)
  SELECT now(), NEW.created_by_id, coalesce(m.region_id, 'FR'), m.structure_id, 'issue_token',
         'regions.apitoken', NEW.public_id::text, 'membership label expires_on'
    FROM regions_membership m WHERE m.id = NEW.membership_id;
  RETURN NULL;
END $$;
CREATE TRIGGER api_token_traced AFTER INSERT ON regions_apitoken
  FOR EACH ROW EXECUTE FUNCTION api_token_traced();
