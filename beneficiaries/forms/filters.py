"""What « mes parcours » can be narrowed by: a closed list, kept in the address."""

from django import forms
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import CodeField, DayField
from beneficiaries.models import Journey
from beneficiaries.queries import (
    HANDED_OVER_DAYS,
    CodeLists,
    awaits_approval,
    has_missed,
    is_followed_by,
    is_silent,
    owes_document,
    persons_named,
    reached_level,
    waits_for_contact,
)
from regions.models import Membership
from regions.queries import region_scope
from sprocep import periods

OPEN, CLOSED, SILENT = "open", "closed", "silent"
MISSED, TO_APPROVE, TO_HAND_OVER = "missed", "to_approve", "to_hand_over"
TO_CONTACT = "to_contact"  # a décrocheur, whom no list names so
STATES = [
    (OPEN, "ouverts"),
    (MISSED, "ouverts, rendez-vous passé sans entretien"),
    (SILENT, "ouverts, sans entretien depuis 90 jours"),
    (TO_CONTACT, "ouverts, jeune repéré à contacter"),
    (TO_APPROVE, "document à approuver par la personne"),
    (TO_HAND_OVER, "clos, document de synthèse à remettre"),
    (CLOSED, "clos"),
]
ME, RECENT = "me", "recent"
REFERENTS = [
    (ME, "moi"),
    (RECENT, f"moi, et ce que j’ai confié depuis {HANDED_OVER_DAYS} jours"),
]
# Shown as long as nothing was asked: who hands a journey over still finds it for a month.
MINE = {"state": OPEN, "referent": RECENT}


class JourneyFilter(CodeForm):
    """A choice that does not exist filters nothing: an old address still shows something."""

    q = forms.CharField(
        label="Nom ou date de naissance",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(label="État", required=False, choices=[("", "tous"), *STATES])
    referent = forms.ChoiceField(
        label="Référent", required=False, choices=[("", "toute la structure"), *REFERENTS]
    )
    reason = CodeField("reason", label="Motif principal", required=False)
    level = CodeField("level", label="Niveau mobilisé", required=False)
    opened_from = DayField(label="Ouvert à partir du", required=False)
    opened_to = DayField(label="Ouvert jusqu’au", required=False)

    def __init__(self, data, *, membership: Membership, lists: CodeLists) -> None:
        super().__init__(data, lists=lists)
        self.membership = membership
        self.fields["reason"].choices = [("", "tous"), *lists.choices("reason")]
        self.fields["level"].choices = [("", "tous")] + [
            (code, f"niveau {lists.rank(code)}") for code, _ in lists.choices("level")
        ]

    def kept(self) -> dict[str, str]:
        """What a view keeps: every choice that exists, never the name that was looked for."""
        self.is_valid()
        return {
            name: self[name].value()
            for name, value in self.cleaned_data.items()
            if value and name != "q"
        }

    def narrowed(self, found: QuerySet[Journey]) -> QuerySet[Journey]:
        """Of these journeys, those that are asked for."""
        self.is_valid()
        conditions = {
            "q": self._named,
            "state": _in_state,
            "referent": self._followed,
            "reason": lambda code: Q(main_reason=code),
            "level": reached_level,
            "opened_from": lambda day: Q(opened_on__gte=day),
            "opened_to": lambda day: Q(opened_on__lte=day),
        }
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return found.filter(*(conditions[name](value) for name, value in asked.items()))

    def _followed(self, by: str) -> Coalesce:
        days = HANDED_OVER_DAYS if by == RECENT else 0
        return is_followed_by(self.membership, periods.today(), handed_over=days)

    def _named(self, text: str) -> RawSQL:
        where = (self.membership.structure_id, region_scope(self.membership.region_id))
        # One value: as many of them as persons cost more to write than to look up.
        persons = persons_named(*where, text)
        return RawSQL("beneficiary_id = ANY (%s)", (persons,), BooleanField())


class ViewForm(forms.Form):
    """A name for the filters in force; `query` is what the address of the list says."""

    name = forms.CharField(label="Nom de la vue", max_length=40)
    query = forms.CharField(widget=forms.HiddenInput, required=False)


def _in_state(state: str) -> Q:
    today = periods.today()
    conditions = {
        OPEN: lambda: Q(closed_on__isnull=True),
        MISSED: lambda: has_missed(today),
        SILENT: lambda: is_silent(today),
        TO_CONTACT: waits_for_contact,
        TO_APPROVE: awaits_approval,
        TO_HAND_OVER: lambda: owes_document(today),
        CLOSED: lambda: Q(closed_on__isnull=False),
    }
    return conditions[state]()
