import django.db.models.deletion
from django.db import migrations, models

import sprocep.tenancy

# Of the journeys of before, what they bear the mark of. Foreign keys are checked at once: a table
# with checks that wait takes no constraint.
OF_BEFORE = """
UPDATE beneficiaries_journey j SET arrival_id = 'V3'
  FROM beneficiaries_referral r
 WHERE r.opened_journey_id = j.id AND j.opened_on >= r.sent_on;
UPDATE beneficiaries_journey SET arrival_id = 'V4' WHERE contact_code_fingerprint IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0033_day_of_paris"),
        ("operators", "0010_arrival"),
        ("regions", "0008_day_of_paris"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="journey",
            name="journey_grants",
        ),
        migrations.AddField(
            model_name="journey",
            name="arrival",
            field=models.ForeignKey(
                db_index=False,
                default="NR",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="operators.arrival",
                verbose_name="venue",
            ),
        ),
        migrations.AddConstraint(
            model_name="journey",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE",
                compiler="SELECT (id, public_id, region_id, structure_id, department_id, category_id, beneficiary_id, came_from_id, requested_on, opened_on, opened, closed_on, closed, closed_region_id, closed_department_id, outcome_id, exit_situation_id, main_reason_id, sex_id, age, education_level_id, situation_id, socio_professional_category_id, sector_id, contract_type_id, residence_area_id, arrival_id, continues_id, thread_number, contact_code_fingerprint, idempotency_key, recorded_at, updated_at, may_be_asked, boeth_id)",
                name="journey_grants",
            ),
        ),
        migrations.RunSQL(OF_BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="journey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arrival", "V4"), ("contact_code_fingerprint__isnull", False)),
                    models.Q(
                        models.Q(("arrival", "V4"), _negated=True),
                        ("contact_code_fingerprint__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="journey_arrival_with_a_code",
            ),
        ),
    ]
