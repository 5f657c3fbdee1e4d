"""Letters at once or reunited once a day; each person reads those written to her."""

from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [("regions", "0004_letters")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="takes_digest",
            field=models.BooleanField(
                default=False, db_default=False, verbose_name="lettres réunies une fois par jour"
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="in_digest",
            field=models.BooleanField(default=False, verbose_name="réunie aux autres"),
        ),
        migrations.RemoveConstraint(model_name="letter", name="letter_national"),
        migrations.AddConstraint(
            model_name="letter",
            constraint=sprocep.tenancy.RowPolicy(
                name="letter_reading",
                using=(
                    "'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), "
                    "','))::text[]) OR recipient_id = "
                    "(SELECT nullif(current_setting('sprocep.user', true), '')::bigint)"
                ),
                check=(
                    "'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), "
                    "','))::text[])"
                ),
                restrictive=False,
                to=("sprocep_app",),
            ),
        ),
    ]
