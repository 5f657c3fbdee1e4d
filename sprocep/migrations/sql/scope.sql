-- Whether the settings of this transaction are those of a scope that the product opened: their proof
-- is an HMAC-SHA256 (RFC 2104) under the key of `sprocep_scopekey`, which the roles of requests and
-- of the compilation cannot read. The one function that runs with the rights of its owner: it takes
-- nothing, and says yes or no (docs/adr/0059).

CREATE FUNCTION scope_is_proven() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  RETURN (
    SELECT encode(sha256(outer_pad || sha256(inner_pad || convert_to(
             coalesce(current_setting('sprocep.regions', true), '') || '|' ||
             coalesce(current_setting('sprocep.structures', true), '') || '|' ||
             coalesce(current_setting('sprocep.user', true), '') || '|' ||
             coalesce(current_setting('sprocep.network', true), ''), 'UTF8'))), 'hex')
           = coalesce(current_setting('sprocep.proof', true), '')
      FROM public.sprocep_scopekey);
END $$;
REVOKE ALL ON FUNCTION scope_is_proven() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scope_is_proven() TO sprocep_app, sprocep_compiler;
