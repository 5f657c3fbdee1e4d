"""Documents de synthèse: what was handed over never changes; a code opens an approved version to one
structure, and is taken back for good."""

import uuid

import django.contrib.postgres.fields.ranges
import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION document_is_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  -- `handed` is made by PostgreSQL after this.
  approval text[] := '{approved_on,channel_id,approval_noted_by_id,handed}';
BEGIN
  IF OLD.approved_on IS NOT NULL OR to_jsonb(OLD) - approval <> to_jsonb(NEW) - approval THEN
    RAISE EXCEPTION 'a document that was handed over'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'document_is_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER document_is_kept BEFORE UPDATE ON beneficiaries_synthesisdocument
  FOR EACH ROW EXECUTE FUNCTION document_is_kept();

CREATE FUNCTION code_of_approved() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM beneficiaries_synthesisdocument d
                 WHERE d.id = NEW.document_id AND d.approved_on IS NOT NULL) THEN
    RAISE EXCEPTION 'only what the person approved is shared'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'code_of_approved';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER code_of_approved BEFORE INSERT ON beneficiaries_sharecode
  FOR EACH ROW EXECUTE FUNCTION code_of_approved();

CREATE FUNCTION code_opens_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF (OLD.reader_id IS NOT NULL AND (NEW.reader_id, NEW.reader_region_id, NEW.opened_at)
      IS DISTINCT FROM (OLD.reader_id, OLD.reader_region_id, OLD.opened_at))
     OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by_id)
         IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by_id)) THEN
    RAISE EXCEPTION 'a code has one reader, and is revoked for good'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'code_opens_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER code_opens_once BEFORE UPDATE ON beneficiaries_sharecode
  FOR EACH ROW EXECUTE FUNCTION code_opens_once();
