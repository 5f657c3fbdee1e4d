"""What stands before every table: extensions, functions of the kernel's rules, proof of scopes."""

from pathlib import Path

from django.db import migrations, models

from sprocep.tenancy import Grants, keep_scope_key

SQL = Path(__file__).with_name("sql")
SUBJECTS = ("ground", "scope", "national_writing", "state_moves")


def keep_key(apps, schema_editor) -> None:
    keep_scope_key(schema_editor.connection.alias)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    run_before = [
        ("contenttypes", "0001_initial"),
        ("auth", "0001_initial"),
        ("axes", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="ScopeKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "inner_pad",
                    models.BinaryField(max_length=64, verbose_name="clé, forme intérieure"),
                ),
                (
                    "outer_pad",
                    models.BinaryField(max_length=64, verbose_name="clé, forme extérieure"),
                ),
            ],
            options={
                "verbose_name": "clé des portées",
                "constraints": [Grants(app="", compiler="", name="scope_key_grants")],
            },
        ),
        *(migrations.RunSQL((SQL / f"{subject}.sql").read_text("utf-8")) for subject in SUBJECTS),
        migrations.RunPython(keep_key),
    ]
