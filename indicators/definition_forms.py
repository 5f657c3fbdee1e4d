"""What the DGEFP types about a definition."""

from django import forms

from indicators.models import Definition, Opinion
from regions.forms import day_field, quarter_field


def _long(label: str, rows: int, **options) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **options)


class VersionForm(forms.Form):
    """Begins with the words in force: what is typed is what changes."""

    change = _long("Ce qui change", 2, max_length=400, help_text="Une phrase pour les lecteurs.")
    is_break = forms.BooleanField(
        label="Rupture de série",
        required=False,
        help_text="L’indicateur compte autrement : aucune courbe ne traverse cette date.",
    )
    label = forms.CharField(label="Intitulé", max_length=120)
    statement = _long("Définition", 6)
    numerator = forms.CharField(label="Numérateur", max_length=400, required=False)
    denominator = forms.CharField(label="Dénominateur", max_length=400, required=False)
    legal_source = forms.CharField(label="Source", max_length=200)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"starts_on": quarter_field("À partir du")} | self.fields


class OpinionForm(forms.Form):
    definition = forms.TypedChoiceField(label="Version")
    given_on = day_field("Rendu le")
    sense = forms.ChoiceField(label="Sens", choices=Opinion.Sense)
    reference = forms.CharField(
        label="Référence", max_length=200, help_text="Par exemple : délibération n° 2016-12."
    )

    def __init__(self, *args, versions: list[Definition], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        by_number = {str(row.version): row for row in versions}
        chosen = self.fields["definition"]
        chosen.choices = [(number, f"version {number}") for number in by_number]
        chosen.coerce = by_number.__getitem__
