"""Where two values of a field stand against each other, which one stays."""

from collections.abc import Callable

from django import forms

from beneficiaries.queries import Values

ONE, OTHER = "one", "other"


class ValuesForm(forms.Form):
    """One question a field. `sides`: what the two values are called, beside each."""

    def __init__(
        self,
        *args,
        values: list[Values],
        sides: tuple[str, str],
        is_other: Callable[[Values], bool],
        **options,
    ) -> None:
        super().__init__(*args, **options)
        for pair in values:
            said = [f"{words} ({side})" for words, side in zip(pair.words, sides, strict=True)]
            self.fields[pair.column] = forms.ChoiceField(
                label=pair.title,
                choices=list(zip((ONE, OTHER), said, strict=True)),
                widget=forms.RadioSelect,
                initial=OTHER if is_other(pair) else ONE,
                error_messages={
                    "required": f"{pair.title} : les deux valeurs diffèrent. Choisissez celle qui "
                    "reste."
                },
            )

    def answers(self) -> dict[str, bool]:
        """Of each field, whether its second value was chosen."""
        return {name: value == OTHER for name, value in self.cleaned_data.items()}
