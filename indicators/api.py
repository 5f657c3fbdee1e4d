"""The reading API: definitions, sealed editions and their figures. A draft never leaves by here."""

import functools
import re
from collections.abc import Collection

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.definitions import INDICATORS, TOTAL, Indicator
from indicators.exports import catalogue
from indicators.exports.blocks import Block, own_block
from indicators.exports.labels import POPULATIONS, UNITS, Labels, labels_on
from indicators.exports.rows import COLUMNS
from indicators.models import Edition, EditionCell, EditionEvent
from indicators.queries import Names
from indicators.regional.vocabulary import FIELDS
from regions.api import Reading
from regions.permissions import Permission, may
from regions.queries import national_regions, region_scope
from sprocep.api import (
    UNKNOWN_CODE,
    CodeFilter,
    Keyset,
    OnePage,
    PatternFilter,
    answers,
    has_it_already,
    one_of,
    page_schema,
)
from sprocep.periods import Period
from sprocep.tenancy import NATION

# ── Definitions ──────────────────────────────────────────────────────────────────────────────


class CodeLabelSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()


class DefinitionSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    unit = serializers.CharField()
    unit_label = serializers.SerializerMethodField()
    populations = serializers.SerializerMethodField()
    breakdowns = serializers.SerializerMethodField()
    by_level = serializers.BooleanField()
    by_operator = serializers.BooleanField()
    by_department = serializers.BooleanField()
    legal_source = serializers.CharField()
    starts_on = serializers.DateField(help_text="Premier jour où il se calcule.")

    def get_unit_label(self, indicator: Indicator) -> str:
        return UNITS[indicator.unit]

    @extend_schema_field(CodeLabelSerializer(many=True))
    def get_populations(self, indicator: Indicator) -> list[dict]:
        return [{"code": code, "label": POPULATIONS[code]} for code in indicator.populations]

    @extend_schema_field(CodeLabelSerializer(many=True))
    def get_breakdowns(self, indicator: Indicator) -> list[dict]:
        return [{"code": one.name, "label": one.label} for one in indicator.breakdowns]


class Definitions(Reading):
    """La base nationale d'indicateurs, sur une page."""

    serializer_class = DefinitionSerializer
    pagination_class = OnePage
    filter_backends = ()

    def list(self, request: Request) -> Response:
        return self.get_paginated_response(self.get_serializer(INDICATORS, many=True).data)


# ── Editions ─────────────────────────────────────────────────────────────────────────────────

PERIOD = r"[0-9]{4}(?:-T[1-4]|-(?:0[1-9]|1[0-2]))?"
_EDITION = re.compile(rf"({PERIOD})/([0-9A-Z]{{2}})/(?:([1-9][0-9]{{0,3}})|b([0-9]{{4}}))")
SEALED = Edition.objects.filter(sealed_at__isnull=False)
_NOT_SEALED = (Edition.State.DRAFT, Edition.State.UNDER_REVIEW, Edition.State.VALIDATED)
STATES = [(s.value, s.label) for s in Edition.State if s not in _NOT_SEALED]


def territories() -> Collection[str]:
    return set(national_regions())


def sealed_block(code: str) -> Block:
    """The sealed edition of this number, or what the nation's holds in constant borders.

    Raises:
        Http404: nothing sealed has this number. A draft is nothing.
    """
    match = _EDITION.fullmatch(code)
    if not match:
        raise Http404
    period, territory, number, borders = match.groups()
    sealed, found = SEALED.filter(period=period), None
    if number:
        edition = sealed.filter(territory=territory, number=number).first()
        found = edition and own_block(edition)
    elif nation := sealed.filter(territory=NATION).order_by("-number").first():
        block = Block(nation, territory, borders)
        found = block if block.cells.exists() else None
    if found is None:
        raise Http404
    return found


def tag(edition: Edition) -> str:
    """Weak: it speaks of the figures and of what became of them, not of the words beside them."""
    return f'W/"{edition.figures_seal}-{edition.state}"'


