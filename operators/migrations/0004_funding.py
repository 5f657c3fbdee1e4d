import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0003_referrals"),
        ("regions", "0005_letters_of_a_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="CostKind",
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
                "verbose_name": "type de coût",
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (ends_on)",
                        compiler="SELECT",
                        name="cost_kind_grants",
                    ),
                    sprocep.tenancy.NationalWriting(name="cost_kind_national"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Funder",
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
                "verbose_name": "financeur",
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (ends_on)",
                        compiler="SELECT",
                        name="funder_grants",
                    ),
                    sprocep.tenancy.NationalWriting(name="funder_national"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FundingHint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="conseil")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                (
                    "funder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hints",
                        to="operators.funder",
                        verbose_name="financeur",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="Région",
                    ),
                ),
            ],
            options={
                "verbose_name": "conseil sur un financeur",
                "ordering": ["funder__position", "region", "starts_on"],
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT", compiler="SELECT", name="funding_hint_grants"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FundingRight",
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
                (
                    "funder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rights",
                        to="operators.funder",
                        verbose_name="financeur",
                    ),
                ),
            ],
            options={
                "verbose_name": "droit mobilisable",
                "ordering": ["position"],
                "abstract": False,
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (ends_on)",
                        compiler="SELECT",
                        name="funding_right_grants",
                    ),
                    sprocep.tenancy.NationalWriting(name="funding_right_national"),
                    sprocep.constraints.TemporalKey(
                        columns=("code",), name="funding_right_key", valid="valid"
                    ),
                ],
            },
        ),
    ]
