"""Code lists, operators, what structures offer.

Tables stand as the models say them; the rules that Django does not know are in `sql/`, by subject.
"""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy
from sprocep.schema import CreateModels

SQL = Path(__file__).with_name("sql")
SUBJECTS = (
    "addresses",
    "arrivals",
    "routing",
    "places",
    "trades",
    "exchanges",
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("regions", "0001_initial")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="OperatorCategory",
                fields=[
                    (
                        "code",
                        models.CharField(
                            max_length=30, primary_key=True, serialize=False, verbose_name="code"
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
                ],
                options={
                    "verbose_name": "catégorie d’opérateur CEP",
                    "ordering": ["position"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="operator_category_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="OperatorCategoryName",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("name", models.CharField(max_length=120, verbose_name="nom")),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
                        "category",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="names",
                            to="operators.operatorcategory",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "nom de catégorie d’opérateur",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="operator_category_name_grants"
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("category_id",),
                            name="operator_category_name_once",
                            valid="valid",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Operator",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="operators",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "category",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="operators",
                            to="operators.operatorcategory",
                        ),
                    ),
                    (
                        "max_rank",
                        models.PositiveSmallIntegerField(verbose_name="niveau le plus élevé"),
                    ),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
                ],
                options={
                    "verbose_name": "opérateur CEP",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="operator_grants"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gt", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="operator_span",
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("structure_id",), name="operator_once", valid="valid"
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("structure_id", "category_id"),
                            name="operator_category_key",
                            valid="valid",
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("structure_id", "category_id", "max_rank"),
                            name="operator_rank_key",
                            valid="valid",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="OperatorSuccession",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "predecessor",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.operator",
                        ),
                    ),
                    (
                        "successor",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.operator",
                        ),
                    ),
                    ("on", models.DateField(verbose_name="le")),
                ],
                options={
                    "verbose_name": "succession d’opérateurs",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="operator_succession_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ServiceLevel",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "framework",
                        models.CharField(max_length=10, verbose_name="cahier des charges"),
                    ),
                    ("rank", models.PositiveSmallIntegerField(verbose_name="rang du niveau")),
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
                ],
                options={
                    "verbose_name": "niveau de service",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="service_level_grants"
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("code", "rank"), name="service_level_key", valid="valid"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Service",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "level",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="services",
                            to="operators.servicelevel",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "service",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="service_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="service_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Reason",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "is_health",
                        models.BooleanField(default=False, verbose_name="relève de la santé"),
                    ),
                ],
                options={
                    "verbose_name": "motif de sollicitation",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="reason_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="reason_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Channel",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    ("is_remote", models.BooleanField(default=False, verbose_name="à distance")),
                ],
                options={
                    "verbose_name": "canal",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="channel_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="channel_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Outcome",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "issue du parcours",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="outcome_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="outcome_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Situation",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "situation",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="situation_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="situation_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Sex",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "sexe",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(app="SELECT", compiler="SELECT", name="sex_grants")
                    ],
                },
            ),
            migrations.CreateModel(
                name="AgeBand",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "youngest",
                        models.PositiveSmallIntegerField(null=True, verbose_name="âge le plus bas"),
                    ),
                ],
                options={
                    "verbose_name": "tranche d’âge",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="age_band_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Boeth",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "bénéficiaire de l’obligation d’emploi",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(app="SELECT", compiler="SELECT", name="boeth_grants")
                    ],
                },
            ),
            migrations.CreateModel(
                name="EducationLevel",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "niveau de formation",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="education_level_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="education_level_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SocioProfessionalCategory",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "catégorie socioprofessionnelle",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="socio_professional_category_grants",
                        ),
                        sprocep.tenancy.NationalWriting(
                            name="socio_professional_category_national"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Sector",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "secteur d’activité",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="sector_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="sector_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ContractType",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "type de contrat",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="contract_type_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="contract_type_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ResidenceArea",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "commune rurale ou urbaine",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="residence_area_grants"
                        )
                    ],
                },
            ),
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "venue",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="arrival_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Theme",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "thème de l’accueil",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="theme_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="theme_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Audience",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "public de l’accueil",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="audience_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="audience_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SteeringResult",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "résultat de l’accueil",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="steering_result_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="steering_result_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="DeclineReason",
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "motif de refus d’une fiche de liaison",
                    "ordering": ["position"],
                    "abstract": False,
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="decline_reason_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="decline_reason_national"),
                    ],
                },
            ),
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "funder",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="rights",
                            to="operators.funder",
                            verbose_name="financeur",
                        ),
                    ),
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
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
            migrations.CreateModel(
                name="RoutingRule",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "public_id",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="identifiant public"
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
                    ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                    (
                        "level",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.servicelevel",
                            verbose_name="niveau demandé",
                        ),
                    ),
                    (
                        "reasons",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=12),
                            blank=True,
                            default=list,
                            size=None,
                            verbose_name="motifs",
                        ),
                    ),
                    (
                        "situations",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=12),
                            blank=True,
                            default=list,
                            size=None,
                            verbose_name="situations",
                        ),
                    ),
                    (
                        "categories",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=12),
                            blank=True,
                            default=list,
                            size=None,
                            verbose_name="catégories socioprofessionnelles",
                        ),
                    ),
                    (
                        "youngest",
                        models.PositiveSmallIntegerField(
                            blank=True, null=True, verbose_name="âge le plus bas"
                        ),
                    ),
                    (
                        "oldest",
                        models.PositiveSmallIntegerField(
                            blank=True, null=True, verbose_name="âge le plus haut"
                        ),
                    ),
                    (
                        "of_dropouts",
                        models.BooleanField(
                            db_default=False,
                            default=False,
                            verbose_name="pour qui suit le parcours décrocheur",
                        ),
                    ),
                    (
                        "department",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.department",
                            verbose_name="département",
                        ),
                    ),
                    (
                        "to_platform",
                        models.BooleanField(
                            db_default=False,
                            default=False,
                            verbose_name="membres d’une plateforme de suivi et d’appui",
                        ),
                    ),
                    (
                        "network",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.network",
                            verbose_name="réseau",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "excludes",
                        models.BooleanField(
                            default=False, verbose_name="écarte au lieu de proposer"
                        ),
                    ),
                    (
                        "source",
                        models.CharField(
                            blank=True, max_length=200, verbose_name="texte qui la fixe"
                        ),
                    ),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "règle d’aiguillage",
                    "ordering": ["position", "pk"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="",
                            name="routing_rule_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="routing_rule_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (region_id IS NULL AND (SELECT scope_is_proven() AND coalesce(current_setting('sprocep.regions', true), '') <> ''))",
                        ),
                        models.UniqueConstraint(
                            fields=("region", "public_id"), name="routing_rule_public_id"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("network__isnull", False),
                                    ("structure__isnull", True),
                                    ("to_platform", False),
                                ),
                                models.Q(
                                    ("network__isnull", True),
                                    ("structure__isnull", False),
                                    ("to_platform", False),
                                ),
                                models.Q(
                                    ("network__isnull", True),
                                    ("structure__isnull", True),
                                    ("to_platform", True),
                                ),
                                _connector="OR",
                            ),
                            name="routing_rule_target",
                            violation_error_message="Choisissez un réseau ou une structure, et un seul.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("youngest__isnull", True),
                                ("oldest__isnull", True),
                                ("youngest__lte", models.F("oldest")),
                                _connector="OR",
                            ),
                            name="routing_rule_ages",
                            violation_error_message="L’âge le plus bas ne dépasse pas l’âge le plus haut.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gte", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="routing_rule_span",
                            violation_error_message="Une règle ne finit pas avant d’avoir commencé.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("region__isnull", False),
                                models.Q(("source", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="routing_rule_national",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlatformMember",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
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
                ],
                options={
                    "verbose_name": "membre d’une plateforme de suivi et d’appui",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="",
                            name="platform_member_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="platform_member_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("region_id", "structure_id"),
                            name="platform_member_once",
                            valid="valid",
                            violation_error_message="Cette structure est déjà membre à cette date.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gt", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="platform_member_span",
                            violation_error_message="Le départ vient après l’arrivée.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Capacity",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="capacities",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "weekly",
                        models.PositiveSmallIntegerField(
                            blank=True, null=True, verbose_name="fiches par semaine"
                        ),
                    ),
                    (
                        "full_until",
                        models.DateField(blank=True, null=True, verbose_name="complet jusqu’au"),
                    ),
                    (
                        "address",
                        models.CharField(
                            blank=True,
                            db_default="",
                            max_length=254,
                            verbose_name="adresse des fiches",
                        ),
                    ),
                    (
                        "wanted_address",
                        models.CharField(
                            blank=True,
                            db_default="",
                            max_length=254,
                            verbose_name="nouvelle adresse des fiches",
                        ),
                    ),
                    (
                        "wanted_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="écrite le"),
                    ),
                    (
                        "proven_at",
                        models.DateTimeField(
                            blank=True, null=True, verbose_name="confirmée par qui la lit le"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "capacité d’accueil",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (weekly, full_until, address, wanted_address, wanted_at, proven_at)",
                            compiler="",
                            name="capacity_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])))",
                            name="capacity_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region"), name="capacity_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("address", ""),
                                ("address__contains", "@"),
                                ("address__regex", "^\\+\\d{8,15}$"),
                                _connector="OR",
                            ),
                            name="capacity_address",
                            violation_error_message="Donnez une adresse électronique, ou un mobile.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("proven_at__isnull", True),
                                    ("wanted_address", ""),
                                    ("wanted_at__isnull", True),
                                ),
                                models.Q(
                                    ("wanted_at__isnull", False),
                                    models.Q(
                                        ("wanted_address__contains", "@"),
                                        ("wanted_address__regex", "^\\+\\d{8,15}$"),
                                        _connector="OR",
                                    ),
                                ),
                                _connector="OR",
                            ),
                            name="capacity_wanted_address",
                            violation_error_message="Donnez une adresse électronique, ou un mobile.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("weekly__isnull", True), ("weekly__gte", 1), _connector="OR"
                            ),
                            name="capacity_weekly",
                            violation_error_message="Écrivez 1 au moins. Pour ne plus recevoir, dites « complet jusqu’au ».",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="OpeningHours",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="hours",
                            to="regions.site",
                        ),
                    ),
                    (
                        "weekday",
                        models.PositiveSmallIntegerField(
                            choices=[
                                (1, "lundi"),
                                (2, "mardi"),
                                (3, "mercredi"),
                                (4, "jeudi"),
                                (5, "vendredi"),
                                (6, "samedi"),
                            ],
                            verbose_name="jour",
                        ),
                    ),
                    ("opens_at", models.TimeField(blank=True, null=True, verbose_name="ouvre à")),
                    ("closes_at", models.TimeField(blank=True, null=True, verbose_name="ferme à")),
                ],
                options={
                    "verbose_name": "horaires d’accueil",
                    "ordering": ["site", "weekday"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (region_id, opens_at, closes_at)",
                            compiler="",
                            name="opening_hours_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])))",
                            name="opening_hours_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="opening_hours_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de cette structure.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "site", "weekday"), name="opening_hours_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("weekday__gte", 1), ("weekday__lte", 6)),
                            name="opening_hours_weekday",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("closes_at__isnull", True), ("opens_at__isnull", True)),
                                models.Q(("closes_at__isnull", False), ("opens_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="opening_hours_both",
                            violation_error_message="Donnez l’heure d’ouverture et celle de fermeture, ou aucune des deux.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("opens_at__isnull", True),
                                ("opens_at__lt", models.F("closes_at")),
                                _connector="OR",
                            ),
                            name="opening_hours_order",
                            violation_error_message="Un lieu ferme après avoir ouvert.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlaceTaken",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    ("sent_on", models.DateField(verbose_name="envoyée le")),
                    ("places", models.SmallIntegerField(verbose_name="places")),
                ],
                options={
                    "verbose_name": "place prise",
                    "indexes": [
                        models.Index(
                            fields=["structure", "region", "sent_on"], name="place_taken_week"
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="", name="place_taken_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="(SELECT scope_is_proven() AND coalesce(current_setting('sprocep.regions', true), '') <> '') AND pg_trigger_depth() > 0",
                            name="place_taken_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("places__in", [1, -1])), name="place_taken_one"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Exchange",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "public_id",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="identifiant public"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    ("title", models.CharField(max_length=120, verbose_name="intitulé")),
                    ("held_on", models.DateField(verbose_name="date")),
                    ("starts_at", models.TimeField(verbose_name="commence à")),
                    ("ends_at", models.TimeField(verbose_name="finit à")),
                    ("place", models.CharField(max_length=200, verbose_name="lieu ou lien")),
                    ("seats", models.PositiveSmallIntegerField(verbose_name="places")),
                    (
                        "share",
                        models.PositiveSmallIntegerField(verbose_name="part d’un réseau, au plus"),
                    ),
                    (
                        "least",
                        models.PositiveSmallIntegerField(
                            verbose_name="à partir de combien d’inscrits"
                        ),
                    ),
                    (
                        "cancelled_on",
                        models.DateField(blank=True, null=True, verbose_name="annulé le"),
                    ),
                ],
                options={
                    "verbose_name": "atelier d’échange de pratique",
                    "ordering": ["held_on", "starts_at", "pk"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (cancelled_on)",
                            compiler="",
                            name="exchange_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="exchange_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        models.UniqueConstraint(fields=("region", "id"), name="exchange_key"),
                        models.UniqueConstraint(
                            fields=("region", "public_id"), name="exchange_public_id"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                            name="exchange_hours",
                            violation_error_message="Un atelier finit après avoir commencé.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("seats__gte", 2), ("seats__lte", 500)),
                            name="exchange_seats",
                            violation_error_message="Un atelier compte de 2 à 500 places.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("least__gte", 1), ("least__lte", models.F("seats"))
                            ),
                            name="exchange_least",
                            violation_error_message="La part compte à partir d’un nombre de places prises qui va de 1 à toutes.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("share__gte", 1),
                                ("share__lte", 100),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.functions.comparison.Cast(
                                            "share", models.IntegerField()
                                        ),
                                        "*",
                                        models.F("least"),
                                    ),
                                    100,
                                ),
                            ),
                            name="exchange_share",
                            violation_error_message="Avec cette part et ce nombre, personne ne pourrait entrer : augmentez l’un ou l’autre.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Registration",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "public_id",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="identifiant public"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "exchange",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="registrations",
                            to="operators.exchange",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "member",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("name", models.CharField(max_length=120, verbose_name="nom")),
                    (
                        "registered_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="inscription le"),
                    ),
                    (
                        "withdrawn_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="désistement le"),
                    ),
                    (
                        "attended",
                        models.BooleanField(blank=True, null=True, verbose_name="présence"),
                    ),
                ],
                options={
                    "verbose_name": "inscription à un atelier d’échange",
                    "ordering": ["pk"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (withdrawn_at, attended)",
                            compiler="",
                            name="registration_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])))",
                            name="registration_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("region_id", "exchange_id"),
                            name="registration_exchange",
                            to="operators.Exchange",
                            to_columns=("region_id", "id"),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "member_id"),
                            name="registration_member",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("region", "public_id"), name="registration_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("withdrawn_at__isnull", True)),
                            fields=("region", "exchange", "user"),
                            name="registration_once",
                            violation_error_message="Vous avez déjà une inscription à cet atelier.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("attended__isnull", True),
                                ("withdrawn_at__isnull", True),
                                _connector="OR",
                            ),
                            name="registration_attended",
                            violation_error_message="Qui s’est désisté n’a pas de présence.",
                        ),
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
                    (
                        "public_id",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="identifiant public"
                        ),
                    ),
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
                    ("text", models.CharField(max_length=300, verbose_name="conseil")),
                    ("source", models.CharField(max_length=200, verbose_name="source")),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "conseil sur un financeur",
                    "ordering": ["funder__position", "region", "starts_on"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="",
                            name="funding_hint_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="(region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR (region_id IS NULL AND 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))",
                            name="funding_hint_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (region_id IS NULL AND (SELECT scope_is_proven() AND coalesce(current_setting('sprocep.regions', true), '') <> ''))",
                        ),
                        models.UniqueConstraint(
                            fields=("region", "public_id"), name="funding_hint_public_id"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gte", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="funding_hint_span",
                            violation_error_message="Un conseil ne finit pas avant d’avoir commencé.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Premises",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="premises",
                            to="regions.site",
                        ),
                    ),
                    (
                        "is_neutral",
                        models.BooleanField(blank=True, null=True, verbose_name="lieu neutre"),
                    ),
                    (
                        "is_step_free",
                        models.BooleanField(
                            blank=True, null=True, verbose_name="entrée sans marche"
                        ),
                    ),
                    (
                        "comforts",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(
                                choices=[
                                    ("parking", "stationnement réservé"),
                                    ("hearing_loop", "boucle magnétique"),
                                    ("sign_language", "langue des signes"),
                                    ("guidance", "repères pour personnes aveugles ou malvoyantes"),
                                    ("easy_to_read", "documents faciles à lire"),
                                ],
                                max_length=13,
                            ),
                            blank=True,
                            default=list,
                            size=None,
                            verbose_name="aménagements",
                        ),
                    ),
                    (
                        "address",
                        models.URLField(
                            blank=True, max_length=300, verbose_name="page d’acceslibre"
                        ),
                    ),
                    (
                        "remote",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(
                                choices=[
                                    ("TEL", "par téléphone"),
                                    ("VIS", "par visioconférence"),
                                    ("CHA", "par tchat"),
                                    ("MEL", "par courriel"),
                                ],
                                max_length=3,
                            ),
                            blank=True,
                            default=list,
                            size=None,
                            verbose_name="conseil à distance",
                        ),
                    ),
                    (
                        "phone",
                        models.CharField(
                            blank=True, max_length=14, verbose_name="téléphone public"
                        ),
                    ),
                    (
                        "mail",
                        models.EmailField(
                            blank=True, max_length=254, verbose_name="courriel public"
                        ),
                    ),
                    (
                        "web_page",
                        models.URLField(blank=True, max_length=300, verbose_name="page en ligne"),
                    ),
                    ("said_on", models.DateField(verbose_name="mis à jour le")),
                ],
                options={
                    "verbose_name": "conditions d’accueil d’un lieu",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (region_id, is_neutral, is_step_free, comforts, address, remote, phone, mail, web_page, said_on)",
                            compiler="",
                            name="premises_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])))",
                            name="premises_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="premises_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de cette structure.",
                        ),
                        models.UniqueConstraint(fields=("structure", "site"), name="premises_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                (
                                    "comforts__contained_by",
                                    [
                                        "parking",
                                        "hearing_loop",
                                        "sign_language",
                                        "guidance",
                                        "easy_to_read",
                                    ],
                                )
                            ),
                            name="premises_comforts",
                            violation_error_message="Choisissez les aménagements dans la liste.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("address", ""),
                                ("address__startswith", "https://acceslibre.beta.gouv.fr/"),
                                _connector="OR",
                            ),
                            name="premises_address",
                            violation_error_message="L’adresse commence par https://acceslibre.beta.gouv.fr/.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("remote__contained_by", ["TEL", "VIS", "CHA", "MEL"])
                            ),
                            name="premises_remote",
                            violation_error_message="Choisissez les canaux dans la liste.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("phone", ""),
                                (
                                    "phone__regex",
                                    "^(0[1-79]( \\d\\d){4}|08 0\\d( \\d\\d){3}|[13]\\d \\d\\d)$",
                                ),
                                _connector="OR",
                            ),
                            name="premises_phone",
                            violation_error_message="Donnez un numéro qui ne fait pas payer la personne.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("web_page", ""),
                                ("web_page__startswith", "https://"),
                                _connector="OR",
                            ),
                            name="premises_web_page",
                            violation_error_message="L’adresse commence par https://.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    models.Q(("remote__contains", ["TEL"]), _negated=True),
                                    models.Q(("phone", ""), _negated=True),
                                    _connector="OR",
                                ),
                                models.Q(
                                    models.Q(("remote__contains", ["MEL"]), _negated=True),
                                    models.Q(("mail", ""), _negated=True),
                                    _connector="OR",
                                ),
                                models.Q(
                                    models.Q(("remote__contains", ["CHA"]), _negated=True),
                                    models.Q(("web_page", ""), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            name="premises_remote_reached",
                            violation_error_message="Dites par où joindre chacun des canaux cochés.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="TradeList",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "public_id",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="identifiant public"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    ("source", models.CharField(max_length=120, verbose_name="source")),
                    ("year", models.PositiveSmallIntegerField(verbose_name="année des données")),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ],
                options={
                    "verbose_name": "liste de métiers qui recrutent",
                    "ordering": ["source", "-year", "-starts_on", "-pk"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="",
                            name="trade_list_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="trade_list_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        models.UniqueConstraint(fields=("region", "id"), name="trade_list_key"),
                        models.UniqueConstraint(
                            fields=("region", "public_id"), name="trade_list_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("ends_on__isnull", True)),
                            fields=("region", "source", "year"),
                            name="trade_list_once",
                            violation_error_message="Quelqu’un vient d’enregistrer une liste de cette source et de cette année. Rechargez la page pour la voir.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("source", ""), _negated=True),
                            name="trade_list_source",
                            violation_error_message="Dites d’où viennent ces métiers.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("year__gte", 2000), ("year__lte", 2100)),
                            name="trade_list_year",
                            violation_error_message="Écrivez une année sur quatre chiffres.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gte", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="trade_list_span",
                            violation_error_message="Une liste ne finit pas avant d’avoir commencé.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RecruitingTrade",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    (
                        "trade_list",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="trades",
                            to="operators.tradelist",
                            verbose_name="liste",
                        ),
                    ),
                    (
                        "department",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.department",
                            verbose_name="département",
                        ),
                    ),
                    (
                        "code",
                        models.CharField(blank=True, max_length=5, verbose_name="code ROME ou FAP"),
                    ),
                    ("label", models.CharField(max_length=120, verbose_name="métier")),
                    (
                        "projects",
                        models.PositiveIntegerField(
                            blank=True, null=True, verbose_name="projets de recrutement"
                        ),
                    ),
                    (
                        "difficult",
                        models.DecimalField(
                            blank=True,
                            decimal_places=1,
                            max_digits=4,
                            null=True,
                            verbose_name="part jugée difficile",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "métier qui recrute",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="", name="recruiting_trade_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="recruiting_trade_region",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("region_id", "trade_list_id"),
                            name="recruiting_trade_list",
                            to="operators.TradeList",
                            to_columns=("region_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("region", "trade_list", "department", "code", "label"),
                            name="recruiting_trade_once",
                            violation_error_message="Ce métier est deux fois dans la liste.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("code", ""),
                                ("code__regex", "^[A-N]\\d{4}$"),
                                ("code__regex", "^[A-Z]\\d[A-Z](\\d{2})?$"),
                                _connector="OR",
                            ),
                            name="recruiting_trade_code",
                            violation_error_message="Un code est du ROME (M1805) ou d’une FAP (T4Z60).",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("label", ""), _negated=True),
                            name="recruiting_trade_label",
                            violation_error_message="Chaque métier a son nom.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("difficult__isnull", True),
                                models.Q(("difficult__gte", 0), ("difficult__lte", 100)),
                                _connector="OR",
                            ),
                            name="recruiting_trade_difficult",
                            violation_error_message="Une part va de 0 à 100.",
                        ),
                    ],
                },
            ),
        ),
        *(migrations.RunSQL((SQL / f"{subject}.sql").read_text("utf-8")) for subject in SUBJECTS),
    ]
