"""Plans de financement: of journeys of level 3 alone, whole before they are closed, and each change
of theirs is logged as it is made."""

import uuid
from decimal import Decimal

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION plan_level() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = NEW.journey_id
                 AND s.structure_id = NEW.structure_id AND s.rank >= 3) THEN
    RAISE EXCEPTION 'a plan is of a journey that reached level 3'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_level';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_level BEFORE INSERT OR UPDATE OF journey_id, structure_id
  ON beneficiaries_financingplan FOR EACH ROW EXECUTE FUNCTION plan_level();

CREATE FUNCTION plan_keeps_its_level() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT FROM beneficiaries_financingplan p WHERE p.journey_id = OLD.journey_id
             AND p.structure_id = OLD.structure_id)
     AND NOT EXISTS (SELECT FROM beneficiaries_session s WHERE s.journey_id = OLD.journey_id
                     AND s.structure_id = OLD.structure_id AND s.rank >= 3) THEN
    RAISE EXCEPTION 'this journey has a plan: its last session of level 3 stays'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_keeps_its_level';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER plan_keeps_its_level
  AFTER DELETE OR UPDATE OF rank, journey_id ON beneficiaries_session
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.rank >= 3)
  EXECUTE FUNCTION plan_keeps_its_level();

CREATE FUNCTION plan_closed_whole() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  costs numeric;
  granted numeric;
BEGIN
  IF NEW.closed_on IS NULL THEN RETURN NEW; END IF;
  SELECT coalesce(sum(c.amount), 0) INTO costs FROM beneficiaries_plancost c
   WHERE c.plan_id = NEW.id AND NOT c.is_withdrawn;
  SELECT coalesce(sum(f.granted), 0) INTO granted FROM beneficiaries_planfunding f
   WHERE f.plan_id = NEW.id AND NOT f.is_withdrawn;
  IF costs = 0 THEN
    RAISE EXCEPTION 'nothing to finance'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_closed_with_costs';
  END IF;
  IF costs <> granted AND btrim(NEW.gap_explained) = '' THEN
    RAISE EXCEPTION 'a gap that nobody explained'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_gap_explained';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_closed_whole BEFORE INSERT OR UPDATE OF closed_on, gap_explained
  ON beneficiaries_financingplan FOR EACH ROW EXECUTE FUNCTION plan_closed_whole();

CREATE FUNCTION plan_is_open() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  line record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  closed date;
BEGIN
  -- Locked: whoever closes it meanwhile waits, and then counts this line.
  SELECT p.closed_on INTO closed FROM beneficiaries_financingplan p
   WHERE p.id = line.plan_id FOR SHARE;
  IF closed IS NOT NULL THEN
    RAISE EXCEPTION 'a closed plan keeps its lines'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_is_open';
  END IF;
  RETURN line;
END $$;
CREATE TRIGGER plan_is_open BEFORE INSERT OR UPDATE OR DELETE ON beneficiaries_plancost
  FOR EACH ROW EXECUTE FUNCTION plan_is_open();
CREATE TRIGGER plan_is_open BEFORE INSERT OR UPDATE OR DELETE ON beneficiaries_planfunding
  FOR EACH ROW EXECUTE FUNCTION plan_is_open();

