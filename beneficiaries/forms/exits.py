"""What became of a person six months after her exit: three questions, no free text."""

from django import forms

from beneficiaries.entries import ExitAnswer
from beneficiaries.forms.fields import CodeField
from beneficiaries.forms.journeys import ChosenCodeForm
from beneficiaries.models import ONLINE, ExitQuestion

_NOT_STATED = "NR"


class ExitForm(ChosenCodeForm):
    """As the person reads it."""

    chosen = ("situation",)
    situation = CodeField(
        "situation",
        label="Où en êtes-vous aujourd’hui ?",
        error_messages={"required": "Choisissez la situation la plus proche de la vôtre."},
    )
    project = forms.ChoiceField(
        label="Votre projet s’est-il réalisé ?",
        choices=ExitQuestion.Project.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si votre projet s’est réalisé : oui, en partie ou non."},
    )
    usefulness = forms.TypedChoiceField(
        label="Le conseil en évolution professionnelle vous a-t-il été utile ?",
        choices=ExitQuestion.Usefulness.choices,
        widget=forms.RadioSelect,
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        # Who does not wish to say does not answer: the rate says so.
        self.fields["situation"].choices = [
            pair for pair in self.fields["situation"].choices if pair[0] != _NOT_STATED
        ]

    def answer(self) -> ExitAnswer:
        return ExitAnswer(**self.cleaned_data)


class NotedExitForm(ExitForm):
    """As her adviser notes it."""

    chosen = ("situation", "channel")
    channel = CodeField("channel", label="Comment l’avez-vous jointe ?")
    field_order = ("channel", "situation", "project", "usefulness")

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["channel"].choices = [
            pair for pair in self.fields["channel"].choices if pair[0] != ONLINE
        ]
        for name, words in (
            ("situation", "Sa situation aujourd’hui"),
            ("project", "Son projet s’est-il réalisé ?"),
            ("usefulness", "Le CEP lui a-t-il été utile ?"),
        ):
            self.fields[name].label = words
