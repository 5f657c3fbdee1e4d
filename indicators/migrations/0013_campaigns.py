"""Opening a campaign is the compiler's: which returns are expected follows from the operators."""

from django.db import migrations

from sprocep.tenancy import Grants


class Migration(migrations.Migration):
    dependencies = [("indicators", "0012_regional_indicators")]

    operations = [
        migrations.RemoveConstraint(model_name="expectedreturn", name="expected_return_grants"),
        migrations.AddConstraint(
            model_name="expectedreturn",
            constraint=Grants(
                name="expected_return_grants",
                app="SELECT, UPDATE (received_at, received_by_id)",
                compiler="SELECT, INSERT",
            ),
        ),
    ]
