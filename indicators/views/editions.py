"""What the pages know of editions beside their figures: names, files, other borders."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from indicators.definitions import TOTAL
from indicators.exports.blocks import AT_DATE, edition_of
from indicators.exports.files import SECRET, file_name
from indicators.exports.formats import MEDIA_TYPES
from indicators.models import Edition, EditionCell, EditionFile
from indicators.queries import Names
from regions.permissions import Permission, may
from regions.queries import region_scope
from sprocep.periods import Period

_NUMBER = re.compile("[1-9][0-9]{0,3}")
READ_DASHBOARDS = (Permission.READ_OWN_DASHBOARD, Permission.READ_ALL_DASHBOARDS)
WORDS = {
    "pdf": "PDF",
    "xlsx": "XLSX",
    "ods": "ODS",
    "csv": "CSV",
    "json": "JSON",
    SECRET: "rapport de secret",
}
# One cell of each territory stands for all: that of its entries.
FIRST = {
    "indicator": "A1",
    "population": "journeys_opened",
    "breakdown": TOTAL,
    "category": TOTAL,
    "department": TOTAL,
    "operator": TOTAL,
    "level": TOTAL,
}


class Files:
    """Names of the files that the worker has written, by edition; never their content."""

    def __init__(self, editions: Iterable[Edition]) -> None:
        self._names: dict[int, set[str]] = {}
        found = EditionFile.objects.filter(edition__in=[edition.pk for edition in editions])
        for edition_id, name in found.values_list("edition_id", "name"):
            self._names.setdefault(edition_id, set()).add(name)

    def charts(self, edition: Edition) -> frozenset[str]:
        return frozenset(n for n in self._names.get(edition.pk, ()) if n.endswith(".svg"))

    def formats(self, edition: Edition) -> list[tuple[str, str]]:
        """(format, word) of what may be downloaded."""
        there = self._names.get(edition.pk, set())
        return [(kind, WORDS[kind]) for kind in WORDS if file_name(kind) in there]


NO_FILES = Files(())


@dataclass(frozen=True)
class Row:
    """An edition in a list."""

    edition: Edition
    territory_name: str
    period: Period
    files: list[tuple[str, str]]


def rows_of(editions: Iterable[Edition]) -> list[Row]:
    """Rows of a page of editions, with two queries."""
    editions = list(editions)
    names, files = Names(), Files(editions)
    found = []
    for edition in editions:
        period = Period.parse(edition.period)
        name = names.on(edition.territory, period.last_day)
        found.append(Row(edition, name, period, files.formats(edition)))
    return found


def newest(period: Period, territory: str) -> Edition | None:
    return edition_of(period, territory)


def asked_number(request: HttpRequest) -> int | None:
    """`?edition=1`: which number of the territory's edition is read; without it, the newest.

    Raises:
        Http404: it is no number.
    """
    word = request.GET.get("edition")
    if word is None:
        return None
    if not _NUMBER.fullmatch(word):
        raise Http404
    return int(word)


def attached(content: bytes, file_format: str, name: str) -> HttpResponse:
    """A file to be kept, under this name."""
    return HttpResponse(
        content,
        content_type=MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def edition_or_404(period: Period, territory: str, number: int | None = None) -> Edition:
    if found := edition_of(period, territory, number):
        return found
    raise Http404


def list_of(request: HttpRequest) -> str:
    """The route of the list in which this reader finds editions."""
    is_national = may(request, Permission.READ_ALL_DASHBOARDS)
    return "indicators:grid" if is_national else "indicators:dashboards"


def crumbs_above(request: HttpRequest) -> list[tuple[str, str]]:
    """What the breadcrumb of an edition, and of all its pages, begins with."""
    name = list_of(request)
    label = "Régions et périodes" if name == "indicators:grid" else "Tableaux de bord"
    return [("Ma page", "/"), (label, reverse(name))]


def is_own(request: HttpRequest, territory: str) -> bool:
    """Of the Region that the reader speaks for, or of one that became it."""
    own = request.membership.region_id
    return own is not None and territory in region_scope(own)


def speaks_for(request: HttpRequest, territory: str) -> bool:
    """Who answers for this Region: reads of its coordinator are those of the Region."""
    return may(request, Permission.ACKNOWLEDGE) and is_own(request, territory)


def may_read_acts(request: HttpRequest, territory: str) -> bool:
    """What was done to an edition is for its Region and for the nation."""
    is_national = may(request, Permission.READ_ALL_DASHBOARDS)
    return may(request, Permission.READ_ACTS) and (is_national or is_own(request, territory))


def completeness_of(editions: Iterable[Edition]) -> dict[int, float]:
    """Share of the expected returns received, by edition."""
    cells = EditionCell.objects.filter(
        edition__in=[edition.pk for edition in editions],
        borders=AT_DATE,
        territory__in={edition.territory for edition in editions},
        **FIRST,
    )
    return dict(cells.filter(borders=AT_DATE).values_list("edition_id", "completeness"))
