"""Definitions of the indicators, national and regional."""

from django.urls import path, register_converter

from indicators.views import definitions


class IndicatorConverter:
    """`A1`, `C1.main`, `R93.1`."""

    regex = r"[A-Z][0-9A-Z]{1,2}(?:\.[a-z0-9]{1,8})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(IndicatorConverter, "indicator")

_ONE = "indicateurs/<indicator:indicator>/"

urlpatterns = [
    path("indicateurs/", definitions.definitions, name="definitions"),
    path(_ONE, definitions.definition, name="definition"),
    path(f"{_ONE}version/", definitions.publish_definition, name="publish_definition"),
    path(f"{_ONE}avis/", definitions.record_opinion, name="record_opinion"),
]
