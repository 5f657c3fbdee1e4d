"""A link to a fiche goes by mail, or to a mobile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("beneficiaries", "0031_person_did_not_come"),
    ]

    operations = [
        migrations.RenameField(model_name="referrallink", old_name="email", new_name="address"),
        migrations.AlterField(
            model_name="referrallink",
            name="address",
            field=models.CharField(max_length=254, verbose_name="à l'adresse"),
        ),
    ]
