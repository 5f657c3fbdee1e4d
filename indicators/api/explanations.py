"""A figure explained to a program: what its page tells, of a sealed edition."""

from collections.abc import Iterable

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.sealed import NUMBER, PERIOD, TERRITORY, path_of, sealed_block, tagged
from indicators.explain.address import CellAddress
from indicators.explain.explanation import Explanation, explain
from indicators.explain.opening import Opening
from indicators.explain.surroundings import Moment
from indicators.models import EditionCell
from regions.api import Reading
from sprocep.api import answers


class _CellSerializer(serializers.Serializer):
    """Une case et ce qui s'en lit : `value` est null si elle n'est pas publiée."""

    status = serializers.ChoiceField(EditionCell.Status.choices, source="cell.status")
    value = serializers.FloatField(source="cell.value", allow_null=True)


class ExplainedMomentSerializer(_CellSerializer):
    edition = serializers.CharField(source="block.code")
    breaks = serializers.ListField(
        child=serializers.CharField(),
        source="causes",
        help_text="Ruptures depuis le moment d’avant.",
    )


class ExplainedNeighbourSerializer(_CellSerializer):
    key = serializers.CharField()
    label = serializers.CharField()


class ExplainedFilterSerializer(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.CharField()


class ExplainedDefinitionSerializer(serializers.Serializer):
    code = serializers.CharField()
    version = serializers.IntegerField()
    starts_on = serializers.DateField()
    label = serializers.CharField()
    statement = serializers.CharField()
    legal_source = serializers.CharField()


class ExplanationSerializer(serializers.Serializer):
    """D'une case secrète, ni les voisines ni l'histoire ne sont données."""

    edition = serializers.CharField(source="block.code")
    key = serializers.CharField(source="address.key", help_text="A1, ou A1,d=13,o=apec.")
    sentence = serializers.CharField(help_text="Ce qui est compté.")
    status = serializers.ChoiceField(EditionCell.Status.choices, source="cell.status")
    value = serializers.FloatField(source="cell.value", allow_null=True)
    unit = serializers.CharField(source="cell.unit")
    completeness = serializers.FloatField(source="cell.completeness")
    definition = ExplainedDefinitionSerializer(allow_null=True)
    population = serializers.CharField()
    filters = serializers.SerializerMethodField()
    fewest_units = serializers.IntegerField(help_text="Unités qu’il faut pour être publiée.")
    compiled_at = serializers.DateTimeField(source="edition.compiled_at")
    figures_seal = serializers.CharField(source="edition.figures_seal")
    editions = serializers.SerializerMethodField(help_text="La même case, édition par édition.")
    series = serializers.SerializerMethodField(help_text="La même case, période par période.")
    wholes = serializers.SerializerMethodField(help_text="Ce dont elle est une part.")
    parts = serializers.SerializerMethodField(help_text="Ce qui la compose et se publie.")

    def get_filters(self, told: Explanation) -> ExplainedFilterSerializer(many=True):
        return [{"name": name, "value": value} for name, value in told.filters]

    def get_editions(self, told: Explanation) -> ExplainedMomentSerializer(many=True):
        return _moments(told.editions)

    def get_series(self, told: Explanation) -> ExplainedMomentSerializer(many=True):
        return _moments(told.series)

    def get_wholes(self, told: Explanation) -> ExplainedNeighbourSerializer(many=True):
        return ExplainedNeighbourSerializer(told.wholes, many=True).data

    def get_parts(self, told: Explanation) -> ExplainedNeighbourSerializer(many=True):
        return ExplainedNeighbourSerializer(
            [one for _, rows in told.parts for one in rows], many=True
        ).data


def _moments(moments: Iterable[Moment]) -> list[dict]:
    return ExplainedMomentSerializer([one for one in moments if one.cell], many=True).data


_PATH = path_of(
    period=PERIOD,
    territory=TERRITORY,
    number=f"(?:{NUMBER}|b[0-9]{{4}})",
    key="[A-Z][0-9A-Za-z.]{0,11}(?:,[a-z_]{1,30}=[0-9A-Za-z_|.-]{1,30}){0,5}",
)


class Explanations(Reading):
    """Une valeur d'une édition scellée, expliquée."""

    serializer_class = ExplanationSerializer

    @extend_schema(
        description="Ce que compte une valeur, d’où elle vient et ce qu’elle est devenue.",
        parameters=_PATH,
        responses=answers(ExplanationSerializer, has_tag=True),
    )
    def retrieve(
        self, request: Request, period: str, territory: str, number: str, key: str
    ) -> Response:
        block = sealed_block(f"{period}/{territory}/{number}")
        try:
            opened = Opening.of(block, CellAddress.parse(key))
        except ValueError:
            raise Http404 from None
        if opened.cell is None:
            raise Http404
        return tagged(request, block.edition, lambda: self._told(request, opened))

    def _told(self, request: Request, opened: Opening) -> Response:
        request.remember("edition", opened.block.code)
        told = explain(opened, with_returns=False)
        return Response(self.get_serializer(told).data)
