"""« Accueil anonyme »: what the desk saw, in six answers at most, nothing that identifies."""

from uuid import UUID

from django import forms

from beneficiaries.entries import Reception, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import CodeField, FactDayField, OfferedField, SiteField
from beneficiaries.queries import CodeLists, large_communes, sites
from regions.models import Membership
from sprocep import periods


class ContactForm(CodeForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    theme = CodeField(
        "theme",
        label="Thème",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le thème de l’accueil."},
    )
    audience = CodeField(
        "audience",
        label="Public",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le public, ou « non renseigné »."},
    )
    result = CodeField(
        "result",
        label="Résultat",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez le résultat de l’accueil."},
    )
    age_band = CodeField(
        "age_band",
        label="Tranche d’âge",
        widget=forms.RadioSelect,
        initial="NR",
        help_text="Dit si les jeunes viennent.",
    )
    channel = CodeField("channel", label="Canal")
    site = SiteField(label="Lieu d’accueil")
    held_on = FactDayField(label="Date")
    commune = OfferedField(
        key="code",
        label="Commune de résidence",
        required=False,
        help_text="Au-dessus de 10 000 habitants seulement.",
        error_messages={"invalid_choice": "Cette commune n’est pas proposée. Laissez-la vide."},
    )

    def __init__(self, *args, membership: Membership, **options) -> None:
        super().__init__(*args, **options)
        where = (membership.structure_id, membership.region_id, periods.today())
        self.fields["site"].offer(sites(*where))
        self.fields["commune"].offer(
            large_communes(membership.site.department_id), [("", "Autre ou non renseignée")]
        )

    @staticmethod
    def blank(key: UUID, membership: Membership, lists: CodeLists) -> dict:
        """My site, today, in person."""
        return {
            "key": key,
            "held_on": periods.today(),
            "channel": next(iter(lists.labels["channel"]), ""),
            "site": membership.site.public_id,
            "age_band": "NR",
        }

    def reception(self) -> Reception:
        return Reception(**filled(Reception, self.cleaned_data))
