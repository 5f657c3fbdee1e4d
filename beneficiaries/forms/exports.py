"""What a file of journeys is for: asked before it is made."""

from django import forms

from beneficiaries.actions.exports import REASONS


class ExportForm(forms.Form):
    reason = forms.ChoiceField(
        label="À quoi sert ce fichier",
        choices=[("", "Choisir"), *REASONS.items()],
        help_text="Noté dans les traces de la structure, avec le nombre de parcours.",
        error_messages={"required": "Dites à quoi sert ce fichier."},
    )
