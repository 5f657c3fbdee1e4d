"""What the softwares of structures exchange: acts done once, addresses told of moves."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0035_adviser_feedback"),
        ("regions", "0009_structure_programs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=300, verbose_name="adresse")),
                (
                    "drawn",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, verbose_name="tirage du secret"
                    ),
                ),
                (
                    "set_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="donnée le"
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="retirée le")),
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
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.membership",
                        verbose_name="donnée par",
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
                "verbose_name": "adresse d'avertissement",
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
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
                            ("sent", "envoyée"),
                            ("opened", "ouverte"),
                            ("escalated", "sans réponse, signalée à la Région"),
                            ("accepted", "acceptée"),
                            ("received", "personne reçue"),
                            ("missed", "personne non venue"),
                            ("declined", "refusée"),
                            ("withdrawn", "retirée"),
                        ],
                        max_length=9,
                        verbose_name="état",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="le")),
                ("sequence", models.PositiveSmallIntegerField(verbose_name="rang de l'étape")),
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
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                ("cause", models.CharField(blank=True, max_length=200, verbose_name="cause")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="reçu le")),
                ("given_up_at", models.DateTimeField(null=True, verbose_name="abandonné le")),
                (
                    "referral",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                        verbose_name="structure",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="beneficiaries.webhook",
                        verbose_name="adresse",
                    ),
                ),
            ],
            options={
                "verbose_name": "avertissement",
            },
        ),
        migrations.CreateModel(
            name="ExchangeAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(verbose_name="clé d'envoi")),
                (
                    "fingerprint",
                    models.BinaryField(max_length=32, verbose_name="empreinte de la demande"),
                ),
                ("receipt", models.JSONField(verbose_name="reçu")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
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
                "verbose_name": "demande échangée",
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT",
                        compiler="SELECT (id, region_id, structure_id, key, receipt, at)",
                        name="exchange_act_grants",
                    ),
                    sprocep.tenancy.RegionIsolation(
                        column="region_id",
                        name="exchange_act_region",
                        to=("sprocep_app", "sprocep_compiler"),
                    ),
                    sprocep.tenancy.NominalIsolation(
                        column="structure_id", name="exchange_act_structure"
                    ),
                    models.UniqueConstraint(
                        fields=("structure", "key"), name="exchange_act_sent_once"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (ended_at)",
                compiler="SELECT (id, region_id, structure_id, set_by_id, set_at, ended_at)",
                name="webhook_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=sprocep.tenancy.RowPolicy(
                check="structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="webhook_of_structure",
                restrictive=False,
                to=("sprocep_app",),
                using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="webhook_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "set_by_id"),
                name="webhook_set_by",
                to="regions.Membership",
                to_columns=("structure_id", "id"),
                violation_error_message="Cette personne n'est pas de votre structure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.UniqueConstraint(
                fields=("structure", "id"), name="webhook_of_its_structure"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("structure", "region"),
                name="webhook_one_in_force",
                violation_error_message="Votre structure a déjà une adresse : rechargez la page.",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(("given_up_at__isnull", True), ("sent_at__isnull", True)),
                fields=["due_at"],
                name="webhook_event_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (due_at, tries, cause, sent_at, given_up_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, webhook_id, referral_id, state, at, sequence, made_at, due_at, tries, sent_at, given_up_at)",
                name="webhook_event_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=sprocep.tenancy.RowPolicy(
                check="'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="webhook_event_of_structure",
                restrictive=False,
                to=("sprocep_app",),
                using="(structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=sprocep.tenancy.RegionIsolation(
                column="region_id", name="webhook_event_region", to=("sprocep_compiler",)
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=sprocep.constraints.CompositeKey(
                columns=("structure_id", "webhook_id"),
                name="webhook_event_webhook",
                to="beneficiaries.Webhook",
                to_columns=("structure_id", "id"),
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_at__isnull", True), ("given_up_at__isnull", True), _connector="OR"
                ),
                name="webhook_event_one_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookevent",
            constraint=models.UniqueConstraint(
                fields=("structure", "webhook", "referral", "sequence"), name="webhook_event_once"
            ),
        ),
    ]
