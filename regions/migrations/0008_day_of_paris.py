"""`current_date` of a trigger is the day of Paris, and not that of Greenwich."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0007_readings_of_an_object"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION membership_kept() SET timezone = 'Europe/Paris'",
            "ALTER FUNCTION membership_kept() RESET timezone",
        ),
    ]
