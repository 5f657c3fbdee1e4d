-- No free text of a file holds a social security number. `beneficiaries/nir.py` says which writings, and
-- refuses some more: what a form lets pass, this does.

CREATE FUNCTION holds_nir(written text) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
  plain text;
  candidate text;
  digits text;
BEGIN
  -- Digits of other scripts, capitals, nothing that is not seen.
  plain := upper(regexp_replace(
    translate(normalize(written, NFKC), '٠١٢٣٤٥٦٧٨٩', '0123456789'),
    '[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]', '', 'g'));
  -- Without its key: by its shape, with the month of a birth and a département.
  IF plain ~ ('(?<![0-9])[12][^[:alnum:]]{0,3}[0-9]{2}[^[:alnum:]]{0,3}(?:0[1-9]|1[0-2])[^[:alnum:]]{0,3}'
              || '(?:0[1-9]|[1-8][0-9]|9[0-9]|2[AB])[^[:alnum:]]{0,3}[0-9]{3}[^[:alnum:]]{0,3}[0-9]{3}'
              || '(?![0-9])(?![^[:alnum:]]{1,3}[0-9][0-9](?![0-9]))') THEN
    RETURN true;
  END IF;
  -- With its key, cut anywhere.
  FOR candidate IN
    SELECT regexp_replace(run[1], '[^[:alnum:]]', '', 'g')
      FROM regexp_matches(plain, '(?<![0-9])([1-478][^[:alnum:]]{0,3}(?:[0-9][^[:alnum:]]{0,3}){5}'
                                 || '[0-9AB][^[:alnum:]]{0,3}(?:[0-9][^[:alnum:]]{0,3}){7}[0-9])(?![0-9])', 'g') AS run
  LOOP
    digits := left(candidate, 5) || CASE substr(candidate, 6, 2)
                WHEN '2A' THEN '19' WHEN '2B' THEN '18' ELSE substr(candidate, 6, 2) END
              || substr(candidate, 8, 6);
    IF digits ~ '^[0-9]{13}$' AND right(candidate, 2)::int = 97 - digits::bigint % 97 THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;
GRANT EXECUTE ON FUNCTION holds_nir(text) TO sprocep_app, sprocep_compiler;

-- A shorter text holds none: nearly all are empty.
ALTER TABLE beneficiaries_beneficiary ADD CONSTRAINT beneficiary_without_nir
  CHECK (NOT ((length(last_name) >= 13 AND holds_nir(last_name))
    OR (length(first_name) >= 13 AND holds_nir(first_name))
    OR (length(birth_name) >= 13 AND holds_nir(birth_name))
    OR (length(note) >= 13 AND holds_nir(note))));
ALTER TABLE beneficiaries_session ADD CONSTRAINT session_without_nir
  CHECK (NOT ((length(note) >= 13 AND holds_nir(note))));
ALTER TABLE beneficiaries_step ADD CONSTRAINT step_without_nir
  CHECK (NOT ((length(what) >= 13 AND holds_nir(what))
    OR (length(actor) >= 13 AND holds_nir(actor))
    OR (length(result) >= 13 AND holds_nir(result))));
ALTER TABLE beneficiaries_workshop ADD CONSTRAINT workshop_without_nir
  CHECK (NOT ((length(title) >= 13 AND holds_nir(title))));
ALTER TABLE beneficiaries_plancost ADD CONSTRAINT plan_cost_without_nir
  CHECK (NOT ((length(label) >= 13 AND holds_nir(label))));
ALTER TABLE beneficiaries_planfunding ADD CONSTRAINT plan_funding_without_nir
  CHECK (NOT ((length(document) >= 13 AND holds_nir(document))));
ALTER TABLE beneficiaries_financingplan ADD CONSTRAINT financing_plan_without_nir
  CHECK (NOT ((length(gap_explained) >= 13 AND holds_nir(gap_explained))));
ALTER TABLE beneficiaries_planpaper ADD CONSTRAINT plan_paper_without_nir
  CHECK (NOT ((length(label) >= 13 AND holds_nir(label))));
ALTER TABLE beneficiaries_referralperson ADD CONSTRAINT referral_person_without_nir
  CHECK (NOT (coalesce(holds_nir(fields ->> 'message'), false)
    OR (length(other_choice) >= 13 AND holds_nir(other_choice))));
