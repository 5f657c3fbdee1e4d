"""Is this file what was delivered, and are its figures those that were sealed?

A hash inside a file proves nothing: seals and digests are looked up in the database.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from indicators.exports.blocks import own_block
from indicators.exports.files import file_name
from indicators.exports.rows import COLUMNS, Row, block_rows, written
from indicators.exports.seal import file_digest, seal_of
from indicators.exports.workbook import FIGURES_SHEET
from indicators.models import Edition, EditionFile
from sprocep.rendering.spreadsheets import read_sheet
from sprocep.rendering.tables import TableError, read_csv

_FIRST_OF_ADDRESS, _AFTER_ADDRESS = COLUMNS.index("region"), COLUMNS.index("value")
_NAMED = 3


@dataclass(frozen=True)
class Verdict:
    """`faults` is empty for a delivered file whose figures are the sealed ones."""

    digest: str
    editions: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def is_genuine(self) -> bool:
        return not self.faults

    @property
    def sentence(self) -> str:
        if self.faults:
            return " ".join(self.faults)
        held = ", ".join(self.editions)
        return f"Ce fichier est authentique : il a été délivré tel quel. Il contient : {held}."


def verify(content: bytes) -> Verdict:
    """Look a file up, then each edition found in it. Needs a scope that sees sealed editions."""
    digest = file_digest(content)
    known = EditionFile.objects.filter(sha256=digest).select_related("edition").first()
    faults, codes = [], []
    try:
        blocks = _by_edition(rows_of(content))
    except TableError as error:
        blocks = {}
        faults.append(str(error))
    if blocks and all(_is_constant(code) for code in blocks):
        shown = ", ".join(sorted(blocks))
        return Verdict(
            digest,
            tuple(sorted(blocks)),
            (f"Pas une édition : {shown} est en limites constantes, rien n'y est scellé.",),
        )
    for code in sorted(blocks):
        codes.append(code)
        if not _is_constant(code):
            faults += _faults_of(code, blocks[code])
    if known is None:
        faults.append(
            f"L'empreinte {digest} n'est celle d'aucun fichier délivré : le fichier a été modifié, "
            "ou il ne vient pas d'une édition scellée."
        )
    else:
        codes = codes or [known.edition.code]
        faults += database_faults(known.edition)
    return Verdict(digest, tuple(codes), tuple(dict.fromkeys(faults)))


def _is_constant(code: str) -> bool:
    return code.rpartition("/")[2].startswith("b")


def _faults_of(code: str, rows: list[Row]) -> list[str]:
    """Compare the seal recomputed from the file's rows with the recorded one."""
    edition = _edition(code)
    if edition is None:
        return [f"L'édition {code} n'existe pas."]
    if not edition.is_sealed:
        return [f"L'édition {code} est un brouillon : elle n'est pas scellée."]
    if seal_of(rows) == edition.figures_seal:
        return []
    changed = _changed(block_rows(own_block(edition)), rows)
    if not changed:  # of file and base, the seal is what changed
        return database_faults(edition)
    return [
        f"Les valeurs de l'édition {code} ne sont pas celles qui ont été scellées : "
        f"{_named(changed)}."
    ]


def _edition(code: str) -> Edition | None:
    parts = code.split("/")
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    period, territory, number = parts
    return Edition.objects.filter(period=period, territory=territory, number=number).first()


def database_faults(edition: Edition) -> list[str]:
    """What of a sealed edition is not as it was: its figures, its seal, its kept files.

    The kept CSV is the witness: its digest is stored beside it, and it holds the sealed rows.
    """
    kept = {file.name: (bytes(file.content), file.sha256) for file in edition.files.all()}
    rotten = [name for name, (content, sha256) in kept.items() if file_digest(content) != sha256]
    faults = [
        f"La base a changé : le fichier {name} gardé pour l'édition {edition.code} n'est plus "
        "celui qui a été délivré."
        for name in sorted(rotten)
    ]
    rows = list(block_rows(own_block(edition)))
    if seal_of(rows) == edition.figures_seal:
        return faults
    witness = file_name("csv")
    if witness not in kept or witness in rotten:
        said = "les valeurs enregistrées ne donnent plus le sceau"
    else:
        delivered = _by_edition(_from_csv(kept[witness][0]))[edition.code]
        changed = _changed(delivered, rows)
        said = _named(changed) if changed else "le sceau n'est plus celui des valeurs délivrées"
    return [*faults, f"La base a changé pour l'édition {edition.code} : {said}."]


def _changed(expected: Iterable[Row], found: Iterable[Row]) -> list[str]:
    """Addresses of the figures that differ: « 93/A1/journeys_opened/total/… »."""
    different = set(expected) ^ set(found)
    return sorted({"/".join(row[_FIRST_OF_ADDRESS:_AFTER_ADDRESS]) for row in different})


def _named(addresses: list[str]) -> str:
    shown, others = addresses[:_NAMED], len(addresses) - _NAMED
    more = f" et {others} autres" if others > 0 else ""
    return f"case{'s' if len(addresses) > 1 else ''} {', '.join(shown)}{more}"


def _by_edition(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


# ── Reading the formats ──────────────────────────────────────────────────────────────────────


def rows_of(content: bytes) -> list[Row]:
    """Rows of a file, whatever its format; a PDF holds none and is known by its digest alone.

    Raises:
        TableError: not a file of ours, or a damaged one.
    """
    for start, read in _READERS.items():
        if content.startswith(start):
            return read(content)
    raise TableError("Ce fichier n'est ni un CSV, ni un JSON, ni un XLSX, ni un PDF d'édition.")


def _from_csv(content: bytes) -> list[Row]:
    return read_csv(content, COLUMNS)


def _from_json(content: bytes) -> list[Row]:
    try:
        document = json.loads(content, parse_float=Decimal)
        return [_texts([row[name] for name in COLUMNS]) for row in document["rows"]]
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise TableError("Ce fichier JSON est abîmé, ou n'est pas celui d'une édition.") from error


def _from_xlsx(content: bytes) -> list[Row]:
    try:
        lines = read_sheet(content, FIGURES_SHEET)[1:]
        return [_texts(line[: len(COLUMNS)]) for line in lines]
    except (ValueError, ArithmeticError) as error:
        raise TableError("La feuille des valeurs de ce classeur est abîmée.") from error


def _from_pdf(_: bytes) -> list[Row]:
    return []


def _texts(values: list) -> Row:
    """The canonical texts of a row read from numbers and texts."""
    row = dict(zip(COLUMNS, values, strict=True))
    value = row["value"]
    row["value"] = "" if value in (None, "") else written(_tenth(value))
    row["completeness"] = f"{_tenth(row['completeness']):.1f}"
    return tuple(str(text) for text in row.values())


def _tenth(value: int | float | Decimal | str) -> Decimal:
    return Decimal(str(value))


_READERS: dict[bytes, Callable[[bytes], list[Row]]] = {
    b"edition,": _from_csv,
    b"{": _from_json,
    b"PK": _from_xlsx,
    b"%PDF": _from_pdf,
}
