"""The path of a décrocheur: apart from her journey, for a young person without a diploma."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION dropout_path_person() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  years integer;
  level text;
BEGIN
  SELECT coalesce(date_part('year', age(NEW.reported_on, b.birth_date))::integer, j.age),
         j.education_level_id
    INTO years, level
    FROM beneficiaries_journey j JOIN beneficiaries_beneficiary b ON b.id = j.beneficiary_id
   WHERE j.id = NEW.journey_id AND j.structure_id = NEW.structure_id;
  -- Unknown, an age or a level refuses nobody.
  IF years NOT BETWEEN 16 AND 25 THEN
    RAISE EXCEPTION 'not of the age of a décrocheur'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dropout_path_age';
  END IF;
  IF level ~ '^[3-8]$' THEN
    RAISE EXCEPTION 'has a diploma'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dropout_path_diploma';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dropout_path_person BEFORE INSERT OR UPDATE ON beneficiaries_dropoutpath
  FOR EACH ROW EXECUTE FUNCTION dropout_path_person();
"""
NO_RULES = """
DROP TRIGGER dropout_path_person ON beneficiaries_dropoutpath;
DROP FUNCTION dropout_path_person();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0028_saved_views"),
        ("operators", "0007_dropout_platforms"),
        ("regions", "0006_level1_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="DropoutPath",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reported_on", models.DateField(verbose_name="repérée le")),
                (
                    "reported",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                reported_on__isnull=False,
                                then=models.Func(
                                    models.F("reported_on"),
                                    models.F("reported_on"),
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                            )
                        ),
                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                            null=True
                        ),
                    ),
                ),
                (
                    "contacted_on",
                    models.DateField(blank=True, null=True, verbose_name="contactée le"),
                ),
                (
                    "relayed_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="accompagnée par un relais depuis le"
                    ),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="sortie le")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("training", "de retour en formation"),
                            ("job", "en emploi"),
                            ("other", "autre suite"),
                            ("lost", "perdue de vue"),
                        ],
                        max_length=8,
                        verbose_name="suite",
                    ),
                ),
                (
                    "noted_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="noté le"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.department",
                        verbose_name="département",
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="beneficiaries.journey",
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="noté par",
                    ),
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
                "verbose_name": "parcours décrocheur",
                "indexes": [
                    models.Index(fields=["journey"], name="dropout_path_of_journey"),
                    models.Index(fields=["reported_on"], name="dropout_path_by_day"),
                ],
                "constraints": [
                    sprocep.tenancy.RowPolicy(
                        check=None,
                        name="dropout_path_of_structure",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND ((SELECT EXISTS (SELECT FROM regions_membership counsel WHERE counsel.user_id = (SELECT nullif(current_setting('sprocep.user', true), '')::bigint) AND counsel.structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND counsel.region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND counsel.valid @> current_date AND counsel.role IN ('adviser', 'structure_manager'))) OR 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]))",
                    ),
                    sprocep.tenancy.FurtherReading(
                        name="dropout_path_of_relay",
                        to=("sprocep_app",),
                        using="(SELECT EXISTS (SELECT FROM regions_membership counsel WHERE counsel.user_id = (SELECT nullif(current_setting('sprocep.user', true), '')::bigint) AND counsel.structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND counsel.region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND counsel.valid @> current_date AND counsel.role IN ('adviser', 'structure_manager'))) AND EXISTS (SELECT FROM beneficiaries_referral fiche JOIN operators_platformmember member ON member.structure_id = fiche.receiver_id WHERE fiche.journey_id = beneficiaries_dropoutpath.journey_id AND fiche.receiver_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND fiche.receiver_region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND fiche.state NOT IN ('declined', 'withdrawn') AND member.region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND member.valid @> current_date)",
                    ),
                    sprocep.tenancy.RegionIsolation(
                        column="region_id", name="dropout_path_region", to=("sprocep_compiler",)
                    ),
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, DELETE, UPDATE (region_id, reported_on, contacted_on, relayed_on, ended_on, ending, noted_by_id, noted_at)",
                        compiler="SELECT (id, region_id)",
                        name="dropout_path_grants",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("contacted_on__isnull", True),
                                ("contacted_on__gte", models.F("reported_on")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("relayed_on__isnull", True),
                                ("relayed_on__gte", models.F("reported_on")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("ended_on__isnull", True),
                                ("ended_on__gte", models.F("reported_on")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("ended_on__isnull", True),
                                ("relayed_on__isnull", True),
                                ("ended_on__gte", models.F("relayed_on")),
                                _connector="OR",
                            ),
                        ),
                        name="dropout_path_order",
                        violation_error_message="Ces dates se suivent : repérée d'abord, sortie à la fin. Relisez-les.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", True), ("ending", "")),
                            models.Q(
                                ("ended_on__isnull", False),
                                ("ending__in", ["training", "job", "other", "lost"]),
                            ),
                            _connector="OR",
                        ),
                        name="dropout_path_end_is_whole",
                        violation_error_message="Une sortie a sa date et sa suite. Donnez les deux, ou aucune.",
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "journey"),
                        name="dropout_path_once",
                        violation_error_message="Le parcours décrocheur vient d'être noté par quelqu'un d'autre. Rechargez la page.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="dropoutpath",
            constraint=sprocep.constraints.CompositeKey(
                columns=("department_id", "region_id"),
                name="dropout_path_department",
                period="reported",
                to="regions.DepartmentRegion",
                to_columns=("department_id", "region_id"),
                to_period="valid",
                violation_error_message="Ce département n'est pas de cette Région à cette date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dropoutpath",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="dropout_path_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dropoutpath",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "noted_by_id"),
                name="dropout_path_noted_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AlterField(
            model_name="surveyresult",
            name="survey",
            field=models.CharField(
                choices=[
                    ("six_months", "résultats à six mois"),
                    ("session", "avis après un entretien"),
                    ("dropouts", "parcours des décrocheurs"),
                ],
                max_length=10,
                verbose_name="enquête",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