class EditionSerializer(serializers.Serializer):
    edition = serializers.CharField(source="code", help_text="période/territoire/numéro")
    period = serializers.CharField(help_text="2016, 2016-T1 ou 2016-01")
    period_label = serializers.SerializerMethodField()
    region = serializers.CharField(source="territory", help_text="Code d'une Région, ou FR.")
    region_name = serializers.SerializerMethodField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(STATES)
    sealed_at = serializers.DateTimeField()
    transmitted_at = serializers.DateTimeField(allow_null=True)
    figures_seal = serializers.CharField(help_text="SHA-256 du CSV canonique de ses valeurs.")
    chained_seal = serializers.CharField(
        help_text="Couvre aussi celui de l'édition du territoire scellée juste avant."
    )
    supersedes = serializers.SerializerMethodField(help_text="Édition qu'un erratum remplace.")
    cause = serializers.CharField(help_text="D'un erratum ; vide sinon.")
    notice = serializers.SerializerMethodField(help_text="Nature de l'édition, à ne pas omettre.")

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
    region = CodeFilter(territories, field_name="territory", help_text="Code d'une Région, ou FR.")
    state = one_of(STATES)


_PATH = [
    OpenApiParameter(name, {"type": "string", "pattern": f"^(?:{pattern})$"}, OpenApiParameter.PATH)
    for name, pattern in (
        ("period", PERIOD),
        ("territory", "[0-9A-Z]{2}"),
        ("number", "[1-9][0-9]{0,3}"),
    )
]


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
        parameters=_PATH,
        responses=answers(EditionSerializer, has_tag=True),
    )
    def retrieve(self, request: Request, period: str, territory: str, number: str) -> Response:
        block = sealed_block(f"{period}/{territory}/{number}")
        if not block.is_edition:
            raise Http404
        edition = block.edition
        headers = {"ETag": tag(edition)}
        if has_it_already(request, headers["ETag"]):
            return Response(status=304, headers=headers)
        return Response(self.get_serializer(edition).data, headers=headers)


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
        parameters=_PATH,
        responses=answers(EventSerializer(many=True)),
    )
    def list(self, request: Request, period: str, territory: str, number: str) -> Response:
        block = sealed_block(f"{period}/{territory}/{number}")
        is_national = may(request, Permission.READ_ALL_DASHBOARDS)
        if not block.is_edition or not (is_national or _is_own(request, territory)):
            raise Http404
        events = block.edition.events.all()
        return self.get_paginated_response(self.get_serializer(events, many=True).data)


# ── Figures ──────────────────────────────────────────────────────────────────────────────────

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
    region = serializers.CharField(help_text="Code d'une Région, ou FR.")
    indicator = serializers.CharField()
    population = serializers.CharField()
    department = serializers.CharField(help_text="Code, ou total.")
    operator = serializers.CharField(help_text="Catégorie d'opérateur, ou total.")
    level = serializers.CharField(help_text="Niveau de service, ou total.")
    breakdown = serializers.CharField(help_text="Ventilation, ou total.")
    category = serializers.CharField(help_text="Modalité de la ventilation, ou total.")
    value = serializers.FloatField(allow_null=True, help_text="null si elle n'est pas publiée.")
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
        _EDITION.pattern,
        "écrivez un numéro d'édition, comme 2016-T1/93/1 ou 2015-T4/75/b2016.",
        help_text="Numéro d'une édition scellée, ou 2015-T4/75/b2016 en limites constantes.",
        required=True,
        method="of_block",
    )
    indicator = one_of([(one.code, one.label) for one in INDICATORS])
    population = one_of(list(POPULATIONS.items()))
    breakdown = one_of([*BREAKDOWNS.items(), *_WHOLE.items()])
    category = _code("Modalité de la ventilation, ou total.")
    department = _code("Code d'un département, ou total.")
    operator = _code("Catégorie d'opérateur, ou total.")
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
        said = {"type": "string", "description": "Nature de l'édition, à ne pas omettre."}
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
        headers = {"ETag": tag(self.block.edition)}
        if has_it_already(request, headers["ETag"]):
            return Response(status=304, headers=headers)
        self._refuse_unknown_codes()
        rows = self.paginate_queryset(cells.values_list(*_READ, named=True))
        if "cursor" not in request.query_params:
            request.remember("edition", self.block.code)
        response = self.get_paginated_response(self.get_serializer(rows, many=True).data)
        response["ETag"] = headers["ETag"]
        return response

    def _refuse_unknown_codes(self) -> None:
        for column in ("category", "department", "operator", "level"):
            code = self.asked[column]
            if code and code not in self.words.known(column, self.asked["breakdown"]):
                raise ParseError(f"« {column} » : {UNKNOWN_CODE}")
