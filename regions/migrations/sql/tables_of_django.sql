-- What the app may do with tables of Django and its applications (sprocep.checks.RIGHTS_OF_OTHERS).

GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, axes_accessattempt TO sprocep_app;
GRANT SELECT, DELETE ON axes_accessattemptexpiration TO sprocep_app;
