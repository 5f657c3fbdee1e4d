"""Fiches that a structure takes away, or lays down, as one file."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from beneficiaries.forms.fields import DayField
from sprocep.bodies import read_json

MOST_ENTRIES = 100  # each is looked at like a form: a page of them is answered in seconds
_MOST_BYTES = 1024 * 1024


class PeriodForm(forms.Form):
    first = DayField(label="Du")
    last = DayField(label="Au")

    def clean(self) -> dict:
        data = super().clean()
        if {"first", "last"} <= data.keys() and data["first"] > data["last"]:
            self.add_error(
                "last", "Cette date précède le premier jour. Donnez-en une plus tardive."
            )
        return data


class EntriesForm(forms.Form):
    file = forms.FileField(
        label="Fichier JSON",
        help_text=f"Des fiches à envoyer et des réponses, {MOST_ENTRIES} au plus.",
        widget=forms.FileInput(attrs={"accept": "application/json,.json"}),
        error_messages={
            "required": "Choisissez le fichier à déposer.",
            "empty": "Ce fichier est vide. Choisissez-en un autre.",
        },
    )

    def clean_file(self) -> list:
        """Its entries."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise ValidationError("Ce fichier dépasse 1 Mo. Partagez-le en plusieurs.")
        try:
            entries = read_json(file.read().removeprefix(b"\xef\xbb\xbf"))
        except ValueError as exc:
            raise ValidationError(
                "Ce fichier n’est pas du JSON en UTF-8. Exportez-le à nouveau de votre logiciel."
            ) from exc
        if not isinstance(entries, list) or not entries:
            raise ValidationError("Ce fichier n’est pas une liste d’entrées, entre crochets.")
        if len(entries) > MOST_ENTRIES:
            raise ValidationError(
                f"Ce fichier a plus de {MOST_ENTRIES} entrées. Partagez-le en plusieurs."
            )
        return entries
