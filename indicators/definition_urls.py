"""Definitions of the indicators, national and regional."""

from django.urls import path, register_converter

from indicators.views import definitions, regional


class IndicatorConverter:
    """`A1`, `C1.main`, `R93.1`."""

    regex = r"[A-Z][0-9A-Z]{1,2}(?:\.[a-z0-9]{1,9})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ComposedConverter(IndicatorConverter):
    """A version of a regional indicator: `R93.1-v2`."""

    regex = r"R[0-9A-Z]{2}\.[1-9][0-9]{0,2}-v[1-9][0-9]{0,2}"


register_converter(IndicatorConverter, "indicator")
register_converter(ComposedConverter, "composed")

_ONE = "indicateurs/<indicator:indicator>/"
_REGIONAL = "indicateurs-regionaux/"
_COMPOSED = f"{_REGIONAL}<composed:composed>/"

urlpatterns = [
    path("indicateurs/", definitions.definitions, name="definitions"),
    path(_ONE, definitions.definition, name="definition"),
    path(f"{_ONE}version/", definitions.publish_definition, name="publish_definition"),
    path(f"{_ONE}avis/", definitions.record_opinion, name="record_opinion"),
    path(_REGIONAL, regional.regional_indicators, name="regional_indicators"),
    path(f"{_REGIONAL}nouveau/", regional.compose_indicator, name="compose_indicator"),
    path(f"{_REGIONAL}phrase/", regional.say_composition, name="say_composition"),
    path(_COMPOSED, regional.regional_indicator, name="regional_indicator"),
    path(f"{_COMPOSED}modifier/", regional.change_draft, name="change_draft"),
    path(f"{_COMPOSED}supprimer/", regional.discard_draft, name="discard_draft"),
    path(f"{_COMPOSED}publier/", regional.publish_indicator, name="publish_indicator"),
    path(f"{_COMPOSED}version-suivante/", regional.compose_version, name="compose_version"),
    path(f"{_COMPOSED}retirer/", regional.withdraw_indicator, name="withdraw_indicator"),
    path(f"{_COMPOSED}avis/", regional.note_opinion, name="note_opinion"),
    path(f"{_COMPOSED}reprendre/", regional.promote_indicator, name="promote_indicator"),
]
