"""The national base of indicators."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.definitions import INDICATORS, Indicator
from indicators.exports.labels import POPULATIONS, UNITS
from regions.api import Reading
from sprocep.api import OnePage


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
