"""What a person types to read her own journey: her code, then the digits sent to her."""

from django import forms

from beneficiaries.forms.fields import PersonCodeField


class AccessCodeForm(forms.Form):
    code = PersonCodeField(
        label="Votre code",
        max_length=60,
        help_text="Cinq groupes de quatre signes, sur le papier remis par votre conseil.",
        error_messages={
            "required": "Recopiez le code qui vous a été remis.",
            "misread": "Ce code est mal recopié : il compte cinq groupes de quatre signes. "
            "Relisez-les sur le papier.",
        },
    )


class FactorForm(forms.Form):
    digits = forms.RegexField(
        label="Les six chiffres reçus",
        regex=r"^\d{6}$",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={
            "required": "Recopiez les six chiffres que vous avez reçus.",
            "invalid": "Ce sont six chiffres : relisez le message.",
        },
    )
