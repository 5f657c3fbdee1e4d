"""What the DGEFP types about a national code list."""

from django import forms

from operators.models import (
    Channel,
    Funder,
    FundingRight,
    Nomenclature,
    Reason,
    Service,
    ServiceLevel,
)
from operators.queries import choices
from regions.forms import quarter_field
from sprocep import periods

_HEALTH = forms.BooleanField(
    label="Relève de la santé",
    required=False,
    help_text="Publié pour la Région entière seulement, et secret dès un petit nombre.",
)
_REMOTE = forms.BooleanField(label="À distance", required=False)


class CodeForm(forms.Form):
    """A code more in a list, with what this list alone says of its codes."""

    code = forms.RegexField(
        r"^[A-Z0-9_]{1,12}$",
        label="Code",
        help_text="Capitales et chiffres, douze au plus. Il ne changera jamais de sens.",
        error_messages={"invalid": "Écrivez des capitales et des chiffres, douze au plus."},
    )
    label = forms.CharField(label="Libellé", max_length=120)

    def __init__(self, *args, code_list: type[Nomenclature], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if code_list is Service:
            levels = choices(ServiceLevel, periods.today())
            self.fields["level"] = forms.ModelChoiceField(
                label="Niveau", queryset=levels, empty_label="—"
            )
        elif code_list is FundingRight:
            funders = choices(Funder, periods.today())
            self.fields["funder"] = forms.ModelChoiceField(
                label="Financeur", queryset=funders, empty_label="—"
            )
        elif code_list is Reason:
            self.fields["is_health"] = _HEALTH
        elif code_list is Channel:
            self.fields["is_remote"] = _REMOTE
        self.fields["starts_on"] = quarter_field("À partir du")


class EndOfCodeForm(forms.Form):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = quarter_field(
            "Premier jour sans ce code",
            help_text="Ce qui porte déjà ce code le garde.",
        )
