"""Who the person is: only the names are mandatory, each other field says why it is asked."""

from django import forms

from beneficiaries.entries import Identity, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import CodeField, CommuneField, NoteField, TypedDayField, refuse_nir
from beneficiaries.models import Beneficiary


class IdentityForm(CodeForm):
    last_name = forms.CharField(label="Nom d'usage", max_length=80, validators=[refuse_nir])
    first_name = forms.CharField(label="Premier prénom", max_length=80, validators=[refuse_nir])
    birth_date = TypedDayField(
        label="Date de naissance",
        required=False,
        help_text="Exemple : 12/03/1985. Elle donne la tranche d'âge et évite de compter deux fois "
        "une même personne.",
    )
    sex = CodeField(
        "sex",
        label="Sexe",
        widget=forms.RadioSelect,
        initial="NR",
        help_text="Pour les indicateurs d'égalité.",
    )
    birth_name = forms.CharField(
        label="Nom de naissance",
        max_length=80,
        required=False,
        validators=[refuse_nir],
        help_text="S'il diffère du nom d'usage : il évite de compter la personne deux fois.",
    )
    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        required=False,
        help_text="Pour reprendre contact.",
    )
    phone = forms.RegexField(
        r"^\+?[\d\s.\-]{6,19}$",
        label="Téléphone",
        max_length=20,
        required=False,
        validators=[refuse_nir],
        help_text="Pour reprendre contact.",
        error_messages={"invalid": "Écrivez un numéro, par exemple 06 12 34 56 78."},
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    commune = CommuneField(
        label="Commune de résidence",
        help_text="Nom ou code postal. Dit seulement si la personne vit en zone rurale ou urbaine.",
    )

    def identity(self) -> Identity:
        return Identity(**filled(Identity, self.cleaned_data))


class BeneficiaryForm(IdentityForm):
    """The whole file of a person, to be corrected; `seen` marks the one that was read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    note = NoteField(
        label="Note",
        max_length=500,
        help_text="Lue par votre structure seule. Pas de donnée de santé, pas de numéro de "
        "sécurité sociale.",
    )

    @staticmethod
    def typed(person: Beneficiary) -> dict:
        names = ("last_name", "first_name", "birth_name", "birth_date", "email", "phone", "note")
        values = {name: getattr(person, name) for name in names}
        return values | {
            "sex": person.sex_id,
            "commune": person.commune,
            "seen": person.mark,
        }
