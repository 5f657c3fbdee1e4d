"""k = 11 from the first day: the national rule, a dated row that the DGEFP may change."""

from datetime import date

from django.db import migrations


def set_threshold(apps, schema_editor) -> None:
    threshold = apps.get_model("indicators", "SecrecyThreshold")
    threshold.objects.using(schema_editor.connection.alias).create(k=11, starts_on=date(2015, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_rollup_marks")]
    operations = [migrations.RunPython(set_threshold, migrations.RunPython.noop)]
