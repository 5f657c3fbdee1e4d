"""Composing an indicator: first what is counted, then which of it; closed lists all along."""

from collections.abc import Iterator
from datetime import date

from django import forms
from django.utils.text import capfirst

from indicators.models import RegionalIndicator
from indicators.regional.composition import Measure, measures_of
from indicators.regional.vocabulary import FIELDS, POPULATIONS, Population
from regions.actions import QUARTERS_AHEAD
from regions.forms import quarter_field
from sprocep import periods

_KEPT, _PART = "garder", "compter"


class CountedForm(forms.Form):
    """What is counted and how: what the rest of the form depends on."""

    population = forms.ChoiceField(
        label="Que comptez-vous ?",
        widget=forms.RadioSelect,
        choices=[(name, known.words.capitalize()) for name, known in POPULATIONS.items()],
    )
    mesure = forms.ChoiceField(
        label="Quelle mesure ?",
        widget=forms.RadioSelect,
        choices=Measure.choices,
        initial=Measure.COUNT,
    )

    def clean(self) -> dict:
        values = super().clean()
        population, measure = values.get("population"), values.get("mesure")
        if population and measure and measure not in measures_of(population):
            words = POPULATIONS[population].words
            self.add_error("mesure", f"Cette mesure n’existe pas pour les {words}.")
        return values


class CompositionForm(forms.Form):
    """The filters, breakdown and margins that a population has; the numerator of a share."""

    label = forms.CharField(
        label="Intitulé",
        max_length=120,
        help_text="Tel qu’il se lira sur le tableau de bord. Par exemple : Entrées en ville.",
    )

    def __init__(self, *args, population: str, measure: str, day: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.population, self.measure = population, measure
        known = POPULATIONS[population]
        if measure in (Measure.MEAN, Measure.MEDIAN):
            self.fields["subject"] = forms.ChoiceField(
                label="De quelle grandeur ?",
                choices=[
                    (name, capfirst(subject.label)) for name, subject in known.subjects.items()
                ],
            )
        if measure == Measure.SHARE:
            self._add_filters(known, _PART, day)
        self._add_filters(known, _KEPT, day)
        self.fields["breakdown"] = forms.ChoiceField(
            label="Réparti selon",
            required=False,
            choices=[("", "aucune répartition")]
            + [(name, FIELDS[name].label) for name in known.breakdowns],
        )
        for name, words, is_there in (
            ("by_level", "Donné aussi par niveau de service", bool(known.rank)),
            ("by_operator", "Donné aussi par catégorie d’opérateur", bool(known.operator)),
            ("by_department", "Donné aussi par département", True),
        ):
            if is_there:
                self.fields[name] = forms.BooleanField(label=words, required=False)

    def _add_filters(self, known: Population, use: str, day: date) -> None:
        for name in known.columns:
            self.fields[f"{use}-{name}"] = forms.MultipleChoiceField(
                label=FIELDS[name].label.capitalize(),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=FIELDS[name].choices(day),
            )

    def clean(self) -> dict:
        values = super().clean()
        if self.measure == Measure.SHARE and not self._filters(_PART):
            first = next(name for name in self.fields if name.startswith(_PART))
            self.add_error(first, "Choisissez au moins une modalité à compter au numérateur.")
        return values

    def _filters(self, use: str) -> list:
        return [
            [name.removeprefix(f"{use}-"), self.cleaned_data[name]]
            for name in self.fields
            if name.startswith(f"{use}-") and self.cleaned_data.get(name)
        ]

    @property
    def composed(self) -> dict:
        """The fields of a row (`indicators.actions.regional.COMPOSED`)."""
        values = self.cleaned_data
        return {
            "label": values["label"],
            "population": self.population,
            "measure": self.measure,
            "subject": values.get("subject", ""),
            "filters": self._filters(_KEPT),
            "part": self._filters(_PART),
            "breakdown": values["breakdown"],
            "by_level": values.get("by_level", False),
            "by_operator": values.get("by_operator", False),
            "by_department": values["by_department"],
        }

    @staticmethod
    def initial_of(row: RegionalIndicator) -> dict:
        chosen = {f"{_KEPT}-{name}": codes for name, codes in row.filters}
        chosen |= {f"{_PART}-{name}": codes for name, codes in row.part}
        names = ("label", "subject", "breakdown", "by_level", "by_operator", "by_department")
        return chosen | {name: getattr(row, name) for name in names}

    # ── As the page lays it out ──────────────────────────────────────────────────────────────

    def _bound(self, use: str) -> Iterator[tuple[forms.BoundField, int]]:
        """Each filter with how many of its codes are chosen."""
        for name in self.fields:
            if name.startswith(f"{use}-"):
                field = self[name]
                yield field, len(field.value() or ())

    @property
    def kept(self) -> list:
        return list(self._bound(_KEPT))

    @property
    def counted(self) -> list:
        return list(self._bound(_PART))

    @property
    def readings(self) -> list[forms.BoundField]:
        names = ("breakdown", "by_level", "by_operator", "by_department")
        return [self[name] for name in names if name in self.fields]


class PublicationForm(forms.Form):
    opinion = forms.CharField(
        label="Avis du CREFOP",
        required=False,
        max_length=400,
        help_text="Sens, date et référence. Il peut être ajouté plus tard.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"starts_on": present_or_coming("Compté à partir du")} | self.fields


def present_or_coming(label: str) -> forms.TypedChoiceField:
    """The first day of the quarter that runs, or of a coming one."""
    now = periods.quarter_of(periods.today())
    offered = [now, *periods.coming_quarters(periods.today(), QUARTERS_AHEAD)]
    return forms.TypedChoiceField(
        label=label,
        coerce=date.fromisoformat,
        choices=[(p.starts.isoformat(), periods.full_date(p.starts)) for p in offered],
    )


class WithdrawalForm(forms.Form):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = quarter_field("N’est plus compté à partir du")


class OpinionOfRegionForm(forms.Form):
    opinion = forms.CharField(
        label="Avis du CREFOP", max_length=400, help_text="Sens, date et référence."
    )


class PromotionForm(forms.Form):
    code = forms.RegexField(
        r"^[A-Q][0-9]{1,2}$",
        label="Code national",
        help_text="Une lettre de A à Q et un rang, qui ne désignent encore rien : J1.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"] = quarter_field("Compté partout à partir du")
