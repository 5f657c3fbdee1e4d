"""Indexes of the computation: journeys that lived in a period, and levels and services read without
their rows.
"""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0007_follow_up_once_on_texts")]

    operations = [
        migrations.RemoveIndex(model_name="session", name="session_timeline"),
        migrations.RemoveIndex(model_name="sessionservice", name="session_service_session_idx"),
        migrations.AddIndex(
            model_name="journey",
            index=models.Index(
                models.F("region"),
                models.Case(
                    models.When(closed_on__isnull=True, then=datetime.date(9999, 12, 31)),
                    default=models.F("closed_on"),
                ),
                models.F("opened_on"),
                name="journey_living",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                fields=["journey", "held_on", "id"],
                include=("region", "level", "rank"),
                name="session_timeline",
            ),
        ),
        migrations.AddIndex(
            model_name="sessionservice",
            index=models.Index(
                fields=["session"],
                include=("region", "service"),
                name="session_service_session_idx",
            ),
        ),
    ]
