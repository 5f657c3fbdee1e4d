"""The reading API: who has the right to deliver CEP, and the national code lists."""

import functools
from collections.abc import Collection

from django.db.models import F, Model, QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from operators import models
from operators.queries import category_names, described
from regions.api import DatedSerializer, OnADay, Reading
from regions.models import Department, Network, NetworkName, Site
from regions.permissions import Permission
from sprocep.addresses import on_site
from sprocep.api import CodeFilter, OnePage

# ── Operators ────────────────────────────────────────────────────────────────────────────────


def categories() -> Collection[str]:
    return set(models.OperatorCategory.objects.values_list("code", flat=True))


def networks() -> Collection[str]:
    return set(Network.objects.values_list("code", flat=True))


def departments() -> Collection[str]:
    return set(Department.objects.values_list("code", flat=True))


class OperatorSerializer(DatedSerializer):
    siret = serializers.CharField()
    name = serializers.CharField()
    network = serializers.CharField(help_text="Code de la liste « network ».")
    category = serializers.CharField(
        source="category_id", help_text="Code de la liste « operator », colonne des valeurs."
    )
    category_name = serializers.SerializerMethodField()
    max_rank = serializers.IntegerField(help_text="Niveau de service le plus élevé : 1 à 3.")
    departments = serializers.ListField(
        child=serializers.CharField(), help_text="Départements de ses lieux d’accueil."
    )

    def get_category_name(self, operator: models.Operator) -> str:
        return self.context["view"].category_names[operator.category_id]


class OperatorFilters(OnADay):
    category = CodeFilter(
        categories, field_name="category_id", help_text="Code de la liste « operator »."
    )
    network = CodeFilter(
        networks, field_name="structure__network_id", help_text="Code de la liste « network »."
    )
    department = CodeFilter(
        departments, method="receiving_in", help_text="Qui reçoit dans ce département."
    )

    def receiving_in(self, rows: QuerySet, name: str, code: str) -> QuerySet:
        places = Site.objects.filter(department_id=code, is_remote_platform=False)
        return rows.filter(structure__in=places.values("structure"))


class Operators(Reading, ListModelMixin):
    """Les structures qui délivrent le CEP : une ligne par droit, de sa date à sa fin."""

    permission = Permission.READ_CODES
    queryset = models.Operator.objects.all()
    serializer_class = OperatorSerializer
    filterset_class = OperatorFilters
    order = ("siret", "starts_on")

    def filter_queryset(self, rows: QuerySet) -> QuerySet[models.Operator]:
        return described(super().filter_queryset(rows), self.day)

    @functools.cached_property
    def category_names(self) -> dict[str, str]:
        return category_names(self.day)


# ── Code lists ───────────────────────────────────────────────────────────────────────────────

LISTS: dict[str, type[Model]] = {
    "operator": models.OperatorCategoryName,
    "network": NetworkName,
    **models.NOMENCLATURES,
}
# Where a code is another row, each of its names is a line.
_NAMED = {
    "operator": {"code": F("category_id"), "position": F("category__position")},
    "network": {"code": F("network_id"), "position": F("network__position")},
}
_WORDS = {"operator": models.OperatorCategory, "network": Network}


class NomenclatureSerializer(serializers.Serializer):
    list = serializers.CharField(help_text="Nom de la liste, dans son adresse.")
    label = serializers.CharField()
    codes = serializers.URLField(help_text="Adresse de ses codes.")


class Nomenclatures(Reading):
    """Les listes de codes nationales, sur une page."""

    permission = Permission.READ_CODES
    serializer_class = NomenclatureSerializer
    pagination_class = OnePage
    filter_backends = ()

    def list(self, request: Request) -> Response:
        lists = [
            {
                "list": name,
                "label": _WORDS.get(name, model)._meta.verbose_name,
                "codes": on_site(reverse("api:codes", args=[name])),
            }
            for name, model in LISTS.items()
        ]
        return self.get_paginated_response(self.get_serializer(lists, many=True).data)


class CodeSerializer(DatedSerializer):
    code = serializers.CharField()
    label = serializers.CharField()
    position = serializers.IntegerField(help_text="Rang dans la liste.")


@extend_schema_view(
    list=extend_schema(
        operation_id="nomenclatures_codes",
        parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, enum=tuple(LISTS))],
    )
)
class Codes(Reading, ListModelMixin):
    """Les codes d'une liste : un code garde ses dates, il ne change jamais de sens."""

    permission = Permission.READ_CODES
    queryset = models.Reason.objects.none()  # what the description looks at: one list of many
    serializer_class = CodeSerializer
    filterset_class = OnADay
    order = ("code", "starts_on")

    def get_queryset(self) -> QuerySet:
        name = self.kwargs["name"]
        if name not in LISTS:
            raise Http404
        rows = LISTS[name].objects.all()
        if name in _NAMED:
            rows = rows.annotate(label=F("name"), **_NAMED[name])
        return rows.values_list("code", "label", "position", "starts_on", "ends_on", named=True)
