"""Merges of two files of one person: the row moves the journeys and sets the file aside, its
separation gives all back. PostgreSQL does both, so that no half of it stands alone."""

import uuid

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION merge_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.separated_at IS NULL THEN
    UPDATE beneficiaries_journey SET beneficiary_id = NEW.kept_id, came_from_id = NEW.aside_id
     WHERE beneficiary_id = NEW.aside_id;
    UPDATE beneficiaries_beneficiary SET kept_in_id = NEW.kept_id WHERE id = NEW.aside_id;
  ELSE
    UPDATE beneficiaries_beneficiary SET kept_in_id = NULL WHERE id = NEW.aside_id;
    UPDATE beneficiaries_journey SET beneficiary_id = came_from_id, came_from_id = NULL
     WHERE beneficiary_id = NEW.kept_id AND came_from_id = NEW.aside_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER merge_moves AFTER INSERT ON beneficiaries_merge
  FOR EACH ROW EXECUTE FUNCTION merge_moves();
CREATE TRIGGER merge_moves_back AFTER UPDATE ON beneficiaries_merge
  FOR EACH ROW EXECUTE FUNCTION merge_moves();

CREATE FUNCTION merge_is_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.separated_at IS NOT NULL OR NEW.separated_at IS NULL THEN
    RAISE EXCEPTION 'a merge is separated once, and nothing else of it changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'merge_is_over';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER merge_is_over BEFORE UPDATE ON beneficiaries_merge
  FOR EACH ROW EXECUTE FUNCTION merge_is_over();

CREATE FUNCTION file_set_aside() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  kept bigint;
BEGIN
  SELECT m.kept_id INTO kept FROM beneficiaries_merge m
   WHERE m.structure_id = NEW.structure_id AND m.aside_id = NEW.id AND m.separated_at IS NULL;
  IF TG_OP = 'INSERT' OR NEW.kept_in_id IS DISTINCT FROM kept
     OR (OLD.kept_in_id IS NOT NULL AND NEW.kept_in_id IS NOT NULL) THEN
    RAISE EXCEPTION 'a file set aside stays as it was, as its merge says'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'file_set_aside';
  END IF;
  IF NEW.kept_in_id IS NULL THEN
    RETURN NEW;
  END IF;
  -- Held, so that neither of two merges at once makes a chain of the other.
  PERFORM FROM beneficiaries_beneficiary k
    WHERE k.id = NEW.kept_in_id AND k.kept_in_id IS NULL FOR SHARE;
  IF NOT FOUND OR EXISTS (SELECT FROM beneficiaries_beneficiary a
                          WHERE a.structure_id = NEW.structure_id AND a.kept_in_id = NEW.id) THEN
    RAISE EXCEPTION 'a merged file is merged no further'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'merge_without_chain';
  END IF;
  IF EXISTS (SELECT FROM beneficiaries_journey j WHERE j.beneficiary_id = NEW.id) THEN
    RAISE EXCEPTION 'a file set aside has no journey'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_journey_aside';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER file_set_aside BEFORE UPDATE ON beneficiaries_beneficiary
  FOR EACH ROW WHEN (OLD.kept_in_id IS NOT NULL OR NEW.kept_in_id IS NOT NULL)
  EXECUTE FUNCTION file_set_aside();
CREATE TRIGGER file_begun_aside BEFORE INSERT ON beneficiaries_beneficiary
  FOR EACH ROW WHEN (NEW.kept_in_id IS NOT NULL) EXECUTE FUNCTION file_set_aside();

CREATE FUNCTION journey_of_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  kept bigint;
BEGIN
  -- Held, so that the file is not set aside meanwhile.
  SELECT b.kept_in_id INTO kept FROM beneficiaries_beneficiary b
   WHERE b.id = NEW.beneficiary_id FOR SHARE;
  IF kept IS NOT NULL THEN
    RAISE EXCEPTION 'a file set aside has no journey'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'no_journey_aside';
  END IF;
  IF NEW.came_from_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM beneficiaries_merge m
     WHERE m.structure_id = NEW.structure_id AND m.aside_id = NEW.came_from_id
       AND m.kept_id = NEW.beneficiary_id AND m.separated_at IS NULL) THEN
    RAISE EXCEPTION 'a journey comes from a file that is merged into its own'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'journey_came_from_aside';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journey_of_kept BEFORE INSERT OR UPDATE OF beneficiary_id, came_from_id
  ON beneficiaries_journey FOR EACH ROW EXECUTE FUNCTION journey_of_kept();
