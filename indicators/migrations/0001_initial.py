"""Definitions, figures, secrecy, editions and the acts on them.

Tables stand as the models say them; the rules that Django does not know are in `sql/`, by subject.
"""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy
from sprocep.schema import CreateModels

SQL = Path(__file__).with_name("sql")
SUBJECTS = (
    "rollup_marks",
    "regional_indicators",
    "secrecy_threshold",
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("beneficiaries", "0001_initial")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="RollupMark",
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
                            db_constraint=False,
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    ("month", models.DateField(verbose_name="mois")),
                ],
                options={
                    "verbose_name": "mois à recalculer",
                    "indexes": [models.Index(fields=["region", "month"], name="rollup_mark_cell")],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="rollup_mark_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT",
                            compiler="SELECT, INSERT, DELETE",
                            name="rollup_mark_grants",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Rollup",
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
                            db_constraint=False,
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                        ),
                    ),
                    ("department", models.CharField(max_length=3, verbose_name="département")),
                    ("month", models.DateField(verbose_name="mois")),
                    (
                        "structure",
                        models.ForeignKey(
                            db_constraint=False,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                        ),
                    ),
                    (
                        "operator",
                        models.CharField(max_length=30, verbose_name="catégorie d’opérateur"),
                    ),
                    ("level", models.CharField(max_length=12, verbose_name="niveau")),
                    ("population", models.CharField(max_length=30, verbose_name="population")),
                    ("breakdown", models.CharField(max_length=30, verbose_name="ventilation")),
                    ("category", models.CharField(max_length=12, verbose_name="modalité")),
                    ("units", models.PositiveIntegerField(verbose_name="unités")),
                ],
                options={
                    "verbose_name": "agrégat",
                    "indexes": [
                        models.Index(fields=["region", "month", "population"], name="rollup_cell")
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="rollup_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.Grants(
                            app="",
                            compiler="SELECT, INSERT, DELETE, TRUNCATE",
                            name="rollup_grants",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Figure",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "borders",
                        models.CharField(default="date", max_length=6, verbose_name="périmètre"),
                    ),
                    ("indicator", models.CharField(max_length=12, verbose_name="indicateur")),
                    ("population", models.CharField(max_length=30, verbose_name="population")),
                    ("department", models.CharField(max_length=5, verbose_name="département")),
                    (
                        "operator",
                        models.CharField(max_length=30, verbose_name="catégorie d’opérateur"),
                    ),
                    ("level", models.CharField(max_length=12, verbose_name="niveau")),
                    ("breakdown", models.CharField(max_length=30, verbose_name="ventilation")),
                    ("category", models.CharField(max_length=12, verbose_name="modalité")),
                    (
                        "value",
                        models.DecimalField(
                            decimal_places=1, max_digits=16, null=True, verbose_name="valeur"
                        ),
                    ),
                    ("unit", models.CharField(max_length=12, verbose_name="unité")),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
                    (
                        "number",
                        models.PositiveSmallIntegerField(
                            db_default=1, verbose_name="numéro d’édition"
                        ),
                    ),
                    (
                        "units",
                        models.PositiveIntegerField(verbose_name="unités derrière la valeur"),
                    ),
                    (
                        "contributors",
                        models.PositiveIntegerField(verbose_name="structures derrière la valeur"),
                    ),
                    ("is_dominated", models.BooleanField(db_default=False, verbose_name="dominée")),
                ],
                options={
                    "verbose_name": "valeur",
                    "indexes": [
                        models.Index(
                            fields=["period", "borders", "territory"], name="figure_of_territory"
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="territory",
                            name="figure_territory",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.Grants(
                            app="",
                            compiler="SELECT, INSERT, DELETE, TRUNCATE",
                            name="figure_grants",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ShownFigure",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "borders",
                        models.CharField(default="date", max_length=6, verbose_name="périmètre"),
                    ),
                    ("indicator", models.CharField(max_length=12, verbose_name="indicateur")),
                    ("population", models.CharField(max_length=30, verbose_name="population")),
                    ("department", models.CharField(max_length=5, verbose_name="département")),
                    (
                        "operator",
                        models.CharField(max_length=30, verbose_name="catégorie d’opérateur"),
                    ),
                    ("level", models.CharField(max_length=12, verbose_name="niveau")),
                    ("breakdown", models.CharField(max_length=30, verbose_name="ventilation")),
                    ("category", models.CharField(max_length=12, verbose_name="modalité")),
                    (
                        "value",
                        models.DecimalField(
                            decimal_places=1, max_digits=16, null=True, verbose_name="valeur"
                        ),
                    ),
                    ("unit", models.CharField(max_length=12, verbose_name="unité")),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
                    (
                        "number",
                        models.PositiveSmallIntegerField(verbose_name="numéro d’édition"),
                    ),
                    (
                        "units",
                        models.PositiveIntegerField(verbose_name="unités derrière la valeur"),
                    ),
                    ("status", models.CharField(max_length=14, verbose_name="statut")),
                ],
                options={
                    "verbose_name": "valeur montrée",
                    "indexes": [
                        models.Index(
                            fields=["period", "borders", "territory"],
                            name="shown_figure_of_territory",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="territory",
                            name="shown_figure_territory",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.Grants(
                            app="",
                            compiler="SELECT, INSERT, DELETE",
                            name="shown_figure_grants",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="AttackReport",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
                    ("threshold", models.PositiveSmallIntegerField(verbose_name="seuil")),
                    ("cells", models.PositiveIntegerField(verbose_name="cases")),
                    ("hidden", models.PositiveIntegerField(verbose_name="cases secrètes")),
                    (
                        "hidden_volume",
                        models.DecimalField(
                            decimal_places=4, max_digits=5, verbose_name="part du volume"
                        ),
                    ),
                    (
                        "smallest_interval",
                        models.PositiveIntegerField(
                            null=True, verbose_name="plus petit intervalle"
                        ),
                    ),
                    ("found", models.PositiveIntegerField(verbose_name="cases retrouvées")),
                    (
                        "too_narrow",
                        models.PositiveIntegerField(verbose_name="intervalles trop étroits"),
                    ),
                    (
                        "given",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.BigIntegerField(),
                            default=list,
                            size=None,
                            verbose_name="éditions connues",
                        ),
                    ),
                    (
                        "created_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="établi le"),
                    ),
                ],
                options={
                    "verbose_name": "rapport d’attaque",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT", compiler="SELECT, INSERT", name="attack_report_grants"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("found", 0), ("too_narrow", 0)),
                            name="attack_report_finds_nothing",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Edition",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    ("number", models.PositiveSmallIntegerField(default=1, verbose_name="numéro")),
                    (
                        "supersedes",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="indicators.edition",
                            verbose_name="remplace",
                        ),
                    ),
                    (
                        "cause",
                        models.CharField(
                            blank=True, db_default="", max_length=1000, verbose_name="cause"
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("draft", "brouillon"),
                                ("under_review", "en relecture"),
                                ("validated", "validée"),
                                ("sealed", "scellée"),
                                ("transmitted", "transmise"),
                                ("acknowledged", "reçue par la Région"),
                                ("superseded", "remplacée"),
                            ],
                            default="draft",
                            max_length=12,
                            verbose_name="état",
                        ),
                    ),
                    ("compiled_at", models.DateTimeField(verbose_name="compilée le")),
                    (
                        "figures_seal",
                        models.CharField(max_length=64, verbose_name="sceau des valeurs"),
                    ),
                    (
                        "borders_seal",
                        models.CharField(
                            blank=True,
                            db_default="",
                            max_length=64,
                            verbose_name="empreinte des limites constantes",
                        ),
                    ),
                    (
                        "chained_seal",
                        models.CharField(
                            blank=True, db_default="", max_length=64, verbose_name="sceau chaîné"
                        ),
                    ),
                    (
                        "attack_report",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="indicators.attackreport",
                            verbose_name="rapport d’attaque",
                        ),
                    ),
                    (
                        "sealed_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="scellée le"),
                    ),
                    (
                        "sealed_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="scellée par",
                        ),
                    ),
                    (
                        "transmitted_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="transmise le"),
                    ),
                    (
                        "transmitted_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="transmise par",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "édition",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (state, chained_seal, sealed_at, sealed_by_id, transmitted_at, transmitted_by_id)",
                            compiler="SELECT, INSERT, DELETE, UPDATE (compiled_at, figures_seal, borders_seal, attack_report_id)",
                            name="edition_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (state = 'acknowledged' AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))",
                            name="edition_reading",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (sealed_at IS NOT NULL AND (SELECT scope_is_proven() AND coalesce(current_setting('sprocep.regions', true), '') <> '')) OR (state IN ('under_review', 'validated') AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="edition_compiling",
                            restrictive=False,
                            to=("sprocep_compiler",),
                            using="state IN ('draft', 'under_review') AND sealed_at IS NULL AND territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.constraints.StateMoves(
                            born="draft",
                            moves={
                                "acknowledged": ["superseded"],
                                "draft": ["under_review"],
                                "sealed": ["superseded", "transmitted"],
                                "superseded": [],
                                "transmitted": ["acknowledged", "superseded"],
                                "under_review": ["validated"],
                                "validated": ["sealed", "under_review"],
                            },
                            name="edition_moves",
                            violation_error_message="Cette édition a changé d’état entre-temps: rechargez la page pour voir ce qui peut en être fait.",
                        ),
                        models.UniqueConstraint(
                            fields=("period", "territory", "number"), name="edition_number"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("sealed_at__isnull", True),
                                    ("sealed_by__isnull", True),
                                    ("state__in", ["draft", "under_review", "validated"]),
                                ),
                                models.Q(
                                    ("sealed_at__isnull", False),
                                    ("sealed_by__isnull", False),
                                    (
                                        "state__in",
                                        ["sealed", "transmitted", "acknowledged", "superseded"],
                                    ),
                                ),
                                _connector="OR",
                            ),
                            name="edition_sealed_by_someone",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("sealed_at__isnull", True),
                                ("attack_report__isnull", False),
                                _connector="OR",
                            ),
                            name="edition_sealed_after_an_attack",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("chained_seal", ""), ("sealed_at__isnull", True)),
                                models.Q(
                                    ("chained_seal__regex", "^[0-9a-f]{64}$"),
                                    ("sealed_at__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="edition_sealed_in_its_chain",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    models.Q(
                                        ("state__in", ["transmitted", "acknowledged"]),
                                        _negated=True,
                                    ),
                                    ("transmitted_at__isnull", True),
                                    ("transmitted_by__isnull", True),
                                ),
                                models.Q(
                                    ("state__in", ["transmitted", "acknowledged", "superseded"]),
                                    ("transmitted_at__isnull", False),
                                    ("transmitted_by__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="edition_transmitted_by_someone",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("cause", ""), ("number", 1), ("supersedes__isnull", True)
                                ),
                                models.Q(
                                    ("number__gt", 1),
                                    ("supersedes__isnull", False),
                                    models.Q(("cause", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="edition_erratum_has_a_cause",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="EditionCell",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "borders",
                        models.CharField(default="date", max_length=6, verbose_name="périmètre"),
                    ),
                    ("indicator", models.CharField(max_length=12, verbose_name="indicateur")),
                    ("population", models.CharField(max_length=30, verbose_name="population")),
                    ("department", models.CharField(max_length=5, verbose_name="département")),
                    (
                        "operator",
                        models.CharField(max_length=30, verbose_name="catégorie d’opérateur"),
                    ),
                    ("level", models.CharField(max_length=12, verbose_name="niveau")),
                    ("breakdown", models.CharField(max_length=30, verbose_name="ventilation")),
                    ("category", models.CharField(max_length=12, verbose_name="modalité")),
                    (
                        "value",
                        models.DecimalField(
                            decimal_places=1, max_digits=16, null=True, verbose_name="valeur"
                        ),
                    ),
                    ("unit", models.CharField(max_length=12, verbose_name="unité")),
                    (
                        "edition",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="cells",
                            to="indicators.edition",
                        ),
                    ),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("published", "publiée"),
                                ("secret", "secret statistique"),
                                ("missing", "non disponible"),
                                ("not_applicable", "sans objet"),
                            ],
                            max_length=14,
                            verbose_name="statut",
                        ),
                    ),
                    (
                        "completeness",
                        models.DecimalField(
                            decimal_places=1, max_digits=4, verbose_name="complétude"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "case",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT",
                            compiler="SELECT, INSERT, DELETE",
                            name="edition_cell_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="edition_cell_reading",
                            restrictive=False,
                            to=("sprocep_app", "sprocep_compiler"),
                            using="edition_id IN (SELECT id FROM indicators_edition)",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("status", "published"), ("value__isnull", False)),
                                models.Q(
                                    models.Q(("status", "published"), _negated=True),
                                    ("value__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="edition_cell_value_if_published",
                        ),
                        models.UniqueConstraint(
                            fields=(
                                "edition",
                                "borders",
                                "territory",
                                "indicator",
                                "population",
                                "breakdown",
                                "category",
                                "department",
                                "operator",
                                "level",
                            ),
                            name="edition_cell_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="EditionFile",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "edition",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="files",
                            to="indicators.edition",
                        ),
                    ),
                    ("name", models.CharField(max_length=60, verbose_name="nom")),
                    ("media_type", models.CharField(max_length=80, verbose_name="type")),
                    ("content", models.BinaryField(verbose_name="contenu")),
                    (
                        "sha256",
                        models.CharField(db_index=True, max_length=64, verbose_name="empreinte"),
                    ),
                    ("size", models.PositiveIntegerField(verbose_name="taille en octets")),
                    ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                ],
                options={
                    "verbose_name": "fichier d’édition",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="", name="edition_file_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="edition_file_reading",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="edition_id IN (SELECT id FROM indicators_edition)",
                        ),
                        models.UniqueConstraint(
                            fields=("edition", "name"), name="edition_file_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Compilation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
                    (
                        "requested_by",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "requested_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="demandée le"),
                    ),
                ],
                options={
                    "verbose_name": "compilation",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="", name="compilation_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="compilation_national",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Work",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "compilation",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="work",
                            to="indicators.compilation",
                            verbose_name="compilation",
                        ),
                    ),
                    (
                        "step",
                        models.PositiveSmallIntegerField(
                            choices=[
                                (1, "calculer"),
                                (2, "protéger"),
                                (3, "mettre en fichiers"),
                                (4, "compter les remontées"),
                                (5, "recompter une case"),
                            ],
                            verbose_name="étape",
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
                    ("starts_on", models.DateField(verbose_name="début de la période")),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "borders",
                        models.CharField(default="date", max_length=6, verbose_name="périmètre"),
                    ),
                    (
                        "regions",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=2),
                            size=None,
                            verbose_name="Régions touchées",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "en attente"),
                                ("running", "en cours"),
                                ("done", "fait"),
                                ("failed", "en échec"),
                            ],
                            default="waiting",
                            max_length=8,
                            verbose_name="état",
                        ),
                    ),
                    ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                    (
                        "claimed_by",
                        models.CharField(blank=True, max_length=80, verbose_name="pris par"),
                    ),
                    (
                        "lease_until",
                        models.DateTimeField(blank=True, null=True, verbose_name="bail jusqu’à"),
                    ),
                    (
                        "heartbeat_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="dernier signe"),
                    ),
                    (
                        "started_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="commencé le"),
                    ),
                    (
                        "finished_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="fini le"),
                    ),
                    ("cause", models.CharField(blank=True, max_length=400, verbose_name="cause")),
                ],
                options={
                    "verbose_name": "travail",
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state", "done"), _negated=True),
                            fields=["step", "period"],
                            name="work_to_do",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE", compiler="", name="work_grants"
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="work_national",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        models.UniqueConstraint(
                            fields=("compilation", "step", "territory", "borders"), name="work_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="EditionEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "edition",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="events",
                            to="indicators.edition",
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("review_opened", "relecture ouverte"),
                                ("commented", "commentaire de la Région"),
                                ("validated", "validation"),
                                ("taken_back", "validation reprise"),
                                ("sealed", "scellement"),
                                ("transmitted", "transmission"),
                                ("opened", "ouverture par la Région"),
                                ("acknowledged", "accusé de réception"),
                                ("contested", "contestation"),
                                ("answered", "réponse à une contestation"),
                                ("erratum_opened", "erratum ouvert"),
                                ("superseded", "remplacement par un erratum"),
                            ],
                            max_length=16,
                            verbose_name="fait",
                        ),
                    ),
                    ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
                    (
                        "by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="par",
                        ),
                    ),
                    ("text", models.TextField(blank=True, max_length=2000, verbose_name="texte")),
                ],
                options={
                    "verbose_name": "fait d’édition",
                    "ordering": ["at", "pk"],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) IS NULL OR by_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END)) AND EXISTS (SELECT FROM indicators_edition e WHERE e.id = edition_id AND e.territory = indicators_editionevent.territory) AND ('FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND kind IN ('commented', 'opened', 'acknowledged', 'contested')))",
                            name="edition_event_territory",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="", name="edition_event_grants"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(
                                (
                                    "kind__in",
                                    [
                                        "sealed",
                                        "transmitted",
                                        "opened",
                                        "acknowledged",
                                        "superseded",
                                    ],
                                )
                            ),
                            fields=("territory", "edition", "kind"),
                            name="edition_event_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Contestation",
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
                        "edition",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="contestations",
                            to="indicators.edition",
                        ),
                    ),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "cell",
                        models.ForeignKey(
                            db_constraint=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="indicators.editioncell",
                            verbose_name="case",
                        ),
                    ),
                    ("reason", models.TextField(max_length=2000, verbose_name="motif")),
                    (
                        "raised_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="contestée le"),
                    ),
                    (
                        "raised_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="par",
                        ),
                    ),
                    (
                        "outcome",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("maintained", "valeur maintenue"),
                                ("erratum", "corrigée par un erratum"),
                            ],
                            max_length=12,
                            verbose_name="suite",
                        ),
                    ),
                    (
                        "answer",
                        models.TextField(blank=True, max_length=2000, verbose_name="réponse"),
                    ),
                    (
                        "answered_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="répondue le"),
                    ),
                    (
                        "answered_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="répondue par",
                        ),
                    ),
                    (
                        "erratum",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="indicators.edition",
                            verbose_name="erratum",
                        ),
                    ),
                    (
                        "read_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="réponse lue le"),
                    ),
                    (
                        "read_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="lue par",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "contestation",
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '')",
                            name="contestation_territory",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (outcome, answer, answered_at, answered_by_id, erratum_id, read_at, read_by_id)",
                            compiler="",
                            name="contestation_grants",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("answer", ""),
                                    ("answered_at__isnull", True),
                                    ("answered_by__isnull", True),
                                    ("erratum__isnull", True),
                                    ("outcome", ""),
                                ),
                                models.Q(
                                    models.Q(("outcome", ""), _negated=True),
                                    models.Q(("answer", ""), _negated=True),
                                    ("answered_at__isnull", False),
                                    ("answered_by__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="contestation_answered_by_someone",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("outcome", "erratum"), _negated=True),
                                ("erratum__isnull", False),
                                _connector="OR",
                            ),
                            name="contestation_erratum",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("read_at__isnull", True), ("read_by__isnull", True)),
                                models.Q(
                                    ("read_at__isnull", False),
                                    ("read_by__isnull", False),
                                    models.Q(("outcome", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="contestation_read_by_someone",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Recount",
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
                        "cell",
                        models.ForeignKey(
                            db_constraint=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="indicators.editioncell",
                            verbose_name="case",
                        ),
                    ),
                    ("reason", models.CharField(max_length=1000, verbose_name="motif")),
                    (
                        "requested_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="par",
                        ),
                    ),
                    (
                        "requested_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="demandé le"),
                    ),
                    (
                        "done_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="fait le"),
                    ),
                    (
                        "value",
                        models.DecimalField(
                            decimal_places=1, max_digits=16, null=True, verbose_name="valeur"
                        ),
                    ),
                    ("units", models.PositiveIntegerField(null=True, verbose_name="unités")),
                    (
                        "contributors",
                        models.PositiveIntegerField(null=True, verbose_name="structures"),
                    ),
                    ("rows", models.JSONField(default=list, verbose_name="lignes")),
                ],
                options={
                    "verbose_name": "recomptage",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (done_at, value, units, contributors, rows)",
                            compiler="",
                            name="recount_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="recount_national",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CalendarEntry",
                fields=[
                    (
                        "period",
                        models.CharField(
                            max_length=7, primary_key=True, serialize=False, verbose_name="période"
                        ),
                    ),
                    ("starts_on", models.DateField(verbose_name="début")),
                    ("opens_on", models.DateField(verbose_name="campagne ouverte le")),
                    (
                        "confirm_by",
                        models.DateField(verbose_name="confirmation des structures jusqu’au"),
                    ),
                    ("computed_on", models.DateField(verbose_name="calculé et protégé le")),
                    ("comment_by", models.DateField(verbose_name="relecture des Régions jusqu’au")),
                    ("due_on", models.DateField(verbose_name="échéance de transmission")),
                    (
                        "passes_alone",
                        models.BooleanField(default=False, verbose_name="passage automatique"),
                    ),
                    (
                        "launched_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="lancé le"),
                    ),
                ],
                options={
                    "verbose_name": "échéance",
                    "ordering": ["starts_on"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE",
                            compiler="SELECT",
                            name="calendar_entry_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="calendar_entry_national"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("comment_by__gte", models.F("computed_on")),
                                ("computed_on__gte", models.F("confirm_by")),
                                ("confirm_by__gte", models.F("opens_on")),
                                ("due_on__gte", models.F("comment_by")),
                            ),
                            name="calendar_entry_order",
                            violation_error_message="Les échéances se suivent: ouverture, confirmation, calcul, relecture, transmission.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SecrecyThreshold",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("k", models.PositiveSmallIntegerField(verbose_name="seuil")),
                    ("starts_on", models.DateField(unique=True, verbose_name="à partir du")),
                ],
                options={
                    "verbose_name": "seuil de secret",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="SELECT", name="secrecy_threshold_grants"
                        ),
                        sprocep.tenancy.NationalWriting(name="secrecy_threshold_national"),
                        models.CheckConstraint(
                            condition=models.Q(("k__gte", 3)), name="secrecy_threshold_low"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ExpectedReturn",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
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
                        "received_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="reçue le"),
                    ),
                    (
                        "received_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="confirmée par",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "remontée attendue",
                    "indexes": [
                        models.Index(fields=["period", "region"], name="expected_return_period")
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="expected_return_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (SELECT nullif(current_setting('sprocep.network', true), '')) IS NOT NULL OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[])",
                            name="expected_return_structure",
                            restrictive=True,
                            to=("sprocep_app",),
                            using="(SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') OR (SELECT nullif(current_setting('sprocep.network', true), '')) IS NOT NULL OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[])",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="expected_return_network",
                            restrictive=True,
                            to=("sprocep_app",),
                            using="(SELECT nullif(current_setting('sprocep.network', true), '')) IS NULL OR structure_id IN (SELECT id FROM regions_structure WHERE network_id = (SELECT nullif(current_setting('sprocep.network', true), '')))",
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, UPDATE (received_at, received_by_id)",
                            compiler="SELECT, INSERT",
                            name="expected_return_grants",
                        ),
                        models.UniqueConstraint(
                            fields=("region", "structure", "period"), name="expected_return_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Definition",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("code", models.CharField(max_length=12, verbose_name="indicateur")),
                    (
                        "version",
                        models.PositiveSmallIntegerField(default=1, verbose_name="version"),
                    ),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("label", models.CharField(max_length=120, verbose_name="intitulé")),
                    ("statement", models.TextField(verbose_name="définition")),
                    (
                        "numerator",
                        models.CharField(blank=True, max_length=400, verbose_name="numérateur"),
                    ),
                    (
                        "denominator",
                        models.CharField(blank=True, max_length=400, verbose_name="dénominateur"),
                    ),
                    ("legal_source", models.CharField(max_length=200, verbose_name="source")),
                    ("owner", models.CharField(max_length=120, verbose_name="tenue par")),
                    (
                        "is_break",
                        models.BooleanField(default=False, verbose_name="rupture de série"),
                    ),
                    (
                        "change",
                        models.CharField(blank=True, max_length=400, verbose_name="ce qui change"),
                    ),
                ],
                options={
                    "verbose_name": "définition",
                    "ordering": ["code", "version"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="SELECT", name="definition_grants"
                        ),
                        sprocep.tenancy.NationalWriting(name="definition_national"),
                        models.UniqueConstraint(
                            fields=("code", "version"), name="definition_version"
                        ),
                        models.UniqueConstraint(
                            fields=("code", "starts_on"), name="definition_one_a_day"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("version", 1),
                                models.Q(("change", ""), _negated=True),
                                _connector="OR",
                            ),
                            name="definition_change_is_said",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Opinion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "definition",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="opinions",
                            to="indicators.definition",
                        ),
                    ),
                    (
                        "body",
                        models.CharField(
                            choices=[("cnefop", "CNEFOP"), ("crefop", "CREFOP")],
                            max_length=10,
                            verbose_name="instance",
                        ),
                    ),
                    ("given_on", models.DateField(verbose_name="rendu le")),
                    (
                        "sense",
                        models.CharField(
                            choices=[
                                ("favourable", "favorable"),
                                ("reserved", "favorable avec réserves"),
                                ("unfavourable", "défavorable"),
                            ],
                            max_length=12,
                            verbose_name="sens",
                        ),
                    ),
                    ("reference", models.CharField(max_length=200, verbose_name="référence")),
                ],
                options={
                    "verbose_name": "avis",
                    "ordering": ["given_on"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT", compiler="SELECT", name="opinion_grants"
                        ),
                        sprocep.tenancy.NationalWriting(name="opinion_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="RegionalIndicator",
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
                    ("code", models.CharField(max_length=12, verbose_name="code")),
                    (
                        "version",
                        models.PositiveSmallIntegerField(default=1, verbose_name="version"),
                    ),
                    ("label", models.CharField(max_length=120, verbose_name="intitulé")),
                    ("statement", models.TextField(max_length=1000, verbose_name="définition")),
                    ("population", models.CharField(max_length=30, verbose_name="population")),
                    (
                        "measure",
                        models.CharField(
                            choices=[
                                ("count", "nombre"),
                                ("persons", "personnes distinctes"),
                                ("share", "part"),
                                ("mean", "moyenne"),
                                ("median", "médiane"),
                            ],
                            max_length=10,
                            verbose_name="mesure",
                        ),
                    ),
                    (
                        "subject",
                        models.CharField(blank=True, max_length=30, verbose_name="grandeur"),
                    ),
                    ("filters", models.JSONField(default=list, verbose_name="filtres")),
                    ("part", models.JSONField(default=list, verbose_name="numérateur")),
                    (
                        "breakdown",
                        models.CharField(blank=True, max_length=30, verbose_name="ventilation"),
                    ),
                    ("by_level", models.BooleanField(default=False, verbose_name="par niveau")),
                    (
                        "by_operator",
                        models.BooleanField(
                            default=False, verbose_name="par catégorie d’opérateur"
                        ),
                    ),
                    (
                        "by_department",
                        models.BooleanField(default=False, verbose_name="par département"),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("draft", "en préparation"),
                                ("published", "publié"),
                                ("withdrawn", "retiré"),
                                ("promoted", "repris dans le socle national"),
                            ],
                            default="draft",
                            max_length=10,
                            verbose_name="état",
                        ),
                    ),
                    (
                        "starts_on",
                        models.DateField(blank=True, null=True, verbose_name="à partir du"),
                    ),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "opinion",
                        models.CharField(blank=True, max_length=400, verbose_name="avis du CREFOP"),
                    ),
                    (
                        "created_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="composé le"),
                    ),
                    (
                        "created_by",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="par",
                        ),
                    ),
                    (
                        "published_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="publié le"),
                    ),
                    (
                        "promoted_as",
                        models.CharField(blank=True, max_length=12, verbose_name="code national"),
                    ),
                ],
                options={
                    "verbose_name": "indicateur régional",
                    "ordering": ["region", "code", "version"],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="regional_indicator_reading",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (state <> 'draft' AND (SELECT scope_is_proven() AND coalesce(current_setting('sprocep.regions', true), '') <> ''))",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="regional_indicator_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE, DELETE",
                            compiler="SELECT",
                            name="regional_indicator_grants",
                        ),
                        models.UniqueConstraint(
                            fields=("region", "code", "version"), name="regional_indicator_version"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("published_at__isnull", True), ("state", "draft")),
                                models.Q(
                                    models.Q(("state", "draft"), _negated=True),
                                    ("published_at__isnull", False),
                                    ("starts_on__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="regional_indicator_published",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                (
                                    "code__startswith",
                                    django.db.models.functions.text.Concat(
                                        models.Value("R"), "region", models.Value(".")
                                    ),
                                )
                            ),
                            name="regional_indicator_code",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("promoted_as__regex", "^[A-Q][0-9]{1,2}$"),
                                    ("state", "promoted"),
                                ),
                                models.Q(
                                    models.Q(("state", "promoted"), _negated=True),
                                    ("promoted_as", ""),
                                ),
                                _connector="OR",
                            ),
                            name="regional_indicator_promoted",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("promoted_as", ""), _negated=True),
                            fields=("promoted_as",),
                            name="regional_indicator_promoted_once",
                        ),
                        sprocep.constraints.StateMoves(
                            born="draft",
                            moves={
                                "draft": ["published"],
                                "promoted": [],
                                "published": ["promoted", "withdrawn"],
                                "withdrawn": [],
                            },
                            name="regional_indicator_moves",
                            violation_error_message="Cet indicateur a changé d’état entre-temps: rechargez la page.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="DeclaredCount",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
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
                    ("population", models.CharField(max_length=30, verbose_name="population")),
                    ("breakdown", models.CharField(max_length=30, verbose_name="ventilation")),
                    ("category", models.CharField(max_length=12, verbose_name="modalité")),
                    ("units", models.PositiveIntegerField(verbose_name="unités")),
                    (
                        "counted_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="compté le"),
                    ),
                ],
                options={
                    "verbose_name": "compte déclaré",
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="declared_count_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="declared_count_structure",
                            restrictive=True,
                            to=("sprocep_app",),
                            using="structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR ((SELECT nullif(current_setting('sprocep.network', true), '')) IS NOT NULL AND structure_id IN (SELECT id FROM regions_structure WHERE network_id = (SELECT nullif(current_setting('sprocep.network', true), ''))))",
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT",
                            compiler="SELECT, INSERT, DELETE",
                            name="declared_count_grants",
                        ),
                        models.UniqueConstraint(
                            fields=(
                                "region",
                                "structure",
                                "period",
                                "population",
                                "breakdown",
                                "category",
                            ),
                            name="declared_count_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="QualityRule",
                fields=[
                    (
                        "code",
                        models.CharField(
                            max_length=30, primary_key=True, serialize=False, verbose_name="code"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("missing", "champ non renseigné"),
                                ("impossible", "valeur impossible"),
                                ("late", "saisie tardive"),
                                ("doubled", "doublon"),
                                ("jump", "saut par rapport à la saison"),
                            ],
                            max_length=10,
                            verbose_name="genre",
                        ),
                    ),
                    ("label", models.CharField(max_length=200, verbose_name="intitulé")),
                    ("subject", models.CharField(max_length=30, verbose_name="objet")),
                    (
                        "threshold",
                        models.DecimalField(decimal_places=2, max_digits=8, verbose_name="seuil"),
                    ),
                    ("is_active", models.BooleanField(default=True, verbose_name="appliquée")),
                    ("position", models.PositiveSmallIntegerField(default=0, verbose_name="rang")),
                ],
                options={
                    "verbose_name": "règle de qualité",
                    "ordering": ["position", "code"],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE",
                            compiler="SELECT",
                            name="quality_rule_grants",
                        ),
                        sprocep.tenancy.NationalWriting(name="quality_rule_national"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Anomaly",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="période")),
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
                        "rule",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="indicators.qualityrule",
                            verbose_name="règle",
                        ),
                    ),
                    (
                        "found",
                        models.DecimalField(
                            decimal_places=2, max_digits=12, verbose_name="constaté"
                        ),
                    ),
                    (
                        "expected",
                        models.DecimalField(
                            decimal_places=2, max_digits=12, null=True, verbose_name="attendu"
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("open", "à traiter"),
                                ("explained", "expliquée"),
                                ("corrected", "corrigée"),
                            ],
                            default="open",
                            max_length=10,
                            verbose_name="état",
                        ),
                    ),
                    (
                        "detected_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="relevée le"),
                    ),
                    (
                        "closure",
                        models.CharField(blank=True, max_length=1000, verbose_name="explication"),
                    ),
                    (
                        "closed_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="close le"),
                    ),
                    (
                        "closed_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                            verbose_name="close par",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "anomalie",
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="anomaly_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="anomaly_structure",
                            restrictive=True,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) OR ((SELECT nullif(current_setting('sprocep.network', true), '')) IS NOT NULL AND structure_id IN (SELECT id FROM regions_structure WHERE network_id = (SELECT nullif(current_setting('sprocep.network', true), ''))))",
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, UPDATE (state, closure, closed_at, closed_by_id)",
                            compiler="SELECT, INSERT, DELETE, UPDATE (found, expected, state, closed_at)",
                            name="anomaly_grants",
                        ),
                        models.UniqueConstraint(
                            fields=("region", "structure", "period", "rule"), name="anomaly_once"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("closed_at__isnull", True), ("closure", ""), ("state", "open")
                                ),
                                models.Q(
                                    ("closed_at__isnull", False),
                                    ("state", "explained"),
                                    models.Q(("closure", ""), _negated=True),
                                ),
                                models.Q(("closed_at__isnull", False), ("state", "corrected")),
                                _connector="OR",
                            ),
                            name="anomaly_closed",
                        ),
                    ],
                },
            ),
        ),
        *(migrations.RunSQL((SQL / f"{subject}.sql").read_text("utf-8")) for subject in SUBJECTS),
    ]
