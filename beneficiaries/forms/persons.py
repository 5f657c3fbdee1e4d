"""Who the person is: only the names are mandatory, each other field says why it is asked."""

from django import forms

from beneficiaries.entries import Identity, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import (
    BirthDayField,
    CodeField,
    CommuneField,
    NoteField,
    PhoneField,
    PlainField,
)
from beneficiaries.models import Beneficiary


class IdentityForm(CodeForm):
    last_name = PlainField(label="Nom d’usage", max_length=80)
    first_name = PlainField(label="Premier prénom", max_length=80)
    birth_date = BirthDayField(
        label="Date de naissance",
        required=False,
        help_text="Exemple : 12/03/1985. Elle donne la tranche d’âge et évite de compter deux fois "
        "une même personne.",
    )
    sex = CodeField(
        "sex",
        label="Sexe",
        widget=forms.RadioSelect,
        initial="NR",
        help_text="Pour les indicateurs d’égalité.",
    )
    birth_name = PlainField(
        label="Nom de naissance",
        max_length=80,
        required=False,
        help_text="S’il diffère du nom d’usage : il évite de compter la personne deux fois.",
    )
    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        required=False,
        help_text="Pour reprendre contact.",
    )
    phone = PhoneField(label="Téléphone", help_text="Pour reprendre contact.")
    commune = CommuneField(
        label="Commune de résidence",
        help_text="Nom ou code postal. Dit seulement si la personne vit en zone rurale ou urbaine.",
    )

    def identity(self) -> Identity:
        return Identity(**filled(Identity, self.cleaned_data))


class BeneficiaryForm(IdentityForm):
    """The whole file of a person, to be corrected; `seen` marks the one that was read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    file_note = NoteField(
        label="Note",
        max_length=500,
        help_text="Lue par votre structure seule. Pas de donnée de santé, pas de numéro de "
        "sécurité sociale.",
    )

    @staticmethod
    def typed(person: Beneficiary) -> dict:
        names = ("last_name", "first_name", "birth_name", "birth_date", "email", "phone")
        values = {name: getattr(person, name) for name in names}
        return values | {
            "sex": person.sex_id,
            "file_note": person.note,
            "commune": person.commune,
            "seen": person.mark,
        }
