"""Links to fiches for structures without account: each is used once, and a person who comes there
opens no journey."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

RULES = """
CREATE FUNCTION referral_link_used_once() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  RAISE EXCEPTION 'a link is used once'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_link_used_once';
END $$;
CREATE TRIGGER referral_link_used_once
  BEFORE UPDATE OF used_at, fingerprint, expires_at ON beneficiaries_referrallink
  FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION referral_link_used_once();
-- Seen by who shows the link, and by nobody else: a structure with an account opens a journey.
CREATE FUNCTION referral_told_by_link() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF EXISTS (SELECT FROM beneficiaries_referrallink l
              WHERE l.referral_id = NEW.id AND l.used_at IS NOT NULL) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'no link was used'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_told_by_link';
END $$;
CREATE TRIGGER referral_told_by_link
  BEFORE INSERT OR UPDATE OF received_by_link ON beneficiaries_referral
  FOR EACH ROW WHEN (NEW.received_by_link) EXECUTE FUNCTION referral_told_by_link();
"""
NO_RULES = """
DROP TRIGGER referral_told_by_link ON beneficiaries_referral;
DROP FUNCTION referral_told_by_link();
DROP TRIGGER referral_link_used_once ON beneficiaries_referrallink;
DROP FUNCTION referral_link_used_once();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0018_places_taken"),
        ("operators", "0006_capacity_email"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferralLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="à l'adresse")),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="écrit le"
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="à envoyer à partir du"
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="envoyé le")),
                (
                    "fingerprint",
                    models.BinaryField(max_length=32, null=True, verbose_name="empreinte du lien"),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expire le")),
                ("used_at", models.DateTimeField(null=True, verbose_name="utilisé le")),
            ],
            options={
                "verbose_name": "lien vers une fiche de liaison",
            },
        ),
        migrations.RemoveConstraint(
            model_name="referral",
            name="referral_grants",
        ),
        migrations.RemoveConstraint(
            model_name="referral",
            name="referral_received_in_a_journey",
        ),
        migrations.AddField(
            model_name="referral",
            name="received_by_link",
            field=models.BooleanField(default=False, verbose_name="accueil dit par un lien"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (state, state_since, reminded_on, decline_reason_id, opened_journey_id, received_by_link)",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, site_id, receiver_id, receiver_region_id, journey_id, opened_journey_id, thread_number, level_id, reason_id, sent_by_id, sent_on, sent, consented_on, state, state_since, reminded_on, decline_reason_id, received_by_link, idempotency_key)",
                name="referral_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("opened_journey__isnull", False),
                        ("received_by_link", False),
                        ("state", "received"),
                    ),
                    models.Q(
                        ("opened_journey__isnull", True),
                        ("received_by_link", True),
                        ("state", "received"),
                    ),
                    models.Q(
                        models.Q(("state", "received"), _negated=True),
                        ("opened_journey__isnull", True),
                        ("received_by_link", False),
                    ),
                    _connector="OR",
                ),
                name="referral_received_in_a_journey",
                violation_error_message="La personne est reçue par un premier entretien.",
            ),
        ),
        migrations.AddField(
            model_name="referrallink",
            name="receiver",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure qui reçoit",
            ),
        ),
        migrations.AddField(
            model_name="referrallink",
            name="receiver_region",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.region",
                verbose_name="Région de la structure qui reçoit",
            ),
        ),
        migrations.AddField(
            model_name="referrallink",
            name="referral",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to="beneficiaries.referral",
                verbose_name="fiche",
            ),
        ),
        migrations.AddField(
            model_name="referrallink",
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
            model_name="referrallink",
            name="structure",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
                verbose_name="structure qui oriente",
            ),
        ),
        migrations.AddIndex(
            model_name="referrallink",
            index=models.Index(fields=["fingerprint"], name="referral_link_by_fingerprint"),
        ),
        migrations.AddIndex(
            model_name="referrallink",
            index=models.Index(
                condition=models.Q(("sent_at__isnull", True)),
                fields=["due_at"],
                name="referral_link_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="referrallink",
            index=models.Index(fields=["referral", "made_at"], name="referral_link_of_referral"),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (due_at, sent_at, fingerprint, expires_at, used_at)",
                compiler="SELECT (id, region_id, structure_id, receiver_id, receiver_region_id, referral_id, made_at, due_at, sent_at, expires_at, used_at)",
                name="referral_link_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=sprocep.tenancy.RowPolicy(
                check=None,
                name="referral_link_shown",
                restrictive=False,
                to=("sprocep_app",),
                using="'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) OR fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))",
            ),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="referral_link_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=sprocep.constraints.CompositeKey(
                columns=(
                    "structure_id",
                    "region_id",
                    "receiver_id",
                    "receiver_region_id",
                    "referral_id",
                ),
                name="referral_link_referral",
                to="beneficiaries.Referral",
                to_columns=("structure_id", "region_id", "receiver_id", "receiver_region_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expires_at__isnull", True), ("fingerprint__isnull", True)),
                    models.Q(
                        ("expires_at__gt", models.F("sent_at")), ("fingerprint__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="referral_link_drawn_as_it_leaves",
            ),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used_at__isnull", True),
                    ("used_at__lt", models.F("expires_at")),
                    _connector="OR",
                ),
                name="referral_link_used_in_time",
                violation_error_message="Ce lien n'ouvre plus rien. Demandez-en un autre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referrallink",
            constraint=models.UniqueConstraint(
                fields=("structure", "fingerprint"), name="referral_link_once"
            ),
        ),
        migrations.RunSQL(RULES, NO_RULES),
    ]
