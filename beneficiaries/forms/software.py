"""What a direction says of the software of its structure."""

from django import forms

from beneficiaries.forms.fields import SiteField
from beneficiaries.queries import sites
from regions.models import Membership
from sprocep import periods


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="Adresse",
        max_length=300,
        help_text="https://…, joignable d’Internet. Elle n’apprend que le numéro d’une fiche et "
        "son état, jamais la personne.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )


class SoftwareForm(forms.Form):
    name = forms.CharField(
        label="Nom du logiciel", max_length=120, help_text="Tel que votre équipe l’appelle."
    )
    site = SiteField(
        label="Lieu d’accueil",
        help_text="Les fiches qu’il envoie partent de ce lieu, comme celles d’une personne.",
    )

    def __init__(self, *args, membership: Membership, **options) -> None:
        super().__init__(*args, **options)
        here = (membership.structure_id, membership.region_id, periods.today())
        self.fields["site"].offer(sites(*here))
