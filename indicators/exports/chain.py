"""The chain of a territory: each sealed edition covers the one sealed before it.

Whoever changes, takes out or slips in an edition breaks the seals of all that follow. A Region made
by a merger begins a chain of its own.
"""

from collections.abc import Iterable
from hashlib import sha256

from django.db.models import QuerySet

from indicators.models import Edition

FIRST = "0" * 64


def chained(previous: str, code: str, figures_seal: str) -> str:
    return sha256(f"{previous}\n{code}\n{figures_seal}\n".encode()).hexdigest()


def sealed_in_order(territory: str) -> QuerySet[Edition]:
    """Of one territory, as they were sealed, whatever their periods."""
    return Edition.objects.filter(territory=territory, sealed_at__isnull=False).order_by(
        "sealed_at", "pk"
    )


def previous_seals(editions: Iterable[Edition]) -> dict[int, str]:
    """By sealed edition, the chained seal that its own covers. One query."""
    editions = list(editions)
    found = Edition.objects.filter(
        territory__in={edition.territory for edition in editions}, sealed_at__isnull=False
    ).order_by("sealed_at", "pk")
    ends: dict[str, str] = {}
    previous = {}
    for pk, territory, seal in found.values_list("pk", "territory", "chained_seal"):
        previous[pk] = ends.get(territory, FIRST)
        ends[territory] = seal
    return {edition.pk: previous[edition.pk] for edition in editions if edition.pk in previous}


def broken_links(territory: str) -> list[Edition]:
    """Editions whose chained seal does not follow from the one before."""
    previous, broken = FIRST, []
    for edition in sealed_in_order(territory):
        if edition.chained_seal != chained(previous, edition.code, edition.figures_seal):
            broken.append(edition)
        previous = edition.chained_seal
    return broken
