from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0013_exchanges"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndividualRight",
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
                "verbose_name": "droit individuel",
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (ends_on)",
                        compiler="SELECT",
                        name="individual_right_grants",
                    ),
                    sprocep.tenancy.NationalWriting(name="individual_right_national"),
                ],
            },
        ),
    ]
