"""Three questions about a session, and the code that lets them be answered once."""

from django import forms

from beneficiaries.contact_codes import SHORT
from beneficiaries.forms.fields import PersonCodeField
from beneficiaries.models import QUESTIONS, QUESTIONS_TO_ADVISERS, FeedbackTally

WORDS = {
    "listened": "Votre situation a-t-elle été écoutée ?",
    "clear": "Les explications étaient-elles claires ?",
    "useful": "Cet entretien vous a-t-il été utile ?",
}


class ShortCodeField(PersonCodeField):
    length = SHORT
    default_error_messages = {
        "misread": "Ce code est mal recopié : il compte trois groupes de quatre signes. "
        "Relisez-les."
    }


def _grade_field(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=FeedbackTally.Grade.choices,
        widget=forms.RadioSelect,
        coerce=int,
        error_messages={"required": "Choisissez une réponse."},
    )


class FeedbackForm(forms.Form):
    code = ShortCodeField(
        label="Votre code d’avis",
        help_text="Sur le papier que l’on vous a remis, comme 2F4K 9TQM 7WHX.",
        error_messages={"required": "Tapez le code du papier que l’on vous a remis."},
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        for question in QUESTIONS:
            self.fields[question] = _grade_field(WORDS[question])

    def grades(self) -> dict[str, int]:
        return {question: self.cleaned_data[question] for question in QUESTIONS}


class AdviserFeedbackForm(forms.Form):
    """Two touches, and what lacked where something did. No free text: it would have a hand."""

    conditions = _grade_field("Les conditions de cet entretien étaient-elles bonnes ?")
    time = _grade_field("Le temps a-t-il suffi ?")
    lacked = forms.ChoiceField(
        label="Qu’a-t-il manqué ?",
        choices=FeedbackTally.Lacked,
        initial=FeedbackTally.Lacked.NOTHING,
    )

    def answers(self) -> dict[str, str | int]:
        return {question: self.cleaned_data[question] for question in QUESTIONS_TO_ADVISERS}
