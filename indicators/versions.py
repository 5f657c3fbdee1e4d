"""The words of the national base as rows: versions of definitions, and which is in force."""

from datetime import date

from django.db.models import QuerySet

from indicators.definitions import INDICATORS
from indicators.models import Definition

_ORDER = {indicator.code: rank for rank, indicator in enumerate(INDICATORS)}


def definitions_on(day: date) -> dict[str, Definition]:
    """The version in force on a day, by code, in the order of the base; promoted ones come last.

    An edition takes those of the last day of its period: later versions change nothing of it.
    """
    begun = Definition.objects.filter(starts_on__lte=day).order_by("code", "starts_on")
    newest = {row.code: row for row in begun}
    return dict(sorted(newest.items(), key=lambda pair: _rank(pair[0])))


def _rank(code: str) -> tuple[int, str]:
    return _ORDER.get(code, len(_ORDER)), code


def versions_of(code: str) -> QuerySet[Definition]:
    """Newest first, with the opinions that were heard."""
    found = Definition.objects.filter(code=code).order_by("-version")
    return found.prefetch_related("opinions")
