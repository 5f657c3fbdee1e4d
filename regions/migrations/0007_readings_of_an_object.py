"""Who opened pages of an object is told to whom it is about: found by the object."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0006_level1_only"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accessevent",
            index=models.Index(fields=["object_id"], name="access_event_object"),
        ),
    ]
