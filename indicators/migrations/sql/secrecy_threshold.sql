-- k = 11 from the first day: the national rule, a dated row that the DGEFP may change.

INSERT INTO indicators_secrecythreshold (k, starts_on) VALUES (11, '2015-01-01');