"""
NO_RULES = """
DROP TRIGGER code_opens_once ON beneficiaries_sharecode;
DROP FUNCTION code_opens_once();
DROP TRIGGER code_of_approved ON beneficiaries_sharecode;
DROP FUNCTION code_of_approved();
DROP TRIGGER document_is_kept ON beneficiaries_synthesisdocument;
DROP FUNCTION document_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0016_search_keys"),
        ("operators", "0004_funding"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="SynthesisDocument",
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
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "content",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        verbose_name="contenu",
                    ),
                ),
                ("handed_on", models.DateField(verbose_name="remis le")),
                (
                    "handed",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                handed_on__isnull=False,
                                then=models.Func(
                                    models.F("handed_on"),
                                    models.F("handed_on"),
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
                ("approved_on", models.DateField(null=True, verbose_name="approuvé le")),
                (
                    "idempotency_key",
                    models.UUIDField(editable=False, null=True, verbose_name="clé d'envoi"),
                ),
                (
                    "approval_noted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="accord noté par",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.channel",
                        verbose_name="canal de l'accord",
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
                    "handed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="remis par",
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
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
                "verbose_name": "document de synthèse",
            },
        ),
        migrations.CreateModel(
            name="ShareCode",
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
                    "fingerprint",
                    models.BinaryField(max_length=32, verbose_name="empreinte du code de partage"),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="donné le"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expire le")),
                ("opened_at", models.DateTimeField(null=True, verbose_name="ouvert le")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="révoqué le")),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="donné par",
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure qui lit",
                    ),
                ),
                (
                    "reader_region",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région de la structure qui lit",
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
                    "revoked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="révoqué par",
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
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="beneficiaries.synthesisdocument",
                    ),
                ),
            ],
            options={
                "verbose_name": "code de partage",
            },
        ),
        migrations.CreateModel(
            name="Step",
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
                ("what", models.TextField(max_length=1000, verbose_name="étape")),
                ("actor", models.CharField(max_length=250, verbose_name="par qui")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="prévue le")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="faite le")),
                ("result", models.CharField(blank=True, max_length=300, verbose_name="résultat")),
                ("is_withdrawn", models.BooleanField(default=False, verbose_name="retirée")),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="changée le"
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
                        verbose_name="changée par",
                    ),
                ),
                (
                    "journey",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
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
                "verbose_name": "étape du plan d'actions",
                "indexes": [models.Index(fields=["journey", "id"], name="step_of_journey")],
                "constraints": [
                    sprocep.tenancy.RegionIsolation(
                        column="region_id",
                        name="step_region",
                        to=("sprocep_app", "sprocep_compiler"),
                    ),
                    sprocep.tenancy.NominalIsolation(column="structure_id", name="step_structure"),
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (what, actor, due_on, done_on, result, is_withdrawn, changed_by_id, changed_at)",
                        compiler="SELECT (id, public_id, region_id, structure_id, journey_id, due_on, done_on, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                        name="step_grants",
                    ),
                    sprocep.constraints.CompositeKey(
                        columns=("structure_id", "journey_id"),
                        name="step_journey",
                        to="beneficiaries.Journey",
                        to_columns=("structure_id", "id"),
                        violation_error_message="Ce parcours n'est pas de votre structure.",
                    ),
                    sprocep.constraints.CompositeKey(
                        columns=("structure_id", "changed_by_id"),
                        name="step_changed_by",
                        to="regions.Membership",
                        to_columns=("structure_id", "id"),
                        violation_error_message="Cette personne n'est pas de votre structure.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("result", ""), ("done_on__isnull", False), _connector="OR"
                        ),
                        name="step_result_of_what_is_done",
                        violation_error_message="Un résultat est celui d'une étape faite : datez-la.",
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "public_id"), name="step_public_id"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key__isnull", False)),
                        fields=("structure", "idempotency_key"),
                        name="step_sent_once",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="synthesisdocument",
            index=models.Index(fields=["public_id"], name="synthesis_document_by_id"),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.tenancy.RowPolicy(
                check="structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="synthesis_document_seen",
                restrictive=False,
                to=("sprocep_app",),
                using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR EXISTS (SELECT FROM beneficiaries_sharecode code WHERE code.document_id = beneficiaries_synthesisdocument.id AND reader_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND reader_region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]))",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="synthesis_document_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (approved_on, channel_id, approval_noted_by_id)",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, journey_id, number, handed_on, handed, handed_by_id, approved_on, channel_id, approval_noted_by_id, idempotency_key)",
                name="synthesis_document_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.constraints.CompositeKey(
                columns=("department_id", "region_id"),
                name="synthesis_document_department",
                period="handed",
                to="regions.DepartmentRegion",
                to_columns=("department_id", "region_id"),
                to_period="valid",
                violation_error_message="Ce département n'est pas de cette Région à cette date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="synthesis_document_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "handed_by_id"),
                name="synthesis_document_handed_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "approval_noted_by_id"),
                name="synthesis_document_noted_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approval_noted_by__isnull", True),
                        ("approved_on__isnull", True),
                        ("channel__isnull", True),
                    ),
                    models.Q(
                        ("approval_noted_by__isnull", False),
                        ("approved_on__isnull", False),
                        ("channel__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="synthesis_document_approval_is_whole",
                violation_error_message="Un accord a sa date et son canal.",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_on__isnull", True),
                    ("approved_on__gte", models.F("handed_on")),
                    _connector="OR",
                ),
                name="synthesis_document_approved_after_handed",
                violation_error_message="La personne approuve un document une fois remis.",
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=models.UniqueConstraint(
                fields=("structure", "region", "id"), name="synthesis_document_of_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=models.UniqueConstraint(
                fields=("structure", "journey", "number"), name="synthesis_document_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="synthesisdocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("structure", "idempotency_key"),
                name="synthesis_document_sent_once",
            ),
        ),
        migrations.AddIndex(
            model_name="sharecode",
            index=models.Index(fields=["fingerprint"], name="share_code_shown"),
        ),
        migrations.AddIndex(
            model_name="sharecode",
            index=models.Index(fields=["document", "id"], name="share_code_of_document"),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.tenancy.RowPolicy(
                check="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR (revoked_at IS NULL AND expires_at > now() AND reader_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND reader_region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]))",
                name="share_code_seen",
                restrictive=False,
                to=("sprocep_app",),
                using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR (revoked_at IS NULL AND expires_at > now() AND ((reader_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND reader_region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR (reader_id IS NULL AND fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))))",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.tenancy.SenderWriting(name="share_code_sender"),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="share_code_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (reader_id, reader_region_id, opened_at, revoked_by_id, revoked_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, document_id, made_by_id, made_at, expires_at, reader_id, reader_region_id, opened_at, revoked_by_id, revoked_at)",
                name="share_code_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "region_id", "document_id"),
                name="share_code_document",
                to="beneficiaries.SynthesisDocument",
                to_columns=("structure_id", "region_id", "id"),
                violation_error_message="Ce document n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "made_by_id"),
                name="share_code_made_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "revoked_by_id"),
                name="share_code_revoked_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("opened_at__isnull", True),
                        ("reader__isnull", True),
                        ("reader_region__isnull", True),
                    ),
                    models.Q(
                        ("opened_at__isnull", False),
                        ("reader__isnull", False),
                        ("reader_region__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="share_code_opening_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                    models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                    _connector="OR",
                ),
                name="share_code_revocation_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))),
                name="share_code_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.UniqueConstraint(
                fields=("structure", "fingerprint"), name="share_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="share_code_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reader__isnull", True),
                    models.Q(("structure", models.F("reader")), _negated=True),
                    models.Q(("region", models.F("reader_region")), _negated=True),
                    _connector="OR",
                ),
                name="share_code_to_another",
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
