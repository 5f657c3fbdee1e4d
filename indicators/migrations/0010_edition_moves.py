"""Which state of an edition follows which, whoever writes it."""

from django.db import migrations

from sprocep.constraints import StateMoves


class Migration(migrations.Migration):
    dependencies = [
        ("sprocep", "0003_state_moves"),
        ("indicators", "0009_provisional_editions"),
    ]
    operations = [
        migrations.AddConstraint(
            model_name="edition",
            constraint=StateMoves(
                name="edition_moves",
                born="draft",
                moves={
                    "draft": ["under_review"],
                    "under_review": ["validated"],
                    "validated": ["sealed", "under_review"],
                    "sealed": ["superseded", "transmitted"],
                    "transmitted": ["acknowledged", "superseded"],
                    "acknowledged": ["superseded"],
                    "superseded": [],
                },
                violation_error_message=(
                    "Cette édition a changé d'état entre-temps: rechargez la page pour voir ce "
                    "qui peut en être fait."
                ),
            ),
        ),
    ]
