"""How a place is reached, and counsels from afar; said by its structure, read by everybody."""

import django.contrib.postgres.fields
from django.db import migrations, models

import sprocep.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0014_individual_rights"),
        ("regions", "0010_returned_mail_and_epci"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="premises",
            name="premises_grants",
        ),
        migrations.AddField(
            model_name="premises",
            name="mail",
            field=models.EmailField(blank=True, max_length=254, verbose_name="courriel public"),
        ),
        migrations.AddField(
            model_name="premises",
            name="phone",
            field=models.CharField(blank=True, max_length=14, verbose_name="téléphone public"),
        ),
        migrations.AddField(
            model_name="premises",
            name="remote",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("TEL", "par téléphone"),
                        ("VIS", "par visioconférence"),
                        ("CHA", "par tchat"),
                        ("MEL", "par courriel"),
                    ],
                    max_length=3,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="conseil à distance",
            ),
        ),
        migrations.AddField(
            model_name="premises",
            name="web_page",
            field=models.URLField(blank=True, max_length=300, verbose_name="page en ligne"),
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=sprocep.tenancy.Grants(
                app="SELECT, INSERT, UPDATE (region_id, is_neutral, is_step_free, comforts, address, remote, phone, mail, web_page, said_on)",
                compiler="",
                name="premises_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=models.CheckConstraint(
                condition=models.Q(("remote__contained_by", ["TEL", "VIS", "CHA", "MEL"])),
                name="premises_remote",
                violation_error_message="Choisissez les canaux dans la liste.",
            ),
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("phone", ""),
                    ("phone__regex", "^(0[1-79]( \\d\\d){4}|08 0\\d( \\d\\d){3}|[13]\\d \\d\\d)$"),
                    _connector="OR",
                ),
                name="premises_phone",
                violation_error_message="Donnez un numéro qui ne fait pas payer la personne.",
            ),
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("web_page", ""), ("web_page__startswith", "https://"), _connector="OR"
                ),
                name="premises_web_page",
                violation_error_message="L'adresse commence par https://.",
            ),
        ),
        migrations.AddConstraint(
            model_name="premises",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("remote__contains", ["TEL"]), _negated=True),
                        models.Q(("phone", ""), _negated=True),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("remote__contains", ["MEL"]), _negated=True),
                        models.Q(("mail", ""), _negated=True),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("remote__contains", ["CHA"]), _negated=True),
                        models.Q(("web_page", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="premises_remote_reached",
                violation_error_message="Dites par où joindre chacun des canaux cochés.",
            ),
        ),
    ]
