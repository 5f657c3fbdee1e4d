"""Workshops between networks: registrations in time, attendance noted by who organises."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION registration_rules() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  held operators_exchange;
  clock timestamp := now() AT TIME ZONE 'Europe/Paris';
  today date := clock::date;
  was_withdrawn timestamptz;
  had_attended boolean;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    was_withdrawn := OLD.withdrawn_at;
    had_attended := OLD.attended;
  END IF;
  SELECT * INTO held FROM operators_exchange WHERE id = NEW.exchange_id;
  IF (TG_OP = 'INSERT' OR NEW.withdrawn_at IS DISTINCT FROM was_withdrawn)
     AND (held.cancelled_on IS NOT NULL OR held.held_on + held.ends_at < clock OR was_withdrawn IS NOT NULL) THEN
    RAISE EXCEPTION 'registration out of time'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_in_time';
  END IF;
  IF NEW.attended IS DISTINCT FROM had_attended
     AND (coalesce(current_setting('sprocep.structures', true), '') <> ''
          OR held.cancelled_on IS NOT NULL OR held.held_on > today) THEN
    RAISE EXCEPTION 'attendance by another, or before'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_by_organiser';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER registration_rules BEFORE INSERT OR UPDATE ON operators_registration
  FOR EACH ROW EXECUTE FUNCTION registration_rules();
"""
NO_RULES = """
DROP TRIGGER registration_rules ON operators_registration;
DROP FUNCTION registration_rules();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0012_premises"),
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
        migrations.CreateModel(
            name="Exchange",
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
                ("title", models.CharField(max_length=120, verbose_name="intitulé")),
                ("held_on", models.DateField(verbose_name="date")),
                ("starts_at", models.TimeField(verbose_name="commence à")),
                ("ends_at", models.TimeField(verbose_name="finit à")),
                ("place", models.CharField(max_length=200, verbose_name="lieu ou lien")),
                ("seats", models.PositiveSmallIntegerField(verbose_name="places")),
                (
                    "share",
                    models.PositiveSmallIntegerField(verbose_name="part d'un réseau, au plus"),
                ),
                (
                    "least",
                    models.PositiveSmallIntegerField(verbose_name="à partir de combien d'inscrits"),
                ),
                ("cancelled_on", models.DateField(blank=True, null=True, verbose_name="annulé le")),
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
                "verbose_name": "atelier d'échange de pratique",
                "ordering": ["held_on", "starts_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Registration",
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
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                (
                    "registered_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="inscription le"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="désistement le"),
                ),
                ("attended", models.BooleanField(blank=True, null=True, verbose_name="présence")),
                (
                    "exchange",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="operators.exchange",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "inscription à un atelier d'échange",
                "ordering": ["pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (cancelled_on)", compiler="", name="exchange_grants"
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=sprocep.tenancy.RowPolicy(
                check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="exchange_region",
                restrictive=False,
                to=("sprocep_app",),
                using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.UniqueConstraint(fields=("region", "id"), name="exchange_key"),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.UniqueConstraint(
                fields=("region", "public_id"), name="exchange_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="exchange_hours",
                violation_error_message="Un atelier finit après avoir commencé.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats__gte", 2), ("seats__lte", 500)),
                name="exchange_seats",
                violation_error_message="Un atelier compte de 2 à 500 places.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("least__gte", 1), ("least__lte", models.F("seats"))),
                name="exchange_least",
                violation_error_message="La part compte à partir d'un nombre de places prises qui va de 1 à toutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("share__gte", 1),
                    ("share__lte", 100),
                    django.db.models.lookups.GreaterThanOrEqual(
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.comparison.Cast(
                                "share", models.IntegerField()
                            ),
                            "*",
                            models.F("least"),
                        ),
                        100,
                    ),
                ),
                name="exchange_share",
                violation_error_message="Avec cette part et ce nombre, personne ne pourrait entrer : augmentez l'un ou l'autre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (withdrawn_at, attended)",
                compiler="",
                name="registration_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=sprocep.tenancy.RowPolicy(
                check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])))",
                name="registration_region",
                restrictive=False,
                to=("sprocep_app",),
                using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=sprocep.constraints.CompositeKey(
                columns=("region_id", "exchange_id"),
                name="registration_exchange",
                to="operators.Exchange",
                to_columns=("region_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "member_id"),
                name="registration_member",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                fields=("region", "public_id"), name="registration_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("region", "exchange", "user"),
                name="registration_once",
                violation_error_message="Vous avez déjà une inscription à cet atelier.",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("attended__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"
                ),
                name="registration_attended",
                violation_error_message="Qui s'est désisté n'a pas de présence.",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
