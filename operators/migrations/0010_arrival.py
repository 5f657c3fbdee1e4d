"""How a person came: the codes are here already, which the journeys of before refer to."""

from django.db import migrations, models

import sprocep.tenancy

CODES = ("V1", "V2", "V3", "V4", "NR")


def put_codes(apps, editor):
    """Labels come with the reference data, which is loaded after every migration."""
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO operators_arrival (code, label, position, starts_on)"
            " VALUES (%s, %s, %s, '2014-01-01')",
            [(code, code, position) for position, code in enumerate(CODES, start=1)],
        )


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0009_fiches_to_a_mobile"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=12, primary_key=True, serialize=False, verbose_name="code"
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="libellé")),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
            ],
            options={
                "verbose_name": "venue",
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    sprocep.tenancy.Grants(app="SELECT", compiler="SELECT", name="arrival_grants")
                ],
            },
        ),
        migrations.RunPython(put_codes, migrations.RunPython.noop),
    ]
