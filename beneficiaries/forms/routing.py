"""« Essayer » the rules of the Region before any fiche exists."""

from django import forms

from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import CodeField, CommuneField, DayField
from beneficiaries.queries import CodeLists
from operators.routing import Wanted
from regions.models import Department
from sprocep import periods


class RoutingTrialForm(CodeForm):
    """Somebody imagined: what a fiche of this level would share of her."""

    level = CodeField("level", label="Niveau demandé")
    age = forms.IntegerField(label="Âge", min_value=14, max_value=99, required=False)
    situation = CodeField("situation", label="Situation", required=False)
    main_reason = CodeField("reason", label="Motif", required=False)
    category = CodeField(
        "socio_professional_category",
        label="Catégorie socioprofessionnelle",
        required=False,
        help_text="Au niveau 3 seulement.",
    )
    is_dropout = forms.BooleanField(label="Suit le parcours décrocheur", required=False)
    commune = CommuneField(label="Commune de résidence", help_text="Nom ou code postal.")
    department = forms.ChoiceField(label="Département où recevoir", required=False)
    day = DayField(label="Le jour", help_text="À venir, il essaie les règles à venir.")

    def __init__(self, *args, lists: CodeLists, departments: list[Department], **options) -> None:
        super().__init__(*args, lists=lists, **options)
        self.fields["department"].choices = [
            ("", "celui de la commune"),
            *((one.code, f"{one.code} · {one.name}") for one in departments),
        ]
        self.fields["level"].choices = [
            (code, f"niveau {lists.rank(code)}")
            for code in lists.labels["level"]
            if lists.rank(code) > 1
        ]
        for name in ("situation", "main_reason", "category"):
            self.fields[name].choices = [("", "—"), *self.fields[name].choices]
        self.fields["day"].initial = periods.today()

    def clean(self) -> dict:
        values = super().clean()
        if not (values.get("department") or values.get("commune") or "commune" in self.errors):
            self.add_error("commune", "Donnez la commune, ou choisissez le département.")
        return values

    @property
    def place(self) -> str:
        """The département where a structure is looked for."""
        values = self.cleaned_data
        return values["department"] or values["commune"].department_id

    @property
    def wanted(self) -> Wanted:
        values = self.cleaned_data
        return Wanted(
            rank=self.lists.rank(values["level"]),
            commune=values["commune"].pk if values["commune"] else "",
            age=values["age"],
            reason=values["main_reason"],
            situation=values["situation"],
            category=values["category"],
            is_dropout=values["is_dropout"],
        )
