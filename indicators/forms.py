"""What a page of figures lets one choose."""

from django import forms
from django.db.models import QuerySet

from indicators.exports.borders import AT_DATE, LABELS
from indicators.models import ExpectedReturn
from indicators.returns import STATES
from regions.forms import day_field, quarter_field
from regions.queries import NamedRegion
from sprocep import periods
from sprocep.periods import Period

FIRST_QUARTER = periods.quarter(2015, 1)


class CompilationForm(forms.Form):
    """A quarter from the first of the CEP to the one that runs."""

    period = forms.ChoiceField(label="Trimestre à compiler")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        now = periods.quarter_of(periods.today())
        self.fields["period"].choices = [
            (period.code, _choice(period, now))
            for period in reversed(periods.quarters(FIRST_QUARTER, now))
        ]
        self.fields["period"].initial = now.before.code

    def clean_period(self) -> Period:
        return Period.parse(self.cleaned_data["period"])


def _choice(period: Period, now: Period) -> str:
    return f"{period.label}, en cours" if period == now else period.label


class DashboardFilters(forms.Form):
    """Which editions a list shows: one's own Region at first, then anybody's sealed ones.

    Who has no Region of its own, as the head of a network, is shown all of them at first.
    """

    territoire = forms.ChoiceField(label="Territoire", required=False)
    periode = forms.ChoiceField(label="Période", required=False)

    def __init__(
        self, data, *, regions: list[NamedRegion], codes: list[str], has_own: bool = True
    ) -> None:
        super().__init__(data)
        every = "Tous les territoires"
        own = [("", "Votre Région"), ("FR", "France"), ("tous", every)]
        self.fields["territoire"].choices = [
            *(own if has_own else [("", every), ("FR", "France")]),
            *((region.code, region.name) for region in regions),
        ]
        self.fields["periode"].choices = [
            ("", "Toutes les périodes"),
            *((code, Period.parse(code).label) for code in codes),
        ]


class ReturnFilters(forms.Form):
    """Which returns a list shows; Regions of all times, under the last name they bore."""

    periode = forms.ChoiceField(label="Période", required=False)
    region = forms.ChoiceField(label="Région", required=False)
    etat = forms.ChoiceField(
        label="État", required=False, choices=[("", "Tous les états"), *STATES.items()]
    )

    def __init__(self, data, *, codes: list[str], regions: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["periode"].choices = [
            ("", "Toutes les périodes"),
            *((code, Period.parse(code).label) for code in codes),
        ]
        self.fields["region"].choices = [("", "Toutes les Régions"), *regions]

    @property
    def state(self) -> str:
        return self.cleaned_data.get("etat", "")

    def narrowed(self, rows: QuerySet[ExpectedReturn]) -> QuerySet[ExpectedReturn]:
        """Those of the period and of the Region asked for."""
        if period := self.cleaned_data.get("periode"):
            rows = rows.filter(period=period)
        if region := self.cleaned_data.get("region"):
            rows = rows.filter(region=region)
        return rows


class SurveyFilters(forms.Form):
    """Of which quarter and, where several are read, of which Region results are shown; a word that
    is no choice shows the first."""

    periode = forms.ChoiceField(label="Trimestre", required=False)
    region = forms.ChoiceField(label="Région", required=False)

    def __init__(self, data, *, codes: list[str], regions: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["periode"].choices = [(code, Period.parse(code).label) for code in codes]
        self.fields["region"].choices = regions
        if len(regions) == 1:
            self.fields["region"].widget = forms.HiddenInput()
        self.is_valid()

    def chosen(self, name: str) -> str:
        return self.cleaned_data.get(name) or self.fields[name].choices[0][0]


class BordersForm(forms.Form):
    """In which borders the figures are read; an unknown word reads as those of the date."""

    perimetre = forms.ChoiceField(
        label="Limites des Régions", choices=list(LABELS.items()), required=False
    )

    @property
    def word(self) -> str:
        return (self.is_valid() and self.cleaned_data["perimetre"]) or AT_DATE

    @property
    def words(self) -> str:
        return LABELS[self.word]


class DeadlinesForm(forms.Form):
    """The campaign of a period, in the order of its days."""

    opens_on = day_field("Ouverture de la campagne", help_text="La période finie, au plus tôt.")
    confirm_by = day_field("Confirmation des structures jusqu’au")
    computed_on = day_field("Calcul le", help_text="Il se lance de lui-même, dans l’heure.")
    comment_by = day_field("Relecture des Régions jusqu’au")
    due_on = day_field("Transmission au plus tard le")
    passes_alone = forms.BooleanField(
        label="Passage automatique",
        required=False,
        help_text=(
            "Ce que personne n’a fait à son échéance passe sans personne : confirmation, ouverture "
            "de la relecture, validation. Le scellement reste un acte de la DGEFP."
        ),
    )


class ThresholdForm(forms.Form):
    k = forms.IntegerField(label="Seuil", min_value=3, max_value=100)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"] = quarter_field("À partir du")


class SeriesForm(BordersForm):
    """In which borders, and by which step, a series is read."""

    pas = forms.ChoiceField(
        label="Pas",
        choices=[("", "par trimestre"), ("annee", "par année")],
        required=False,
    )

    @property
    def months_long(self) -> int:
        return 12 if self.is_valid() and self.cleaned_data["pas"] == "annee" else 3


class RuleForm(forms.Form):
    threshold = forms.DecimalField(
        label="Seuil",
        help_text="Au-delà, une anomalie est relevée : part en pour cent, nombre, ou écart.",
        min_value=0,
        max_digits=8,
        decimal_places=2,
    )
    is_active = forms.BooleanField(label="Appliquer cette règle", required=False)


class ExplanationForm(forms.Form):
    explanation = forms.CharField(
        label="Ce qui l’explique",
        help_text="Une phrase suffit. Aucun nom de bénéficiaire.",
        max_length=1000,
        widget=forms.Textarea,
    )


class CommentForm(forms.Form):
    text = forms.CharField(
        label="Votre commentaire",
        help_text="Ce qui vous paraît faux, ou ce qui explique un chiffre. Aucun nom de personne.",
        max_length=2000,
        widget=forms.Textarea,
    )


class RecountForm(forms.Form):
    reason = forms.CharField(
        label="Motif du recomptage",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Il est gardé avec le résultat et dans les traces. N’y nommez personne.",
    )
