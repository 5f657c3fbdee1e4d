"""Trades that recruit, by département: dated lists of a Region, each whole."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

OF_THE_REGION = """
CREATE FUNCTION recruiting_trade_department() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM department_region d JOIN operators_tradelist l ON l.id = NEW.trade_list_id
     WHERE d.department_id = NEW.department_id AND d.region_id = NEW.region_id
       AND d.valid @> l.starts_on) THEN
    RAISE EXCEPTION 'a département of another Region'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'recruiting_trade_department';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recruiting_trade_department BEFORE INSERT OR UPDATE ON operators_recruitingtrade
  FOR EACH ROW EXECUTE FUNCTION recruiting_trade_department();
"""
OF_ANY = """
DROP TRIGGER recruiting_trade_department ON operators_recruitingtrade;
DROP FUNCTION recruiting_trade_department();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0010_arrival"),
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
        migrations.CreateModel(
            name="TradeList",
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
                ("source", models.CharField(max_length=120, verbose_name="source")),
                ("year", models.PositiveSmallIntegerField(verbose_name="année des données")),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "liste de métiers qui recrutent",
                "ordering": ["source", "-year", "-starts_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="RecruitingTrade",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(blank=True, max_length=5, verbose_name="code ROME ou FAP"),
                ),
                ("label", models.CharField(max_length=120, verbose_name="métier")),
                (
                    "projects",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="projets de recrutement"
                    ),
                ),
                (
                    "difficult",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=4,
                        null=True,
                        verbose_name="part jugée difficile",
                    ),
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
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
                (
                    "trade_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trades",
                        to="operators.tradelist",
                        verbose_name="liste",
                    ),
                ),
            ],
            options={
                "verbose_name": "métier qui recrute",
            },
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (ends_on)", compiler="", name="trade_list_grants"
            ),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=sprocep.tenancy.RowPolicy(
                check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="trade_list_region",
                restrictive=False,
                to=("sprocep_app",),
                using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=models.UniqueConstraint(fields=("region", "id"), name="trade_list_key"),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=models.UniqueConstraint(
                fields=("region", "public_id"), name="trade_list_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on__isnull", True)),
                fields=("region", "source", "year"),
                name="trade_list_once",
                violation_error_message="Quelqu'un vient d'enregistrer une liste de cette source et de cette année. Rechargez la page pour la voir.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True),
                name="trade_list_source",
                violation_error_message="Dites d'où viennent ces métiers.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__gte", 2000), ("year__lte", 2100)),
                name="trade_list_year",
                violation_error_message="Écrivez une année sur quatre chiffres.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tradelist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="trade_list_span",
                violation_error_message="Une liste ne finit pas avant d'avoir commencé.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT", compiler="", name="recruiting_trade_grants"
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=sprocep.tenancy.RowPolicy(
                check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="recruiting_trade_region",
                restrictive=False,
                to=("sprocep_app",),
                using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=sprocep.constraints.CompositeKey(
                columns=("region_id", "trade_list_id"),
                name="recruiting_trade_list",
                to="operators.TradeList",
                to_columns=("region_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=models.UniqueConstraint(
                fields=("region", "trade_list", "department", "code", "label"),
                name="recruiting_trade_once",
                violation_error_message="Ce métier est deux fois dans la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("code", ""),
                    ("code__regex", "^[A-N]\\d{4}$"),
                    ("code__regex", "^[A-Z]\\d[A-Z](\\d{2})?$"),
                    _connector="OR",
                ),
                name="recruiting_trade_code",
                violation_error_message="Un code est du ROME (M1805) ou d'une FAP (T4Z60).",
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True),
                name="recruiting_trade_label",
                violation_error_message="Chaque métier a son nom.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recruitingtrade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("difficult__isnull", True),
                    models.Q(("difficult__gte", 0), ("difficult__lte", 100)),
                    _connector="OR",
                ),
                name="recruiting_trade_difficult",
                violation_error_message="Une part va de 0 à 100.",
            ),
        ),
        migrations.RunSQL(OF_THE_REGION, OF_ANY),
    ]
