"""What a Region says of a workshop between networks, and who came."""

from django import forms

from operators.forms import hour_field
from operators.models import Registration
from operators.models.exchanges import MOST_SEATS
from regions.forms import day_field


class ExchangeForm(forms.Form):
    title = forms.CharField(label="Intitulé", max_length=120)
    held_on = day_field("Date", help_text="Aujourd’hui ou un jour à venir.")
    starts_at = hour_field("Commence à", required=True)
    ends_at = hour_field("Finit à", required=True)
    place = forms.CharField(
        label="Lieu ou lien",
        max_length=200,
        help_text="Une adresse, ou « à distance » et le lien : lu par qui peut s’inscrire.",
    )
    seats = forms.IntegerField(label="Places", min_value=2, max_value=MOST_SEATS)
    share = forms.IntegerField(
        label="Part d’un même réseau, au plus (%)",
        min_value=1,
        max_value=100,
        help_text="50 : personne n’entre dans un réseau qui ferait plus de la moitié. Sous 50, il "
        "faut au moins trois réseaux pour remplir l’atelier.",
    )
    least = forms.IntegerField(
        label="À partir de combien de places prises",
        min_value=1,
        max_value=MOST_SEATS,
        help_text="En dessous, un réseau a sa part de ce nombre : 4 et 50 %, deux personnes.",
    )


class AttendanceForm(forms.Form):
    present = forms.MultipleChoiceField(
        label="Présentes et présents", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, inside: list[Registration], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = [
            (str(one.public_id), f"{one.name}, {one.structure_name}") for one in inside
        ]
        self.initial["present"] = [str(one.public_id) for one in inside if one.attended]
