"""Figures of one sealed edition."""

import functools
from collections.abc import Collection

from django.conf import settings
from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.sealed import CODE, sealed_block, tagged
from indicators.definitions import INDICATORS, TOTAL
from indicators.exports import catalogue
from indicators.exports.blocks import Block
from indicators.exports.labels import POPULATIONS, UNITS, Labels, labels_on
from indicators.exports.rows import COLUMNS
from indicators.models import EditionCell
from indicators.queries import Names
from indicators.regional.vocabulary import FIELDS
from regions.api import Reading
from sprocep.api import UNKNOWN_CODE, Keyset, PatternFilter, answers, one_of, page_schema

BREAKDOWNS = {one.name: one.label for indicator in INDICATORS for one in indicator.breakdowns}
_WHOLE = {TOTAL: "ensemble"}
_ADDRESS = ("indicator", "population", "breakdown", "category", "department", "operator", "level")
_IN_FILES = tuple(column for column in COLUMNS if column in _ADDRESS)
_READ = (*_ADDRESS, "value", "unit", "status", "completeness")


class FigureLabelsSerializer(serializers.Serializer):
    region = serializers.CharField()
    indicator = serializers.CharField()
    population = serializers.CharField()
    breakdown = serializers.CharField()
    category = serializers.CharField()
    department = serializers.CharField()
    operator = serializers.CharField()
    level = serializers.CharField()
    unit = serializers.CharField()


class FigureSerializer(serializers.Serializer):
    """Les colonnes des fichiers d'édition, et leurs libellés."""

    edition = serializers.CharField(help_text="période/territoire/numéro")
    period = serializers.CharField()
    region = serializers.CharField(help_text="Code d’une Région, ou FR.")
    indicator = serializers.CharField()
    population = serializers.CharField()
    department = serializers.CharField(help_text="Code, ou total.")
    operator = serializers.CharField(help_text="Catégorie d’opérateur, ou total.")
    level = serializers.CharField(help_text="Niveau de service, ou total.")
    breakdown = serializers.CharField(help_text="Ventilation, ou total.")
    category = serializers.CharField(help_text="Modalité de la ventilation, ou total.")
    value = serializers.FloatField(allow_null=True, help_text="null si elle n’est pas publiée.")
    unit = serializers.CharField()
    status = serializers.ChoiceField(EditionCell.Status.choices)
    completeness = serializers.FloatField(help_text="Part des remontées reçues, en %.")
    labels = FigureLabelsSerializer()

    def to_representation(self, cell) -> dict:
        """Field by field, a page of a thousand rows would take a second."""
        return self.context["view"].words.row(cell)


class Words:
    """Rows of one block with their labels, from dictionaries read once."""

    def __init__(self, block: Block, labels: Labels) -> None:
        self.labels = labels
        self.region = Names().on(block.territory, block.period.last_day)
        self.indicators = catalogue.labels()
        period = block.edition.period
        self.head = {"edition": block.code, "period": period, "region": block.territory}

    def known(self, column: str, breakdown: str | None) -> Collection[str]:
        """Codes that a column may hold in this period, `total` included."""
        if column != "category":
            return {TOTAL, *self.labels[column]}
        lists = [breakdown] if breakdown else BREAKDOWNS
        return {TOTAL, *(code for name in lists if name != TOTAL for code in self.labels[name])}

    def row(self, cell) -> dict:
        whole = int(cell.value) if cell.value is not None else None
        return {
            **self.head,
            **{column: getattr(cell, column) for column in _IN_FILES},
            "value": whole if whole == cell.value else float(cell.value),
            "unit": cell.unit,
            "status": cell.status,
            "completeness": float(cell.completeness),
            "labels": {
                "region": self.region,
                "indicator": self.indicators[cell.indicator],
                "population": POPULATIONS[cell.population],
                "breakdown": _breakdown(cell.breakdown),
                "category": self._label(cell.breakdown, cell.category),
                "department": self._label("department", cell.department),
                "operator": self._label("operator", cell.operator),
                "level": self._label("level", cell.level),
                "unit": UNITS[cell.unit],
            },
        }

    def _label(self, name: str, code: str) -> str:
        return _WHOLE.get(code) or self.labels.of(name, code)


def _breakdown(name: str) -> str:
    """Of the base, or of an indicator that a Region composed."""
    return BREAKDOWNS.get(name) or (FIELDS[name].label if name in FIELDS else _WHOLE[TOTAL])


def _code(help_text: str) -> PatternFilter:
    """A code of a list of the period: which there are is known once the edition is."""
    return PatternFilter("[0-9A-Za-z_|.-]{1,30}", UNKNOWN_CODE, help_text=help_text)


class FigureFilters(FilterSet):
    edition = PatternFilter(
        CODE,
        "écrivez un numéro d’édition, comme 2016-T1/93/1 ou 2015-T4/75/b2016.",
        help_text="Numéro d’une édition scellée, ou 2015-T4/75/b2016 en limites constantes.",
        required=True,
        method="of_block",
    )
    indicator = one_of([(one.code, one.label) for one in INDICATORS])
    population = one_of(list(POPULATIONS.items()))
    breakdown = one_of([*BREAKDOWNS.items(), *_WHOLE.items()])
    category = _code("Modalité de la ventilation, ou total.")
    department = _code("Code d’un département, ou total.")
    operator = _code("Catégorie d’opérateur, ou total.")
    level = _code("Niveau de service, ou total.")
    status = one_of(EditionCell.Status.choices)

    def of_block(self, cells: QuerySet, name: str, code: str) -> QuerySet:
        return cells.filter(self.request.parser_context["view"].block.is_of_this)


class FigurePages(Keyset):
    """Pages that say what the figures are."""

    def get_paginated_response(self, data: list) -> Response:
        response = super().get_paginated_response(data)
        response.data = {"notice": settings.SECRECY_NOTICE, **response.data}
        return response

    def get_paginated_response_schema(self, schema: dict) -> dict:
        said = {"type": "string", "description": "Nature de l’édition, à ne pas omettre."}
        return page_schema(schema, notice=said)


class Figures(Reading, ListModelMixin):
    """Les valeurs d'une édition scellée, une par ligne, dans un ordre qui ne change pas."""

    queryset = EditionCell.objects.all()
    serializer_class = FigureSerializer
    filterset_class = FigureFilters
    pagination_class = FigurePages
    order = _ADDRESS  # that of the unique index on cells, inside a block

    @functools.cached_property
    def block(self) -> Block:
        return sealed_block(self.request.query_params["edition"])

    @functools.cached_property
    def words(self) -> Words:
        return Words(self.block, labels_on(self.block.period))

    @extend_schema(responses=answers(FigureSerializer(many=True), has_tag=True))
    def list(self, request: Request) -> Response:
        cells = self.filter_queryset(self.get_queryset())
        return tagged(request, self.block.edition, lambda: self._page(request, cells))

    def _page(self, request: Request, cells: QuerySet) -> Response:
        self._refuse_unknown_codes()
        rows = self.paginate_queryset(cells.values_list(*_READ, named=True))
        if "cursor" not in request.query_params:
            request.remember("edition", self.block.code)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def _refuse_unknown_codes(self) -> None:
        for column in ("category", "department", "operator", "level"):
            code = self.asked[column]
            if code and code not in self.words.known(column, self.asked["breakdown"]):
                raise ParseError(f"« {column} » : {UNKNOWN_CODE}")
