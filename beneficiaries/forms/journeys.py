"""Closing a journey, changing who follows it, and what her situation became."""

from django import forms

from beneficiaries.entries import Change, Closing, Following
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import AdviserField, CodeField, FactDayField, SiteField
from beneficiaries.queries import advisers, sites
from regions.models import Membership
from sprocep import periods


class ChosenCodeForm(CodeForm):
    """Nothing is chosen before she chooses."""

    chosen: tuple[str, ...] = ()

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        for name in self.chosen:
            field = self.fields[name]
            field.choices = [("", "Choisir"), *field.choices]


class ClosingForm(ChosenCodeForm):
    chosen = ("outcome", "exit_situation")
    closed_on = FactDayField(label="Date de clôture")
    outcome = CodeField("outcome", label="Issue")
    exit_situation = CodeField("situation", label="Situation à la sortie")

    may_be_asked = forms.TypedChoiceField(
        label="Accepte-t-elle qu’on lui demande, dans six mois, ce qu’elle est devenue ?",
        help_text="Posez-lui la question. Un courriel et une relance au plus, ou un appel ; elle "
        "pourra refuser de répondre.",
        choices=[("yes", "oui"), ("no", "non")],
        widget=forms.RadioSelect,
        coerce=lambda word: word == "yes",
        error_messages={"required": "Dites si la personne accepte d’être interrogée : oui ou non."},
    )

    def closing(self) -> Closing:
        return Closing(**self.cleaned_data)


class SituationForm(ChosenCodeForm):
    chosen = ("situation",)
    situation = CodeField("situation", label="Nouvelle situation")
    starts_on = FactDayField(label="Depuis le")

    def change(self) -> Change:
        return Change(**self.cleaned_data)


class FollowUpForm(forms.Form):
    starts_on = FactDayField(label="À partir du")
    site = SiteField(label="Lieu d’accueil")
    referent = AdviserField(label="Référent")

    def __init__(self, *args, membership: Membership, **options) -> None:
        super().__init__(*args, **options)
        where = (membership.structure_id, membership.region_id, periods.today())
        self.fields["site"].offer(sites(*where))
        self.fields["referent"].offer(advisers(*where), first=[("", "Choisir")])

    def following(self) -> Following:
        return Following(**self.cleaned_data)
