"""Sealed editions, and what happened to them."""

import functools
from collections.abc import Collection

from django.conf import settings
from django.http import Http404
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.sealed import EDITION_PATH, PERIOD, SEALED, sealed_edition, tagged
from indicators.models import Edition, EditionEvent
from indicators.queries import Names
from regions.api import Reading
from regions.permissions import Permission, may
from regions.queries import national_regions, region_scope
from sprocep.api import CodeFilter, OnePage, PatternFilter, answers, one_of
from sprocep.periods import Period

_NOT_SEALED = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW, Edition.State.VALIDATED)
STATES = [(s.value, s.label) for s in Edition.State if s not in _NOT_SEALED]


def territories() -> Collection[str]:
    return set(national_regions())


class EditionSerializer(serializers.Serializer):
    edition = serializers.CharField(source="code", help_text="période/territoire/numéro")
    period = serializers.CharField(help_text="2016, 2016-T1 ou 2016-01")
    period_label = serializers.SerializerMethodField()
    region = serializers.CharField(source="territory", help_text="Code d’une Région, ou FR.")
    region_name = serializers.SerializerMethodField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(STATES)
    sealed_at = serializers.DateTimeField()
    transmitted_at = serializers.DateTimeField(allow_null=True)
    figures_seal = serializers.CharField(help_text="SHA-256 du CSV canonique de ses valeurs.")
    chained_seal = serializers.CharField(
        help_text="Couvre aussi celui de l’édition du territoire scellée juste avant."
    )
    supersedes = serializers.SerializerMethodField(help_text="Édition qu’un erratum remplace.")
    cause = serializers.CharField(help_text="D’un erratum ; vide sinon.")
    notice = serializers.SerializerMethodField(help_text="Nature de l’édition, à ne pas omettre.")

    def get_period_label(self, edition: Edition) -> str:
        return Period.parse(edition.period).label

    def get_region_name(self, edition: Edition) -> str:
        day = Period.parse(edition.period).last_day
        return self.context["view"].names.on(edition.territory, day)

    def get_supersedes(self, edition: Edition) -> str | None:
        if edition.supersedes_id is None:
            return None
        return f"{edition.period}/{edition.territory}/{edition.number - 1}"

    def get_notice(self, edition: Edition) -> str:
        return settings.SECRECY_NOTICE


class EditionFilters(FilterSet):
    period = PatternFilter(
        PERIOD,
        "écrivez par exemple 2016, 2016-T1 ou 2016-01.",
        help_text="2016, 2016-T1 ou 2016-01.",
    )
    region = CodeFilter(territories, field_name="territory", help_text="Code d’une Région, ou FR.")
    state = one_of(STATES)


class Editions(Reading, ListModelMixin):
    """Les éditions scellées de toutes les Régions et de la France."""

    queryset = SEALED
    serializer_class = EditionSerializer
    filterset_class = EditionFilters
    order = ("period", "territory", "number")

    @functools.cached_property
    def names(self) -> Names:
        return Names()

    @extend_schema(
        description="Une édition scellée : le même ETag tant que rien ne lui arrive.",
        parameters=EDITION_PATH,
        responses=answers(EditionSerializer, has_tag=True),
    )
    def retrieve(self, request: Request, period: str, territory: str, number: str) -> Response:
        edition = sealed_edition(period, territory, number)
        return tagged(request, edition, lambda: Response(self.get_serializer(edition).data))


def _is_own(request: Request, territory: str) -> bool:
    own = request.membership.region_id
    return own is not None and territory in region_scope(own)


class EventSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(EditionEvent.Kind.choices)
    label = serializers.CharField(source="get_kind_display")
    at = serializers.DateTimeField()
    text = serializers.CharField(help_text="Commentaire, motif, réponse ou cause ; souvent vide.")


class Events(Reading):
    """Ce qui est arrivé à une édition scellée : pour sa Région et pour la nation."""

    queryset = EditionEvent.objects.none()
    serializer_class = EventSerializer
    pagination_class = OnePage
    filter_backends = ()

    @extend_schema(
        operation_id="editions_events_list",
        parameters=EDITION_PATH,
        responses=answers(EventSerializer(many=True)),
    )
    def list(self, request: Request, period: str, territory: str, number: str) -> Response:
        edition = sealed_edition(period, territory, number)
        is_national = may(request, Permission.READ_ALL_DASHBOARDS)
        if not (is_national or _is_own(request, territory)):
            raise Http404
        events = edition.events.all()
        return self.get_paginated_response(self.get_serializer(events, many=True).data)
