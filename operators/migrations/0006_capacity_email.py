"""Where the fiches of a structure without account go."""

from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0005_routing"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="capacity",
            name="capacity_grants",
        ),
        migrations.AddField(
            model_name="capacity",
            name="email",
            field=models.EmailField(
                blank=True,
                db_default="",
                max_length=254,
                verbose_name="adresse électronique des fiches",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacity",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (weekly, full_until, email)",
                compiler="",
                name="capacity_grants",
            ),
        ),
    ]