"""
NO_RULES = """
DROP TRIGGER journey_of_kept ON beneficiaries_journey;
DROP FUNCTION journey_of_kept();
DROP TRIGGER file_begun_aside ON beneficiaries_beneficiary;
DROP TRIGGER file_set_aside ON beneficiaries_beneficiary;
DROP FUNCTION file_set_aside();
DROP TRIGGER merge_is_over ON beneficiaries_merge;
DROP FUNCTION merge_is_over();
DROP TRIGGER merge_moves_back ON beneficiaries_merge;
DROP TRIGGER merge_moves ON beneficiaries_merge;
DROP FUNCTION merge_moves();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0020_person_access"),
        ("operators", "0006_capacity_email"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, verbose_name="identifiant public"
                    ),
                ),
                (
                    "replaced",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="valeurs remplacées",
                    ),
                ),
                ("merged_at", models.DateTimeField(auto_now_add=True, verbose_name="réunies le")),
                ("separated_at", models.DateTimeField(null=True, verbose_name="séparées le")),
            ],
            options={
                "verbose_name": "réunion de fiches",
            },
        ),
        migrations.RemoveConstraint(
            model_name="beneficiary",
            name="beneficiary_grants",
        ),
        migrations.RemoveConstraint(
            model_name="journey",
            name="journey_grants",
        ),
        migrations.RemoveIndex(
            model_name="beneficiary",
            name="beneficiary_by_name",
        ),
        migrations.RemoveIndex(
            model_name="beneficiary",
            name="beneficiary_by_given_name",
        ),
        migrations.RemoveIndex(
            model_name="beneficiary",
            name="beneficiary_by_birth_name",
        ),
        migrations.RemoveIndex(
            model_name="beneficiary",
            name="beneficiary_born_on",
        ),
        migrations.AddField(
            model_name="beneficiary",
            name="kept_in",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="beneficiaries.beneficiary",
                verbose_name="réunie à la fiche",
            ),
        ),
        migrations.AddField(
            model_name="journey",
            name="came_from",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="beneficiaries.beneficiary",
                verbose_name="venu de la fiche",
            ),
        ),
        migrations.AddIndex(
            model_name="beneficiary",
            index=models.Index(
                fields=["structure", "region", "sort_key", "id"],
                include=("birth_date", "kept_in"),
                name="beneficiary_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="beneficiary",
            index=models.Index(
                fields=["structure", "region", "given_key", "id"],
                include=("sort_key", "birth_date", "kept_in"),
                name="beneficiary_by_given_name",
            ),
        ),
        migrations.AddIndex(
            model_name="beneficiary",
            index=models.Index(
                condition=models.Q(("birth_key__isnull", False)),
                fields=["structure", "region", "birth_key", "id"],
                include=("sort_key", "birth_date", "kept_in"),
                name="beneficiary_by_birth_name",
            ),
        ),
        migrations.AddIndex(
            model_name="beneficiary",
            index=models.Index(
                fields=["structure", "region", "birth_date", "id"],
                include=("sort_key", "kept_in"),
                name="beneficiary_born_on",
            ),
        ),
        migrations.AddIndex(
            model_name="beneficiary",
            index=models.Index(
                condition=models.Q(("kept_in__isnull", False)),
                fields=["structure", "kept_in"],
                name="beneficiary_set_aside",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficiary",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (last_name, first_name, birth_name, birth_date, sex_id, email, phone, commune_id, note, sort_key, kept_in_id)",
                compiler="SELECT (id, public_id, region_id, structure_id, sex_id, kept_in_id, recorded_at)",
                name="beneficiary_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficiary",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "kept_in_id"),
                name="beneficiary_kept_in",
                to="beneficiaries.Beneficiary",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="journey",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, category_id, beneficiary_id, came_from_id, requested_on, opened_on, opened, closed_on, closed, closed_region_id, closed_department_id, outcome_id, exit_situation_id, main_reason_id, sex_id, age, education_level_id, situation_id, socio_professional_category_id, sector_id, contract_type_id, residence_area_id, continues_id, thread_number, contact_code_fingerprint, idempotency_key, recorded_at, updated_at, boeth_id)",
                name="journey_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="journey",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "came_from_id"),
                name="journey_came_from",
                to="beneficiaries.Beneficiary",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="aside",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="beneficiaries.beneficiary",
                verbose_name="fiche mise de côté",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="kept",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="beneficiaries.beneficiary",
                verbose_name="fiche gardée",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="merged_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="réunies par",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.region",
                verbose_name="Région",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="separated_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="séparées par",
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(
                condition=models.Q(("separated_at__isnull", True)),
                fields=["structure", "kept"],
                name="merge_of_kept",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="merge_region", to=("sprocep_app", "sprocep_compiler")
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="merge_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (separated_by_id, separated_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, kept_id, aside_id, merged_by_id, merged_at, separated_by_id, separated_at)",
                name="merge_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "kept_id"),
                name="merge_kept",
                to="beneficiaries.Beneficiary",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas connue de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "aside_id"),
                name="merge_aside",
                to="beneficiaries.Beneficiary",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas connue de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "merged_by_id"),
                name="merge_merged_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "separated_by_id"),
                name="merge_separated_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("aside")), _negated=True),
                name="merge_of_two",
                violation_error_message="Une fiche se réunit avec une autre. Choisissez-en une.",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("separated_at__isnull", True), ("separated_by__isnull", True)),
                    models.Q(("separated_at__isnull", False), ("separated_by__isnull", False)),
                    _connector="OR",
                ),
                name="merge_separation_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("separated_at__isnull", True)),
                fields=("structure", "aside"),
                name="merge_once",
                violation_error_message="Cette fiche est déjà réunie à une autre.",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
