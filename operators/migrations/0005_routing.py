"""« Aiguillage »: rules that ask for what a fiche shares alone, capacity and hours of structures."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION routing_rule() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NEW.department_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM department_region d WHERE d.department_id = NEW.department_id
     AND d.region_id = NEW.region_id AND d.valid @> NEW.starts_on) THEN
    RAISE EXCEPTION 'a département of another Region'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'routing_rule_department';
  END IF;
  IF EXISTS (SELECT unnest(NEW.reasons) EXCEPT SELECT code FROM operators_reason)
     OR EXISTS (SELECT unnest(NEW.situations) EXCEPT SELECT code FROM operators_situation)
     OR EXISTS (SELECT unnest(NEW.categories)
                EXCEPT SELECT code FROM operators_socioprofessionalcategory) THEN
    RAISE EXCEPTION 'a code that no list holds'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'routing_rule_codes';
  END IF;
  -- A fiche shares the category from level 3 on.
  IF NEW.categories <> '{}' AND NOT EXISTS (
    SELECT FROM operators_servicelevel l WHERE l.code = NEW.level_id AND l.rank >= 3) THEN
    RAISE EXCEPTION 'a fiche of this level does not share the category'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'routing_rule_shared';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER routing_rule BEFORE INSERT OR UPDATE ON operators_routingrule
  FOR EACH ROW EXECUTE FUNCTION routing_rule();

CREATE FUNCTION opening_hours_place() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM regions_site s JOIN department_region d ON d.department_id = s.department_id
     WHERE s.id = NEW.site_id AND d.region_id = NEW.region_id) THEN
    RAISE EXCEPTION 'a place of another Region'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'opening_hours_place';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER opening_hours_place BEFORE INSERT OR UPDATE ON operators_openinghours
  FOR EACH ROW EXECUTE FUNCTION opening_hours_place();
"""
NO_RULES = """
DROP TRIGGER opening_hours_place ON operators_openinghours;
DROP FUNCTION opening_hours_place();
DROP TRIGGER routing_rule ON operators_routingrule;
DROP FUNCTION routing_rule();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0004_funding"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="Capacity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekly",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="fiches par semaine"
                    ),
                ),
                (
                    "full_until",
                    models.DateField(blank=True, null=True, verbose_name="complet jusqu'au"),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="capacities",
                        to="regions.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "capacité d'accueil",
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (weekly, full_until)",
                        compiler="",
                        name="capacity_grants",
                    ),
                    sprocep.tenancy.RowPolicy(
                        check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])))",
                        name="capacity_region",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                    ),
                    models.UniqueConstraint(fields=("structure", "region"), name="capacity_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekly__isnull", True), ("weekly__gte", 1), _connector="OR"
                        ),
                        name="capacity_weekly",
                        violation_error_message="Écrivez 1 au moins. Pour ne plus recevoir, dites « complet jusqu'au ».",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "lundi"),
                            (2, "mardi"),
                            (3, "mercredi"),
                            (4, "jeudi"),
                            (5, "vendredi"),
                            (6, "samedi"),
                        ],
                        verbose_name="jour",
                    ),
                ),
                ("opens_at", models.TimeField(blank=True, null=True, verbose_name="ouvre à")),
                ("closes_at", models.TimeField(blank=True, null=True, verbose_name="ferme à")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hours",
                        to="regions.site",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "horaires d'accueil",
                "ordering": ["site", "weekday"],
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (region_id, opens_at, closes_at)",
                        compiler="",
                        name="opening_hours_grants",
                    ),
                    sprocep.tenancy.RowPolicy(
                        check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])))",
                        name="opening_hours_region",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                    ),
                    sprocep.constraints.CompositeKey(
                        columns=("structure_id", "site_id"),
                        name="opening_hours_site",
                        to="regions.Site",
                        to_columns=("structure_id", "id"),
                        violation_error_message="Ce lieu d'accueil n'est pas de cette structure.",
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "site", "weekday"), name="opening_hours_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__gte", 1), ("weekday__lte", 6)),
                        name="opening_hours_weekday",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes_at__isnull", True), ("opens_at__isnull", True)),
                            models.Q(("closes_at__isnull", False), ("opens_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="opening_hours_both",
                        violation_error_message="Donnez l'heure d'ouverture et celle de fermeture, ou aucune des deux.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_at__isnull", True),
                            ("opens_at__lt", models.F("closes_at")),
                            _connector="OR",
                        ),
                        name="opening_hours_order",
                        violation_error_message="Un lieu ferme après avoir ouvert.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceTaken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sent_on", models.DateField(verbose_name="envoyée le")),
                ("places", models.SmallIntegerField(verbose_name="places")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "place prise",
                "indexes": [
                    models.Index(fields=["structure", "region", "sent_on"], name="place_taken_week")
                ],
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT", compiler="", name="place_taken_grants"
                    ),
                    sprocep.tenancy.RowPolicy(
                        check="(SELECT coalesce(current_setting('sprocep.regions', true), '') <> '')",
                        name="place_taken_region",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("places__in", [1, -1])), name="place_taken_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
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
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="motifs",
                    ),
                ),
                (
                    "situations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="situations",
                    ),
                ),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="catégories socioprofessionnelles",
                    ),
                ),
                (
                    "youngest",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="âge le plus bas"
                    ),
                ),
                (
                    "oldest",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="âge le plus haut"
                    ),
                ),
                (
                    "excludes",
                    models.BooleanField(default=False, verbose_name="écarte au lieu de proposer"),
                ),
                (
                    "source",
                    models.CharField(blank=True, max_length=200, verbose_name="texte qui la fixe"),
                ),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.department",
                        verbose_name="département",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.servicelevel",
                        verbose_name="niveau demandé",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.network",
                        verbose_name="réseau",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "règle d'aiguillage",
                "ordering": ["position", "pk"],
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (ends_on)",
                        compiler="",
                        name="routing_rule_grants",
                    ),
                    sprocep.tenancy.RowPolicy(
                        check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                        name="routing_rule_region",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) OR (region_id IS NULL AND (SELECT coalesce(current_setting('sprocep.regions', true), '') <> ''))",
                    ),
                    models.UniqueConstraint(
                        fields=("region", "public_id"), name="routing_rule_public_id"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("network__isnull", True), ("structure__isnull", True), _connector="XOR"
                        ),
                        name="routing_rule_target",
                        violation_error_message="Choisissez un réseau ou une structure, et un seul.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("youngest__isnull", True),
                            ("oldest__isnull", True),
                            ("youngest__lte", models.F("oldest")),
                            _connector="OR",
                        ),
                        name="routing_rule_ages",
                        violation_error_message="L'âge le plus bas ne dépasse pas l'âge le plus haut.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="routing_rule_span",
                        violation_error_message="Une règle ne finit pas avant d'avoir commencé.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("region__isnull", False),
                            models.Q(("source", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="routing_rule_national",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