CREATE FUNCTION plan_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
  VALUES (NEW.region_id, NEW.structure_id, NEW.id,
          CASE WHEN TG_OP = 'INSERT' THEN 'opened'
               WHEN NEW.closed_on IS NULL THEN 'reopened' ELSE 'closed' END,
          jsonb_build_object('gap_explained', NEW.gap_explained),
          NEW.changed_by_id, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER plan_log AFTER INSERT OR UPDATE ON beneficiaries_financingplan
  FOR EACH ROW EXECUTE FUNCTION plan_log();

CREATE FUNCTION plan_line_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
  VALUES (NEW.region_id, NEW.structure_id, NEW.plan_id,
          CASE WHEN TG_OP = 'INSERT' THEN 'added'
               WHEN NEW.is_withdrawn THEN 'withdrawn' ELSE 'changed' END,
          to_jsonb(NEW) - '{region_id,structure_id,plan_id,idempotency_key}'::text[],
          NEW.changed_by_id, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER plan_line_log AFTER INSERT OR UPDATE ON beneficiaries_plancost
  FOR EACH ROW EXECUTE FUNCTION plan_line_log();
CREATE TRIGGER plan_line_log AFTER INSERT OR UPDATE ON beneficiaries_planfunding
  FOR EACH ROW EXECUTE FUNCTION plan_line_log();
"""
NO_RULES = """
DROP TRIGGER plan_line_log ON beneficiaries_planfunding;
DROP TRIGGER plan_line_log ON beneficiaries_plancost;
DROP FUNCTION plan_line_log();
DROP TRIGGER plan_log ON beneficiaries_financingplan;
DROP FUNCTION plan_log();
DROP TRIGGER plan_is_open ON beneficiaries_planfunding;
DROP TRIGGER plan_is_open ON beneficiaries_plancost;
DROP FUNCTION plan_is_open();
DROP TRIGGER plan_closed_whole ON beneficiaries_financingplan;
DROP FUNCTION plan_closed_whole();
DROP TRIGGER plan_keeps_its_level ON beneficiaries_session;
DROP FUNCTION plan_keeps_its_level();
DROP TRIGGER plan_level ON beneficiaries_financingplan;
DROP FUNCTION plan_level();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0014_drafts"),
        ("operators", "0004_funding"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="FinancingPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="ouvert le")),
                (
                    "opened",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                opened_on__isnull=False,
                                then=models.Func(
                                    models.F("opened_on"),
                                    models.F("opened_on"),
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
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="bouclé le")),
                (
                    "gap_explained",
                    models.CharField(blank=True, max_length=300, verbose_name="écart expliqué"),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="changé le"
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="changé par",
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
                    "journey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="beneficiaries.journey",
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
                "verbose_name": "plan de financement",
            },
        ),
        migrations.CreateModel(
            name="PlanCost",
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
                ("label", models.CharField(blank=True, max_length=120, verbose_name="libellé")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=9, verbose_name="montant"),
                ),
                ("is_withdrawn", models.BooleanField(default=False, verbose_name="retiré")),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="changé le"
                    ),
                ),
                (
                    "idempotency_key",
                    models.UUIDField(editable=False, null=True, verbose_name="clé d'envoi"),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="changé par",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.costkind",
                        verbose_name="type de coût",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="costs",
                        to="beneficiaries.financingplan",
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
                "verbose_name": "coût d'un plan",
            },
        ),
        migrations.CreateModel(
            name="PlanEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("opened", "plan ouvert"),
                            ("added", "ligne ajoutée"),
                            ("changed", "ligne changée"),
                            ("withdrawn", "ligne retirée"),
                            ("closed", "plan bouclé"),
                            ("reopened", "plan repris"),
                        ],
                        max_length=9,
                        verbose_name="acte",
                    ),
                ),
                ("line", models.JSONField(verbose_name="ligne")),
                ("at", models.DateTimeField(verbose_name="le")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="par",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="beneficiaries.financingplan",
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
                "verbose_name": "étape d'un plan de financement",
            },
        ),
        migrations.CreateModel(
            name="PlanFunding",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "demandé"),
                            ("granted", "accordé"),
                            ("refused", "refusé"),
                        ],
                        default="asked",
                        max_length=7,
                        verbose_name="état",
                    ),
                ),
                (
                    "asked",
                    models.DecimalField(
                        decimal_places=2, max_digits=9, verbose_name="montant demandé"
                    ),
                ),
                (
                    "granted",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=9,
                        verbose_name="montant accordé",
                    ),
                ),
                ("asked_on", models.DateField(verbose_name="demandé le")),
                (
                    "asked_day",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                asked_on__isnull=False,
                                then=models.Func(
                                    models.F("asked_on"),
                                    models.F("asked_on"),
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
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="décidé le")),
                (
                    "document",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="référence de la pièce"
                    ),
                ),
                ("is_withdrawn", models.BooleanField(default=False, verbose_name="retiré")),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="changé le"
                    ),
                ),
                (
                    "idempotency_key",
                    models.UUIDField(editable=False, null=True, verbose_name="clé d'envoi"),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="changé par",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fundings",
                        to="beneficiaries.financingplan",
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
                    "right",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.fundingright",
                        verbose_name="droit mobilisé",
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
                "verbose_name": "financement d'un plan",
            },
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id",
                name="financing_plan_region",
                to=("sprocep_app", "sprocep_compiler"),
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="financing_plan_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (closed_on, gap_explained, changed_by_id, changed_at)",
                compiler="SELECT (id, region_id, structure_id, department_id, journey_id, opened_on, opened, closed_on, changed_by_id, changed_at)",
                name="financing_plan_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=sprocep.constraints.CompositeKey(
                columns=("department_id", "region_id"),
                name="financing_plan_department",
                period="opened",
                to="regions.DepartmentRegion",
                to_columns=("department_id", "region_id"),
                to_period="valid",
                violation_error_message="Ce département n'est pas de cette Région à cette date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="financing_plan_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "changed_by_id"),
                name="financing_plan_changed_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_on__isnull", True),
                    ("closed_on__gte", models.F("opened_on")),
                    _connector="OR",
                ),
                name="financing_plan_closed_after_opened",
                violation_error_message="Un plan ne peut pas être bouclé avant son ouverture.",
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=models.UniqueConstraint(
                fields=("structure", "region", "id"), name="financing_plan_of"
            ),
        ),
        migrations.AddConstraint(
            model_name="financingplan",
            constraint=models.UniqueConstraint(
                fields=("structure", "journey"),
                name="financing_plan_once",
                violation_error_message="Ce parcours a déjà son plan de financement.",
            ),
        ),
        migrations.AddIndex(
            model_name="plancost",
            index=models.Index(fields=["plan", "id"], name="plan_cost_of"),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="plan_cost_region", to=("sprocep_app", "sprocep_compiler")
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="plan_cost_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (kind_id, label, amount, is_withdrawn, changed_by_id, changed_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, plan_id, kind_id, amount, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                name="plan_cost_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "region_id", "plan_id"),
                name="plan_cost_plan",
                to="beneficiaries.FinancingPlan",
                to_columns=("structure_id", "region_id", "id"),
                violation_error_message="Ce plan de financement n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "changed_by_id"),
                name="plan_cost_changed_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="plan_cost_amount",
                violation_error_message="Un coût est un montant au-dessus de zéro.",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="plan_cost_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("structure", "idempotency_key"),
                name="plan_cost_sent_once",
            ),
        ),
        migrations.AddIndex(
            model_name="planevent",
            index=models.Index(fields=["plan", "id"], name="plan_event_timeline"),
        ),
        migrations.AddConstraint(
            model_name="planevent",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="plan_event_region", to=("sprocep_app", "sprocep_compiler")
            ),
        ),
        migrations.AddConstraint(
            model_name="planevent",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="plan_event_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="planevent",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT",
                compiler="SELECT (id, region_id, structure_id, plan_id, act, by_id, at)",
                name="plan_event_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="planevent",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "region_id", "plan_id"),
                name="plan_event_plan",
                to="beneficiaries.FinancingPlan",
                to_columns=("structure_id", "region_id", "id"),
                violation_error_message="Ce plan de financement n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planevent",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "by_id"),
                name="plan_event_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddIndex(
            model_name="planfunding",
            index=models.Index(fields=["plan", "id"], name="plan_funding_of"),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id",
                name="plan_funding_region",
                to=("sprocep_app", "sprocep_compiler"),
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="plan_funding_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (right_id, state, asked, granted, asked_on, decided_on, document, is_withdrawn, changed_by_id, changed_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, plan_id, right_id, state, asked, granted, asked_on, asked_day, decided_on, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                name="plan_funding_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "region_id", "plan_id"),
                name="plan_funding_plan",
                to="beneficiaries.FinancingPlan",
                to_columns=("structure_id", "region_id", "id"),
                violation_error_message="Ce plan de financement n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "changed_by_id"),
                name="plan_funding_changed_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=sprocep.constraints.CompositeKey(
                columns=("right_id",),
                name="plan_funding_right",
                period="asked_day",
                to="operators.FundingRight",
                to_columns=("code",),
                to_period="valid",
                violation_error_message="Ce droit n'existe pas à la date de la demande.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked__gt", 0)),
                name="plan_funding_asked",
                violation_error_message="Une demande est un montant au-dessus de zéro.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.CheckConstraint(
                condition=models.Q(("granted__gte", 0), ("granted__lte", models.F("asked"))),
                name="plan_funding_granted",
                violation_error_message="Un financeur n'accorde pas plus que ce qui lui est demandé : corrigez l'un des deux montants.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_on__isnull", True), ("granted", 0), ("state", "asked")),
                    models.Q(
                        ("decided_on__isnull", False), ("granted__gt", 0), ("state", "granted")
                    ),
                    models.Q(("decided_on__isnull", False), ("granted", 0), ("state", "refused")),
                    _connector="OR",
                ),
                name="plan_funding_answer",
                violation_error_message="Une réponse a sa date, et un accord son montant ; une demande sans réponse n'a ni l'une ni l'autre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_on__isnull", True),
                    ("decided_on__gte", models.F("asked_on")),
                    _connector="OR",
                ),
                name="plan_funding_decided_after_asked",
                violation_error_message="La réponse ne peut pas précéder la demande.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="plan_funding_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("structure", "idempotency_key"),
                name="plan_funding_sent_once",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
