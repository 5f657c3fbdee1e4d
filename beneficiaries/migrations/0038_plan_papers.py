"""Papers of financing plans: few, whole until they are taken back, then gone; logged as lines are."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION plan_has_room() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  -- Locked, before the trigger that only shares it: two papers at once are counted in turn.
  PERFORM FROM beneficiaries_financingplan p WHERE p.id = NEW.plan_id FOR NO KEY UPDATE;
  IF (SELECT count(*) FROM beneficiaries_planpaper p
       WHERE p.structure_id = NEW.structure_id AND p.plan_id = NEW.plan_id
         AND NOT p.is_withdrawn) >= 20 THEN
    RAISE EXCEPTION 'twenty papers a plan'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_has_room';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_has_room BEFORE INSERT ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_has_room();
CREATE TRIGGER plan_is_open BEFORE INSERT OR UPDATE OR DELETE ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_is_open();
CREATE TRIGGER level1_only AFTER INSERT OR UPDATE ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_level1_only();

CREATE FUNCTION plan_paper_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  -- Neither what it holds nor its digest: what is taken back is gone from the log too.
  INSERT INTO beneficiaries_planevent (region_id, structure_id, plan_id, act, line, by_id, at)
  VALUES (NEW.region_id, NEW.structure_id, NEW.plan_id,
          CASE WHEN NEW.is_withdrawn THEN 'removed' ELSE 'joined' END,
          jsonb_build_object('public_id', NEW.public_id, 'label', NEW.label, 'kind', NEW.kind,
                             'size', NEW.size, 'cost_id', NEW.cost_id,
                             'funding_id', NEW.funding_id),
          NEW.changed_by_id, NEW.changed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER plan_paper_log AFTER INSERT OR UPDATE OF is_withdrawn ON beneficiaries_planpaper
  FOR EACH ROW EXECUTE FUNCTION plan_paper_log();
"""
NO_RULES = """
DROP TRIGGER plan_paper_log ON beneficiaries_planpaper;
DROP FUNCTION plan_paper_log();
DROP TRIGGER level1_only ON beneficiaries_planpaper;
DROP TRIGGER plan_is_open ON beneficiaries_planpaper;
DROP TRIGGER plan_has_room ON beneficiaries_planpaper;
DROP FUNCTION plan_has_room();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0037_right_of_a_step"),
        ("operators", "0014_individual_rights"),
        ("regions", "0009_structure_programs"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanPaper",
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
                ("label", models.CharField(max_length=120, verbose_name="libellé")),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("jpg", "image JPEG"), ("png", "image PNG")],
                        max_length=4,
                        verbose_name="sorte de fichier",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="taille en octets")),
                ("digest", models.BinaryField(max_length=32, verbose_name="empreinte SHA-256")),
                ("content", models.BinaryField(null=True, verbose_name="contenu")),
                ("is_withdrawn", models.BooleanField(default=False, verbose_name="retirée")),
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
            ],
            options={
                "verbose_name": "pièce d'un plan",
            },
        ),
        migrations.AlterField(
            model_name="planevent",
            name="act",
            field=models.CharField(
                choices=[
                    ("opened", "plan ouvert"),
                    ("added", "ligne ajoutée"),
                    ("changed", "ligne changée"),
                    ("withdrawn", "ligne retirée"),
                    ("joined", "pièce jointe"),
                    ("removed", "pièce retirée"),
                    ("closed", "plan bouclé"),
                    ("reopened", "plan repris"),
                ],
                max_length=9,
                verbose_name="acte",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancost",
            constraint=models.UniqueConstraint(
                fields=("structure", "plan", "id"), name="plan_cost_in_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="planfunding",
            constraint=models.UniqueConstraint(
                fields=("structure", "plan", "id"), name="plan_funding_in_plan"
            ),
        ),
        migrations.AddField(
            model_name="planpaper",
            name="changed_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="changé par",
            ),
        ),
        migrations.AddField(
            model_name="planpaper",
            name="cost",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="beneficiaries.plancost",
                verbose_name="coût",
            ),
        ),
        migrations.AddField(
            model_name="planpaper",
            name="funding",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="beneficiaries.planfunding",
                verbose_name="financement",
            ),
        ),
        migrations.AddField(
            model_name="planpaper",
            name="plan",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="beneficiaries.financingplan",
            ),
        ),
        migrations.AddField(
            model_name="planpaper",
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
            model_name="planpaper",
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
            model_name="planpaper",
            index=models.Index(fields=["plan", "id"], name="plan_paper_of"),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="plan_paper_region", to=("sprocep_app", "sprocep_compiler")
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.tenancy.NominalIsolation(
                column="structure_id", name="plan_paper_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (content, is_withdrawn, changed_by_id, changed_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, plan_id, cost_id, funding_id, kind, size, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                name="plan_paper_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "region_id", "plan_id"),
                name="plan_paper_plan",
                to="beneficiaries.FinancingPlan",
                to_columns=("structure_id", "region_id", "id"),
                violation_error_message="Ce plan de financement n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "plan_id", "cost_id"),
                name="plan_paper_cost",
                to="beneficiaries.PlanCost",
                to_columns=("structure_id", "plan_id", "id"),
                violation_error_message="Cette ligne n'est pas de ce plan. Choisissez-en une de la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "plan_id", "funding_id"),
                name="plan_paper_funding",
                to="beneficiaries.PlanFunding",
                to_columns=("structure_id", "plan_id", "id"),
                violation_error_message="Cette ligne n'est pas de ce plan. Choisissez-en une de la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "changed_by_id"),
                name="plan_paper_changed_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cost__isnull", True), ("funding__isnull", True), _connector="OR"
                ),
                name="plan_paper_one_line",
                violation_error_message="Une pièce est du plan, ou d'une seule de ses lignes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["pdf", "jpg", "png"])),
                name="plan_paper_kind",
                violation_error_message="Une pièce est un PDF, ou une image JPEG ou PNG.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gt", 0), ("size__lte", 4194304)),
                name="plan_paper_size",
                violation_error_message="Une pièce fait 4 Mo au plus, et n'est pas vide.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("content__isnull", True),
                    models.Q(
                        ("digest", models.Func(models.F("content"), function="sha256")),
                        ("size", models.Func(models.F("content"), function="octet_length")),
                    ),
                    _connector="OR",
                ),
                name="plan_paper_whole",
                violation_error_message="Cette pièce est arrivée abîmée. Joignez-la de nouveau.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", True), ("is_withdrawn", True)),
                    models.Q(("content__isnull", False), ("is_withdrawn", False)),
                    _connector="OR",
                ),
                name="plan_paper_withdrawn_is_gone",
                violation_error_message="Une pièce retirée n'a plus de contenu, et elle seule.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="plan_paper_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_withdrawn", False)),
                fields=("structure", "plan", "digest"),
                name="plan_paper_once",
                violation_error_message="Ce fichier est déjà joint à ce plan : voyez la liste de ses pièces.",
            ),
        ),
        migrations.AddConstraint(
            model_name="planpaper",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("structure", "idempotency_key"),
                name="plan_paper_sent_once",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
