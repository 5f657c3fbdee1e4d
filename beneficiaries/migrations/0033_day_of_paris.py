"""Who counsels today, and is limited to level 1, by the day of Paris."""

from django.db import migrations

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0032_links_to_a_mobile"),
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION writer_is_level1_only(bigint) SET timezone = 'Europe/Paris';"
            "ALTER FUNCTION plan_level1_only() SET timezone = 'Europe/Paris'",
            "ALTER FUNCTION writer_is_level1_only(bigint) RESET timezone;"
            "ALTER FUNCTION plan_level1_only() RESET timezone",
        ),
        migrations.RemoveConstraint(
            model_name="dropoutpath",
            name="dropout_path_of_structure",
        ),
        migrations.RemoveConstraint(
            model_name="dropoutpath",
            name="dropout_path_of_relay",
        ),
        migrations.AddConstraint(
            model_name="dropoutpath",
            constraint=sprocep.tenancy.RowPolicy(
                check=None,
                name="dropout_path_of_structure",
                restrictive=False,
                to=("sprocep_app",),
                using="structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND ((SELECT EXISTS (SELECT FROM regions_membership counsel WHERE counsel.user_id = (SELECT nullif(current_setting('sprocep.user', true), '')::bigint) AND counsel.structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND counsel.region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND counsel.valid @> (now() AT TIME ZONE 'Europe/Paris')::date AND counsel.role IN ('adviser', 'structure_manager'))) OR 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]))",
            ),
        ),
        migrations.AddConstraint(
            model_name="dropoutpath",
            constraint=sprocep.tenancy.FurtherReading(
                name="dropout_path_of_relay",
                to=("sprocep_app",),
                using="(SELECT EXISTS (SELECT FROM regions_membership counsel WHERE counsel.user_id = (SELECT nullif(current_setting('sprocep.user', true), '')::bigint) AND counsel.structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND counsel.region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND counsel.valid @> (now() AT TIME ZONE 'Europe/Paris')::date AND counsel.role IN ('adviser', 'structure_manager'))) AND EXISTS (SELECT FROM beneficiaries_referral fiche JOIN operators_platformmember member ON member.structure_id = fiche.receiver_id WHERE fiche.journey_id = beneficiaries_dropoutpath.journey_id AND fiche.receiver_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) AND fiche.receiver_region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND fiche.state NOT IN ('declined', 'withdrawn') AND member.region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND member.valid @> (now() AT TIME ZONE 'Europe/Paris')::date)",
            ),
        ),
    ]
