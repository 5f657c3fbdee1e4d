"""« Orienter » and the refusal of a fiche de liaison."""

from uuid import UUID

from django import forms

from beneficiaries.entries import Identity, Orientation, Profile, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import (
    CodeField,
    CommuneCodeField,
    CommuneField,
    IsoDayField,
    NoteField,
    OfferedField,
    PlainField,
)
from beneficiaries.forms.persons import IdentityForm
from beneficiaries.models import Journey
from beneficiaries.queries import CodeLists
from operators.routing import Receiver

CONSENT = "Donnez l’accord de la personne : sans lui, aucune fiche ne part."


class ReferralForm(CodeForm):
    """What is asked, and of whom: the person and her journey are known."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    level = CodeField("level", label="Niveau demandé")
    main_reason = CodeField(
        "reason",
        label="Motif",
        error_messages={
            "required": "Choisissez le motif de la demande.",
            "invalid_choice": "Ce motif n’est pas dans la liste. Choisissez une valeur proposée.",
        },
    )
    receiver = OfferedField(
        label="Structure",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez la structure qui recevra la personne.",
            "invalid_choice": "Cette structure n’est plus proposée. Choisissez-en une de la liste.",
        },
    )
    other_choice = PlainField(
        label="Pourquoi cette autre structure",
        max_length=200,
        required=False,
        help_text="Seulement si vous n’avez choisi aucune des trois proposées.",
    )
    message = NoteField(
        label="Message",
        max_length=500,
        help_text="Lu par la structure qui reçoit. Pas de donnée de santé, pas de numéro de "
        "sécurité sociale.",
    )
    consent = forms.BooleanField(
        label="La personne est d’accord pour que ces informations soient transmises à cette "
        "structure. Elle peut reprendre son accord à tout moment.",
        error_messages={"required": CONSENT},
    )

    def __init__(
        self, *args, found: list[Receiver], department: str, is_dropout: bool, **options
    ) -> None:
        super().__init__(*args, **options)
        self.found = {str(one.structure.public_id): one for one in found}
        self.department = department
        self.is_dropout = is_dropout
        self.fields["main_reason"].choices = [("", "Choisir"), *self.lists.choices("reason")]
        self.fields["level"].choices = [
            (code, f"niveau {self.lists.rank(code)} · {label[:1].lower()}{label[1:]}")
            for code, label in self.lists.choices("level")
            if self.lists.rank(code) > 1
        ]
        self.fields["receiver"].offer([one.structure for one in found])

    @staticmethod
    def blank(key: UUID | None, lists: CodeLists, journey: Journey | None) -> dict:
        asked = next(code for code in lists.labels["level"] if lists.rank(code) > 1)
        reason = journey.main_reason_id if journey else ""
        return {"key": key, "level": asked, "main_reason": reason}

    @property
    def proposals(self) -> list[tuple[str, Receiver]]:
        return [pair for pair in self.found.items() if pair[1].is_proposed]

    @property
    def others(self) -> list[tuple[str, Receiver]]:
        return [pair for pair in self.found.items() if not pair[1].is_proposed]

    def clean(self) -> dict:
        data = super().clean()
        chosen = self.found.get(str(getattr(data.get("receiver"), "public_id", "")))
        if chosen and not chosen.is_proposed and not data.get("other_choice"):
            self.add_error(
                "other_choice", "Dites pourquoi vous ne suivez aucune des trois propositions."
            )
        return data

    def orientation(self, identity: Identity, profile: Profile) -> Orientation:
        values = filled(Orientation, self.cleaned_data)
        return Orientation(**values, department=self.department, identity=identity, profile=profile)


class NewReferralForm(IdentityForm, ReferralForm):
    """Of somebody who has no journey here: the desk types what the receiver will need."""

    field_order = (*IdentityForm.base_fields, "situation", *ReferralForm.base_fields)
    situation = CodeField(
        "situation",
        label="Situation",
        initial="NR",
        help_text="Dit quelle structure peut la recevoir.",
    )
    commune = CommuneField(
        label="Commune de résidence",
        help_text="Nom ou code postal. Elle dit qui reçoit près d’elle.",
    )

    def profile(self) -> Profile:
        return Profile(**filled(Profile, self.cleaned_data))


class ExchangedReferralForm(NewReferralForm):
    """The same as a program writes it: days and communes by codes, and what level 3 shares."""

    birth_date = IsoDayField(required=False)
    commune = CommuneCodeField()
    education_level = CodeField("education_level")
    socio_professional_category = CodeField("socio_professional_category")
    sector = CodeField("sector")
    contract_type = CodeField("contract_type")

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["receiver"].error_messages["invalid_choice"] = (
            "Aucune structure de ce Siret ne reçoit à ce niveau dans ce département."
        )

    def clean(self) -> dict:
        data = super().clean()
        if "other_choice" in self.errors:
            proposed = ", ".join(one.structure.siret for _, one in self.proposals)
            self.add_error("other_choice", f"Sont proposées : {proposed or 'aucune'}.")
        return data


class DeclineForm(CodeForm):
    reason = CodeField(
        "decline_reason",
        label="Motif du refus",
        widget=forms.RadioSelect,
        help_text="Il revient à la structure qui a envoyé la fiche.",
        error_messages={"required": "Choisissez le motif du refus."},
    )
