"""Where the fiches of a structure without account go: by mail, or to a mobile."""

from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0008_funding_hints_of_regions"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="capacity", name="capacity_grants"),
        migrations.RenameField(model_name="capacity", old_name="email", new_name="address"),
        migrations.AlterField(
            model_name="capacity",
            name="address",
            field=models.CharField(
                blank=True, db_default="", max_length=254, verbose_name="adresse des fiches"
            ),
        ),
        migrations.AddConstraint(
            model_name="capacity",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (weekly, full_until, address)",
                compiler="",
                name="capacity_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("address", ""),
                    ("address__contains", "@"),
                    ("address__regex", "^\\+\\d{8,15}$"),
                    _connector="OR",
                ),
                name="capacity_address",
                violation_error_message="Donnez une adresse électronique, ou un mobile.",
            ),
        ),
    ]
