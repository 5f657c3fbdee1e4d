"""Feedback of advisers: counted as that of persons, never more answers than sessions held."""

from django.db import migrations, models

import sprocep.tenancy

_FUNCTION = """
CREATE OR REPLACE FUNCTION feedback_takes_its_code() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.answered = 0 AND NEW.counts = '{}' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.answered = OLD.answered + 1 THEN
    DELETE FROM beneficiaries_feedbackcode code
     WHERE code.structure_id = NEW.structure_id AND code.region_id = NEW.region_id
       AND code.month = NEW.month%(voice)s AND code.fingerprint
           = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex');
    IF FOUND THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'feedback without its code'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_takes_its_code';
END $$;
"""
# An answer of an adviser refers to no session: of all that are counted, no more than were held
# there in the month and in the one before, whose last may be answered after midnight.
RULES = (
    _FUNCTION % {"voice": " AND code.voice = NEW.voice"}
    + """
CREATE FUNCTION feedback_after_a_session() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
DECLARE first date := to_date(NEW.month || '-01', 'YYYY-MM-DD');
BEGIN
  IF NEW.answered > (
    SELECT count(*) FROM beneficiaries_session s
     WHERE s.structure_id = NEW.structure_id AND s.region_id = NEW.region_id
       AND s.held_on >= first - interval '1 month' AND s.held_on < first + interval '1 month') THEN
    RAISE EXCEPTION 'more answers than sessions'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_after_a_session';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER feedback_after_a_session BEFORE UPDATE ON beneficiaries_feedbacktally
  FOR EACH ROW WHEN (NEW.voice = 'adviser') EXECUTE FUNCTION feedback_after_a_session();
"""
)
NO_RULES = (
    """
DROP TRIGGER feedback_after_a_session ON beneficiaries_feedbacktally;
DROP FUNCTION feedback_after_a_session();
"""
    + _FUNCTION % {"voice": ""}
)


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0034_arrival"),
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="feedbackcode",
            name="feedback_code_grants",
        ),
        migrations.RemoveConstraint(
            model_name="feedbacktally",
            name="feedback_tally_added_to",
        ),
        migrations.RemoveConstraint(
            model_name="feedbacktally",
            name="feedback_tally_grants",
        ),
        migrations.RemoveConstraint(
            model_name="feedbacktally",
            name="feedback_tally_once",
        ),
        migrations.AddField(
            model_name="feedbackcode",
            name="voice",
            field=models.CharField(
                choices=[("person", "personne reçue"), ("adviser", "conseil")],
                db_default="person",
                max_length=7,
                verbose_name="voix",
            ),
        ),
        migrations.AddField(
            model_name="feedbacktally",
            name="voice",
            field=models.CharField(
                choices=[("person", "personne reçue"), ("adviser", "conseil")],
                db_default="person",
                max_length=7,
                verbose_name="voix",
            ),
        ),
        migrations.AlterField(
            model_name="surveyresult",
            name="survey",
            field=models.CharField(
                choices=[
                    ("six_months", "résultats à six mois"),
                    ("session", "avis après un entretien"),
                    ("advisers", "avis des conseillers après un entretien"),
                    ("dropouts", "parcours des décrocheurs"),
                ],
                max_length=10,
                verbose_name="enquête",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackcode",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, DELETE",
                compiler="SELECT (id, region_id, structure_id, month, voice)",
                name="feedback_code_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbacktally",
            constraint=sprocep.tenancy.RowPolicy(
                check="structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="feedback_tally_added_to",
                restrictive=False,
                to=("sprocep_app",),
                using="'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) OR (region_id, structure_id, month, voice) IN (SELECT code.region_id, code.structure_id, code.month, code.voice FROM beneficiaries_feedbackcode code WHERE code.fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbacktally",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (answered, counts)",
                compiler="SELECT (id, region_id, structure_id, month, voice, answered, counts)",
                name="feedback_tally_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbacktally",
            constraint=models.UniqueConstraint(
                fields=("structure", "region", "month", "voice"), name="feedback_tally_once"
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
