"""What « mes parcours » can be narrowed by: a closed list, kept in the address."""

import django_filters
from django import forms
from django.db.models import QuerySet

from beneficiaries.forms.fields import DayField
from beneficiaries.models import Journey
from beneficiaries.queries import (
    CodeLists,
    is_followed_by,
    is_silent,
    persons_named,
    reached_level,
)
from regions.models import Membership
from regions.queries import region_scope
from sprocep import periods

OPEN, CLOSED, SILENT = "open", "closed", "silent"
STATES = [
    (OPEN, "ouverts"),
    (SILENT, "ouverts, sans entretien depuis 90 jours"),
    (CLOSED, "clos"),
]
ME = "me"
# Shown as long as nothing was asked.
MINE = {"state": OPEN, "referent": ME}
SORTS = ("opened", "-opened", "name", "-name")


class DayFilter(django_filters.DateFilter):
    field_class = DayField


class JourneyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Nom ou date de naissance",
        method="named",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = django_filters.ChoiceFilter(
        label="État", choices=STATES, empty_label="tous", method="in_state"
    )
    referent = django_filters.ChoiceFilter(
        label="Référent",
        choices=[(ME, "moi")],
        empty_label="toute la structure",
        method="followed",
    )
    reason = django_filters.ChoiceFilter(
        field_name="main_reason", label="Motif principal", empty_label="tous"
    )
    level = django_filters.ChoiceFilter(
        label="Niveau mobilisé", empty_label="tous", method="at_level"
    )
    opened_from = DayFilter(field_name="opened_on", lookup_expr="gte", label="Ouvert à partir du")
    opened_to = DayFilter(field_name="opened_on", lookup_expr="lte", label="Ouvert jusqu'au")

    class Meta:
        model = Journey
        fields = []

    def __init__(self, data, *, membership: Membership, lists: CodeLists, **options) -> None:
        super().__init__(data, **options)
        self.membership = membership
        self.filters["reason"].extra["choices"] = lists.choices("reason")
        self.filters["level"].extra["choices"] = [
            (code, f"niveau {lists.rank(code)}") for code, _ in lists.choices("level")
        ]

    def named(self, found: QuerySet[Journey], name: str, text: str) -> QuerySet[Journey]:
        where = (self.membership.structure_id, region_scope(self.membership.region_id))
        return found.filter(beneficiary__in=persons_named(*where, text))

    def in_state(self, found: QuerySet[Journey], name: str, state: str) -> QuerySet[Journey]:
        if state == SILENT:
            return found.filter(is_silent(periods.today()))
        return found.filter(closed_on__isnull=state == OPEN)

    def followed(self, found: QuerySet[Journey], name: str, who: str) -> QuerySet[Journey]:
        return found.filter(is_followed_by(self.membership, periods.today()))

    def at_level(self, found: QuerySet[Journey], name: str, level: str) -> QuerySet[Journey]:
        return found.filter(reached_level(level))
