"""Workshops, with head-counts and participants; a draft is of a session or of a workshop."""

import uuid

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION workshop_whole() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  line jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  workshop beneficiaries_workshop;
  known integer;
  outside integer;
BEGIN
  -- Locked: two who add participants at once count each other's.
  SELECT * INTO workshop FROM beneficiaries_workshop w
   WHERE w.id = (line ->> TG_ARGV[0])::bigint FOR UPDATE;
  IF TG_ARGV[0] = 'workshop_id' AND workshop.cancelled_at IS NOT NULL THEN
    RAISE EXCEPTION 'a cancelled workshop does not change'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_is_over';
  END IF;
  SELECT count(*), count(*) FILTER (WHERE workshop.held_on < j.opened_on
                                      OR workshop.held_on > coalesce(j.closed_on, 'infinity'))
    INTO known, outside
    FROM beneficiaries_workshopparticipant p JOIN beneficiaries_journey j ON j.id = p.journey_id
   WHERE p.workshop_id = workshop.id;
  IF known > workshop.heads THEN
    RAISE EXCEPTION 'more participants than heads'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_heads_known';
  END IF;
  IF outside > 0 THEN
    RAISE EXCEPTION 'a participant whose journey was not open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_in_journey';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER workshop_whole AFTER UPDATE OF held_on, heads ON beneficiaries_workshop
  FOR EACH ROW EXECUTE FUNCTION workshop_whole('id');
CREATE TRIGGER workshop_whole AFTER INSERT OR UPDATE OR DELETE ON beneficiaries_workshopparticipant
  FOR EACH ROW EXECUTE FUNCTION workshop_whole('workshop_id');

CREATE FUNCTION workshop_is_over() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'a cancelled workshop does not change'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'workshop_is_over';
END $$;
CREATE TRIGGER workshop_is_over BEFORE UPDATE ON beneficiaries_workshop
  FOR EACH ROW WHEN (OLD.cancelled_at IS NOT NULL) EXECUTE FUNCTION workshop_is_over();
"""
NO_RULES = """
DROP TRIGGER workshop_is_over ON beneficiaries_workshop;
DROP FUNCTION workshop_is_over();
DROP TRIGGER workshop_whole ON beneficiaries_workshopparticipant;
DROP TRIGGER workshop_whole ON beneficiaries_workshop;
DROP FUNCTION workshop_whole();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0024_level1_only"),
        ("operators", "0006_capacity_email"),
        ("regions", "0006_level1_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Workshop",
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
                ("held_on", models.DateField(verbose_name="date")),
                (
                    "held",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                held_on__isnull=False,
                                then=models.Func(
                                    models.F("held_on"),
                                    models.F("held_on"),
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
                ("title", models.CharField(blank=True, max_length=120, verbose_name="intitulé")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="durée en minutes")),
                ("heads", models.PositiveSmallIntegerField(verbose_name="nombre de personnes")),
                (
                    "cancelled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="annulé le"),
                ),
                (
                    "cancel_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="motif d'annulation"),
                ),
                (
                    "idempotency_key",
                    models.UUIDField(editable=False, null=True, verbose_name="clé d'envoi"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
            ],
            options={
                "verbose_name": "atelier",
            },
        ),
        migrations.CreateModel(
            name="WorkshopParticipant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "participant d'un atelier",
            },
        ),
        migrations.AlterModelOptions(
            name="draft",
            options={"verbose_name": "brouillon"},
        ),
        migrations.RemoveConstraint(
            model_name="draft",
            name="draft_grants",
        ),
        migrations.AddField(
            model_name="draft",
            name="page",
            field=models.CharField(
                choices=[("session", "entretien"), ("workshop", "atelier")],
                db_default="session",
                default="session",
                max_length=8,
                verbose_name="page",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (typed, kept_at), DELETE",
                compiler="SELECT (id, key, page, region_id, structure_id, author_id, kept_at)",
                name="draft_grants",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
            name="animator",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="animé par",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="annulé par",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
            name="channel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="operators.channel",
                verbose_name="canal",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
            name="department",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.department",
                verbose_name="département",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
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
            model_name="workshop",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.site",
                verbose_name="lieu d'accueil",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddField(
            model_name="workshop",
            name="theme",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="operators.theme",
                verbose_name="thème",
            ),
        ),
        migrations.AddField(
            model_name="workshopparticipant",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="beneficiaries.journey",
            ),
        ),
        migrations.AddField(
            model_name="workshopparticipant",
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
            model_name="workshopparticipant",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure",
            ),
        ),
        migrations.AddField(
            model_name="workshopparticipant",
            name="workshop",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="beneficiaries.workshop",
            ),
        ),
        migrations.AddIndex(
            model_name="workshop",
            index=models.Index(
                fields=["structure", "region", "-held_on", "-id"], name="workshop_newest"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="workshop_region", to=("sprocep_app", "sprocep_compiler")
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="workshop_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, site_id, animator_id, held_on, held, channel_id, theme_id, minutes, heads, cancelled_at, cancelled_by_id, idempotency_key, updated_at)",
                name="workshop_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.constraints.CompositeKey(
                columns=("department_id", "region_id"),
                name="workshop_department",
                period="held",
                to="regions.DepartmentRegion",
                to_columns=("department_id", "region_id"),
                to_period="valid",
                violation_error_message="Ce département n'est pas de cette Région à cette date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "site_id"),
                name="workshop_site",
                to="regions.Site",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce lieu d'accueil n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "animator_id"),
                name="workshop_animator",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "cancelled_by_id"),
                name="workshop_cancelled_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                name="workshop_minutes",
                violation_error_message="La durée va de 1 à 600 minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(("heads__gte", 1), ("heads__lte", 500)),
                name="workshop_heads",
                violation_error_message="Un atelier compte de 1 à 500 personnes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancel_reason", ""),
                        ("cancelled_at__isnull", True),
                        ("cancelled_by__isnull", True),
                    ),
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("cancelled_by__isnull", False),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="workshop_cancelled_with_reason",
                violation_error_message="Dites pourquoi l'atelier est annulé.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.UniqueConstraint(
                fields=("structure", "region", "id"), name="workshop_of_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="workshop_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("structure", "idempotency_key"),
                name="workshop_sent_once",
            ),
        ),
        migrations.AddIndex(
            model_name="workshopparticipant",
            index=models.Index(fields=["workshop"], name="workshop_participant_idx"),
        ),
        migrations.AddIndex(
            model_name="workshopparticipant",
            index=models.Index(fields=["journey"], name="workshop_of_journey_idx"),
        ),
        migrations.AddConstraint(
            model_name="workshopparticipant",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id",
                name="workshop_participant_region",
                to=("sprocep_app", "sprocep_compiler"),
            ),
        ),
        migrations.AddConstraint(
            model_name="workshopparticipant",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="workshop_participant_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="workshopparticipant",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, DELETE",
                compiler="SELECT (id, region_id, structure_id, workshop_id, journey_id)",
                name="workshop_participant_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshopparticipant",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "region_id", "workshop_id"),
                name="workshop_participant_workshop",
                to="beneficiaries.Workshop",
                to_columns=("structure_id", "region_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="workshopparticipant",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="workshop_participant_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="workshopparticipant",
            constraint=models.UniqueConstraint(
                fields=("structure", "workshop", "journey"), name="workshop_participant_once"
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
