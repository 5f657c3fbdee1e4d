"""The person's own access: ended for good. What a row says that she did herself, her code was shown
for: no request of her structure writes in her name."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION access_ends_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'an access that is over'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'access_ends_once';
END $$;
CREATE TRIGGER access_ends_once BEFORE UPDATE ON beneficiaries_personaccess
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION access_ends_once();

CREATE FUNCTION refuse_without_person(file bigint) RETURNS void LANGUAGE plpgsql
  SET search_path = public AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM beneficiaries_personaccess access
     WHERE access.journey_id = file AND access.ended_at IS NULL AND access.fingerprint
           = decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')) THEN
    RAISE EXCEPTION 'in her name, without her code'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'person_acts_herself';
  END IF;
END $$;

CREATE FUNCTION document_approved_by_person() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public AS $$
BEGIN
  PERFORM refuse_without_person(NEW.journey_id);
  RETURN NEW;
END $$;
CREATE TRIGGER document_approved_by_person BEFORE INSERT OR UPDATE
  ON beneficiaries_synthesisdocument FOR EACH ROW
  WHEN (NEW.approved_on IS NOT NULL AND NEW.approval_noted_by_id IS NULL)
  EXECUTE FUNCTION document_approved_by_person();

CREATE FUNCTION code_of_person() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  PERFORM refuse_without_person(
    (SELECT journey_id FROM beneficiaries_synthesisdocument WHERE id = NEW.document_id));
  RETURN NEW;
END $$;
CREATE TRIGGER code_made_by_person BEFORE INSERT ON beneficiaries_sharecode
  FOR EACH ROW WHEN (NEW.made_by_id IS NULL OR
                     (NEW.revoked_at IS NOT NULL AND NEW.revoked_by_id IS NULL))
  EXECUTE FUNCTION code_of_person();
CREATE TRIGGER code_revoked_by_person BEFORE UPDATE ON beneficiaries_sharecode
  FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
                     AND NEW.revoked_by_id IS NULL)
  EXECUTE FUNCTION code_of_person();
"""
NO_RULES = """
DROP TRIGGER code_revoked_by_person ON beneficiaries_sharecode;
DROP TRIGGER code_made_by_person ON beneficiaries_sharecode;
DROP FUNCTION code_of_person();
DROP TRIGGER document_approved_by_person ON beneficiaries_synthesisdocument;
DROP FUNCTION document_approved_by_person();
DROP FUNCTION refuse_without_person(bigint);
DROP TRIGGER access_ends_once ON beneficiaries_personaccess;
DROP FUNCTION access_ends_once();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0019_referral_links"),
        ("operators", "0005_routing"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonAccess",
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
                    models.BinaryField(max_length=32, verbose_name="empreinte du code d'accès"),
                ),
                (
                    "given_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="donné le"
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="retiré le")),
                (
                    "factor",
                    models.BinaryField(
                        max_length=32, null=True, verbose_name="empreinte des chiffres envoyés"
                    ),
                ),
                (
                    "factor_sent_at",
                    models.DateTimeField(null=True, verbose_name="chiffres envoyés le"),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
            ],
            options={
                "verbose_name": "accès de la personne",
            },
        ),
        migrations.RemoveConstraint(
            model_name="sharecode",
            name="share_code_revocation_is_whole",
        ),
        migrations.RemoveConstraint(
            model_name="synthesisdocument",
            name="synthesis_document_approval_is_whole",
        ),
        migrations.AlterField(
            model_name="sharecode",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="donné par",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharecode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_by__isnull", True), ("revoked_at__isnull", False), _connector="OR"
                ),
                name="share_code_revocation_is_whole",
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
                        models.Q(
                            ("approval_noted_by__isnull", False),
                            ("channel", "NUM"),
                            _connector="OR",
                        ),
                        ("approved_on__isnull", False),
                        ("channel__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="synthesis_document_approval_is_whole",
                violation_error_message="Un accord a sa date et son canal.",
            ),
        ),
        migrations.AddField(
            model_name="personaccess",
            name="ended_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="retiré par",
            ),
        ),
        migrations.AddField(
            model_name="personaccess",
            name="given_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.membership",
                verbose_name="donné par",
            ),
        ),
        migrations.AddField(
            model_name="personaccess",
            name="journey",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accesses",
                to="beneficiaries.journey",
            ),
        ),
        migrations.AddField(
            model_name="personaccess",
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
            model_name="personaccess",
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
            model_name="personaccess",
            index=models.Index(fields=["fingerprint"], name="person_access_shown"),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.tenancy.RowPolicy(
                check=None,
                name="person_access_seen",
                restrictive=False,
                to=("sprocep_app",),
                using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR (ended_at IS NULL AND fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.tenancy.SenderWriting(name="person_access_sender"),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="person_access_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (ended_by_id, ended_at, factor, factor_sent_at, tries)",
                compiler="SELECT (id, public_id, region_id, structure_id, journey_id, given_by_id, given_at, ended_by_id, ended_at, factor_sent_at, tries)",
                name="person_access_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="person_access_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "given_by_id"),
                name="person_access_given_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "ended_by_id"),
                name="person_access_ended_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="person_access_end_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("ended_at__gte", models.F("given_at")),
                    _connector="OR",
                ),
                name="person_access_ends_after_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("factor__isnull", True), ("factor_sent_at__isnull", True)),
                    models.Q(("factor__isnull", False), ("factor_sent_at__isnull", False)),
                    _connector="OR",
                ),
                name="person_access_factor_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("structure", "journey"),
                name="person_access_one_at_a_time",
                violation_error_message="Un accès vient d'être donné pour ce parcours. Rechargez la page.",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=models.UniqueConstraint(
                fields=("structure", "fingerprint"), name="person_access_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccess",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="person_access_public_id"
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
