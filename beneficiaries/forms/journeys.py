"""Closing a journey, and changing who follows it."""

from django import forms

from beneficiaries.entries import Closing, Following
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import AdviserField, CodeField, FactDayField, SiteField
from beneficiaries.queries import advisers, sites
from regions.models import Membership
from sprocep import periods


class ClosingForm(CodeForm):
    closed_on = FactDayField(label="Date de clôture")
    outcome = CodeField("outcome", label="Issue")
    exit_situation = CodeField("situation", label="Situation à la sortie")

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        for name in ("outcome", "exit_situation"):
            field = self.fields[name]
            field.choices = [("", "Choisir"), *field.choices]

    def closing(self) -> Closing:
        return Closing(**self.cleaned_data)


class FollowUpForm(forms.Form):
    starts_on = FactDayField(label="À partir du")
    site = SiteField(label="Lieu d'accueil")
    referent = AdviserField(label="Référent")

    def __init__(self, *args, membership: Membership, **options) -> None:
        super().__init__(*args, **options)
        where = (membership.structure_id, membership.region_id, periods.today())
        self.fields["site"].offer(sites(*where))
        self.fields["referent"].offer(advisers(*where))

    def following(self) -> Following:
        return Following(**self.cleaned_data)
