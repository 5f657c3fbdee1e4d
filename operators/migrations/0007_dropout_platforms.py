"""Members of platforms « de suivi et d'appui », and rules for who follows the path of décrocheurs."""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0006_capacity_email"),
        ("regions", "0006_level1_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlatformMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "valid",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("starts_on"),
                            models.F("ends_on"),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "membre d'une plateforme de suivi et d'appui",
            },
        ),
        migrations.RemoveConstraint(
            model_name="routingrule",
            name="routing_rule_target",
        ),
        migrations.AddField(
            model_name="routingrule",
            name="of_dropouts",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="pour qui suit le parcours décrocheur"
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="to_platform",
            field=models.BooleanField(
                db_default=False,
                default=False,
                verbose_name="membres d'une plateforme de suivi et d'appui",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("network__isnull", False),
                        ("structure__isnull", True),
                        ("to_platform", False),
                    ),
                    models.Q(
                        ("network__isnull", True),
                        ("structure__isnull", False),
                        ("to_platform", False),
                    ),
                    models.Q(
                        ("network__isnull", True),
                        ("structure__isnull", True),
                        ("to_platform", True),
                    ),
                    _connector="OR",
                ),
                name="routing_rule_target",
                violation_error_message="Choisissez un réseau ou une structure, et un seul.",
            ),
        ),
        migrations.AddField(
            model_name="platformmember",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.region"
            ),
        ),
        migrations.AddField(
            model_name="platformmember",
            name="structure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regions.structure",
            ),
        ),
        migrations.AddConstraint(
            model_name="platformmember",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (ends_on)", compiler="", name="platform_member_grants"
            ),
        ),
        migrations.AddConstraint(
            model_name="platformmember",
            constraint=sprocep.tenancy.RowPolicy(
                check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                name="platform_member_region",
                restrictive=False,
                to=("sprocep_app",),
                using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="platformmember",
            constraint=sprocep.constraints.TemporalKey(
                columns=("region_id", "structure_id"),
                name="platform_member_once",
                valid="valid",
                violation_error_message="Cette structure est déjà membre à cette date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="platformmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    ("ends_on__gt", models.F("starts_on")),
                    _connector="OR",
                ),
                name="platform_member_span",
                violation_error_message="Le départ vient après l'arrivée.",
            ),
        ),
    ]
