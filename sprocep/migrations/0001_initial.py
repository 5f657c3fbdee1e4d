"""What stands before every table: extensions, rights by default, functions of the kernel's rules."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
SUBJECTS = ("ground", "national_writing", "state_moves")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    run_before = [
        ("contenttypes", "0001_initial"),
        ("auth", "0001_initial"),
        ("axes", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL((SQL / f"{subject}.sql").read_text("utf-8")) for subject in SUBJECTS
    ]
