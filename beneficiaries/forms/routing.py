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

    department = forms.ChoiceField(label="Département où recevoir")
    commune = CommuneField(label="Commune de résidence", help_text="Nom ou code postal.")
    level = CodeField("level", label="Niveau demandé")
    age = forms.IntegerField(label="Âge", min_value=14, max_value=99, required=False)
    situation = CodeField("situation", label="Situation", required=False)
    main_reason = CodeField("reason", label="Motif", required=False)
    category = CodeField(
        "socio_professional_category",
        label="Catégorie socioprofessionnelle",
        required=False,
        help_text="Compte au niveau 3 seulement.",
    )
    day = DayField(label="Le", help_text="Un jour à venir essaie les règles à venir.")

    def __init__(self, *args, lists: CodeLists, departments: list[Department], **options) -> None:
        super().__init__(*args, lists=lists, **options)
        self.fields["department"].choices = [
            (one.code, f"{one.code} · {one.name}") for one in departments
        ]
        self.fields["level"].choices = [
            (code, f"niveau {lists.rank(code)}")
            for code in lists.labels["level"]
            if lists.rank(code) > 1
        ]
        for name in ("situation", "main_reason", "category"):
            self.fields[name].choices = [("", "—"), *self.fields[name].choices]
        self.fields["day"].initial = periods.today()

    @property
    def wanted(self) -> Wanted:
        values = self.cleaned_data
        rank = self.lists.rank(values["level"])
        return Wanted(
            rank=rank,
            commune=values["commune"].pk if values["commune"] else "",
            age=values["age"],
            reason=values["main_reason"],
            situation=values["situation"],
            category=values["category"] if rank > 2 else "",
        )
