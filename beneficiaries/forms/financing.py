"""Lines and papers of a financing plan, and its closing."""

from decimal import Decimal
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from beneficiaries.entries import Cost, Funding, Paper, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import (
    CodeField,
    EuroField,
    FactDayField,
    InstantField,
    NoteField,
    OfferedField,
    PlainField,
    refuse_nir,
)
from beneficiaries.models import PlanCost, PlanFunding
from beneficiaries.papers import kind_of
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.templatetags.french import euros

_STATES = PlanFunding.State


class CostForm(CodeForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen_at = InstantField(widget=forms.HiddenInput, required=False)
    kind = CodeField(
        "cost_kind",
        label="Type de coût",
        error_messages={
            "required": "Choisissez ce que paie cette somme.",
            "invalid_choice": "Ce type n’est pas dans la liste. Choisissez une valeur proposée.",
        },
    )
    amount = EuroField(
        label="Montant en euros", error_messages={"required": "Donnez le montant du devis."}
    )
    label = PlainField(
        label="Précision",
        max_length=120,
        required=False,
        help_text="L’organisme, le trajet, le mois.",
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", "Choisir"), *self.fields["kind"].choices]

    @staticmethod
    def blank(key: UUID) -> dict:
        return {"key": key}

    @staticmethod
    def typed(line: PlanCost) -> dict:
        return {
            "kind": line.kind_id,
            "amount": line.amount,
            "label": line.label,
            "seen_at": line.changed_at.isoformat(),
        }

    def clean_amount(self) -> Decimal:
        if not self.cleaned_data["amount"]:
            raise forms.ValidationError("Un coût est un montant au-dessus de zéro.")
        return self.cleaned_data["amount"]

    def cost(self) -> Cost:
        return Cost(**filled(Cost, self.cleaned_data))


class FundingForm(CodeForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen_at = InstantField(widget=forms.HiddenInput, required=False)
    right = CodeField(
        "funding_right",
        label="Droit mobilisé",
        error_messages={
            "required": "Choisissez le droit demandé : il dit à quel financeur.",
            "invalid_choice": "Ce droit n’existe pas à la date de la demande. Choisissez-en un de "
            "la liste, ou vérifiez la date.",
        },
    )
    asked = EuroField(
        label="Montant demandé en euros",
        error_messages={"required": "Donnez le montant demandé."},
    )
    asked_on = FactDayField(
        label="Demandé le", error_messages={"required": "Donnez la date de la demande."}
    )
    state = forms.ChoiceField(
        label="Réponse du financeur",
        widget=forms.RadioSelect,
        choices=[(_STATES.ASKED, "pas encore"), *_STATES.choices[1:]],
    )
    granted = EuroField(
        label="Montant accordé en euros", required=False, help_text="Seulement s’il est accordé."
    )
    decided_on = FactDayField(
        label="Réponse du", required=False, help_text="Accord ou refus : la date de la réponse."
    )
    document = PlainField(
        label="Référence de la pièce",
        max_length=80,
        required=False,
        help_text="Numéro de dossier, de devis ou de courrier.",
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["right"].choices = [("", "Choisir"), *self.lists.rights_by_funder()]

    @staticmethod
    def blank(key: UUID) -> dict:
        return {"key": key, "asked_on": periods.today(), "state": _STATES.ASKED}

    @staticmethod
    def typed(line: PlanFunding) -> dict:
        names = ("asked", "asked_on", "state", "decided_on", "document")
        return {name: getattr(line, name) for name in names} | {
            "right": line.right_id,
            "granted": line.granted or None,
            "seen_at": line.changed_at.isoformat(),
        }

    def clean_asked(self) -> Decimal:
        if not self.cleaned_data["asked"]:
            raise forms.ValidationError("Une demande est un montant au-dessus de zéro.")
        return self.cleaned_data["asked"]

    def clean(self) -> dict:
        data = super().clean()
        if "state" in data:
            self._check_answer(data)
        asked, granted = data.get("asked"), data.get("granted")
        if asked and granted and granted > asked:
            self.add_error(
                "granted",
                f"Un financeur n’accorde pas plus que ce qui lui est demandé, ici {euros(asked)} : "
                "corrigez l’un des deux montants.",
            )
        asked_on, decided_on = data.get("asked_on"), data.get("decided_on")
        if asked_on and decided_on and decided_on < asked_on:
            self.add_error("decided_on", "La réponse ne peut pas précéder la demande.")
        return data

    def _check_answer(self, data: dict) -> None:
        state, granted, decided_on = data["state"], data.get("granted"), data.get("decided_on")
        is_granted, is_answered = state == _STATES.GRANTED, state != _STATES.ASKED
        if is_granted and not granted and "granted" not in self.errors:
            self.add_error("granted", "Donnez le montant accordé.")
        if granted and not is_granted:
            self.add_error("granted", "Choisissez « accordé », ou laissez ce montant vide.")
        if is_answered and not decided_on and "decided_on" not in self.errors:
            self.add_error("decided_on", "Donnez la date de la réponse.")
        if decided_on and not is_answered:
            self.add_error("decided_on", "Choisissez la réponse, ou laissez cette date vide.")

    def funding(self) -> Funding:
        values = filled(Funding, self.cleaned_data)
        return Funding(**values | {"granted": values["granted"] or Decimal(0)})


class PaperForm(forms.Form):
    """A file, and what it is. `lines`: those of the plan, each with its words."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    label = PlainField(
        label="Ce que c’est",
        max_length=120,
        error_messages={"required": "Dites ce qu’est cette pièce : devis, accord, attestation."},
        help_text="Devis, accord ou refus d’un financeur, attestation ; de qui, et sa date.",
    )
    line = OfferedField(
        label="Pour quelle ligne",
        required=False,
        error_messages={
            "invalid_choice": "Cette ligne n’est plus dans le plan. Choisissez-en une de la liste."
        },
    )
    file = forms.FileField(
        label="Fichier",
        help_text="PDF, JPEG ou PNG, 4 Mo au plus, sans mot de passe.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": "Choisissez le fichier à joindre.",
            "empty": "Ce fichier est vide. Choisissez-en un autre.",
        },
    )

    def __init__(self, *args, lines: list[tuple[PlanCost | PlanFunding, str]], **options) -> None:
        super().__init__(*args, **options)
        words = [(str(line.public_id), told) for line, told in lines]
        self.fields["line"].offer(line for line, _ in lines)
        self.fields["line"].choices = [("", "Le plan entier"), *words]

    @staticmethod
    def blank(key: UUID) -> dict:
        return {"key": key}

    def clean_file(self) -> bytes:
        """What it holds; its name is looked at, said nowhere and kept nowhere."""
        file: UploadedFile = self.cleaned_data["file"]
        try:
            refuse_nir(file.name.replace("_", " "))
        except ValidationError as exc:
            raise ValidationError(
                "Le nom de ce fichier contient un numéro de sécurité sociale. Renommez-le, puis "
                "choisissez-le à nouveau."
            ) from exc
        content = file.read()
        try:
            kind_of(content)
        except ActionRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return content

    def clean(self) -> dict:
        if self.errors and "file" in self.cleaned_data:  # no browser gives a file back
            self.add_error("file", "Choisissez à nouveau le fichier : la page ne le garde pas.")
        return self.cleaned_data

    def paper(self) -> Paper:
        line = self.cleaned_data["line"]
        return Paper(
            label=self.cleaned_data["label"],
            content=self.cleaned_data["file"],
            cost_id=line.pk if isinstance(line, PlanCost) else None,
            funding_id=line.pk if isinstance(line, PlanFunding) else None,
        )


class PlanClosingForm(forms.Form):
    """Asks why there is a gap, where there is one."""

    gap_explained = NoteField(
        label="Pourquoi le plan se boucle avec cet écart",
        max_length=300,
        error_messages={"required": "Dites en une phrase pourquoi il reste un écart."},
        help_text="En une phrase : reste à charge assumé, aide en nature, projet réduit. Pas de "
        "donnée de santé.",
    )

    def __init__(self, *args, gap: Decimal, **options) -> None:
        super().__init__(*args, **options)
        if gap:
            self.fields["gap_explained"].required = True
        else:
            del self.fields["gap_explained"]
