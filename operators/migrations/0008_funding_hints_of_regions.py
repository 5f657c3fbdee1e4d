"""A Region writes its own advice on funders, the DGEFP the national one; none is rewritten."""

import uuid

from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0007_dropout_platforms"),
        ("regions", "0007_readings_of_an_object"),
    ]

    operations = [
        # Undone last: who reads under no policy would read nothing.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "ALTER TABLE operators_fundinghint DISABLE ROW LEVEL SECURITY",
        ),
        migrations.RemoveConstraint(
            model_name="fundinghint",
            name="funding_hint_grants",
        ),
        migrations.AddField(
            model_name="fundinghint",
            name="public_id",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, verbose_name="identifiant public"
            ),
        ),
        # Those that are there were all given the same.
        migrations.RunSQL(
            "UPDATE operators_fundinghint SET public_id = gen_random_uuid()",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="fundinghint",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (ends_on)", compiler="", name="funding_hint_grants"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundinghint",
            constraint=sprocep.tenancy.RowPolicy(
                check="(region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])) OR (region_id IS NULL AND 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]))",
                name="funding_hint_region",
                restrictive=False,
                to=("sprocep_app",),
                using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) OR (region_id IS NULL AND (SELECT coalesce(current_setting('sprocep.regions', true), '') <> ''))",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundinghint",
            constraint=models.UniqueConstraint(
                fields=("region", "public_id"), name="funding_hint_public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundinghint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="funding_hint_span",
                violation_error_message="Un conseil ne finit pas avant d'avoir commencé.",
            ),
        ),
    ]
