"""A person's situation after the opening of her journey, day by day, inside the journey."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION situation_in_journey() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_journey j
                 WHERE j.id = NEW.journey_id AND j.structure_id = NEW.structure_id
                   AND NEW.starts_on > j.opened_on
                   AND NEW.starts_on <= coalesce(j.closed_on, 'infinity')) THEN
    RAISE EXCEPTION 'a change of situation outside its journey'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'situation_in_journey';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER situation_in_journey BEFORE INSERT OR UPDATE ON beneficiaries_situationchange
  FOR EACH ROW EXECUTE FUNCTION situation_in_journey();
"""
NO_RULES = """
DROP TRIGGER situation_in_journey ON beneficiaries_situationchange;
DROP FUNCTION situation_in_journey();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0021_merges"),
        ("operators", "0006_capacity_email"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="SituationChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="depuis le")),
                (
                    "noted_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="notée le"
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="situation_changes",
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
                        verbose_name="notée par",
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
                    "situation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.situation",
                        verbose_name="situation",
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
                "verbose_name": "changement de situation",
                "indexes": [
                    models.Index(
                        fields=["journey", "starts_on"], name="situation_change_of_journey"
                    )
                ],
                "constraints": [
                    sprocep.tenancy.RegionIsolation(
                        column="region_id",
                        name="situation_change_region",
                        to=("sprocep_app", "sprocep_compiler"),
                    ),
                    sprocep.tenancy.NominalIsolation(
                        column="structure_id", name="situation_change_structure"
                    ),
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (situation_id, noted_by_id, noted_at)",
                        compiler="SELECT (id, region_id, structure_id, journey_id, situation_id, starts_on, noted_by_id, noted_at)",
                        name="situation_change_grants",
                    ),
                    sprocep.constraints.CompositeKey(
                        columns=("structure_id", "journey_id"),
                        name="situation_change_journey",
                        to="beneficiaries.Journey",
                        to_columns=("structure_id", "id"),
                        violation_error_message="Ce parcours n'est pas de votre structure.",
                    ),
                    sprocep.constraints.CompositeKey(
                        columns=("structure_id", "noted_by_id"),
                        name="situation_change_noted_by",
                        to="regions.Membership",
                        to_columns=("structure_id", "id"),
                        violation_error_message="Cette personne n'est pas de votre structure.",
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "journey", "starts_on"), name="situation_change_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
