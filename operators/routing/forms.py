"""What a structure says of how one of its places receives."""

from django import forms

from operators.models import Premises
from operators.models.premises import DIRECTORY
from regions.models import Site

_SAID = [("", "pas dit"), ("yes", "oui"), ("no", "non")]
_TRUTHS = {"yes": True, "no": False}


def _truth_field(label: str, help_text: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=_SAID,
        coerce=_TRUTHS.get,
        empty_value=None,
        required=False,
        help_text=help_text,
    )


class PremisesForm(forms.Form):
    is_neutral = _truth_field(
        "Lieu neutre",
        "Ni chez un employeur, ni là où la structure décide de droits ou d'une allocation : un "
        "espace qui préserve l'anonymat de qui vient.",
    )
    is_step_free = _truth_field(
        "Entrée sans marche", "De la rue au bureau où l'on reçoit, seul en fauteuil roulant."
    )
    comforts = forms.MultipleChoiceField(
        label="Aménagements",
        choices=Premises.Comfort,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    address = forms.URLField(
        label="Page d'acceslibre",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=f"Si le lieu y est décrit. Elle commence par {DIRECTORY}.",
    )

    def __init__(self, *args, site: Site, **kwargs) -> None:
        known = next(iter(site.premises.all()), None)
        words = {True: "yes", False: "no", None: ""}
        first = (
            {
                "is_neutral": words[known.is_neutral],
                "is_step_free": words[known.is_step_free],
                "comforts": known.comforts,
                "address": known.address,
            }
            if known
            else {}
        )
        super().__init__(*args, initial=first, **kwargs)

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"]
        if typed and not typed.startswith(DIRECTORY):
            raise forms.ValidationError(
                f"Collez l'adresse de la page du lieu : elle commence par {DIRECTORY}."
            )
        return typed
