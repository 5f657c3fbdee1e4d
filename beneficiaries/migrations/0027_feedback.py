"""Feedback without a name: one answer more of a month takes its code away, in one act."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import sprocep.tenancy

RULES = """
CREATE FUNCTION feedback_takes_its_code() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.answered = 0 AND NEW.counts = '{}' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.answered = OLD.answered + 1 THEN
    DELETE FROM beneficiaries_feedbackcode code
     WHERE code.structure_id = NEW.structure_id AND code.region_id = NEW.region_id
       AND code.month = NEW.month AND code.fingerprint
           = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex');
    IF FOUND THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'feedback without its code'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_takes_its_code';
END $$;
CREATE TRIGGER feedback_takes_its_code BEFORE INSERT OR UPDATE ON beneficiaries_feedbacktally
  FOR EACH ROW EXECUTE FUNCTION feedback_takes_its_code();
"""
NO_RULES = """
DROP TRIGGER feedback_takes_its_code ON beneficiaries_feedbacktally;
DROP FUNCTION feedback_takes_its_code();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0026_exit_questions"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.AlterField(
            model_name="surveyresult",
            name="survey",
            field=models.CharField(
                choices=[
                    ("six_months", "résultats à six mois"),
                    ("session", "avis après un entretien"),
                ],
                max_length=10,
                verbose_name="enquête",
            ),
        ),
        migrations.CreateModel(
            name="FeedbackCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="clé",
                    ),
                ),
                ("month", models.CharField(max_length=7, verbose_name="mois")),
                (
                    "fingerprint",
                    models.BinaryField(max_length=32, verbose_name="empreinte du code d'avis"),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "code d'avis",
                "indexes": [
                    models.Index(fields=["fingerprint"], name="feedback_code_by_fingerprint")
                ],
                "constraints": [
                    sprocep.tenancy.RowPolicy(
                        check=None,
                        name="feedback_code_shown",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))",
                    ),
                    sprocep.tenancy.SenderWriting(name="feedback_code_structure"),
                    sprocep.tenancy.RegionIsolation(
                        column="region_id", name="feedback_code_region", to=("sprocep_compiler",)
                    ),
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, DELETE",
                        compiler="SELECT (id, region_id, structure_id, month)",
                        name="feedback_code_grants",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__regex", "^\\d{4}-\\d{2}$")),
                        name="feedback_code_month",
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "fingerprint"), name="feedback_code_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedbackTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.CharField(max_length=7, verbose_name="mois")),
                ("answered", models.PositiveIntegerField(default=0, verbose_name="réponses")),
                ("counts", models.JSONField(default=dict, verbose_name="effectifs")),
                (
                    "region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "décompte d'avis",
                "constraints": [
                    sprocep.tenancy.RowPolicy(
                        check="structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                        name="feedback_tally_added_to",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) OR (region_id, structure_id, month) IN (SELECT code.region_id, code.structure_id, code.month FROM beneficiaries_feedbackcode code WHERE code.fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))",
                    ),
                    sprocep.tenancy.RegionIsolation(
                        column="region_id", name="feedback_tally_region", to=("sprocep_compiler",)
                    ),
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (answered, counts)",
                        compiler="SELECT (id, region_id, structure_id, month, answered, counts)",
                        name="feedback_tally_grants",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__regex", "^\\d{4}-\\d{2}$")),
                        name="feedback_tally_month",
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "region", "month"), name="feedback_tally_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
