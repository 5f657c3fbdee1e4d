"""Persons, journeys, sessions, fiches, plans, documents.

Tables stand as the models say them; the rules that Django does not know are in `sql/`, by subject.
"""

import datetime
import uuid
from decimal import Decimal
from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy
from sprocep.schema import CreateModels

SQL = Path(__file__).with_name("sql")
SUBJECTS = (
    "contacts",
    "journeys",
    "situations",
    "referrals",
    "referral_links",
    "plans",
    "documents",
    "person_access",
    "merges",
    "level1_only",
    "plan_papers",
    "workshops",
    "exit_questions",
    "feedback",
    "dropout_paths",
    "free_texts",
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("operators", "0001_initial")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Beneficiary",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    ("last_name", models.CharField(max_length=80, verbose_name="nom d’usage")),
                    ("first_name", models.CharField(max_length=80, verbose_name="premier prénom")),
                    (
                        "birth_name",
                        models.CharField(
                            blank=True, max_length=80, verbose_name="nom de naissance"
                        ),
                    ),
                    (
                        "birth_date",
                        models.DateField(blank=True, null=True, verbose_name="date de naissance"),
                    ),
                    (
                        "sex",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.sex",
                            verbose_name="sexe",
                        ),
                    ),
                    (
                        "email",
                        models.EmailField(
                            blank=True, max_length=254, verbose_name="adresse électronique"
                        ),
                    ),
                    (
                        "phone",
                        models.CharField(blank=True, max_length=20, verbose_name="téléphone"),
                    ),
                    (
                        "commune",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.commune",
                            verbose_name="commune de résidence",
                        ),
                    ),
                    ("note", models.TextField(blank=True, max_length=500, verbose_name="note")),
                    (
                        "sort_key",
                        models.CharField(editable=False, max_length=240, verbose_name="clé de tri"),
                    ),
                    (
                        "given_key",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Func(
                                models.F("sort_key"),
                                template="split_part(%(expressions)s, ' ', 2) || ' ' || split_part(%(expressions)s, ' ', 1)",
                            ),
                            output_field=models.CharField(max_length=240, null=True),
                            verbose_name="clé du prénom",
                        ),
                    ),
                    (
                        "birth_key",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Func(
                                models.F("sort_key"),
                                template="nullif(split_part(%(expressions)s, ' ', 3), '') || ' ' || split_part(%(expressions)s, ' ', 2)",
                            ),
                            output_field=models.CharField(max_length=240, null=True),
                            verbose_name="clé du nom de naissance",
                        ),
                    ),
                    (
                        "kept_in",
                        models.ForeignKey(
                            db_index=False,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.beneficiary",
                            verbose_name="réunie à la fiche",
                        ),
                    ),
                    (
                        "recorded_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="enregistré le"),
                    ),
                ],
                options={
                    "verbose_name": "bénéficiaire",
                    "indexes": [
                        models.Index(
                            fields=["structure", "region", "sort_key", "id"],
                            include=("birth_date", "kept_in"),
                            name="beneficiary_by_name",
                        ),
                        models.Index(
                            fields=["structure", "region", "given_key", "id"],
                            include=("sort_key", "birth_date", "kept_in"),
                            name="beneficiary_by_given_name",
                        ),
                        models.Index(
                            condition=models.Q(("birth_key__isnull", False)),
                            fields=["structure", "region", "birth_key", "id"],
                            include=("sort_key", "birth_date", "kept_in"),
                            name="beneficiary_by_birth_name",
                        ),
                        models.Index(
                            fields=["structure", "region", "birth_date", "id"],
                            include=("sort_key", "kept_in"),
                            name="beneficiary_born_on",
                        ),
                        models.Index(
                            condition=models.Q(("kept_in__isnull", False)),
                            fields=["structure", "kept_in"],
                            name="beneficiary_set_aside",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="beneficiary_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="beneficiary_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (last_name, first_name, birth_name, birth_date, sex_id, email, phone, commune_id, note, sort_key, kept_in_id)",
                            compiler="SELECT (id, public_id, region_id, structure_id, sex_id, kept_in_id, recorded_at)",
                            name="beneficiary_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "kept_in_id"),
                            name="beneficiary_kept_in",
                            to="beneficiaries.Beneficiary",
                            to_columns=("structure_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "id"), name="beneficiary_of_structure"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="beneficiary_public_id"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PersonKey",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "beneficiary",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.beneficiary",
                            verbose_name="bénéficiaire",
                        ),
                    ),
                    ("year", models.PositiveSmallIntegerField(verbose_name="année")),
                    ("key", models.BinaryField(max_length=32, verbose_name="clé")),
                ],
                options={
                    "verbose_name": "clé de personne",
                    "indexes": [
                        models.Index(fields=["beneficiary", "year", "-id"], name="person_key_last")
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="person_key_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="person_key_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="INSERT",
                            compiler="SELECT (id, region_id, structure_id, beneficiary_id, year, key)",
                            name="person_key_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "beneficiary_id"),
                            name="person_key_beneficiary",
                            to="beneficiaries.Beneficiary",
                            to_columns=("structure_id", "id"),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Journey",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
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
                        "category",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.operatorcategory",
                            verbose_name="catégorie d’opérateur",
                        ),
                    ),
                    (
                        "beneficiary",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="journeys",
                            to="beneficiaries.beneficiary",
                            verbose_name="bénéficiaire",
                        ),
                    ),
                    (
                        "came_from",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.beneficiary",
                            verbose_name="venu de la fiche",
                        ),
                    ),
                    (
                        "requested_on",
                        models.DateField(blank=True, null=True, verbose_name="demande du"),
                    ),
                    ("opened_on", models.DateField(verbose_name="ouvert le")),
                    (
                        "opened",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    opened_on__isnull=False,
                                    then=models.Func(
                                        models.F("opened_on"),
                                        models.F("opened_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    ("closed_on", models.DateField(blank=True, null=True, verbose_name="clos le")),
                    (
                        "closed",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    closed_on__isnull=False,
                                    then=models.Func(
                                        models.F("closed_on"),
                                        models.F("closed_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "closed_region",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région à la clôture",
                        ),
                    ),
                    (
                        "closed_department",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.department",
                            verbose_name="département à la clôture",
                        ),
                    ),
                    (
                        "outcome",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.outcome",
                            verbose_name="issue",
                        ),
                    ),
                    (
                        "exit_situation",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.situation",
                            verbose_name="situation à la sortie",
                        ),
                    ),
                    (
                        "may_be_asked",
                        models.BooleanField(
                            null=True, verbose_name="accepte d’être interrogée à six mois"
                        ),
                    ),
                    (
                        "main_reason",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.reason",
                            verbose_name="motif principal",
                        ),
                    ),
                    (
                        "sex",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.sex",
                            verbose_name="sexe",
                        ),
                    ),
                    (
                        "age",
                        models.PositiveSmallIntegerField(
                            blank=True, null=True, verbose_name="âge à l’ouverture"
                        ),
                    ),
                    (
                        "education_level",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.educationlevel",
                            verbose_name="niveau de formation",
                        ),
                    ),
                    (
                        "situation",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.situation",
                            verbose_name="situation",
                        ),
                    ),
                    (
                        "socio_professional_category",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.socioprofessionalcategory",
                            verbose_name="catégorie socioprofessionnelle",
                        ),
                    ),
                    (
                        "sector",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.sector",
                            verbose_name="secteur d’activité",
                        ),
                    ),
                    (
                        "contract_type",
                        models.ForeignKey(
                            db_index=False,
                            default="K99",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.contracttype",
                            verbose_name="type de contrat",
                        ),
                    ),
                    (
                        "boeth",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.boeth",
                            verbose_name="bénéficiaire de l’obligation d’emploi",
                        ),
                    ),
                    (
                        "residence_area",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.residencearea",
                            verbose_name="commune rurale ou urbaine",
                        ),
                    ),
                    (
                        "arrival",
                        models.ForeignKey(
                            db_index=False,
                            default="NR",
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.arrival",
                            verbose_name="venue",
                        ),
                    ),
                    (
                        "continues",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.journey",
                            verbose_name="suite de",
                        ),
                    ),
                    (
                        "joined_to",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            editable=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="joined",
                            to="beneficiaries.journey",
                            verbose_name="réuni au parcours",
                        ),
                    ),
                    (
                        "thread_number",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="numéro de fil"
                        ),
                    ),
                    (
                        "contact_code_fingerprint",
                        models.BinaryField(
                            max_length=32, null=True, verbose_name="empreinte du code d’accueil"
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                    (
                        "recorded_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="enregistré le"),
                    ),
                    ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                ],
                options={
                    "verbose_name": "parcours",
                    "indexes": [
                        models.Index(
                            fields=["structure", "region", "-opened_on", "-id"],
                            name="journey_newest",
                        ),
                        models.Index(
                            condition=models.Q(("closed_on__isnull", True)),
                            fields=["structure", "region", "-opened_on", "-id"],
                            name="journey_open_newest",
                        ),
                        models.Index(fields=["region", "opened_on"], name="journey_region_opened"),
                        models.Index(
                            condition=models.Q(("closed_on__isnull", False)),
                            fields=["closed_region", "closed_on"],
                            name="journey_region_closed",
                        ),
                        models.Index(
                            condition=models.Q(("may_be_asked", True)),
                            fields=["closed_on"],
                            name="journey_to_be_asked",
                        ),
                        models.Index(
                            models.F("region"),
                            models.Case(
                                models.When(
                                    closed_on__isnull=True, then=datetime.date(9999, 12, 31)
                                ),
                                default=models.F("closed_on"),
                            ),
                            models.F("opened_on"),
                            name="journey_living",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="journey_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="journey_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE",
                            compiler="SELECT (id, public_id, region_id, structure_id, department_id, category_id, beneficiary_id, came_from_id, requested_on, opened_on, opened, closed_on, closed, closed_region_id, closed_department_id, outcome_id, exit_situation_id, main_reason_id, sex_id, age, education_level_id, situation_id, socio_professional_category_id, sector_id, contract_type_id, residence_area_id, arrival_id, continues_id, joined_to_id, thread_number, contact_code_fingerprint, idempotency_key, recorded_at, updated_at, may_be_asked, boeth_id)",
                            name="journey_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "beneficiary_id"),
                            name="journey_beneficiary",
                            to="beneficiaries.Beneficiary",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas connue de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "came_from_id"),
                            name="journey_came_from",
                            to="beneficiaries.Beneficiary",
                            to_columns=("structure_id", "id"),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="journey_department",
                            period="opened",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("closed_department_id", "closed_region_id"),
                            name="journey_closed_department",
                            period="closed",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "category_id"),
                            name="journey_operator",
                            period="opened",
                            to="operators.Operator",
                            to_columns=("structure_id", "category_id"),
                            to_period="valid",
                            violation_error_message="Votre structure n’est pas opérateur du CEP à cette date: elle peut accueillir et informer, pas ouvrir un parcours.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("requested_on__isnull", True),
                                ("requested_on__lte", models.F("opened_on")),
                                _connector="OR",
                            ),
                            name="journey_requested_before_opened",
                            violation_error_message="La demande ne peut pas suivre le premier entretien.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("closed_on__isnull", True),
                                ("closed_on__gte", models.F("opened_on")),
                                _connector="OR",
                            ),
                            name="journey_closed_after_opened",
                            violation_error_message="Un parcours ne peut pas être clos avant son ouverture.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("closed_department__isnull", True),
                                    ("closed_on__isnull", True),
                                    ("closed_region__isnull", True),
                                    ("exit_situation__isnull", True),
                                    ("joined_to__isnull", True),
                                    ("may_be_asked__isnull", True),
                                    ("outcome__isnull", True),
                                ),
                                models.Q(
                                    ("closed_department__isnull", True),
                                    ("closed_on__isnull", False),
                                    ("closed_region__isnull", True),
                                    ("exit_situation__isnull", True),
                                    ("joined_to__isnull", False),
                                    ("may_be_asked__isnull", True),
                                    ("outcome__isnull", True),
                                ),
                                models.Q(
                                    ("closed_department__isnull", False),
                                    ("closed_on__isnull", False),
                                    ("closed_region__isnull", False),
                                    ("exit_situation__isnull", False),
                                    ("joined_to__isnull", True),
                                    ("outcome__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="journey_closing_is_whole",
                            violation_error_message="Pour clore un parcours, donnez la date, l’issue et la situation à la sortie.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("age__isnull", True),
                                models.Q(("age__gte", 14), ("age__lte", 99)),
                                _connector="OR",
                            ),
                            name="journey_age",
                            violation_error_message="L’âge à l’ouverture doit être compris entre 14 et 99 ans.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("arrival", "V4"), ("contact_code_fingerprint__isnull", False)
                                ),
                                models.Q(
                                    models.Q(("arrival", "V4"), _negated=True),
                                    ("contact_code_fingerprint__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="journey_arrival_with_a_code",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "id"), name="journey_of_structure"
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "joined_to_id"),
                            name="journey_joined_to",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="journey_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="journey_sent_once",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("contact_code_fingerprint__isnull", False)),
                            fields=("structure", "contact_code_fingerprint"),
                            name="journey_contact_code_once",
                            violation_error_message="Ce code d’accueil a déjà ouvert un parcours dans votre structure. Relisez-le, ou laissez-le vide.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="JourneyReason",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="other_reasons",
                            to="beneficiaries.journey",
                        ),
                    ),
                    (
                        "reason",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.reason",
                            verbose_name="motif",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "autre motif",
                    "indexes": [
                        models.Index(fields=["journey"], name="journey_reason_journey_idx")
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="journey_reason_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="journey_reason_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE, DELETE",
                            compiler="SELECT (id, region_id, structure_id, journey_id, reason_id)",
                            name="journey_reason_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="journey_reason_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "journey", "reason"), name="journey_reason_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FollowUp",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="follow_ups",
                            to="beneficiaries.journey",
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
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
                        ),
                    ),
                    (
                        "referent",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="référent",
                        ),
                    ),
                    ("starts_on", models.DateField(verbose_name="à partir du")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                    (
                        "started",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    starts_on__isnull=False,
                                    then=models.Func(
                                        models.F("starts_on"),
                                        models.F("starts_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
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
                    "verbose_name": "suivi",
                    "indexes": [
                        models.Index(
                            fields=["journey", "-starts_on", "-id"], name="follow_up_latest"
                        ),
                        models.Index(
                            fields=["structure", "referent", "journey"],
                            include=("region", "starts_on", "ends_on"),
                            name="follow_up_followed_by",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="follow_up_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="follow_up_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE, DELETE",
                            compiler="SELECT (id, region_id, structure_id, journey_id, department_id, site_id, referent_id, starts_on, ends_on, started, valid)",
                            name="follow_up_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="follow_up_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="follow_up_department",
                            period="started",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="follow_up_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "referent_id"),
                            name="follow_up_referent",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce référent n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ends_on__isnull", True),
                                ("ends_on__gte", models.F("starts_on")),
                                _connector="OR",
                            ),
                            name="follow_up_span",
                            violation_error_message="Le nouveau suivi ne commence pas avant l’ancien.",
                        ),
                        django.contrib.postgres.constraints.ExclusionConstraint(
                            expressions=[
                                (
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("journey_id"), "+", models.Value(0)
                                    ),
                                    "=",
                                ),
                                (
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("structure_id"), "+", models.Value(0)
                                    ),
                                    "=",
                                ),
                                ("valid", "&&"),
                            ],
                            name="follow_up_once",
                            violation_error_message="Un parcours n’a qu’un lieu et un référent à la fois.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Step",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="steps",
                            to="beneficiaries.journey",
                        ),
                    ),
                    ("what", models.TextField(max_length=1000, verbose_name="étape")),
                    ("actor", models.CharField(max_length=250, verbose_name="par qui")),
                    (
                        "right",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.individualright",
                            verbose_name="droit mobilisé",
                        ),
                    ),
                    ("due_on", models.DateField(blank=True, null=True, verbose_name="prévue le")),
                    ("done_on", models.DateField(blank=True, null=True, verbose_name="faite le")),
                    (
                        "result",
                        models.CharField(blank=True, max_length=300, verbose_name="résultat"),
                    ),
                    (
                        "is_from_elsewhere",
                        models.BooleanField(
                            default=False, verbose_name="faite dans une autre structure"
                        ),
                    ),
                    ("is_withdrawn", models.BooleanField(default=False, verbose_name="retirée")),
                    (
                        "changed_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="changée par",
                        ),
                    ),
                    (
                        "changed_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="changée le"
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                ],
                options={
                    "verbose_name": "étape du plan d’actions",
                    "indexes": [models.Index(fields=["journey", "id"], name="step_of_journey")],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="step_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="step_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (what, actor, right_id, due_on, done_on, result, is_withdrawn, changed_by_id, changed_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, journey_id, right_id, due_on, done_on, is_from_elsewhere, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                            name="step_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="step_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "changed_by_id"),
                            name="step_changed_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("result", ""), ("done_on__isnull", False), _connector="OR"
                            ),
                            name="step_result_of_what_is_done",
                            violation_error_message="Un résultat est celui d’une étape faite : datez-la.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="step_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="step_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SynthesisDocument",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
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
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="documents",
                            to="beneficiaries.journey",
                        ),
                    ),
                    ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                    (
                        "content",
                        models.JSONField(
                            encoder=django.core.serializers.json.DjangoJSONEncoder,
                            verbose_name="contenu",
                        ),
                    ),
                    ("handed_on", models.DateField(verbose_name="remis le")),
                    (
                        "handed",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    handed_on__isnull=False,
                                    then=models.Func(
                                        models.F("handed_on"),
                                        models.F("handed_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "handed_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="remis par",
                        ),
                    ),
                    ("approved_on", models.DateField(null=True, verbose_name="approuvé le")),
                    (
                        "channel",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.channel",
                            verbose_name="canal de l’accord",
                        ),
                    ),
                    (
                        "approval_noted_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="accord noté par",
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                ],
                options={
                    "verbose_name": "document de synthèse",
                    "indexes": [
                        models.Index(fields=["public_id"], name="synthesis_document_by_id")
                    ],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="synthesis_document_seen",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR EXISTS (SELECT FROM beneficiaries_sharecode code WHERE code.document_id = beneficiaries_synthesisdocument.id AND reader_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND reader_region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="synthesis_document_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (approved_on, channel_id, approval_noted_by_id)",
                            compiler="SELECT (id, public_id, region_id, structure_id, department_id, journey_id, number, handed_on, handed, handed_by_id, approved_on, channel_id, approval_noted_by_id, idempotency_key)",
                            name="synthesis_document_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="synthesis_document_department",
                            period="handed",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="synthesis_document_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "handed_by_id"),
                            name="synthesis_document_handed_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "approval_noted_by_id"),
                            name="synthesis_document_noted_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("approval_noted_by__isnull", True),
                                    ("approved_on__isnull", True),
                                    ("channel__isnull", True),
                                ),
                                models.Q(
                                    models.Q(
                                        ("approval_noted_by__isnull", False),
                                        ("channel", "NUM"),
                                        _connector="OR",
                                    ),
                                    ("approved_on__isnull", False),
                                    ("channel__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="synthesis_document_approval_is_whole",
                            violation_error_message="Un accord a sa date et son canal.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("approved_on__isnull", True),
                                ("approved_on__gte", models.F("handed_on")),
                                _connector="OR",
                            ),
                            name="synthesis_document_approved_after_handed",
                            violation_error_message="La personne approuve un document une fois remis.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region", "id"),
                            name="synthesis_document_of_structure",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "journey", "number"),
                            name="synthesis_document_number",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="synthesis_document_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ShareCode",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "document",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="codes",
                            to="beneficiaries.synthesisdocument",
                        ),
                    ),
                    (
                        "fingerprint",
                        models.BinaryField(
                            max_length=32, verbose_name="empreinte du code de partage"
                        ),
                    ),
                    (
                        "made_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="donné par",
                        ),
                    ),
                    (
                        "made_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="donné le"
                        ),
                    ),
                    ("expires_at", models.DateTimeField(verbose_name="expire le")),
                    (
                        "reader",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui lit",
                        ),
                    ),
                    (
                        "reader_region",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région de la structure qui lit",
                        ),
                    ),
                    ("opened_at", models.DateTimeField(null=True, verbose_name="ouvert le")),
                    (
                        "revoked_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="révoqué par",
                        ),
                    ),
                    ("revoked_at", models.DateTimeField(null=True, verbose_name="révoqué le")),
                ],
                options={
                    "verbose_name": "code de partage",
                    "indexes": [
                        models.Index(fields=["fingerprint"], name="share_code_shown"),
                        models.Index(fields=["document", "id"], name="share_code_of_document"),
                    ],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR (revoked_at IS NULL AND expires_at > now() AND reader_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND reader_region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))",
                            name="share_code_seen",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR (revoked_at IS NULL AND expires_at > now() AND ((reader_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND reader_region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR (reader_id IS NULL AND fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))))",
                        ),
                        sprocep.tenancy.SenderWriting(name="share_code_sender"),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id", name="share_code_region", to=("sprocep_compiler",)
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (reader_id, reader_region_id, opened_at, revoked_by_id, revoked_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, document_id, made_by_id, made_at, expires_at, reader_id, reader_region_id, opened_at, revoked_by_id, revoked_at)",
                            name="share_code_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "document_id"),
                            name="share_code_document",
                            to="beneficiaries.SynthesisDocument",
                            to_columns=("structure_id", "region_id", "id"),
                            violation_error_message="Ce document n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "made_by_id"),
                            name="share_code_made_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "revoked_by_id"),
                            name="share_code_revoked_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("reader__isnull", True),
                                models.Q(("structure", models.F("reader")), _negated=True),
                                models.Q(("region", models.F("reader_region")), _negated=True),
                                _connector="OR",
                            ),
                            name="share_code_to_another",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("opened_at__isnull", True),
                                    ("reader__isnull", True),
                                    ("reader_region__isnull", True),
                                ),
                                models.Q(
                                    ("opened_at__isnull", False),
                                    ("reader__isnull", False),
                                    ("reader_region__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="share_code_opening_is_whole",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("revoked_by__isnull", True),
                                ("revoked_at__isnull", False),
                                _connector="OR",
                            ),
                            name="share_code_revocation_is_whole",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("expires_at__gt", models.F("made_at"))),
                            name="share_code_expires",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "fingerprint"), name="share_code_once"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="share_code_public_id"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PersonAccess",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="accesses",
                            to="beneficiaries.journey",
                        ),
                    ),
                    (
                        "fingerprint",
                        models.BinaryField(max_length=32, verbose_name="empreinte du code d’accès"),
                    ),
                    (
                        "given_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="donné par",
                        ),
                    ),
                    (
                        "given_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="donné le"
                        ),
                    ),
                    (
                        "ended_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="retiré par",
                        ),
                    ),
                    ("ended_at", models.DateTimeField(null=True, verbose_name="retiré le")),
                    (
                        "factor",
                        models.BinaryField(
                            max_length=32, null=True, verbose_name="empreinte des chiffres envoyés"
                        ),
                    ),
                    (
                        "factor_sent_at",
                        models.DateTimeField(null=True, verbose_name="chiffres envoyés le"),
                    ),
                    ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                ],
                options={
                    "verbose_name": "accès de la personne",
                    "indexes": [models.Index(fields=["fingerprint"], name="person_access_shown")],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="person_access_seen",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR (ended_at IS NULL AND fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))",
                        ),
                        sprocep.tenancy.SenderWriting(name="person_access_sender"),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="person_access_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ended_by_id, ended_at, factor, factor_sent_at, tries)",
                            compiler="SELECT (id, public_id, region_id, structure_id, journey_id, given_by_id, given_at, ended_by_id, ended_at, factor_sent_at, tries)",
                            name="person_access_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="person_access_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "given_by_id"),
                            name="person_access_given_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "ended_by_id"),
                            name="person_access_ended_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                                models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                _connector="OR",
                            ),
                            name="person_access_end_is_whole",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("ended_at__isnull", True),
                                ("ended_at__gte", models.F("given_at")),
                                _connector="OR",
                            ),
                            name="person_access_ends_after_given",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("factor__isnull", True), ("factor_sent_at__isnull", True)
                                ),
                                models.Q(
                                    ("factor__isnull", False), ("factor_sent_at__isnull", False)
                                ),
                                _connector="OR",
                            ),
                            name="person_access_factor_is_whole",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at__isnull", True)),
                            fields=("structure", "journey"),
                            name="person_access_one_at_a_time",
                            violation_error_message="Un accès vient d’être donné pour ce parcours. Rechargez la page.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "fingerprint"), name="person_access_once"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="person_access_public_id"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ContactTally",
                fields=[
                    (
                        "id",
                        models.UUIDField(
                            default=uuid.uuid4,
                            editable=False,
                            primary_key=True,
                            serialize=False,
                            verbose_name="clé",
                        ),
                    ),
                    ("month", models.DateField(verbose_name="mois")),
                    (
                        "held",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Func(
                                models.F("month"),
                                output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                    ),
                    ("total", models.PositiveIntegerField(default=0, verbose_name="accueils")),
                    ("days", models.JSONField(default=dict, verbose_name="accueils par jour")),
                    ("theme", models.JSONField(default=dict, verbose_name="thème")),
                    ("audience", models.JSONField(default=dict, verbose_name="public")),
                    ("result", models.JSONField(default=dict, verbose_name="résultat")),
                    ("age_band", models.JSONField(default=dict, verbose_name="tranche d’âge")),
                    ("channel", models.JSONField(default=dict, verbose_name="canal")),
                    ("commune", models.JSONField(default=dict, verbose_name="commune")),
                    (
                        "is_settled",
                        models.BooleanField(default=False, verbose_name="repris avec les autres"),
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
                        "region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "décompte d’accueils de niveau 1",
                    "indexes": [
                        models.Index(fields=["region", "month"], name="contact_tally_region_month"),
                        models.Index(
                            condition=models.Q(("is_settled", False)),
                            fields=["structure"],
                            name="contact_tally_unsettled",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="contact_tally_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="contact_tally_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (total, days, theme, audience, result, age_band, channel, commune, is_settled)",
                            compiler="SELECT (id, region_id, structure_id, department_id, site_id, month, held, total, days, theme, audience, result, age_band, channel, is_settled)",
                            name="contact_tally_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="contact_tally_department",
                            period="held",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="contact_tally_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("month__day", 1)), name="contact_tally_month"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "site", "month", "department", "region"),
                            name="contact_tally_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ContactForms",
                fields=[
                    (
                        "id",
                        models.UUIDField(
                            default=uuid.uuid4,
                            editable=False,
                            primary_key=True,
                            serialize=False,
                            verbose_name="clé",
                        ),
                    ),
                    ("sent_on", models.DateField(verbose_name="date d’envoi")),
                    (
                        "fingerprints",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.BinaryField(),
                            size=None,
                            verbose_name="empreintes des envois",
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "envois d’accueils d’un jour",
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="contact_forms_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="contact_forms_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (fingerprints), DELETE",
                            compiler="SELECT (id, region_id, structure_id, site_id, sent_on)",
                            name="contact_forms_grants",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "site", "sent_on", "region"),
                            name="contact_forms_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Draft",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("key", models.UUIDField(editable=False, verbose_name="clé d’envoi")),
                    (
                        "region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "author",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="commencé par",
                        ),
                    ),
                    (
                        "page",
                        models.CharField(
                            choices=[("session", "entretien"), ("workshop", "atelier")],
                            db_default="session",
                            default="session",
                            max_length=8,
                            verbose_name="page",
                        ),
                    ),
                    ("typed", models.TextField(verbose_name="ce qui est tapé")),
                    ("kept_at", models.DateTimeField(auto_now=True, verbose_name="gardé le")),
                ],
                options={
                    "verbose_name": "brouillon",
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="draft_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="draft_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (typed, kept_at), DELETE",
                            compiler="SELECT (id, key, page, region_id, structure_id, author_id, kept_at)",
                            name="draft_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "author_id"),
                            name="draft_author",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                        ),
                        models.CheckConstraint(
                            condition=django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("typed"), 20000
                            ),
                            name="draft_length",
                            violation_error_message="Ce texte est trop long pour être gardé.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "author", "key"), name="draft_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="DropoutPath",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
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
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.journey",
                        ),
                    ),
                    ("reported_on", models.DateField(verbose_name="repérée le")),
                    (
                        "reported",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    reported_on__isnull=False,
                                    then=models.Func(
                                        models.F("reported_on"),
                                        models.F("reported_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "contacted_on",
                        models.DateField(blank=True, null=True, verbose_name="contactée le"),
                    ),
                    (
                        "relayed_on",
                        models.DateField(
                            blank=True,
                            null=True,
                            verbose_name="accompagnée par un relais depuis le",
                        ),
                    ),
                    ("ended_on", models.DateField(blank=True, null=True, verbose_name="sortie le")),
                    (
                        "ending",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("training", "de retour en formation"),
                                ("job", "en emploi"),
                                ("other", "autre suite"),
                                ("lost", "perdue de vue"),
                            ],
                            max_length=8,
                            verbose_name="suite",
                        ),
                    ),
                    (
                        "noted_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="noté par",
                        ),
                    ),
                    (
                        "noted_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="noté le"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "parcours décrocheur",
                    "indexes": [
                        models.Index(fields=["journey"], name="dropout_path_of_journey"),
                        models.Index(fields=["reported_on"], name="dropout_path_by_day"),
                    ],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="dropout_path_of_structure",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT EXISTS (SELECT FROM regions_membership counsel WHERE counsel.user_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) AND counsel.structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND counsel.region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND counsel.valid @> (now() AT TIME ZONE 'Europe/Paris')::date AND counsel.unconfirmed_since IS NULL AND counsel.role IN ('adviser', 'structure_manager'))) OR 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))",
                        ),
                        sprocep.tenancy.FurtherReading(
                            name="dropout_path_of_relay",
                            to=("sprocep_app",),
                            using="(SELECT EXISTS (SELECT FROM regions_membership counsel WHERE counsel.user_id = (SELECT CASE WHEN scope_is_proven() THEN nullif(current_setting('sprocep.user', true), '')::bigint END) AND counsel.structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND counsel.region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND counsel.valid @> (now() AT TIME ZONE 'Europe/Paris')::date AND counsel.unconfirmed_since IS NULL AND counsel.role IN ('adviser', 'structure_manager'))) AND EXISTS (SELECT FROM beneficiaries_referral fiche JOIN operators_platformmember member ON member.structure_id = fiche.receiver_id WHERE fiche.journey_id = beneficiaries_dropoutpath.journey_id AND fiche.receiver_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND fiche.receiver_region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND fiche.state NOT IN ('declined', 'withdrawn') AND member.region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND member.valid @> (now() AT TIME ZONE 'Europe/Paris')::date)",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id", name="dropout_path_region", to=("sprocep_compiler",)
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, DELETE, UPDATE (region_id, reported_on, contacted_on, relayed_on, ended_on, ending, noted_by_id, noted_at)",
                            compiler="SELECT (id, region_id)",
                            name="dropout_path_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="dropout_path_department",
                            period="reported",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="dropout_path_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "noted_by_id"),
                            name="dropout_path_noted_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("contacted_on__isnull", True),
                                    ("contacted_on__gte", models.F("reported_on")),
                                    _connector="OR",
                                ),
                                models.Q(
                                    ("relayed_on__isnull", True),
                                    ("relayed_on__gte", models.F("reported_on")),
                                    _connector="OR",
                                ),
                                models.Q(
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("reported_on")),
                                    _connector="OR",
                                ),
                                models.Q(
                                    ("ended_on__isnull", True),
                                    ("relayed_on__isnull", True),
                                    ("ended_on__gte", models.F("relayed_on")),
                                    _connector="OR",
                                ),
                            ),
                            name="dropout_path_order",
                            violation_error_message="Ces dates se suivent : repérée d’abord, sortie à la fin. Relisez-les.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("ended_on__isnull", True), ("ending", "")),
                                models.Q(
                                    ("ended_on__isnull", False),
                                    ("ending__in", ["training", "job", "other", "lost"]),
                                ),
                                _connector="OR",
                            ),
                            name="dropout_path_end_is_whole",
                            violation_error_message="Une sortie a sa date et sa suite. Donnez les deux, ou aucune.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "journey"),
                            name="dropout_path_once",
                            violation_error_message="Le parcours décrocheur vient d’être noté par quelqu’un d’autre. Rechargez la page.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ExchangeAct",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    ("key", models.UUIDField(verbose_name="clé d’envoi")),
                    (
                        "fingerprint",
                        models.BinaryField(max_length=32, verbose_name="empreinte de la demande"),
                    ),
                    ("receipt", models.JSONField(verbose_name="reçu")),
                    ("at", models.DateTimeField(auto_now_add=True, verbose_name="le")),
                ],
                options={
                    "verbose_name": "demande échangée",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT",
                            compiler="SELECT (id, region_id, structure_id, key, receipt, at)",
                            name="exchange_act_grants",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="exchange_act_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="exchange_act_structure"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "key"), name="exchange_act_sent_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ExitQuestion",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région à la sortie",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="exit_questions",
                            to="beneficiaries.journey",
                        ),
                    ),
                    ("exit_on", models.DateField(verbose_name="sortie le")),
                    ("asked_on", models.DateField(verbose_name="posée le")),
                    (
                        "closes_on",
                        models.DateField(verbose_name="sans réponse possible à partir du"),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "sans réponse"),
                                ("answered", "répondue"),
                                ("declined", "la personne ne souhaite pas répondre"),
                                ("reopened", "parcours rouvert"),
                            ],
                            default="waiting",
                            max_length=8,
                            verbose_name="état",
                        ),
                    ),
                    ("answered_on", models.DateField(null=True, verbose_name="réponse du")),
                    (
                        "situation",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.situation",
                            verbose_name="situation six mois après",
                        ),
                    ),
                    (
                        "project",
                        models.CharField(
                            blank=True,
                            choices=[("yes", "oui"), ("partly", "en partie"), ("no", "non")],
                            max_length=6,
                            verbose_name="projet réalisé",
                        ),
                    ),
                    (
                        "usefulness",
                        models.PositiveSmallIntegerField(
                            choices=[
                                (4, "très utile"),
                                (3, "plutôt utile"),
                                (2, "peu utile"),
                                (1, "pas utile"),
                            ],
                            null=True,
                            verbose_name="utilité du CEP",
                        ),
                    ),
                    (
                        "channel",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.channel",
                            verbose_name="canal",
                        ),
                    ),
                    (
                        "noted_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="notée par",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "question à six mois",
                    "indexes": [
                        models.Index(
                            fields=["journey", "-exit_on"], name="exit_question_of_journey"
                        ),
                        models.Index(
                            condition=models.Q(("state", "waiting")),
                            fields=["closes_on"],
                            name="exit_question_waiting",
                        ),
                        models.Index(fields=["exit_on"], name="exit_question_by_exit"),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="exit_question_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="exit_question_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (state, answered_on, situation_id, project, usefulness, channel_id, noted_by_id)",
                            compiler="SELECT (id, region_id, structure_id, journey_id, exit_on, asked_on, closes_on, state, answered_on, situation_id, project, usefulness, channel_id, noted_by_id)",
                            name="exit_question_grants",
                        ),
                        sprocep.constraints.StateMoves(
                            born="waiting",
                            moves={
                                "answered": [],
                                "declined": [],
                                "reopened": [],
                                "waiting": ["answered", "declined", "reopened"],
                            },
                            name="exit_question_moves",
                            violation_error_message="Cette question a déjà reçu une réponse, ou ne se pose plus : le parcours est rouvert, ou la personne ne souhaite pas répondre.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="exit_question_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "noted_by_id"),
                            name="exit_question_noted_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("answered_on__isnull", False),
                                    ("channel__isnull", False),
                                    ("project__in", ["yes", "partly", "no"]),
                                    ("situation__isnull", False),
                                    ("state", "answered"),
                                ),
                                models.Q(
                                    models.Q(("state", "answered"), _negated=True),
                                    ("answered_on__isnull", True),
                                    ("channel__isnull", True),
                                    ("project", ""),
                                    ("situation__isnull", True),
                                    ("usefulness__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="exit_answer_is_whole",
                            violation_error_message="Une réponse a sa date, la situation de la personne et ce que devient son projet.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("answered_on__isnull", True),
                                models.Q(
                                    ("answered_on__gte", models.F("asked_on")),
                                    ("answered_on__lt", models.F("closes_on")),
                                ),
                                _connector="OR",
                            ),
                            name="exit_answer_in_time",
                            violation_error_message="Les réponses se reçoivent de six à huit mois après la sortie : il est trop tard pour celle-ci.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("state", "answered"), _negated=True),
                                models.Q(("channel", "NUM"), ("noted_by__isnull", True)),
                                models.Q(
                                    models.Q(("channel", "NUM"), _negated=True),
                                    ("noted_by__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="exit_answer_said_online_by_her",
                            violation_error_message="Le service en ligne est le canal de la personne seule. Dites par quel canal vous l’avez jointe.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "id"), name="exit_question_of_structure"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "journey", "exit_on"), name="exit_question_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ExitLetter",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "question",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="letters",
                            to="beneficiaries.exitquestion",
                        ),
                    ),
                    ("is_reminder", models.BooleanField(default=False, verbose_name="relance")),
                    (
                        "due_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="à envoyer à partir du"
                        ),
                    ),
                    ("sent_at", models.DateTimeField(null=True, verbose_name="envoyée le")),
                    (
                        "fingerprint",
                        models.BinaryField(
                            max_length=32, null=True, verbose_name="empreinte du lien"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "lettre d’une question à six mois",
                    "indexes": [
                        models.Index(fields=["fingerprint"], name="exit_letter_by_fingerprint"),
                        models.Index(
                            condition=models.Q(("sent_at__isnull", True)),
                            fields=["due_at"],
                            name="exit_letter_to_send",
                        ),
                        models.Index(fields=["question"], name="exit_letter_of_question"),
                    ],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="exit_letter_shown",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))",
                        ),
                        sprocep.tenancy.SenderWriting(name="exit_letter_structure"),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id", name="exit_letter_region", to=("sprocep_compiler",)
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (due_at, sent_at, fingerprint)",
                            compiler="SELECT (id, region_id, structure_id, question_id, is_reminder, due_at, sent_at)",
                            name="exit_letter_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "question_id"),
                            name="exit_letter_question",
                            to="beneficiaries.ExitQuestion",
                            to_columns=("structure_id", "id"),
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("fingerprint__isnull", True),
                                ("sent_at__isnull", False),
                                _connector="OR",
                            ),
                            name="exit_letter_drawn_as_it_leaves",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "question", "is_reminder"), name="exit_letter_once"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "fingerprint"), name="exit_letter_link_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FeedbackCode",
                fields=[
                    (
                        "id",
                        models.UUIDField(
                            default=uuid.uuid4,
                            editable=False,
                            primary_key=True,
                            serialize=False,
                            verbose_name="clé",
                        ),
                    ),
                    (
                        "region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    ("month", models.CharField(max_length=7, verbose_name="mois")),
                    (
                        "voice",
                        models.CharField(
                            choices=[("person", "personne reçue"), ("adviser", "conseil")],
                            db_default="person",
                            max_length=7,
                            verbose_name="voix",
                        ),
                    ),
                    (
                        "fingerprint",
                        models.BinaryField(max_length=32, verbose_name="empreinte du code d’avis"),
                    ),
                ],
                options={
                    "verbose_name": "code d’avis",
                    "indexes": [
                        models.Index(fields=["fingerprint"], name="feedback_code_by_fingerprint")
                    ],
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="feedback_code_shown",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))",
                        ),
                        sprocep.tenancy.SenderWriting(name="feedback_code_structure"),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="feedback_code_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, DELETE",
                            compiler="SELECT (id, region_id, structure_id, month, voice)",
                            name="feedback_code_grants",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("month__regex", "^\\d{4}-\\d{2}$")),
                            name="feedback_code_month",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "fingerprint"), name="feedback_code_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FeedbackTally",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    ("month", models.CharField(max_length=7, verbose_name="mois")),
                    (
                        "voice",
                        models.CharField(
                            choices=[("person", "personne reçue"), ("adviser", "conseil")],
                            db_default="person",
                            max_length=7,
                            verbose_name="voix",
                        ),
                    ),
                    ("answered", models.PositiveIntegerField(default=0, verbose_name="réponses")),
                    ("counts", models.JSONField(default=dict, verbose_name="effectifs")),
                ],
                options={
                    "verbose_name": "décompte d’avis",
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="feedback_tally_added_to",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR (region_id, structure_id, month, voice) IN (SELECT code.region_id, code.structure_id, code.month, code.voice FROM beneficiaries_feedbackcode code WHERE code.fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex')))",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="feedback_tally_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (answered, counts)",
                            compiler="SELECT (id, region_id, structure_id, month, voice, answered, counts)",
                            name="feedback_tally_grants",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("month__regex", "^\\d{4}-\\d{2}$")),
                            name="feedback_tally_month",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region", "month", "voice"),
                            name="feedback_tally_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FinancingPlan",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
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
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="plans",
                            to="beneficiaries.journey",
                        ),
                    ),
                    ("opened_on", models.DateField(verbose_name="ouvert le")),
                    (
                        "opened",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    opened_on__isnull=False,
                                    then=models.Func(
                                        models.F("opened_on"),
                                        models.F("opened_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "closed_on",
                        models.DateField(blank=True, null=True, verbose_name="bouclé le"),
                    ),
                    (
                        "gap_explained",
                        models.CharField(blank=True, max_length=300, verbose_name="écart expliqué"),
                    ),
                    (
                        "changed_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="changé par",
                        ),
                    ),
                    (
                        "changed_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="changé le"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "plan de financement",
                    "indexes": [
                        models.Index(
                            condition=models.Q(("closed_on__isnull", False)),
                            fields=["region", "closed_on"],
                            name="financing_plan_closed",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="financing_plan_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="financing_plan_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (closed_on, gap_explained, changed_by_id, changed_at)",
                            compiler="SELECT (id, region_id, structure_id, department_id, journey_id, opened_on, opened, closed_on, changed_by_id, changed_at)",
                            name="financing_plan_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="financing_plan_department",
                            period="opened",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="financing_plan_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "changed_by_id"),
                            name="financing_plan_changed_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("closed_on__isnull", True),
                                ("closed_on__gte", models.F("opened_on")),
                                _connector="OR",
                            ),
                            name="financing_plan_closed_after_opened",
                            violation_error_message="Un plan ne peut pas être bouclé avant son ouverture.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region", "id"), name="financing_plan_of"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "journey"),
                            name="financing_plan_once",
                            violation_error_message="Ce parcours a déjà son plan de financement.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlanCost",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="costs",
                            to="beneficiaries.financingplan",
                        ),
                    ),
                    (
                        "kind",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.costkind",
                            verbose_name="type de coût",
                        ),
                    ),
                    ("label", models.CharField(blank=True, max_length=120, verbose_name="libellé")),
                    (
                        "amount",
                        models.DecimalField(decimal_places=2, max_digits=9, verbose_name="montant"),
                    ),
                    ("is_withdrawn", models.BooleanField(default=False, verbose_name="retiré")),
                    (
                        "changed_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="changé par",
                        ),
                    ),
                    (
                        "changed_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="changé le"
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                ],
                options={
                    "verbose_name": "coût d’un plan",
                    "indexes": [models.Index(fields=["plan", "id"], name="plan_cost_of")],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="plan_cost_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="plan_cost_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (kind_id, label, amount, is_withdrawn, changed_by_id, changed_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, plan_id, kind_id, amount, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                            name="plan_cost_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "plan_id"),
                            name="plan_cost_plan",
                            to="beneficiaries.FinancingPlan",
                            to_columns=("structure_id", "region_id", "id"),
                            violation_error_message="Ce plan de financement n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "changed_by_id"),
                            name="plan_cost_changed_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("amount__gt", 0)),
                            name="plan_cost_amount",
                            violation_error_message="Un coût est un montant au-dessus de zéro.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="plan_cost_public_id"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "plan", "id"), name="plan_cost_in_plan"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="plan_cost_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlanFunding",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="fundings",
                            to="beneficiaries.financingplan",
                        ),
                    ),
                    (
                        "right",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.fundingright",
                            verbose_name="droit mobilisé",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("asked", "demandé"),
                                ("granted", "accordé"),
                                ("refused", "refusé"),
                            ],
                            default="asked",
                            max_length=7,
                            verbose_name="état",
                        ),
                    ),
                    (
                        "asked",
                        models.DecimalField(
                            decimal_places=2, max_digits=9, verbose_name="montant demandé"
                        ),
                    ),
                    (
                        "granted",
                        models.DecimalField(
                            decimal_places=2,
                            default=Decimal("0"),
                            max_digits=9,
                            verbose_name="montant accordé",
                        ),
                    ),
                    ("asked_on", models.DateField(verbose_name="demandé le")),
                    (
                        "asked_day",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    asked_on__isnull=False,
                                    then=models.Func(
                                        models.F("asked_on"),
                                        models.F("asked_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "decided_on",
                        models.DateField(blank=True, null=True, verbose_name="décidé le"),
                    ),
                    (
                        "document",
                        models.CharField(
                            blank=True, max_length=80, verbose_name="référence de la pièce"
                        ),
                    ),
                    ("is_withdrawn", models.BooleanField(default=False, verbose_name="retiré")),
                    (
                        "changed_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="changé par",
                        ),
                    ),
                    (
                        "changed_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="changé le"
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                ],
                options={
                    "verbose_name": "financement d’un plan",
                    "indexes": [
                        models.Index(fields=["plan", "id"], name="plan_funding_of"),
                        models.Index(
                            condition=models.Q(("decided_on__isnull", False)),
                            fields=["region", "decided_on"],
                            name="plan_funding_decided",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="plan_funding_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="plan_funding_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (right_id, state, asked, granted, asked_on, decided_on, document, is_withdrawn, changed_by_id, changed_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, plan_id, right_id, state, asked, granted, asked_on, asked_day, decided_on, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                            name="plan_funding_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "plan_id"),
                            name="plan_funding_plan",
                            to="beneficiaries.FinancingPlan",
                            to_columns=("structure_id", "region_id", "id"),
                            violation_error_message="Ce plan de financement n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "changed_by_id"),
                            name="plan_funding_changed_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("right_id",),
                            name="plan_funding_right",
                            period="asked_day",
                            to="operators.FundingRight",
                            to_columns=("code",),
                            to_period="valid",
                            violation_error_message="Ce droit n’existe pas à la date de la demande.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("asked__gt", 0)),
                            name="plan_funding_asked",
                            violation_error_message="Une demande est un montant au-dessus de zéro.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("granted__gte", 0), ("granted__lte", models.F("asked"))
                            ),
                            name="plan_funding_granted",
                            violation_error_message="Un financeur n’accorde pas plus que ce qui lui est demandé : corrigez l’un des deux montants.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("decided_on__isnull", True), ("granted", 0), ("state", "asked")
                                ),
                                models.Q(
                                    ("decided_on__isnull", False),
                                    ("granted__gt", 0),
                                    ("state", "granted"),
                                ),
                                models.Q(
                                    ("decided_on__isnull", False),
                                    ("granted", 0),
                                    ("state", "refused"),
                                ),
                                _connector="OR",
                            ),
                            name="plan_funding_answer",
                            violation_error_message="Une réponse a sa date, et un accord son montant ; une demande sans réponse n’a ni l’une ni l’autre.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("decided_on__isnull", True),
                                ("decided_on__gte", models.F("asked_on")),
                                _connector="OR",
                            ),
                            name="plan_funding_decided_after_asked",
                            violation_error_message="La réponse ne peut pas précéder la demande.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="plan_funding_public_id"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "plan", "id"), name="plan_funding_in_plan"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="plan_funding_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlanEvent",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="events",
                            to="beneficiaries.financingplan",
                        ),
                    ),
                    (
                        "act",
                        models.CharField(
                            choices=[
                                ("opened", "plan ouvert"),
                                ("added", "ligne ajoutée"),
                                ("changed", "ligne changée"),
                                ("withdrawn", "ligne retirée"),
                                ("joined", "pièce jointe"),
                                ("removed", "pièce retirée"),
                                ("closed", "plan bouclé"),
                                ("reopened", "plan repris"),
                            ],
                            max_length=9,
                            verbose_name="acte",
                        ),
                    ),
                    ("line", models.JSONField(verbose_name="ligne")),
                    (
                        "by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="par",
                        ),
                    ),
                    ("at", models.DateTimeField(verbose_name="le")),
                ],
                options={
                    "verbose_name": "étape d’un plan de financement",
                    "indexes": [models.Index(fields=["plan", "id"], name="plan_event_timeline")],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="plan_event_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="plan_event_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT",
                            compiler="SELECT (id, region_id, structure_id, plan_id, act, by_id, at)",
                            name="plan_event_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "plan_id"),
                            name="plan_event_plan",
                            to="beneficiaries.FinancingPlan",
                            to_columns=("structure_id", "region_id", "id"),
                            violation_error_message="Ce plan de financement n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "by_id"),
                            name="plan_event_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Referral",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui oriente",
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
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
                        ),
                    ),
                    (
                        "receiver",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui reçoit",
                        ),
                    ),
                    (
                        "receiver_region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région de la structure qui reçoit",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="referrals",
                            to="beneficiaries.journey",
                        ),
                    ),
                    (
                        "opened_journey",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.journey",
                            verbose_name="parcours ouvert",
                        ),
                    ),
                    (
                        "thread_number",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="numéro de fil"
                        ),
                    ),
                    (
                        "level",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.servicelevel",
                            verbose_name="niveau demandé",
                        ),
                    ),
                    (
                        "reason",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.reason",
                            verbose_name="motif",
                        ),
                    ),
                    (
                        "sent_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="envoyée par",
                        ),
                    ),
                    ("sent_on", models.DateField(verbose_name="envoyée le")),
                    (
                        "sent",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    sent_on__isnull=False,
                                    then=models.Func(
                                        models.F("sent_on"),
                                        models.F("sent_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    ("consented_on", models.DateField(verbose_name="accord de la personne le")),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("sent", "envoyée"),
                                ("opened", "ouverte"),
                                ("escalated", "sans réponse, signalée à la Région"),
                                ("accepted", "acceptée"),
                                ("received", "personne reçue"),
                                ("missed", "personne non venue"),
                                ("declined", "refusée"),
                                ("withdrawn", "retirée"),
                            ],
                            default="sent",
                            max_length=9,
                            verbose_name="état",
                        ),
                    ),
                    (
                        "state_since",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="depuis le"
                        ),
                    ),
                    ("reminded_on", models.DateField(null=True, verbose_name="relancée le")),
                    (
                        "decline_reason",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.declinereason",
                            verbose_name="motif de refus",
                        ),
                    ),
                    (
                        "received_by_link",
                        models.BooleanField(default=False, verbose_name="accueil dit par un lien"),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                ],
                options={
                    "verbose_name": "fiche de liaison",
                    "indexes": [
                        models.Index(
                            fields=["structure", "region", "-sent_on", "-id"], name="referral_sent"
                        ),
                        models.Index(
                            fields=["receiver", "receiver_region", "-sent_on", "-id"],
                            name="referral_to",
                        ),
                        models.Index(
                            condition=models.Q(
                                ("state__in", ["sent", "opened", "escalated", "accepted"])
                            ),
                            fields=["sent_on"],
                            name="referral_waiting",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (state, state_since, reminded_on, decline_reason_id, opened_journey_id, received_by_link)",
                            compiler="SELECT (id, public_id, region_id, structure_id, department_id, site_id, receiver_id, receiver_region_id, journey_id, opened_journey_id, thread_number, level_id, reason_id, sent_by_id, sent_on, sent, consented_on, state, state_since, reminded_on, decline_reason_id, received_by_link, idempotency_key)",
                            name="referral_grants",
                        ),
                        sprocep.tenancy.PartiesIsolation(
                            also="(state = 'escalated' AND (SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND (region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR receiver_region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]))) OR 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="referral_parties",
                        ),
                        sprocep.tenancy.SenderWriting(name="referral_sender"),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id", name="referral_region", to=("sprocep_compiler",)
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="referral_department",
                            period="sent",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="referral_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("receiver_id", "opened_journey_id"),
                            name="referral_opened_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="referral_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "sent_by_id"),
                            name="referral_sent_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("structure", models.F("receiver")), _negated=True),
                                models.Q(("region", models.F("receiver_region")), _negated=True),
                                _connector="OR",
                            ),
                            name="referral_to_another",
                            violation_error_message="Choisissez une autre structure que la vôtre.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("consented_on__lte", models.F("sent_on"))),
                            name="referral_consent_first",
                            violation_error_message="L’accord de la personne précède l’envoi de la fiche.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("decline_reason__isnull", False), ("state", "declined")),
                                models.Q(
                                    models.Q(("state", "declined"), _negated=True),
                                    ("decline_reason__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="referral_refused_with_reason",
                            violation_error_message="Donnez le motif du refus : il revient à la structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("opened_journey__isnull", False),
                                    ("received_by_link", False),
                                    ("state", "received"),
                                ),
                                models.Q(
                                    ("opened_journey__isnull", True),
                                    ("received_by_link", True),
                                    ("state", "received"),
                                ),
                                models.Q(
                                    models.Q(("state", "received"), _negated=True),
                                    ("opened_journey__isnull", True),
                                    ("received_by_link", False),
                                ),
                                _connector="OR",
                            ),
                            name="referral_received_in_a_journey",
                            violation_error_message="La personne est reçue par un premier entretien.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region", "receiver", "receiver_region", "id"),
                            name="referral_of_parties",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="referral_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="referral_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReferralPerson",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui oriente",
                        ),
                    ),
                    (
                        "receiver",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui reçoit",
                        ),
                    ),
                    (
                        "receiver_region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région de la structure qui reçoit",
                        ),
                    ),
                    (
                        "referral",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="persons",
                            to="beneficiaries.referral",
                            verbose_name="fiche",
                        ),
                    ),
                    ("fields", models.JSONField(verbose_name="champs partagés")),
                    (
                        "other_choice",
                        models.CharField(
                            blank=True, max_length=200, verbose_name="pourquoi une autre structure"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "personne d’une fiche de liaison",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, DELETE",
                            compiler="SELECT (id, region_id, structure_id, receiver_id, receiver_region_id, referral_id)",
                            name="referral_person_grants",
                        ),
                        sprocep.tenancy.PartiesIsolation(also="", name="referral_person_parties"),
                        sprocep.tenancy.SenderWriting(name="referral_person_sender"),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="referral_person_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=(
                                "structure_id",
                                "region_id",
                                "receiver_id",
                                "receiver_region_id",
                                "referral_id",
                            ),
                            name="referral_person_referral",
                            to="beneficiaries.Referral",
                            to_columns=(
                                "structure_id",
                                "region_id",
                                "receiver_id",
                                "receiver_region_id",
                                "id",
                            ),
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "referral"), name="referral_person_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReferralEvent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "referral",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="events",
                            to="beneficiaries.referral",
                            verbose_name="fiche",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("sent", "envoyée"),
                                ("opened", "ouverte"),
                                ("escalated", "sans réponse, signalée à la Région"),
                                ("accepted", "acceptée"),
                                ("received", "personne reçue"),
                                ("missed", "personne non venue"),
                                ("declined", "refusée"),
                                ("withdrawn", "retirée"),
                            ],
                            max_length=9,
                            verbose_name="état",
                        ),
                    ),
                    ("at", models.DateTimeField(verbose_name="le")),
                ],
                options={
                    "verbose_name": "étape d’une fiche de liaison",
                    "indexes": [
                        models.Index(fields=["referral", "id"], name="referral_event_timeline")
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT",
                            compiler="SELECT (id, referral_id, state, at)",
                            name="referral_event_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="(EXISTS (SELECT FROM beneficiaries_referral seen WHERE seen.id = referral_id)) AND pg_trigger_depth() > 0",
                            name="referral_event_of_referral",
                            restrictive=False,
                            to=("sprocep_app", "sprocep_compiler"),
                            using="EXISTS (SELECT FROM beneficiaries_referral seen WHERE seen.id = referral_id)",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReferralLink",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui oriente",
                        ),
                    ),
                    (
                        "receiver",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure qui reçoit",
                        ),
                    ),
                    (
                        "receiver_region",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région de la structure qui reçoit",
                        ),
                    ),
                    (
                        "referral",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="links",
                            to="beneficiaries.referral",
                            verbose_name="fiche",
                        ),
                    ),
                    ("address", models.CharField(max_length=254, verbose_name="à l’adresse")),
                    (
                        "made_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="écrit le"
                        ),
                    ),
                    (
                        "due_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="à envoyer à partir du"
                        ),
                    ),
                    ("sent_at", models.DateTimeField(null=True, verbose_name="envoyé le")),
                    (
                        "fingerprint",
                        models.BinaryField(
                            max_length=32, null=True, verbose_name="empreinte du lien"
                        ),
                    ),
                    ("expires_at", models.DateTimeField(null=True, verbose_name="expire le")),
                    ("used_at", models.DateTimeField(null=True, verbose_name="utilisé le")),
                    ("lost_at", models.DateTimeField(null=True, verbose_name="revenu le")),
                ],
                options={
                    "verbose_name": "lien vers une fiche de liaison",
                    "indexes": [
                        models.Index(fields=["fingerprint"], name="referral_link_by_fingerprint"),
                        models.Index(
                            condition=models.Q(("sent_at__isnull", True)),
                            fields=["due_at"],
                            name="referral_link_to_send",
                        ),
                        models.Index(
                            fields=["referral", "made_at"], name="referral_link_of_referral"
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (due_at, sent_at, fingerprint, expires_at, used_at, lost_at)",
                            compiler="SELECT (id, region_id, structure_id, receiver_id, receiver_region_id, referral_id, made_at, due_at, sent_at, expires_at, used_at, lost_at)",
                            name="referral_link_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check=None,
                            name="referral_link_shown",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) OR fingerprint = (SELECT decode(nullif(current_setting('sprocep.presented', true), ''), 'hex'))",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="referral_link_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=(
                                "structure_id",
                                "region_id",
                                "receiver_id",
                                "receiver_region_id",
                                "referral_id",
                            ),
                            name="referral_link_referral",
                            to="beneficiaries.Referral",
                            to_columns=(
                                "structure_id",
                                "region_id",
                                "receiver_id",
                                "receiver_region_id",
                                "id",
                            ),
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("expires_at__isnull", True), ("fingerprint__isnull", True)
                                ),
                                models.Q(
                                    ("expires_at__gt", models.F("sent_at")),
                                    ("fingerprint__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="referral_link_drawn_as_it_leaves",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("used_at__isnull", True),
                                ("used_at__lt", models.F("expires_at")),
                                _connector="OR",
                            ),
                            name="referral_link_used_in_time",
                            violation_error_message="Ce lien n’ouvre plus rien. Demandez-en un autre.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("lost_at__isnull", True),
                                models.Q(
                                    ("fingerprint__isnull", True),
                                    ("sent_at__isnull", False),
                                    ("used_at__isnull", True),
                                ),
                                _connector="OR",
                            ),
                            name="referral_link_lost_opens_nothing",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "fingerprint"), name="referral_link_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Merge",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "kept",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.beneficiary",
                            verbose_name="fiche gardée",
                        ),
                    ),
                    (
                        "aside",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.beneficiary",
                            verbose_name="fiche mise de côté",
                        ),
                    ),
                    (
                        "replaced",
                        models.JSONField(
                            encoder=django.core.serializers.json.DjangoJSONEncoder,
                            verbose_name="valeurs remplacées",
                        ),
                    ),
                    (
                        "merged_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="réunies par",
                        ),
                    ),
                    (
                        "merged_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="réunies le"),
                    ),
                    (
                        "separated_by",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="séparées par",
                        ),
                    ),
                    ("separated_at", models.DateTimeField(null=True, verbose_name="séparées le")),
                ],
                options={
                    "verbose_name": "réunion de fiches",
                    "indexes": [
                        models.Index(
                            condition=models.Q(("separated_at__isnull", True)),
                            fields=["structure", "kept"],
                            name="merge_of_kept",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="merge_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="merge_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (separated_by_id, separated_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, kept_id, aside_id, merged_by_id, merged_at, separated_by_id, separated_at)",
                            name="merge_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "kept_id"),
                            name="merge_kept",
                            to="beneficiaries.Beneficiary",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas connue de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "aside_id"),
                            name="merge_aside",
                            to="beneficiaries.Beneficiary",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas connue de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "merged_by_id"),
                            name="merge_merged_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "separated_by_id"),
                            name="merge_separated_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kept", models.F("aside")), _negated=True),
                            name="merge_of_two",
                            violation_error_message="Une fiche se réunit avec une autre. Choisissez-en une.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("separated_at__isnull", True), ("separated_by__isnull", True)
                                ),
                                models.Q(
                                    ("separated_at__isnull", False), ("separated_by__isnull", False)
                                ),
                                _connector="OR",
                            ),
                            name="merge_separation_is_whole",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("separated_at__isnull", True)),
                            fields=("structure", "aside"),
                            name="merge_once",
                            violation_error_message="Cette fiche est déjà réunie à une autre.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlanPaper",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="papers",
                            to="beneficiaries.financingplan",
                        ),
                    ),
                    (
                        "cost",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="papers",
                            to="beneficiaries.plancost",
                            verbose_name="coût",
                        ),
                    ),
                    (
                        "funding",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="papers",
                            to="beneficiaries.planfunding",
                            verbose_name="financement",
                        ),
                    ),
                    ("label", models.CharField(max_length=120, verbose_name="libellé")),
                    (
                        "kind",
                        models.CharField(
                            choices=[("pdf", "PDF"), ("jpg", "image JPEG"), ("png", "image PNG")],
                            max_length=4,
                            verbose_name="sorte de fichier",
                        ),
                    ),
                    ("size", models.PositiveIntegerField(verbose_name="taille en octets")),
                    ("digest", models.BinaryField(max_length=32, verbose_name="empreinte SHA-256")),
                    ("content", models.BinaryField(null=True, verbose_name="contenu")),
                    ("is_withdrawn", models.BooleanField(default=False, verbose_name="retirée")),
                    (
                        "changed_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="changé par",
                        ),
                    ),
                    (
                        "changed_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="changé le"
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                ],
                options={
                    "verbose_name": "pièce d’un plan",
                    "indexes": [models.Index(fields=["plan", "id"], name="plan_paper_of")],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="plan_paper_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="plan_paper_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (content, is_withdrawn, changed_by_id, changed_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, plan_id, cost_id, funding_id, kind, size, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                            name="plan_paper_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "plan_id"),
                            name="plan_paper_plan",
                            to="beneficiaries.FinancingPlan",
                            to_columns=("structure_id", "region_id", "id"),
                            violation_error_message="Ce plan de financement n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "plan_id", "cost_id"),
                            name="plan_paper_cost",
                            to="beneficiaries.PlanCost",
                            to_columns=("structure_id", "plan_id", "id"),
                            violation_error_message="Cette ligne n’est pas de ce plan. Choisissez-en une de la liste.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "plan_id", "funding_id"),
                            name="plan_paper_funding",
                            to="beneficiaries.PlanFunding",
                            to_columns=("structure_id", "plan_id", "id"),
                            violation_error_message="Cette ligne n’est pas de ce plan. Choisissez-en une de la liste.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "changed_by_id"),
                            name="plan_paper_changed_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("cost__isnull", True), ("funding__isnull", True), _connector="OR"
                            ),
                            name="plan_paper_one_line",
                            violation_error_message="Une pièce est du plan, ou d’une seule de ses lignes.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["pdf", "jpg", "png"])),
                            name="plan_paper_kind",
                            violation_error_message="Une pièce est un PDF, ou une image JPEG ou PNG.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("size__gt", 0), ("size__lte", 4194304)),
                            name="plan_paper_size",
                            violation_error_message="Une pièce fait 4 Mo au plus, et n’est pas vide.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("content__isnull", True),
                                models.Q(
                                    ("digest", models.Func(models.F("content"), function="sha256")),
                                    (
                                        "size",
                                        models.Func(models.F("content"), function="octet_length"),
                                    ),
                                ),
                                _connector="OR",
                            ),
                            name="plan_paper_whole",
                            violation_error_message="Cette pièce est arrivée abîmée. Joignez-la de nouveau.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("content__isnull", True), ("is_withdrawn", True)),
                                models.Q(("content__isnull", False), ("is_withdrawn", False)),
                                _connector="OR",
                            ),
                            name="plan_paper_withdrawn_is_gone",
                            violation_error_message="Une pièce retirée n’a plus de contenu, et elle seule.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="plan_paper_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("is_withdrawn", False)),
                            fields=("structure", "plan", "digest"),
                            name="plan_paper_once",
                            violation_error_message="Ce fichier est déjà joint à ce plan : voyez la liste de ses pièces.",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="plan_paper_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SavedView",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "owner",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="gardée par",
                        ),
                    ),
                    ("name", models.CharField(max_length=40, verbose_name="nom de la vue")),
                    ("query", models.CharField(max_length=300, verbose_name="filtres")),
                ],
                options={
                    "verbose_name": "vue gardée",
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="saved_view_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="saved_view_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (query), DELETE",
                            compiler="SELECT (id, public_id, region_id, structure_id, owner_id, query)",
                            name="saved_view_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "owner_id"),
                            name="saved_view_owner",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "owner", "name"), name="saved_view_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Session",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="sessions",
                            to="beneficiaries.journey",
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
                        "category",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.operatorcategory",
                            verbose_name="catégorie d’opérateur",
                        ),
                    ),
                    (
                        "max_rank",
                        models.PositiveSmallIntegerField(
                            verbose_name="niveau le plus élevé de l’opérateur"
                        ),
                    ),
                    (
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
                        ),
                    ),
                    (
                        "adviser",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="conseiller ou conseillère",
                        ),
                    ),
                    ("held_on", models.DateField(verbose_name="date")),
                    (
                        "held",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    held_on__isnull=False,
                                    then=models.Func(
                                        models.F("held_on"),
                                        models.F("held_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "channel",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.channel",
                            verbose_name="canal",
                        ),
                    ),
                    (
                        "level",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.servicelevel",
                            verbose_name="niveau de service",
                        ),
                    ),
                    ("rank", models.PositiveSmallIntegerField(verbose_name="rang du niveau")),
                    ("is_collective", models.BooleanField(default=False, verbose_name="collectif")),
                    (
                        "minutes",
                        models.PositiveSmallIntegerField(
                            blank=True, null=True, verbose_name="durée en minutes"
                        ),
                    ),
                    (
                        "next_on",
                        models.DateField(
                            blank=True, null=True, verbose_name="prochain rendez-vous"
                        ),
                    ),
                    ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                    (
                        "recorded_at",
                        models.DateTimeField(auto_now_add=True, verbose_name="enregistré le"),
                    ),
                    ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                ],
                options={
                    "verbose_name": "entretien",
                    "indexes": [
                        models.Index(
                            fields=["journey", "held_on", "id"],
                            include=("region", "level", "rank"),
                            name="session_timeline",
                        ),
                        models.Index(fields=["region", "held_on"], name="session_region_day"),
                        models.Index(
                            condition=models.Q(("next_on__isnull", False)),
                            fields=["journey", "next_on"],
                            name="session_next",
                        ),
                        models.Index(
                            fields=["structure", "adviser", "-held_on", "-id"],
                            include=("region", "channel"),
                            name="session_last_of",
                        ),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="session_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="session_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE, DELETE",
                            compiler="SELECT (id, public_id, region_id, structure_id, journey_id, department_id, category_id, max_rank, site_id, adviser_id, held_on, held, channel_id, level_id, rank, is_collective, minutes, next_on, idempotency_key, recorded_at, updated_at)",
                            name="session_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="session_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="session_department",
                            period="held",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "category_id", "max_rank"),
                            name="session_operator",
                            period="held",
                            to="operators.Operator",
                            to_columns=("structure_id", "category_id", "max_rank"),
                            to_period="valid",
                            violation_error_message="Votre structure n’est pas opérateur du CEP à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("level_id", "rank"),
                            name="session_level",
                            period="held",
                            to="operators.ServiceLevel",
                            to_columns=("code", "rank"),
                            to_period="valid",
                            violation_error_message="Ce niveau de service n’est pas en vigueur à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="session_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "adviser_id"),
                            name="session_adviser",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("rank__lte", models.F("max_rank"))),
                            name="session_rank_allowed",
                            violation_error_message="Votre structure n’est pas habilitée à ce niveau de service.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("minutes__isnull", True),
                                models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                                _connector="OR",
                            ),
                            name="session_minutes",
                            violation_error_message="La durée va de 1 à 600 minutes.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("next_on__isnull", True),
                                ("next_on__gt", models.F("held_on")),
                                _connector="OR",
                            ),
                            name="session_next_comes_after",
                            violation_error_message="Le prochain rendez-vous vient après l’entretien.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region", "id"), name="session_of_structure"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="session_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SessionService",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "session",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="services",
                            to="beneficiaries.session",
                        ),
                    ),
                    (
                        "service",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.service",
                            verbose_name="service",
                        ),
                    ),
                    ("position", models.PositiveSmallIntegerField(default=0, verbose_name="rang")),
                ],
                options={
                    "verbose_name": "service mobilisé",
                    "indexes": [
                        models.Index(
                            fields=["session"],
                            include=("region", "service"),
                            name="session_service_session_idx",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="session_service_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="session_service_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE, DELETE",
                            compiler="SELECT (id, region_id, structure_id, session_id, service_id, position)",
                            name="session_service_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "session_id"),
                            name="session_service_session",
                            to="beneficiaries.Session",
                            to_columns=("structure_id", "region_id", "id"),
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "session", "service"), name="session_service_once"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SituationChange",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="situation_changes",
                            to="beneficiaries.journey",
                        ),
                    ),
                    (
                        "situation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.situation",
                            verbose_name="situation",
                        ),
                    ),
                    ("starts_on", models.DateField(verbose_name="depuis le")),
                    (
                        "noted_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="notée par",
                        ),
                    ),
                    (
                        "noted_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="notée le"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "changement de situation",
                    "indexes": [
                        models.Index(
                            fields=["journey", "starts_on"], name="situation_change_of_journey"
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="situation_change_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="situation_change_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (situation_id, noted_by_id, noted_at)",
                            compiler="SELECT (id, region_id, structure_id, journey_id, situation_id, starts_on, noted_by_id, noted_at)",
                            name="situation_change_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="situation_change_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "noted_by_id"),
                            name="situation_change_noted_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "journey", "starts_on"),
                            name="situation_change_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SurveyResult",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "survey",
                        models.CharField(
                            choices=[
                                ("six_months", "résultats à six mois"),
                                ("session", "avis après un entretien"),
                                ("advisers", "avis des conseillers après un entretien"),
                                ("dropouts", "parcours des décrocheurs"),
                            ],
                            max_length=10,
                            verbose_name="enquête",
                        ),
                    ),
                    ("period", models.CharField(max_length=7, verbose_name="trimestre")),
                    ("territory", models.CharField(max_length=2, verbose_name="territoire")),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    ("threshold", models.PositiveSmallIntegerField(verbose_name="seuil")),
                    (
                        "asked",
                        models.PositiveIntegerField(
                            null=True, verbose_name="personnes interrogées"
                        ),
                    ),
                    ("answered", models.PositiveIntegerField(null=True, verbose_name="réponses")),
                    ("counts", models.JSONField(null=True, verbose_name="effectifs")),
                    ("published_on", models.DateField(verbose_name="publié le")),
                ],
                options={
                    "verbose_name": "résultat d’enquête",
                    "constraints": [
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="survey_result_read",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="territory = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[]) AND ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') OR structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]))",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="territory",
                            name="survey_result_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT",
                            compiler="SELECT (id, survey, period, territory, structure_id, threshold, asked, answered, counts, published_on)",
                            name="survey_result_grants",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("answered__isnull", True),
                                    ("asked__isnull", True),
                                    ("counts__isnull", True),
                                ),
                                models.Q(
                                    ("answered__gte", models.F("threshold")),
                                    ("answered__isnull", False),
                                    ("counts__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="survey_result_above_threshold",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("asked__isnull", True),
                                ("asked__gte", models.F("answered")),
                                _connector="OR",
                            ),
                            name="survey_result_asked",
                        ),
                        models.UniqueConstraint(
                            fields=("territory", "structure", "survey", "period"),
                            name="survey_result_once",
                            nulls_distinct=False,
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Webhook",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    ("url", models.CharField(max_length=300, verbose_name="adresse")),
                    (
                        "drawn",
                        models.UUIDField(
                            default=uuid.uuid4, editable=False, verbose_name="tirage du secret"
                        ),
                    ),
                    (
                        "set_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="donnée par",
                        ),
                    ),
                    (
                        "set_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="donnée le"
                        ),
                    ),
                    ("ended_at", models.DateTimeField(null=True, verbose_name="retirée le")),
                ],
                options={
                    "verbose_name": "adresse d’avertissement",
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (ended_at)",
                            compiler="SELECT (id, region_id, structure_id, set_by_id, set_at, ended_at)",
                            name="webhook_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="webhook_of_structure",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id", name="webhook_region", to=("sprocep_compiler",)
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "set_by_id"),
                            name="webhook_set_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "id"), name="webhook_of_its_structure"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("ended_at__isnull", True)),
                            fields=("structure", "region"),
                            name="webhook_one_in_force",
                            violation_error_message="Votre structure a déjà une adresse : rechargez la page.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="WebhookEvent",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "webhook",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.webhook",
                            verbose_name="adresse",
                        ),
                    ),
                    (
                        "referral",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="beneficiaries.referral",
                            verbose_name="fiche",
                        ),
                    ),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("sent", "envoyée"),
                                ("opened", "ouverte"),
                                ("escalated", "sans réponse, signalée à la Région"),
                                ("accepted", "acceptée"),
                                ("received", "personne reçue"),
                                ("missed", "personne non venue"),
                                ("declined", "refusée"),
                                ("withdrawn", "retirée"),
                            ],
                            max_length=9,
                            verbose_name="état",
                        ),
                    ),
                    ("at", models.DateTimeField(verbose_name="le")),
                    ("sequence", models.PositiveSmallIntegerField(verbose_name="rang de l’étape")),
                    (
                        "made_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="écrit le"
                        ),
                    ),
                    (
                        "due_at",
                        models.DateTimeField(
                            default=django.utils.timezone.now, verbose_name="à envoyer à partir du"
                        ),
                    ),
                    ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                    ("cause", models.CharField(blank=True, max_length=200, verbose_name="cause")),
                    ("sent_at", models.DateTimeField(null=True, verbose_name="reçu le")),
                    ("given_up_at", models.DateTimeField(null=True, verbose_name="abandonné le")),
                ],
                options={
                    "verbose_name": "avertissement",
                    "indexes": [
                        models.Index(
                            condition=models.Q(
                                ("given_up_at__isnull", True), ("sent_at__isnull", True)
                            ),
                            fields=["due_at"],
                            name="webhook_event_to_send",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE (due_at, tries, cause, sent_at, given_up_at)",
                            compiler="SELECT (id, public_id, region_id, structure_id, webhook_id, referral_id, state, at, sequence, made_at, due_at, tries, sent_at, given_up_at)",
                            name="webhook_event_grants",
                        ),
                        sprocep.tenancy.RowPolicy(
                            check="'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                            name="webhook_event_of_structure",
                            restrictive=False,
                            to=("sprocep_app",),
                            using="(structure_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.structures', true), ',') END)::bigint[]) AND region_id = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])) OR 'FR' = ANY ((SELECT CASE WHEN scope_is_proven() THEN string_to_array(current_setting('sprocep.regions', true), ',') END)::text[])",
                        ),
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="webhook_event_region",
                            to=("sprocep_compiler",),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "webhook_id"),
                            name="webhook_event_webhook",
                            to="beneficiaries.Webhook",
                            to_columns=("structure_id", "id"),
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("sent_at__isnull", True),
                                ("given_up_at__isnull", True),
                                _connector="OR",
                            ),
                            name="webhook_event_one_end",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "webhook", "referral", "sequence"),
                            name="webhook_event_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Workshop",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
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
                        "site",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.site",
                            verbose_name="lieu d’accueil",
                        ),
                    ),
                    (
                        "animator",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="animé par",
                        ),
                    ),
                    ("held_on", models.DateField(verbose_name="date")),
                    (
                        "held",
                        models.GeneratedField(
                            db_persist=True,
                            expression=models.Case(
                                models.When(
                                    held_on__isnull=False,
                                    then=models.Func(
                                        models.F("held_on"),
                                        models.F("held_on"),
                                        models.Value("[]"),
                                        function="daterange",
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    ),
                                )
                            ),
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(
                                null=True
                            ),
                        ),
                    ),
                    (
                        "channel",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.channel",
                            verbose_name="canal",
                        ),
                    ),
                    (
                        "theme",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="operators.theme",
                            verbose_name="thème",
                        ),
                    ),
                    (
                        "title",
                        models.CharField(blank=True, max_length=120, verbose_name="intitulé"),
                    ),
                    ("minutes", models.PositiveSmallIntegerField(verbose_name="durée en minutes")),
                    ("heads", models.PositiveSmallIntegerField(verbose_name="nombre de personnes")),
                    (
                        "cancelled_at",
                        models.DateTimeField(blank=True, null=True, verbose_name="annulé le"),
                    ),
                    (
                        "cancelled_by",
                        models.ForeignKey(
                            blank=True,
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.membership",
                            verbose_name="annulé par",
                        ),
                    ),
                    (
                        "cancel_reason",
                        models.CharField(
                            blank=True, max_length=200, verbose_name="motif d’annulation"
                        ),
                    ),
                    (
                        "idempotency_key",
                        models.UUIDField(editable=False, null=True, verbose_name="clé d’envoi"),
                    ),
                    ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                ],
                options={
                    "verbose_name": "atelier",
                    "indexes": [
                        models.Index(
                            fields=["structure", "region", "-held_on", "-id"],
                            name="workshop_newest",
                        )
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="workshop_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="workshop_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, UPDATE",
                            compiler="SELECT (id, public_id, region_id, structure_id, department_id, site_id, animator_id, held_on, held, channel_id, theme_id, minutes, heads, cancelled_at, cancelled_by_id, idempotency_key, updated_at)",
                            name="workshop_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("department_id", "region_id"),
                            name="workshop_department",
                            period="held",
                            to="regions.DepartmentRegion",
                            to_columns=("department_id", "region_id"),
                            to_period="valid",
                            violation_error_message="Ce département n’est pas de cette Région à cette date.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "site_id"),
                            name="workshop_site",
                            to="regions.Site",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce lieu d’accueil n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "animator_id"),
                            name="workshop_animator",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "cancelled_by_id"),
                            name="workshop_cancelled_by",
                            to="regions.Membership",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Cette personne n’est pas de votre structure.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                            name="workshop_minutes",
                            violation_error_message="La durée va de 1 à 600 minutes.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("heads__gte", 1), ("heads__lte", 500)),
                            name="workshop_heads",
                            violation_error_message="Un atelier compte de 1 à 500 personnes.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(
                                    ("cancel_reason", ""),
                                    ("cancelled_at__isnull", True),
                                    ("cancelled_by__isnull", True),
                                ),
                                models.Q(
                                    ("cancelled_at__isnull", False),
                                    ("cancelled_by__isnull", False),
                                    models.Q(("cancel_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="workshop_cancelled_with_reason",
                            violation_error_message="Dites pourquoi l’atelier est annulé.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "region", "id"), name="workshop_of_structure"
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "public_id"), name="workshop_public_id"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("idempotency_key__isnull", False)),
                            fields=("structure", "idempotency_key"),
                            name="workshop_sent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="WorkshopParticipant",
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
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.region",
                            verbose_name="Région",
                        ),
                    ),
                    (
                        "structure",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="regions.structure",
                            verbose_name="structure",
                        ),
                    ),
                    (
                        "workshop",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="participants",
                            to="beneficiaries.workshop",
                        ),
                    ),
                    (
                        "journey",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="beneficiaries.journey",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "participant d’un atelier",
                    "indexes": [
                        models.Index(fields=["workshop"], name="workshop_participant_idx"),
                        models.Index(fields=["journey"], name="workshop_of_journey_idx"),
                    ],
                    "constraints": [
                        sprocep.tenancy.RegionIsolation(
                            column="region_id",
                            name="workshop_participant_region",
                            to=("sprocep_app", "sprocep_compiler"),
                        ),
                        sprocep.tenancy.NominalIsolation(
                            column="structure_id", name="workshop_participant_structure"
                        ),
                        sprocep.tenancy.Grants(
                            app="SELECT, INSERT, DELETE",
                            compiler="SELECT (id, region_id, structure_id, workshop_id, journey_id)",
                            name="workshop_participant_grants",
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "region_id", "workshop_id"),
                            name="workshop_participant_workshop",
                            to="beneficiaries.Workshop",
                            to_columns=("structure_id", "region_id", "id"),
                        ),
                        sprocep.constraints.CompositeKey(
                            columns=("structure_id", "journey_id"),
                            name="workshop_participant_journey",
                            to="beneficiaries.Journey",
                            to_columns=("structure_id", "id"),
                            violation_error_message="Ce parcours n’est pas de votre structure.",
                        ),
                        models.UniqueConstraint(
                            fields=("structure", "workshop", "journey"),
                            name="workshop_participant_once",
                        ),
                    ],
                },
            ),
        ),
        *(migrations.RunSQL((SQL / f"{subject}.sql").read_text("utf-8")) for subject in SUBJECTS),
    ]
