"""Fields that several of these forms ask: days, communes, sites, free text without a NIR."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import reverse_lazy

from beneficiaries.contact_codes import LENGTH, read_code
from beneficiaries.days import FIRST_YEAR, TYPED_DAY, read_day
from beneficiaries.entries import FIRST_DAY
from beneficiaries.nir import NIR_REFUSED, holds_nir, visible
from regions.models import Commune
from regions.queries import commune_searched, communes_found
from sprocep import periods

_PHONE = re.compile(
    r"^(?:(?:\+|00)33[\s.\-]?(?:\(0\)[\s.\-]?)?|0)[1-9](?:[\s.\-]?\d\d){4}$"
    r"|^(?:\+|00)(?!33)[1-9](?:[\s.\-]?\d){6,13}$"
)
_EUROS = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,2})?")
_COMMUNE = re.compile(r"\s*(?P<name>.+?)\s*(?:\((?P<department>[0-9][0-9AB][0-9]?)\))?\s*")


class DayField(forms.DateField):
    """A day chosen in the browser's calendar or typed."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class FactDayField(DayField):
    """The day of a fact: since the beginning of the mission, and not to come."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value > periods.today():
            raise ValidationError("C’est une date à venir. Enregistrez le fait une fois tenu.")
        if value and value < FIRST_DAY:
            raise ValidationError(
                f"L’activité se compte depuis le {periods.full_date(FIRST_DAY)}. Vérifiez l’année."
            )


class InstantField(forms.CharField):
    """The instant at which a text was stored, to the microsecond."""

    def clean(self, value) -> datetime | None:
        text = super().clean(value)
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError as exc:
            raise ValidationError("Rechargez la page : ce formulaire n’est plus lisible.") from exc


class TypedDayField(forms.DateField):
    """A day typed as one says it, with or without its slashes: quicker than a calendar."""

    is_birth = False
    widget = forms.DateInput(
        format="%d/%m/%Y",
        attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 10},
    )

    def __init__(self, **options) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)

    def to_python(self, value) -> date | None:
        match = TYPED_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            return super().to_python(value)
        day = read_day(match, is_birth=self.is_birth)
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value.year < FIRST_YEAR:
            raise ValidationError("Vérifiez l’année : écrivez-la en quatre chiffres, comme 1985.")


class BirthDayField(TypedDayField):
    """The day of a birth, which is not to come: « 12/3/85 » is of 1985."""

    is_birth = True

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value > periods.today():
            raise ValidationError("Cette date de naissance est à venir. Vérifiez l’année.")


class IsoDayField(forms.DateField):
    """A day as programs write it, and no other way: it is read back as it was written."""

    def to_python(self, value: str) -> date | None:
        try:
            day = date.fromisoformat(value) if value else None
        except ValueError:
            day = None
        if value and (day is None or day.isoformat() != value):
            raise ValidationError("Écrivez un jour qui existe, comme 1985-03-12.")
        return day


def typed_day(data, name: str = "held_on") -> date:
    """The day of the fact as it was typed, which says the code lists in force; else today."""
    try:
        day = forms.DateField(required=False).clean(data.get(name))
    except ValidationError:
        return periods.today()
    # Before the mission there is no list at all: the date alone is what is wrong.
    return max(day or periods.today(), FIRST_DAY)


def refuse_nir(text: str) -> None:
    """No social security number in free text; the message does not repeat it."""
    if holds_nir(text):
        raise ValidationError(NIR_REFUSED)


class PlainField(forms.CharField):
    """Free text of one line: what is not seen is dropped, a social security number refused."""

    default_validators = [refuse_nir]

    def to_python(self, value) -> str:
        return visible(super().to_python(value))


class EuroField(forms.CharField):
    """Euros as one types them: « 1 250,50 », « 1250.5 € »."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value):
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value

    def clean(self, value) -> Decimal | None:
        text = re.sub(r"[\s€]", "", super().clean(value)).replace(",", ".")
        if not text:
            return None
        if not _EUROS.fullmatch(text):
            raise ValidationError(
                "Ce montant n’est pas lisible : écrivez des euros, comme 1 250 ou 1 250,50, "
                "jusqu’à 9 999 999,99."
            )
        return Decimal(text)


class PersonCodeField(forms.CharField):
    """A code that the person holds, as it is read from a paper."""

    length = LENGTH
    widget = forms.TextInput(
        attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    )
    default_error_messages = {
        "misread": "Ce code est mal recopié : il compte cinq groupes de quatre signes. Relisez-les."
    }

    def clean(self, value) -> str:
        text = super().clean(value)
        try:
            return read_code(text, self.length) if text else ""
        except ValueError as exc:
            raise ValidationError(self.error_messages["misread"]) from exc


