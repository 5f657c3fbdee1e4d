import django.db.models.deletion
from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0036_exchange"),
        ("operators", "0014_individual_rights"),
        ("regions", "0009_structure_programs"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="step",
            name="step_grants",
        ),
        migrations.AddField(
            model_name="step",
            name="right",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="operators.individualright",
                verbose_name="droit mobilisé",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (what, actor, right_id, due_on, done_on, result, is_withdrawn, changed_by_id, changed_at)",
                compiler="SELECT (id, public_id, region_id, structure_id, journey_id, right_id, due_on, done_on, is_withdrawn, changed_by_id, changed_at, idempotency_key)",
                name="step_grants",
            ),
        ),
    ]
