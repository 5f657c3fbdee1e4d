"""The file of trades that recruit: its columns, how it is read, and what goes back when a row is
refused."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from operators.models import RecruitingTrade
from operators.models.trades import FAP, ROME
from sprocep.rendering.tables import TableError, spreadsheet_csv

HEAD = ("departement", "code", "metier", "projets", "difficile")
REFUSAL = "refus"
MOST_ROWS = 5_000
MOST_BYTES = 500_000
_MOST_PROJECTS = 1_000_000
# Written in the template: to be replaced, and said so.
_EXAMPLES = (
    ("13", "M1805", "Exemple à remplacer : études et développement informatique", "420", "63,5"),
    ("13", "T2A60", "Exemple à remplacer : aides à domicile", "", ""),
)


@dataclass(frozen=True)
class Line:
    """A row as it was typed: `trade` holds its columns, or `refusal` says what to do."""

    number: int
    cells: tuple[str, ...]
    trade: dict | None = None
    refusal: str = ""


def template_csv() -> bytes:
    return spreadsheet_csv([HEAD, *_EXAMPLES])


def refused_csv(lines: Iterable[Line]) -> bytes:
    """The whole file back, the reason beside each row refused: corrected there, sent again."""
    head = (*HEAD, REFUSAL)
    return spreadsheet_csv([head, *((*line.cells, line.refusal) for line in lines)])


def text_of(content: bytes) -> str:
    """As a spreadsheet wrote it: UTF-8, or else what it writes in French on Windows.

    Raises:
        TableError: no text at all.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableError("Ce fichier n’est pas un CSV. Enregistrez votre tableau au format CSV.")


def read(text: str, departments: Mapping[str, str]) -> list[Line]:
    """The rows of a file, of these départements (code: name).

    Raises:
        TableError: no row, too many, a column that lacks.
    """
    rows = _rows(text)
    ranks = _ranks(next(rows, []))
    lines, seen = [], {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(lines) == MOST_ROWS:
            raise TableError(
                f"Ce fichier compte plus de {MOST_ROWS} lignes. Ne gardez que les premiers métiers."
            )
        cells = tuple(_typed(row, rank) for rank in ranks)
        lines.append(_line(number, cells, departments, seen))
    if not lines:
        raise TableError("Ce fichier n’a aucune ligne sous ses titres.")
    return lines


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise TableError("Ce fichier CSV est abîmé. Enregistrez-le à nouveau.") from error


def _ranks(head: list[str]) -> list[int]:
    """Where each column stands, whatever their order and accents; others are left aside."""
    names = [_plain(name) for name in head]
    if missing := [name for name in HEAD if name not in names]:
        raise TableError(
            f"Il manque une colonne : {', '.join(missing)}. La première ligne du fichier porte "
            f"ces titres : {', '.join(HEAD)}."
        )
    return [names.index(name) for name in HEAD]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.strip().lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _typed(row: list[str], rank: int) -> str:
    """Without the mark that keeps a spreadsheet from running what it shows."""
    cell = " ".join(row[rank].split()) if rank < len(row) else ""
    return cell[1:] if cell.startswith(tuple(f"'{sign}" for sign in "=+-@＝＋－＠")) else cell


def _line(
    number: int, cells: tuple[str, ...], departments: Mapping[str, str], seen: dict[tuple, int]
) -> Line:
    try:
        trade = _trade(cells, departments)
        _refuse_twice(trade, number, seen)
    except TableError as refusal:
        return Line(number, cells, refusal=str(refusal))
    return Line(number, cells, trade)


def _refuse_twice(trade: dict, number: int, seen: dict[tuple, int]) -> None:
    key = (trade["department_id"], trade["code"], trade["label"].lower())
    first = seen.setdefault(key, number)
    if first != number:
        raise TableError(f"Ce métier est déjà ligne {first} pour ce département.")


def _trade(cells: tuple[str, ...], departments: Mapping[str, str]) -> dict:
    department, code, label, projects, difficult = cells
    # A spreadsheet takes « 04 » for a number.
    department, code = department.upper().zfill(2), code.upper()
    if department not in departments:
        raise TableError(
            f"« {cells[0]} » n’est pas un département de votre Région. Écrivez un de ces codes : "
            f"{', '.join(departments)}."
        )
    if code and not re.match(ROME, code) and not re.match(FAP, code):
        raise TableError(
            f"« {code} » n’est pas un code du ROME (M1805) ni d’une FAP (T4Z60). Corrigez-le, ou "
            "laissez la case vide."
        )
    longest = RecruitingTrade._meta.get_field("label").max_length
    if not label:
        raise TableError("Écrivez le nom du métier.")
    if len(label) > longest:
        raise TableError(f"Le nom du métier compte plus de {longest} signes. Raccourcissez-le.")
    return {
        "department_id": department,
        "code": code,
        "label": label,
        "projects": _count(projects),
        "difficult": _share(difficult),
    }


def _count(typed: str) -> int | None:
    digits = re.sub(r"\s", "", typed)
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{1,7}", digits) or int(digits) > _MOST_PROJECTS:
        raise TableError(
            f"« {typed} » n’est pas un nombre de projets. Écrivez un nombre entier, ou rien."
        )
    return int(digits)


def _share(typed: str) -> Decimal | None:
    number = typed.removesuffix("%").strip().replace(",", ".")
    if not number:
        return None
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", number) or Decimal(number) > 100:
        raise TableError(
            f"« {typed} » n’est pas une part. Écrivez un pourcentage de 0 à 100, ou rien."
        )
    return Decimal(number).quantize(Decimal("0.1"))
