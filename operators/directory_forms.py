"""What anybody asks of « Où être reçu »."""

from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q

_NO_COMMUNE = "Écrivez les premières lettres de la commune, ou son code postal à cinq chiffres."


class DirectoryForm(forms.Form):
    """Where somebody lives, as she says it; the names of the fields are those of the address."""

    ou = forms.CharField(
        label="Commune ou code postal",
        max_length=80,
        error_messages={"required": "Écrivez le nom de votre commune, ou son code postal."},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        validators=[RegexValidator(r"^\s*(\d{5}\s*|\D*[^\W\d_]\D*)$", _NO_COMMUNE)],
    )
    commune = forms.CharField(required=False, max_length=5, widget=forms.HiddenInput)
    neutre = forms.BooleanField(label="Lieu neutre", required=False)
    plain_pied = forms.BooleanField(label="Entrée sans marche", required=False)
    a_distance = forms.BooleanField(label="Conseil à distance", required=False)

    @property
    def conditions(self) -> Q:
        """What is asked of the places, as a condition on `Site`; empty where nothing is."""
        asked = self.cleaned_data
        conditions = Q()
        if asked["neutre"]:
            conditions &= Q(premises__is_neutral=True)
        if asked["plain_pied"]:
            conditions &= Q(premises__is_step_free=True)
        if asked["a_distance"]:
            conditions &= Q(is_remote_platform=True) | Q(premises__remote__len__gt=0)
        return conditions
