"""What a structure says of how one of its places receives, and how to reach it."""

import re

from django import forms

from operators.models import Premises
from operators.models.premises import DIRECTORY, FREE_TO_CALL
from regions.models import Site

_SAID = [("", "non renseigné"), ("yes", "oui"), ("no", "non")]
_TRUTHS = {"yes": True, "no": False}
_TRUE_OR_FALSE = ("is_neutral", "is_step_free")
_REACHED_BY = {
    Premises.Remote.PHONE: ("phone", "Vous conseillez par téléphone : dites à quel numéro."),
    Premises.Remote.MAIL: ("mail", "Vous conseillez par courriel : dites à quelle adresse."),
    Premises.Remote.CHAT: ("web_page", "Vous conseillez par tchat : dites sur quelle page."),
}


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
        "Ni chez un employeur, ni là où la structure décide de droits ou d’une allocation : un "
        "espace qui préserve l’anonymat de qui vient.",
    )
    is_step_free = _truth_field(
        "Entrée sans marche", "De la rue au bureau où l’on reçoit, seul en fauteuil roulant."
    )
    comforts = forms.MultipleChoiceField(
        label="Aménagements",
        choices=Premises.Comfort,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    address = forms.URLField(
        label="Page d’acceslibre",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=f"Si le lieu y est décrit. Elle commence par {DIRECTORY}.",
    )
    remote = forms.MultipleChoiceField(
        label="On y conseille aussi à distance",
        choices=Premises.Remote,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    phone = forms.CharField(
        label="Téléphone",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel"}),
        help_text="Lu par tous. Gratuit ou au prix d’un appel ordinaire.",
    )
    mail = forms.EmailField(
        label="Courriel",
        required=False,
        max_length=254,
        help_text="Lu par tous : celui du lieu, pas d’une personne.",
    )
    web_page = forms.URLField(
        label="Page en ligne",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="Lue par tous : là où l’on écrit, ou prend rendez-vous.",
    )

    def __init__(self, *args, site: Site, **kwargs) -> None:
        known = next(iter(site.premises.all()), None)
        words = {True: "yes", False: "no", None: ""}
        first = {name: getattr(known, name) for name in self.base_fields} if known else {}
        first |= {name: words[first[name]] for name in _TRUE_OR_FALSE if name in first}
        super().__init__(*args, initial=first, **kwargs)

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"]
        if typed and not typed.startswith(DIRECTORY):
            raise forms.ValidationError(
                f"Collez l’adresse de la page du lieu : elle commence par {DIRECTORY}."
            )
        return typed

    def clean_phone(self) -> str:
        digits = re.sub(r"[\s.\-]", "", self.cleaned_data["phone"])
        digits = re.sub(r"^(\+|00)33", "0", digits)
        number = re.sub(r"(?<=\d)(?=(\d\d)+$)", " ", digits)
        if number and not re.fullmatch(FREE_TO_CALL, number):
            raise forms.ValidationError(
                "Écrivez dix chiffres, ou quatre : 04 90 12 34 56, 39 49. Les numéros en 081, 082 "
                "et 089 font payer la personne : donnez-en un autre."
            )
        return number

    def clean_web_page(self) -> str:
        typed = self.cleaned_data["web_page"]
        if typed and not typed.startswith("https://"):
            raise forms.ValidationError("Donnez une adresse qui commence par https://.")
        return typed

    def clean(self) -> None:
        ticked = self.cleaned_data.get("remote", [])
        for channel, (name, sentence) in _REACHED_BY.items():
            if channel in ticked and not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, sentence)
