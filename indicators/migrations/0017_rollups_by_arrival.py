"""A breakdown more: every cell of the rollups is built again when it is next asked for."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0034_arrival"),
        ("indicators", "0016_amounts"),
    ]

    operations = [
        migrations.RunSQL(
            "DELETE FROM indicators_rollup WHERE population = 'built'", migrations.RunSQL.noop
        )
    ]
