"""Regional indicators: their code says their Region, what is published stands; previews."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Concat

import sprocep.constraints
import sprocep.tenancy

# The columns that say when it stands or fell are all that may change once it is published.
STANDS = """
CREATE FUNCTION regional_indicator_stands() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF (NEW.id, NEW.region_id, NEW.code, NEW.version)
       IS NOT DISTINCT FROM (OLD.id, OLD.region_id, OLD.code, OLD.version) THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND
     to_jsonb(NEW) - ARRAY['state', 'ends_on', 'opinion', 'promoted_as']
     = to_jsonb(OLD) - ARRAY['state', 'ends_on', 'opinion', 'promoted_as'] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a published indicator stands'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'regional_indicator_stands';
END $$;
CREATE TRIGGER regional_indicator_stands BEFORE UPDATE OR DELETE ON indicators_regionalindicator
  FOR EACH ROW EXECUTE FUNCTION regional_indicator_stands();
"""
FALLS = """
DROP TRIGGER regional_indicator_stands ON indicators_regionalindicator;
DROP FUNCTION regional_indicator_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0011_chain_and_acts"),
        ("regions", "0004_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="regionalindicator", name="regional_indicator_code"),
        migrations.AddConstraint(
            model_name="regionalindicator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    code__startswith=Concat(models.Value("R"), "region", models.Value("."))
                ),
                name="regional_indicator_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="regionalindicator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("promoted_as__regex", "^[A-Q][0-9]{1,2}$"), ("state", "promoted")
                )
                | models.Q(models.Q(("state", "promoted"), _negated=True), ("promoted_as", "")),
                name="regional_indicator_promoted",
            ),
        ),
        migrations.AddConstraint(
            model_name="regionalindicator",
            constraint=models.UniqueConstraint(
                condition=models.Q(("promoted_as", ""), _negated=True),
                fields=("promoted_as",),
                name="regional_indicator_promoted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="regionalindicator",
            constraint=sprocep.constraints.StateMoves(
                name="regional_indicator_moves",
                born="draft",
                moves={
                    "draft": ["published"],
                    "published": ["promoted", "withdrawn"],
                    "withdrawn": [],
                    "promoted": [],
                },
                violation_error_message=(
                    "Cet indicateur a changé d'état entre-temps: rechargez la page."
                ),
            ),
        ),
        migrations.RunSQL(STANDS, FALLS),
        migrations.AlterField(
            model_name="work",
            name="step",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "calculer"),
                    (2, "protéger"),
                    (3, "mettre en fichiers"),
                    (4, "compter les remontées"),
                    (5, "recompter une case"),
                    (6, "estimer un indicateur régional"),
                ],
                verbose_name="étape",
            ),
        ),
        migrations.CreateModel(
            name="Preview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="indicators.regionalindicator",
                        verbose_name="indicateur",
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
                ("composition", models.JSONField(verbose_name="composition")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="fait le")),
                ("lines", models.JSONField(default=list, verbose_name="lignes")),
            ],
            options={"verbose_name": "aperçu", "ordering": ["-requested_at"]},
        ),
        migrations.AddIndex(
            model_name="preview",
            index=models.Index(fields=["region", "requested_at"], name="preview_newest"),
        ),
        migrations.AddConstraint(
            model_name="preview",
            constraint=sprocep.tenancy.RegionIsolation(name="preview_region", to=("sprocep_app",)),
        ),
        migrations.AddConstraint(
            model_name="preview",
            constraint=sprocep.tenancy.Grants(
                name="preview_grants",
                app="SELECT, INSERT, UPDATE (done_at, lines), DELETE",
            ),
        ),
    ]
