"""Fiches de liaison: their moves are those of `Referral.MOVES`, and each is logged as it is made."""

import uuid

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

MOVES = """
CREATE FUNCTION referral_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
    ('sent', 'opened'), ('sent', 'escalated'), ('sent', 'accepted'), ('sent', 'declined'),
    ('sent', 'withdrawn'),
    ('opened', 'escalated'), ('opened', 'accepted'), ('opened', 'declined'),
    ('opened', 'withdrawn'),
    ('escalated', 'accepted'), ('escalated', 'declined'), ('escalated', 'withdrawn'),
    ('accepted', 'received'), ('accepted', 'withdrawn')
  ) THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'no such move of a fiche'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'referral_moves';
END $$;
CREATE TRIGGER referral_moves BEFORE UPDATE OF state ON beneficiaries_referral
  FOR EACH ROW EXECUTE FUNCTION referral_moves();
CREATE FUNCTION referral_log() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' OR OLD.state <> NEW.state THEN
    INSERT INTO beneficiaries_referralevent (referral_id, state, at)
    VALUES (NEW.id, NEW.state, NEW.state_since);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER referral_log AFTER INSERT OR UPDATE OF state ON beneficiaries_referral
  FOR EACH ROW EXECUTE FUNCTION referral_log();
"""
NO_MOVES = """
DROP TRIGGER referral_log ON beneficiaries_referral;
DROP FUNCTION referral_log();
DROP TRIGGER referral_moves ON beneficiaries_referral;
DROP FUNCTION referral_moves();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0012_contact_code"),
        ("operators", "0003_referrals"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
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
                    "thread_number",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, verbose_name="numéro de fil"
                    ),
                ),
                ("sent_on", models.DateField(verbose_name="envoyée le")),
                (
                    "sent",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                sent_on__isnull=False,
                                then=models.Func(
                                    models.F("sent_on"),
                                    models.F("sent_on"),
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
                ("consented_on", models.DateField(verbose_name="accord de la personne le")),
                (
                    "other_choice",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="pourquoi une autre structure"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "envoyée"),
                            ("opened", "ouverte"),
                            ("escalated", "sans réponse, signalée à la Région"),
                            ("accepted", "acceptée"),
                            ("received", "personne reçue"),
                            ("declined", "refusée"),
                            ("withdrawn", "retirée"),
                        ],
                        default="sent",
                        max_length=9,
                        verbose_name="état",
                    ),
                ),
                (
                    "state_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="depuis le"
                    ),
                ),
                ("reminded_on", models.DateField(null=True, verbose_name="relancée le")),
                (
                    "idempotency_key",
                    models.UUIDField(editable=False, null=True, verbose_name="clé d'envoi"),
                ),
                (
                    "decline_reason",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.declinereason",
                        verbose_name="motif de refus",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="beneficiaries.journey",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.servicelevel",
                        verbose_name="niveau demandé",
                    ),
                ),
                (
                    "opened_journey",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="beneficiaries.journey",
                        verbose_name="parcours ouvert",
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="operators.reason",
                        verbose_name="motif",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure qui reçoit",
                    ),
                ),
                (
                    "receiver_region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région de la structure qui reçoit",
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
                    "sent_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="envoyée par",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.site",
                        verbose_name="lieu d'accueil",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure qui oriente",
                    ),
                ),
            ],
            options={
                "verbose_name": "fiche de liaison",
            },
        ),
        migrations.CreateModel(
            name="ReferralEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "envoyée"),
                            ("opened", "ouverte"),
                            ("escalated", "sans réponse, signalée à la Région"),
                            ("accepted", "acceptée"),
                            ("received", "personne reçue"),
                            ("declined", "refusée"),
                            ("withdrawn", "retirée"),
                        ],
                        max_length=9,
                        verbose_name="état",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="le")),
                (
                    "referral",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="beneficiaries.referral",
                        verbose_name="fiche",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d'une fiche de liaison",
            },
        ),
        migrations.CreateModel(
            name="ReferralPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fields", models.JSONField(verbose_name="champs partagés")),
                (
                    "receiver",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                        verbose_name="structure qui reçoit",
                    ),
                ),
                (
                    "receiver_region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région de la structure qui reçoit",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="persons",
                        to="beneficiaries.referral",
                        verbose_name="fiche",
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
                        verbose_name="structure qui oriente",
                    ),
                ),
            ],
            options={
                "verbose_name": "personne d'une fiche de liaison",
            },
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                fields=["structure", "region", "-sent_on", "-id"], name="referral_sent"
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                fields=["receiver", "receiver_region", "-sent_on", "-id"], name="referral_to"
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("state__in", ["sent", "opened", "escalated"])),
                fields=["sent_on"],
                name="referral_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (state, state_since, reminded_on, decline_reason_id, opened_journey_id)",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, site_id, receiver_id, receiver_region_id, journey_id, opened_journey_id, thread_number, level_id, reason_id, sent_by_id, sent_on, sent, consented_on, state, state_since, reminded_on, decline_reason_id, idempotency_key)",
                name="referral_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.tenancy.PartiesIsolation(
                also="(state = 'escalated' AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND (region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) OR receiver_region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]))) OR 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="referral_parties",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.tenancy.SenderWriting(name="referral_sender"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="referral_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.constraints.CompositeKey(
                columns=("department_id", "region_id"),
                name="referral_department",
                period="sent",
                to="regions.DepartmentRegion",
                to_columns=("department_id", "region_id"),
                to_period="valid",
                violation_error_message="Ce département n'est pas de cette Région à cette date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "journey_id"),
                name="referral_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce parcours n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.constraints.CompositeKey(
                columns=("receiver_id", "opened_journey_id"),
                name="referral_opened_journey",
                to="beneficiaries.Journey",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "site_id"),
                name="referral_site",
                to="regions.Site",
                to_columns=("structure_id", "id"),
                violation_error_message="Ce lieu d'accueil n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "sent_by_id"),
                name="referral_sent_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("structure", models.F("receiver")), _negated=True),
                    models.Q(("region", models.F("receiver_region")), _negated=True),
                    _connector="OR",
                ),
                name="referral_to_another",
                violation_error_message="Choisissez une autre structure que la vôtre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("consented_on__lte", models.F("sent_on"))),
                name="referral_consent_first",
                violation_error_message="L'accord de la personne précède l'envoi de la fiche.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decline_reason__isnull", False), ("state", "declined")),
                    models.Q(
                        models.Q(("state", "declined"), _negated=True),
                        ("decline_reason__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="referral_refused_with_reason",
                violation_error_message="Donnez le motif du refus : il revient à la structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("opened_journey__isnull", False), ("state", "received")),
                    models.Q(
                        models.Q(("state", "received"), _negated=True),
                        ("opened_journey__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="referral_received_in_a_journey",
                violation_error_message="La personne est reçue par un premier entretien.",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                fields=("structure", "region", "receiver", "receiver_region", "id"),
                name="referral_of_parties",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                fields=("structure", "public_id"), name="referral_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(
                condition=models.Q(("idempotency_key__isnull", False)),
                fields=("structure", "idempotency_key"),
                name="referral_sent_once",
            ),
        ),
        migrations.AddIndex(
            model_name="referralevent",
            index=models.Index(fields=["referral", "id"], name="referral_event_timeline"),
        ),
        migrations.AddConstraint(
            model_name="referralevent",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT",
                compiler="SELECT (id, referral_id, state, at)",
                name="referral_event_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralevent",
            constraint=sprocep.tenancy.RowPolicy(
                check=None,
                name="referral_event_of_referral",
                restrictive=False,
                to=("sprocep_app", "sprocep_compiler"),
                using="EXISTS (SELECT FROM beneficiaries_referral seen WHERE seen.id = referral_id)",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralperson",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, DELETE",
                compiler="SELECT (id, region_id, structure_id, receiver_id, receiver_region_id, referral_id)",
                name="referral_person_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="referralperson",
            constraint=sprocep.tenancy.PartiesIsolation(also="", name="referral_person_parties"),
        ),
        migrations.AddConstraint(
            model_name="referralperson",
            constraint=sprocep.tenancy.SenderWriting(name="referral_person_sender"),
        ),
        migrations.AddConstraint(
            model_name="referralperson",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="referral_person_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="referralperson",
            constraint=sprocep.constraints.CompositeKey(
                columns=(
                    "structure_id",
                    "region_id",
                    "receiver_id",
                    "receiver_region_id",
                    "referral_id",
                ),
                name="referral_person_referral",
                to="beneficiaries.Referral",
                to_columns=("structure_id", "region_id", "receiver_id", "receiver_region_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="referralperson",
            constraint=models.UniqueConstraint(
                fields=("structure", "referral"), name="referral_person_once"
            ),
        ),
        migrations.RunSQL(MOVES, NO_MOVES),
    ]
