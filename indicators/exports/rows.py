"""File rows: one figure a row, all texts, in the columns of docs/architecture.md."""

from collections.abc import Iterator
from decimal import Decimal

from indicators.exports.blocks import Block, comparisons

COLUMNS = (
    "edition",
    "period",
    "region",
    "indicator",
    "population",
    "department",
    "operator",
    "level",
    "breakdown",
    "category",
    "value",
    "unit",
    "status",
    "completeness",
)
NUMBERS = ("value", "completeness")

Row = tuple[str, ...]

_ADDRESS = (
    "indicator", "population", "department", "operator", "level", "breakdown", "category",
)  # fmt: skip


def written(value: Decimal | None) -> str:
    """« 12431 », « 3.7 »: a decimal only where there is one; empty where nothing is published."""
    if value is None:
        return ""
    whole = int(value)
    return str(whole) if whole == value else f"{value:.1f}"


def number(text: str) -> int | float | None:
    """What `written` wrote, as a number."""
    if not text:
        return None
    return float(text) if "." in text else int(text)


def block_rows(block: Block, using: str = "default", **only: str) -> Iterator[Row]:
    """Rows of one block, in no order; `only` restricts, as filters of `EditionCell`."""
    head = (block.code, block.edition.period, block.territory)
    cells = block.cells.using(using).filter(**only)
    cells = cells.values_list(*_ADDRESS, "value", "unit", "status", "completeness")
    for *address, value, unit, status, completeness in cells.iterator(chunk_size=5_000):
        yield (*head, *address, written(value), unit, status, f"{completeness:.1f}")


def blocks_of_file(block: Block) -> list[Block]:
    """An edition and the sealed ones it is compared with; constant borders, sealed by nobody, stand
    alone, so that a file of theirs is never taken for an edition."""
    return [block, *comparisons(block).in_files] if block.is_edition else [block]


def file_rows(block: Block) -> list[Row]:
    """All rows of a file, sorted."""
    return sorted(row for one in blocks_of_file(block) for row in block_rows(one))
