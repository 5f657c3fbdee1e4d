"""How letters come, and whether an address receives them again."""

from django import forms


def again_field() -> forms.BooleanField:
    """Asked where a mail came back lately."""
    return forms.BooleanField(
        label="Cette adresse reçoit de nouveau",
        required=False,
        help_text="Un courriel en est revenu. Cochez une fois la boîte vidée ou rouverte.",
    )


class LettersForm(forms.Form):
    """How the letters of an account come to it."""

    AT_ONCE, ONCE_A_DAY = "at_once", "once_a_day"
    rhythm = forms.ChoiceField(
        label="Quand elles partent",
        help_text="Une transmission et un erratum partent toujours aussitôt.",
        widget=forms.RadioSelect,
        choices=[
            (AT_ONCE, "chacune aussitôt"),
            (ONCE_A_DAY, "réunies en un courriel, le matin à 7 h"),
        ],
    )

    def __init__(self, *args, takes_digest: bool, is_refused: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if is_refused:
            self.fields["writes_again"] = again_field()
        self.fields["rhythm"].initial = self.ONCE_A_DAY if takes_digest else self.AT_ONCE

    @property
    def takes_digest(self) -> bool:
        return self.cleaned_data["rhythm"] == self.ONCE_A_DAY

    @property
    def writes_again(self) -> bool:
        return self.cleaned_data.get("writes_again", False)
