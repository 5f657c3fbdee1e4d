"""« Mes parcours » begins with the follow-ups of one adviser, not with all of her structure's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0004_follow_up_latest"),
        ("operators", "0001_initial"),
        ("regions", "0001_initial"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                fields=["structure", "referent", "journey"], name="follow_up_followed_by"
            ),
        ),
    ]
