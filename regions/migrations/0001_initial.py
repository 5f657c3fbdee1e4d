"""Territory, structures, people and their memberships.

Tables stand as the models say them; the rules that Django does not know are in `sql/`, by subject.
"""

import uuid
from pathlib import Path

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy
from sprocep.schema import CreateModels

SQL = Path(__file__).with_name("sql")
SUBJECTS = ("tables_of_django", "memberships", "api_tokens")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sprocep", "0001_initial"),
        ("sessions", "0001_initial"),
        ("axes", "0001_initial"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Region",
                fields=[
                    (
                        "code",
                        models.CharField(
                            max_length=2,
                            primary_key=True,
                            serialize=False,
                            verbose_name="code Insee",
                        ),
                    ),
                    (
                        "zone",
                        models.CharField(
                            choices=[("metropole", "métropole"), ("drom", "outre-mer")],
                            max_length=10,
                            verbose_name="zone",
                        ),
                    ),
                    ("chef_lieu", models.CharField(max_length=60, verbose_name="chef-lieu")),
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
                    "verbose_name": "Région",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="region_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="region_national"),
                        models.CheckConstraint(
                            condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                            name="region_span",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RegionName",
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
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="names",
                            to="regions.region",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "nom de Région",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="region_name_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="region_name_national"),
                        sprocep.constraints.TemporalKey(
                            columns=("region_id",), name="region_name_once", valid="valid"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RegionSuccession",
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
                            to="regions.region",
                        ),
                    ),
                    (
                        "successor",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    ("on", models.DateField(verbose_name="le")),
                ],
                options={
                    "verbose_name": "succession de Régions",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="SELECT", name="region_succession_grants"
                        ),
                        sprocep.tenancy.NationalWriting(name="region_succession_national"),
                        models.UniqueConstraint(
                            fields=("predecessor", "successor"), name="region_succession_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RegionPhase",
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
                            related_name="phases",
                            to="regions.region",
                        ),
                    ),
                    (
                        "phase",
                        models.CharField(
                            choices=[
                                ("prefiguration", "préfiguratrice"),
                                ("general", "SPRO généralisé"),
                            ],
                            max_length=20,
                            verbose_name="phase",
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
                    "verbose_name": "phase du SPRO",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="region_phase_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="region_phase_national"),
                        sprocep.constraints.TemporalKey(
                            columns=("region_id",), name="region_phase_once", valid="valid"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Department",
                fields=[
                    (
                        "code",
                        models.CharField(
                            max_length=3,
                            primary_key=True,
                            serialize=False,
                            verbose_name="code Insee",
                        ),
                    ),
                    ("name", models.CharField(max_length=60, verbose_name="nom")),
                ],
                options={
                    "verbose_name": "département",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="department_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DepartmentRegion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "department",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="regions",
                            to="regions.department",
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="departments",
                            to="regions.region",
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
                    "verbose_name": "rattachement de département",
                    "db_table": "department_region",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="department_region_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="department_region_national"),
                        sprocep.constraints.TemporalKey(
                            columns=("department_id",),
                            name="department_in_one_region",
                            valid="valid",
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("department_id", "region_id"),
                            name="department_region_key",
                            valid="valid",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Commune",
                fields=[
                    (
                        "code",
                        models.CharField(
                            max_length=5,
                            primary_key=True,
                            serialize=False,
                            verbose_name="code Insee",
                        ),
                    ),
                    ("name", models.CharField(max_length=80, verbose_name="nom")),
                    (
                        "sort_key",
                        models.CharField(db_index=True, max_length=80, verbose_name="clé de tri"),
                    ),
                    (
                        "department",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="communes",
                            to="regions.department",
                        ),
                    ),
                    ("population", models.PositiveIntegerField(verbose_name="population")),
                    (
                        "postcodes",
                        models.CharField(blank=True, max_length=400, verbose_name="codes postaux"),
                    ),
                    (
                        "epci",
                        models.CharField(
                            blank=True,
                            db_default="",
                            max_length=9,
                            verbose_name="intercommunalité (Siren)",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "commune",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="commune_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Network",
                fields=[
                    (
                        "code",
                        models.CharField(
                            max_length=10, primary_key=True, serialize=False, verbose_name="code"
                        ),
                    ),
                    (
                        "publics",
                        models.CharField(blank=True, max_length=80, verbose_name="publics"),
                    ),
                    ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                ],
                options={
                    "verbose_name": "réseau",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="network_grants"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="NetworkName",
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
                        "network",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="names",
                            to="regions.network",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "nom de réseau",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="network_name_grants"
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("network_id",), name="network_name_once", valid="valid"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Structure",
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
                            default=uuid.uuid4, unique=True, verbose_name="identifiant public"
                        ),
                    ),
                    ("siret", models.CharField(max_length=14, unique=True, verbose_name="Siret")),
                    (
                        "network",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="structures",
                            to="regions.network",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "structure",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="structure_grants"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("siret__regex", "^\\d{14}$")),
                            name="structure_siret",
                            violation_error_message="Un Siret compte quatorze chiffres.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StructureName",
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
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="names",
                            to="regions.structure",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "nom de structure",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT", name="structure_name_grants"
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("structure_id",), name="structure_name_once", valid="valid"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Site",
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
                            default=uuid.uuid4, unique=True, verbose_name="identifiant public"
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="sites",
                            to="regions.structure",
                        ),
                    ),
                    ("name", models.CharField(max_length=120, verbose_name="nom")),
                    (
                        "commune",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.commune",
                        ),
                    ),
                    (
                        "department",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="sites",
                            to="regions.department",
                        ),
                    ),
                    (
                        "is_remote_platform",
                        models.BooleanField(
                            default=False, verbose_name="plateforme nationale à distance"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "lieu d’accueil",
                    "constraints": [
                        sprocep.tenancy.Grants(app="SELECT", compiler="SELECT", name="site_grants"),
                        models.UniqueConstraint(
                            fields=("structure", "id"), name="site_of_structure"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SproMembership",
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
                            related_name="spro_memberships",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("by_law", "membre de droit"),
                                ("recognised", "membre reconnu par la Région"),
                                ("contributor", "contributeur"),
                                ("partner", "partenaire"),
                                ("observer", "observateur"),
                                ("withdrawn", "retiré"),
                            ],
                            max_length=12,
                            verbose_name="statut",
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
                    "verbose_name": "appartenance au SPRO",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ends_on)",
                            compiler="SELECT",
                            name="spro_membership_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="spro_membership_national"),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="spro_membership_region",
                            restrictive=False,
                            to=("sprocep_app", "sprocep_compiler"),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.TemporalKey(
                            columns=("region_id", "structure_id"),
                            name="spro_membership_once",
                            valid="valid",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="User",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("password", models.CharField(max_length=128, verbose_name="password")),
                    (
                        "last_login",
                        models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                    ),
                    (
                        "email",
                        models.EmailField(
                            max_length=254, unique=True, verbose_name="adresse électronique"
                        ),
                    ),
                    ("is_active", models.BooleanField(default=True, verbose_name="actif")),
                    (
                        "takes_digest",
                        models.BooleanField(
                            db_default=False,
                            default=False,
                            verbose_name="lettres réunies une fois par jour",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "compte",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (password, last_login, is_active, takes_digest)",
                            compiler="",
                            name="user_grants",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("email", django.db.models.functions.text.Lower("email"))
                            ),
                            name="user_email_lower",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Membership",
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
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="memberships",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="compte",
                        ),
                    ),
                    ("name", models.CharField(max_length=120, verbose_name="prénom et nom")),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("regional_coordinator", "coordination régionale"),
                                ("adviser", "conseil"),
                                ("level1_receptionist", "accueil de niveau 1"),
                                ("structure_manager", "direction de structure"),
                                ("network_head", "tête de réseau"),
                                ("elected_referent", "élue ou élu référent"),
                                ("carif_oref", "Carif-Oref"),
                                ("api_client", "logiciel autorisé"),
                                ("structure_program", "logiciel d’une structure"),
                                ("dgefp_officer", "DGEFP"),
                                ("auditor", "audit"),
                                ("platform_administrator", "administration de la plateforme"),
                            ],
                            max_length=30,
                            verbose_name="rôle",
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
                        "site",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
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
                        "level1_since",
                        models.DateField(
                            blank=True, null=True, verbose_name="niveau 1 seul depuis le"
                        ),
                    ),
                    (
                        "granted_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="ouverte par",
                        ),
                    ),
                    (
                        "unconfirmed_since",
                        models.DateTimeField(
                            blank=True, null=True, verbose_name="à confirmer depuis le"
                        ),
                    ),
                    (
                        "confirmed_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="confirmée par",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "habilitation",
                    "indexes": [
                        models.Index(fields=["structure", "region"], name="membership_place_idx")
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE", compiler="", name="membership_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="membership_reach",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="user_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) OR 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (structure_id IS NULL OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[])))",
                        ),
                        sprocep.tenancy.StructureChanging(name="membership_of_own_structure"),
                        sprocep.tenancy.StructureAdding(
                            check="role = 'structure_program' AND structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="membership_program_of_structure",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("level1_since__isnull", True), ("role", "adviser"), _connector="OR"
                            ),
                            name="membership_level1",
                            violation_error_message="Seul un conseil se limite au niveau 1.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("region__isnull", False),
                                    (
                                        "role__in",
                                        [
                                            "regional_coordinator",
                                            "elected_referent",
                                            "carif_oref",
                                            "api_client",
                                        ],
                                    ),
                                    ("network__isnull", True),
                                    ("site__isnull", True),
                                    ("structure__isnull", True),
                                ),
                                models.Q(
                                    ("network__isnull", True),
                                    ("region__isnull", False),
                                    (
                                        "role__in",
                                        [
                                            "adviser",
                                            "level1_receptionist",
                                            "structure_manager",
                                            "structure_program",
                                        ],
                                    ),
                                    ("site__isnull", False),
                                    ("structure__isnull", False),
                                ),
                                models.Q(
                                    ("network__isnull", False),
                                    ("role__in", ["network_head"]),
                                    ("site__isnull", True),
                                    ("structure__isnull", True),
                                ),
                                models.Q(
                                    ("network__isnull", True),
                                    ("region__isnull", True),
                                    (
                                        "role__in",
                                        ["dgefp_officer", "auditor", "platform_administrator"],
                                    ),
                                    ("site__isnull", True),
                                    ("structure__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="membership_place",
                            violation_error_message="Un rôle régional porte une Région; un conseil, un accueil, une direction ou un logiciel de structure, une Région, une structure et un lieu d’accueil; une tête de réseau, un réseau; un rôle national, rien de cela.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("granted_by__isnull", True),
                                models.Q(("granted_by", models.F("user")), _negated=True),
                                _connector="OR",
                            ),
                            name="membership_not_to_oneself",
                            violation_error_message="Personne ne s’habilite soi-même. Demandez-le à une autre personne de l’administration.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("confirmed_by__isnull", True),
                                models.Q(
                                    ("unconfirmed_since__isnull", True),
                                    models.Q(("confirmed_by", models.F("user")), _negated=True),
                                    models.Q(
                                        ("granted_by__isnull", True),
                                        models.Q(
                                            ("confirmed_by", models.F("granted_by")), _negated=True
                                        ),
                                        _connector="OR",
                                    ),
                                ),
                                _connector="OR",
                            ),
                            name="membership_confirmed_by_another",
                            violation_error_message="Une habilitation est confirmée par une autre personne que celle qui l’a ouverte et que celle qui la reçoit.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gt", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="membership_span",
                            violation_error_message="La fin d’une habilitation suit son début.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="membership_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de cette structure.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "id"), name="membership_of_structure"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ApiToken",
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
                        "membership",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="tokens",
                            to="regions.membership",
                            verbose_name="habilitation",
                        ),
                    ),
                    ("label", models.CharField(max_length=80, verbose_name="usage")),
                    (
                        "digest",
                        models.CharField(max_length=64, verbose_name="empreinte SHA-256"),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                    (
                        "created_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="créé par",
                        ),
                    ),
                    ("expires_on", models.DateField(verbose_name="expire le")),
                    (
                        "last_used_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="dernier usage"),
                    ),
                    (
                        "revoked_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="révoqué le"),
                    ),
                ],
                options={
                    "verbose_name": "jeton d’accès",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (last_used_at, revoked_at)",
                            compiler="",
                            name="api_token_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="digest = encode((SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')), 'hex') OR EXISTS (SELECT FROM regions_membership m WHERE m.id = membership_id)",
                            name="api_token_reach",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="digest = encode((SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')), 'hex') OR EXISTS (SELECT FROM regions_membership m WHERE m.id = membership_id)",
                        ),
                        sprocep.tenancy.RightfulAdding(
                            check="((SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) IS NULL OR created_by_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END)) AND ('FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR EXISTS (\n  SELECT FROM regions_membership program\n    JOIN regions_membership direction USING (structure_id, region_id)\n   WHERE program.id = membership_id AND program.role = 'structure_program'\n     AND structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])\n     AND direction.role = 'structure_manager' AND direction.user_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END)\n     AND direction.starts_on <= (now() AT TIME ZONE 'Europe/Paris')::date\n     AND (direction.ends_on IS NULL OR direction.ends_on > (now() AT TIME ZONE 'Europe/Paris')::date)))",
                            name="api_token_issuing",
                        ),
                        models.UniqueConstraint(fields=("public_id",), name="api_token_public_id"),
                        models.UniqueConstraint(fields=("digest",), name="api_token_digest_once"),
                        models.CheckConstraint(
                            condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                            name="api_token_digest",
                            violation_error_message="Seule l’empreinte d’un jeton est gardée.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="AuditEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
                    (
                        "by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="par",
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "structure",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    ("action", models.CharField(max_length=60, verbose_name="action")),
                    ("object_type", models.CharField(max_length=60, verbose_name="objet")),
                    ("object_id", models.CharField(max_length=60, verbose_name="identifiant")),
                    ("fields", models.CharField(blank=True, max_length=400, verbose_name="champs")),
                ],
                options={
                    "verbose_name": "trace d’audit",
                    "indexes": [
                        models.Index(fields=["territory", "-at"], name="audit_event_newest")
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="INSERT", name="audit_event_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '') OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[])) AND ((SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) IS NULL OR by_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END))",
                            name="audit_event_territory",
                            restrictive=False,
                            to=("sprocep_app", "sprocep_compiler"),
                            using="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR by_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END))",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="AccessEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
                    (
                        "by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="par",
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "structure",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    ("page", models.CharField(max_length=80, verbose_name="page")),
                    (
                        "object_id",
                        models.CharField(blank=True, max_length=60, verbose_name="identifiant"),
                    ),
                ],
                options={
                    "verbose_name": "trace de consultation",
                    "indexes": [
                        models.Index(fields=["territory", "-at"], name="access_event_newest"),
                        models.Index(fields=["object_id"], name="access_event_object"),
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="", name="access_event_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '') OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[])) AND ((SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) IS NULL OR by_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END))",
                            name="access_event_territory",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR by_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END))",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Letter",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("key", models.CharField(max_length=120, unique=True, verbose_name="clé")),
                    (
                        "recipient",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="à",
                        ),
                    ),
                    ("subject", models.CharField(max_length=200, verbose_name="objet")),
                    ("body", models.TextField(verbose_name="texte")),
                    (
                        "written_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="écrite le"),
                    ),
                    ("due_at", models.DateTimeField(verbose_name="à envoyer à partir du")),
                    (
                        "sent_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="envoyée le"),
                    ),
                    (
                        "in_digest",
                        models.BooleanField(default=False, verbose_name="réunie aux autres"),
                    ),
                    ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                    ("cause", models.CharField(blank=True, max_length=200, verbose_name="cause")),
                ],
                options={
                    "verbose_name": "lettre",
                    "indexes": [
                        models.Index(
                            condition=models.Q(("sent_at__isnull", True)),
                            fields=["due_at"],
                            name="letter_to_send",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (sent_at, due_at, tries, cause)",
                            compiler="",
                            name="letter_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="letter_reading",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR recipient_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END)",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RefusedAddress",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("fingerprint", models.CharField(max_length=12, verbose_name="empreinte")),
                    ("noted_at", models.DateTimeField(verbose_name="constatée le")),
                    ("status", models.CharField(max_length=9, verbose_name="code")),
                    ("made_at", models.DateTimeField(verbose_name="courriel écrit le")),
                    (
                        "receives_since",
                        models.DateTimeField(null=True, verbose_name="reçoit de nouveau depuis le"),
                    ),
                ],
                options={
                    "verbose_name": "adresse qui ne reçoit pas",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (noted_at, status, made_at, receives_since)",
                            compiler="",
                            name="refused_address_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="refused_address_nation",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        models.UniqueConstraint(
                            fields=("fingerprint",), name="refused_address_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("status__regex", "^[45]\\.\\d{1,3}\\.\\d{1,3}$")),
                            name="refused_address_status",
                        ),
                    ],
                },
            ),
        ),
        *(migrations.RunSQL((SQL / f"{subject}.sql").read_text("utf-8")) for subject in SUBJECTS),
    ]
