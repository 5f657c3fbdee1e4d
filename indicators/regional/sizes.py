"""How large a composition would be, as anybody works it out from published cells: the preview.

A sum of published cells where they count the same units; else « at most » the smallest sum that
contains it. No fact, no figure and no hidden cell is looked at: what a preview says, whoever read
the edition knew, so that no number of questions tells anything (docs/adr/0053).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from indicators.definitions import TOTAL
from indicators.models import Edition, EditionCell
from indicators.regional.composition import PART, Composition
from indicators.regional.relations import Address, Relations, tables_of_base
from indicators.regional.vocabulary import FIELDS
from regions.queries import departments_of
from sprocep.periods import Period

QUARTERS = 4
AT_DATE = "date"
_PUBLIC = ("published", "not_applicable")


@dataclass(frozen=True)
class Size:
    """That many when `is_exact`, else that many at most; None where nothing published says."""

    most: int | None
    is_exact: bool


@dataclass(frozen=True)
class Line:
    """One count of a composition at one place of its layout; `sizes` by period."""

    label: str
    sizes: tuple[Size, ...]


@dataclass(frozen=True)
class Preview:
    periods: list[Period]
    lines: list[Line]


def preview(composition: Composition, region: str, day: date) -> Preview:
    """The layout of a composition, with sizes in the last sealed quarters of a Region."""
    editions = _sealed_quarters(region)
    printed = [_cells(edition, composition) for edition in editions]
    labelled = list(_layout(composition, region, day))
    addresses = [address for _, address in labelled]
    measured = [sizes(composition, addresses, cells) for cells in printed]
    lines = [
        Line(label, tuple(of_quarter[address] for of_quarter in measured))
        for label, address in labelled
    ]
    return Preview([Period.parse(edition.period) for edition in editions], lines)


def sizes(
    composition: Composition, addresses: list[Address], cells: Mapping[Address, int | None]
) -> dict[Address, Size]:
    """What the printed cells of one place and period say of each count.

    Args:
        cells: with their values as anybody reads them; None where they are secret or missing.
    """
    relations = Relations([composition])
    own = set(composition.codes)
    printed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cell in cells:
        printed[cell.indicator, cell.breakdown].add(cell.category)
    found = {}
    for address in addresses:
        known = []
        for container in relations.around(address, printed):
            whole = [cells.get(cell) for cell in container.cells if cell.indicator not in own]
            less = [cells.get(cell) for cell in container.without]
            if whole and None not in (*whole, *less):
                known.append((sum(whole) - sum(less), not container.is_equal))
        most, is_over = min(known, default=(None, True))
        found[address] = Size(most, not is_over)
    return found


def _sealed_quarters(region: str) -> list[Edition]:
    """The newest sealed edition of each of the last quarters, newest first."""
    sealed = Edition.objects.filter(territory=region, sealed_at__isnull=False, period__contains="T")
    newest = {edition.period: edition for edition in sealed.order_by("period", "number")}
    return [newest[code] for code in sorted(newest, reverse=True)[:QUARTERS]]


def _cells(edition: Edition, composition: Composition) -> dict[Address, int | None]:
    """Of the base, what counts the same units."""
    tables = [one for one in tables_of_base() if one.population == composition.population]
    rows = EditionCell.objects.filter(
        edition=edition,
        borders=AT_DATE,
        territory=edition.territory,
        indicator__in={code for one in tables for code in (one.indicator, one.less) if code},
    ).values_list(*Address._fields, "status", "value")
    return {
        Address(*row[:9]): int(row[10] or 0) if row[9] in _PUBLIC else None
        for row in rows.iterator()
    }


def _layout(composition: Composition, region: str, day: date) -> Iterator[tuple[str, Address]]:
    """In whole, by category, then by each margin that is asked for: (words, address)."""
    whole = Address(region, AT_DATE, composition.code, composition.population, *([TOTAL] * 5))
    places = [("Ensemble", {})]
    if composition.breakdown:
        places += [
            (label, {"breakdown": composition.breakdown, "category": code})
            for code, label in FIELDS[composition.breakdown].codes(day)
        ]
    for name, is_given in (("level", composition.by_level), ("operator", composition.by_operator)):
        if is_given:
            places += [(label, {name: code}) for code, label in FIELDS[name].codes(day)]
    if composition.by_department:
        places += [(one.name, {"department": one.pk}) for one in departments_of(region, day)]
    for label, place in places:
        for code in composition.count_codes:
            words = f"{label}, au numérateur" if code.endswith(f".{PART}") else label
            yield words, whole._replace(indicator=code, **place)
