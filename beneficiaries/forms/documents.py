"""Steps of a person's plan, her approval of a version, the code that she shares."""

from uuid import UUID

from django import forms

from beneficiaries.entries import Approval, PlannedStep, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import (
    CodeField,
    DayField,
    FactDayField,
    InstantField,
    PersonCodeField,
    PlainField,
)
from beneficiaries.models import Step
from beneficiaries.queries import CodeLists
from sprocep import periods

_THE_PERSON = "la personne"


class StepForm(CodeForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen_at = InstantField(widget=forms.HiddenInput, required=False)
    what = PlainField(
        label="Étape",
        max_length=1000,
        help_text="Ce qui est à faire, comme la personne le lira : demander un devis, rencontrer "
        "un professionnel. Pas de donnée de santé.",
        error_messages={"required": "Dites ce qui est à faire."},
    )
    actor = PlainField(
        label="Par qui",
        max_length=250,
        help_text="La personne, vous, un organisme.",
        error_messages={"required": "Dites qui s’en charge."},
    )
    right = CodeField(
        "individual_right",
        label="Droit mobilisé",
        required=False,
        help_text="Si cette étape fait valoir un droit de la personne, qui que ce soit qui paie.",
    )
    due_on = DayField(label="Prévue le", required=False)
    done_on = FactDayField(
        label="Faite le", required=False, help_text="Vide tant qu’elle est à faire."
    )
    result = PlainField(
        label="Résultat",
        max_length=300,
        required=False,
        help_text="Seulement d’une étape faite : ce qu’elle a donné.",
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["right"].choices = [("", "Aucun"), *self.fields["right"].choices]

    @staticmethod
    def blank(key: UUID) -> dict:
        return {"key": key, "actor": _THE_PERSON}

    @staticmethod
    def typed(line: Step) -> dict:
        names = ("what", "actor", "right_id", "due_on", "done_on", "result")
        values = {name.removesuffix("_id"): getattr(line, name) for name in names}
        return values | {"seen_at": line.changed_at.isoformat()}

    def clean(self) -> dict:
        data = super().clean()
        if data.get("result") and not data.get("done_on") and "done_on" not in self.errors:
            self.add_error("done_on", "Un résultat est celui d’une étape faite : donnez sa date.")
        return data

    def step(self) -> PlannedStep:
        return PlannedStep(**filled(PlannedStep, self.cleaned_data))


class ApprovalForm(CodeForm):
    is_approved = forms.BooleanField(
        label="La personne a relu et approuve ce document",
        error_messages={
            "required": "Cochez cette case une fois que la personne a relu et approuvé."
        },
    )
    approved_on = FactDayField(label="Date de l’accord")
    channel = CodeField("channel", label="Canal")

    @staticmethod
    def blank(lists: CodeLists) -> dict:
        return {"approved_on": periods.today(), "channel": next(iter(lists.labels["channel"]), "")}

    def approval(self) -> Approval:
        return Approval(**filled(Approval, self.cleaned_data))


class SharedCodeForm(forms.Form):
    code = PersonCodeField(
        label="Code de partage",
        max_length=60,
        help_text="Cinq groupes de quatre signes, que la personne vous lit ou vous montre.",
        error_messages={"required": "Recopiez le code que la personne vous donne."},
    )
