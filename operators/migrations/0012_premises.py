"""How a place receives: neutral or not, how one gets in, what it has; said by its structure."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import sprocep.constraints
import sprocep.tenancy

# The rule of opening hours (0005): a place of the Region.
OF_THE_REGION = """
CREATE TRIGGER premises_place BEFORE INSERT OR UPDATE ON operators_premises
  FOR EACH ROW EXECUTE FUNCTION opening_hours_place();
"""
OF_ANY = "DROP TRIGGER premises_place ON operators_premises"


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0011_recruiting_trades"),
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
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
                    "is_neutral",
                    models.BooleanField(blank=True, null=True, verbose_name="lieu neutre"),
                ),
                (
                    "is_step_free",
                    models.BooleanField(blank=True, null=True, verbose_name="entrée sans marche"),
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
                    models.URLField(blank=True, max_length=300, verbose_name="page d'acceslibre"),
                ),
                ("said_on", models.DateField(verbose_name="dit le")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
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
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "conditions d'accueil d'un lieu",
                "constraints": [
                    sprocep.tenancy.Grants(
                        app="SELECT, INSERT, UPDATE (region_id, is_neutral, is_step_free, comforts, address, said_on)",
                        compiler="",
                        name="premises_grants",
                    ),
                    sprocep.tenancy.RowPolicy(
                        check="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[]) AND (structure_id = ANY ((SELECT string_to_array(current_setting('sprocep.structures', true), ','))::bigint[]) OR ((SELECT coalesce(current_setting('sprocep.structures', true), '') = '' AND coalesce(current_setting('sprocep.network', true), '') = '') AND NOT 'FR' = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])))",
                        name="premises_region",
                        restrictive=False,
                        to=("sprocep_app",),
                        using="region_id = ANY ((SELECT string_to_array(current_setting('sprocep.regions', true), ','))::text[])",
                    ),
                    sprocep.constraints.CompositeKey(
                        columns=("structure_id", "site_id"),
                        name="premises_site",
                        to="regions.Site",
                        to_columns=("structure_id", "id"),
                        violation_error_message="Ce lieu d'accueil n'est pas de cette structure.",
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
                        violation_error_message="L'adresse commence par https://acceslibre.beta.gouv.fr/.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(OF_THE_REGION, OF_ANY),
    ]
