"""What a Region contests, what the DGEFP answers, what an erratum corrects. Free text is bounded
and holds no social security number."""

from collections.abc import Iterable

from django import forms

from beneficiaries.forms.fields import refuse_nir
from indicators.definitions import INDICATORS
from indicators.models import Contestation


def text_field(label: str, max_length: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=max_length,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[refuse_nir],
    )


class IndicatorChoice(forms.Form):
    """Whose cells are listed; an unknown code lists those of the first."""

    indicateur = forms.ChoiceField(
        label="Indicateur", choices=[(one.code, f"{one.code} · {one.label}") for one in INDICATORS]
    )

    @property
    def code(self) -> str:
        return self.cleaned_data["indicateur"] if self.is_valid() else INDICATORS[0].code


class ContestForm(forms.Form):
    cell = forms.TypedChoiceField(
        label="Case contestée",
        coerce=int,
        help_text="D’une case secrète, vous contestez qu’elle soit secrète, non sa valeur.",
    )
    reason = text_field(
        "Motif", 2000, "Ce que vous savez, et d’où. Sans nom ni donnée sur une personne."
    )

    def __init__(self, *args, cells: Iterable[tuple[str, list[tuple[int, str]]]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cell"].choices = cells


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Suite", choices=Contestation.Outcome.choices, widget=forms.RadioSelect
    )
    answer = text_field("Réponse", 1000, "La Région la lit. Cause de l’erratum, s’il y en a un.")


class ErratumForm(forms.Form):
    territories = forms.MultipleChoiceField(
        label="Régions corrigées",
        help_text="La France l’est avec elles : ses totaux changent aussi.",
        widget=forms.CheckboxSelectMultiple,
    )
    cause = text_field("Cause", 1000, "Les Régions la lisent, dans l’édition et ses fichiers.")

    def __init__(self, *args, regions: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territories"].choices = regions
