from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0010_edition_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("chained_seal", ""), ("sealed_at__isnull", True)),
                    models.Q(
                        ("chained_seal__regex", "^[0-9a-f]{64}$"), ("sealed_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="edition_sealed_in_its_chain",
            ),
        ),
        migrations.AddConstraint(
            model_name="editionevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["sealed", "transmitted", "opened", "acknowledged", "superseded"],
                    )
                ),
                fields=("territory", "edition", "kind"),
                name="edition_event_once",
            ),
        ),
    ]