class NoteField(PlainField):
    """Free text of several lines."""

    def __init__(self, *, max_length: int, **options) -> None:
        super().__init__(
            max_length=max_length,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            **options,
        )


class PhoneField(forms.RegexField):
    """A French number of ten digits, or one from abroad with its country code."""

    def __init__(self, **options) -> None:
        super().__init__(
            _PHONE,
            max_length=20,
            required=False,
            error_messages={
                "invalid": "Écrivez les dix chiffres du numéro, par exemple 06 12 34 56 78, ou un "
                "numéro de l’étranger avec son indicatif, par exemple +32 470 12 34 56."
            },
            widget=forms.TextInput(attrs={"type": "tel"}),
            **options,
        )


def commune_label(commune: Commune) -> str:
    return f"{commune.name} ({commune.department_id})"


class CommuneField(forms.CharField):
    """The name of a commune, its postcode, or its name with the département behind it."""

    def __init__(self, **options) -> None:
        widget = forms.TextInput(
            attrs={
                "list": "communes",
                "autocomplete": "off",
                "hx-get": reverse_lazy("beneficiaries:communes"),
                "hx-trigger": "input changed delay:200ms",
                "hx-target": "#communes",
            }
        )
        super().__init__(required=False, max_length=100, widget=widget, **options)

    def prepare_value(self, value):
        return commune_label(value) if isinstance(value, Commune) else value

    def clean(self, value) -> Commune | None:
        text = super().clean(value)
        if not text:
            return None
        found = _communes_named(text)
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(
                "Aucune commune ne porte ce nom ou ce code postal. Vérifiez l’orthographe, ou "
                "laissez vide."
            )
        labels = ", ".join(map(commune_label, found[:4]))
        raise ValidationError(f"Plusieurs communes répondent : {labels}. Écrivez-en une ainsi.")


class CommuneCodeField(forms.CharField):
    """A commune by its official code."""

    def __init__(self, **options) -> None:
        super().__init__(required=False, max_length=5, **options)

    def clean(self, value) -> Commune | None:
        code = super().clean(value)
        found = Commune.objects.filter(pk=code).first() if code else None
        if code and found is None:
            raise ValidationError("Ce code Insee n’est celui d’aucune commune.")
        return found


def _communes_named(text: str) -> list[Commune]:
    match = _COMMUNE.fullmatch(text)
    name, department = match["name"], match["department"]
    communes = communes_found(name)
    if department:
        communes = communes.filter(department=department)
    found = list(communes[:40])
    return [one for one in found if one.sort_key == commune_searched(name)] or found


class OfferedField(forms.ChoiceField):
    """One of the rows that the form offers, read once; what is clean is that row."""

    def __init__(self, *, key: str = "public_id", **options) -> None:
        self.key = key
        self.rows: dict[str, Model] = {}
        super().__init__(**options)

    def offer(self, rows: Iterable[Model], first: Iterable[tuple[str, str]] = ()) -> None:
        self.rows = {str(getattr(row, self.key)): row for row in rows}
        self.choices = [*first, *((key, str(row)) for key, row in self.rows.items())]

    def clean(self, value) -> Model | None:
        return self.rows.get(super().clean(value))


class SiteField(OfferedField):
    """A place of the structure, known by its public id."""

    def __init__(self, **options) -> None:
        super().__init__(
            error_messages={
                "invalid_choice": "Ce lieu d’accueil n’est pas de votre structure. Choisissez-en "
                "un de la liste."
            },
            **options,
        )


class AdviserField(OfferedField):
    """A person of the structure, known by her public id."""

    def __init__(self, **options) -> None:
        super().__init__(
            error_messages={
                "invalid_choice": "Cette personne n’est pas de votre structure. Choisissez-en une "
                "de la liste."
            },
            **options,
        )


class CodeField(forms.ChoiceField):
    """A code of a national list; the form gives it the codes in force that day."""

    def __init__(self, list_name: str, **options) -> None:
        self.list_name = list_name
        options.setdefault(
            "error_messages",
            {"invalid_choice": "Ce code n’est pas dans la liste. Choisissez une valeur proposée."},
        )
        super().__init__(**options)


class CodesField(forms.MultipleChoiceField):
    """Several codes of a national list, as check boxes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, list_name: str, **options) -> None:
        self.list_name = list_name
        options.setdefault(
            "error_messages",
            {"invalid_choice": "Un de ces codes n’est pas dans la liste. Choisissez à nouveau."},
        )
        super().__init__(required=False, **options)
