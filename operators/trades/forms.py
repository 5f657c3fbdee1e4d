"""What a Region says of a list of trades that recruit, and what they are looked for by."""

from django import forms
from django.db.models import Q, QuerySet

from operators.models import RecruitingTrade, TradeList
from operators.models.trades import FIRST_YEAR
from operators.queries import latest_of, trades_of
from operators.trades.file import MOST_BYTES, MOST_ROWS, Line, read, text_of
from regions.queries import departments_of
from sprocep import periods
from sprocep.rendering.tables import TableError
from sprocep.templatetags.french import number


class TradesForm(forms.Form):
    """A file, what says it and of which year. `lines`: its rows, once it is one of ours."""

    source = forms.CharField(
        label="Source",
        max_length=120,
        help_text="Lue à côté de chaque métier : « Enquête Besoins en main-d’œuvre, France "
        "Travail ». Les mêmes mots qu’une liste en vigueur la remplacent.",
    )
    year = forms.IntegerField(
        label="Année des données",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4}),
        error_messages={"invalid": "Écrivez une année sur quatre chiffres."},
    )
    file = forms.FileField(
        label="Fichier CSV",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=f"Rempli sur le modèle, {number(MOST_ROWS)} lignes au plus.",
        error_messages={"required": "Choisissez le fichier à envoyer."},
    )

    def __init__(self, *args, region: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = periods.today()
        self.departments = {one.code: one.name for one in departments_of(region, today)}
        self.lines: list[Line] = []

    def clean_source(self) -> str:
        return " ".join(self.cleaned_data["source"].split())

    def clean_year(self) -> int:
        year, this_year = self.cleaned_data["year"], periods.today().year
        if not FIRST_YEAR <= year <= this_year + 1:
            raise forms.ValidationError(
                f"Écrivez une année de {FIRST_YEAR} à {this_year + 1}, celle des données."
            )
        return year

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                "Ce fichier dépasse un million d’octets. Coupez-le : une source pour chacun."
            )
        try:
            text = text_of(file.read())
            self.lines = read(text, self.departments)
        except TableError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return text

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.refusal]


class TradeFilter(forms.Form):
    """A choice that does not exist filters nothing: an old address still shows something."""

    department = forms.ChoiceField(label="Département", required=False)
    trade_list = forms.ChoiceField(label="Liste", required=False)
    q = forms.CharField(
        label="Métier ou code",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, data, *, region: str, lists: list[TradeList], is_kept: bool) -> None:
        super().__init__(data)
        self.lists = {str(one.public_id): one for one in lists}
        self.fields["department"].choices = [
            ("", "tous"),
            *((one.code, one.name) for one in departments_of(region, periods.today())),
        ]
        self.fields["trade_list"].choices = [
            ("", "les plus récentes"),
            *((key, _words(one)) for key, one in self.lists.items() if is_kept or not one.ends_on),
        ]

    def found(self) -> QuerySet[RecruitingTrade]:
        self.is_valid()
        asked = self.cleaned_data
        chosen = self.lists.get(asked.get("trade_list", ""))
        rows = trades_of([chosen] if chosen else latest_of(self.lists.values()))
        if department := asked.get("department"):
            rows = rows.filter(department=department)
        if text := asked.get("q"):
            rows = rows.filter(Q(label__icontains=text) | Q(code__istartswith=text))
        return rows


def _words(one: TradeList) -> str:
    until = f", retirée le {periods.full_date(one.ends_on)}" if one.ends_on else ""
    return f"{one}, enregistrée le {periods.full_date(one.starts_on)}{until}"
