"""What the pages know of editions beside their figures: names, files, other borders."""

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.definitions import TOTAL
from indicators.exports.blocks import AT_DATE
from indicators.exports.files import file_name
from indicators.models import Edition, EditionCell, EditionFile
from indicators.queries import Names
from sprocep.periods import Period

WORDS = {"pdf": "PDF", "xlsx": "XLSX", "ods": "ODS", "csv": "CSV", "json": "JSON"}
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
    """A draft shows in the national scope only: PostgreSQL hides it from the Regions."""
    found = Edition.objects.filter(period=period.code, territory=territory)
    return found.order_by("-number").first()


def completeness_of(editions: Iterable[Edition]) -> dict[int, float]:
    """Share of the expected returns received, by edition."""
    cells = EditionCell.objects.filter(
        edition__in=[edition.pk for edition in editions],
        borders=AT_DATE,
        territory__in={edition.territory for edition in editions},
        **FIRST,
    )
    return dict(cells.filter(borders=AT_DATE).values_list("edition_id", "completeness"))
