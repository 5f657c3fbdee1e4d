"""The path of a décrocheur: four days and how it ended, no free text."""

from django import forms

from beneficiaries.entries import DropoutSteps
from beneficiaries.forms.fields import FactDayField
from beneficiaries.models import DropoutPath


class DropoutForm(forms.Form):
    reported_on = FactDayField(
        label="Repérée le",
        help_text="Signalée par l’établissement, la plateforme ou un proche, ou repérée par vous.",
    )
    contacted_on = FactDayField(label="Contactée le", required=False)
    relayed_on = FactDayField(
        label="Accompagnée par un relais depuis le",
        required=False,
        help_text="Une structure de la plateforme, la vôtre peut-être, la prend en charge.",
    )
    ended_on = FactDayField(label="Sortie le", required=False)
    ending = forms.ChoiceField(
        label="Suite", required=False, choices=[("", "—"), *DropoutPath.Ending.choices]
    )

    def steps(self) -> DropoutSteps:
        return DropoutSteps(**self.cleaned_data)
