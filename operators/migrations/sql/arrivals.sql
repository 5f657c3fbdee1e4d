-- How a person came: these codes are here before the reference data, which bring their labels.

INSERT INTO operators_arrival (code, label, position, starts_on)
SELECT code, code, position, '2014-01-01'
  FROM unnest('{V1,V2,V3,V4,NR}'::text[]) WITH ORDINALITY AS listed (code, position);
