"""The formats of an edition, all from the same rows and the same report."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from indicators.definitions import INDICATORS
from indicators.exports import paper
from indicators.exports.blocks import Block
from indicators.exports.figures import BY_CODE, Entry
from indicators.exports.labels import POPULATIONS, UNITS
from indicators.exports.parts import Table
from indicators.exports.report import Report, report
from indicators.exports.rows import COLUMNS, Row, file_rows
from indicators.exports.seal import canonical
from indicators.exports.wording import STATUSES, text
from regions.queries import region_name
from sprocep.rendering.spreadsheets import (
    Column,
    DataSheet,
    Grid,
    GridSheet,
    ProseSheet,
    xlsx_bytes,
)

FIGURES_SHEET = "Valeurs"
JSON_FORMAT = "sprocep/edition/1"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}
_FRENCH_HEADS = (
    ("Édition", 14),
    ("Période", 10),
    ("Région", 8),
    ("Indicateur", 11),
    ("Population", 24),
    ("Département", 12),
    ("Opérateur", 24),
    ("Niveau", 8),
    ("Ventilation", 18),
    ("Modalité", 12),
    ("Valeur", 11),
    ("Unité", 10),
    ("Statut", 14),
    ("Complétude", 11),
)


@dataclass
class Contents:
    """What the files of a block are written from: rows and report are built once, charts drawn
    once."""

    block: Block

    @cached_property
    def rows(self) -> list[Row]:
        return file_rows(self.block)

    @cached_property
    def report(self) -> Report:
        return report(self.block)

    @cached_property
    def charts(self) -> dict[str, bytes]:
        return {chart.name: chart.svg() for chart in self.report.charts}


def csv_file(contents: Contents) -> bytes:
    return canonical(contents.rows)


def json_file(contents: Contents) -> bytes:
    """One row a line. The seals are those of the database: a seal in a file proves nothing."""
    shown = contents.report
    blocks = [contents.block, *shown.comparisons.in_files]
    head = {
        "format": JSON_FORMAT,
        "title": shown.title,
        "notice": shown.notice,
        "editions": [
            {
                "edition": block.code,
                "figures_seal": block.edition.figures_seal if block.is_edition else None,
            }
            for block in blocks
        ],
        "columns": COLUMNS,
    }
    lines = ",\n".join(_json_row(row) for row in contents.rows)
    opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{opening},\n "rows": [\n{lines}\n]}}\n'.encode()


def _json_row(row: Row) -> str:
    values = dict(zip(COLUMNS, row, strict=True))
    values["value"] = _number(values["value"])
    values["completeness"] = float(values["completeness"])
    return json.dumps(values, ensure_ascii=False)


def _number(written: str) -> int | float | None:
    if not written:
        return None
    return float(written) if "." in written else int(written)


def pdf_file(contents: Contents) -> bytes:
    return paper.pdf(contents.report, contents.charts)


# ── Workbook ─────────────────────────────────────────────────────────────────────────────────


def xlsx_file(contents: Contents) -> bytes:
    shown = contents.report
    sheets = [
        _cover(shown),
        *(_chapter_sheet(shown, chapter) for chapter in shown.chapters),
        DataSheet(FIGURES_SHEET, _columns(), _figures(contents)),
        _definitions(),
    ]
    return xlsx_bytes(sheets, title=shown.title, created=shown.dated_on)


def _cover(shown: Report) -> ProseSheet:
    lines = [
        (shown.title, ""),
        ("Édition", shown.code),
        ("Limites", shown.borders_label),
        ("Nature", shown.notice),
        ("Sceau des valeurs", shown.seal or "sans objet : ceci n'est pas une édition"),
        ("En bref", shown.sentence),
        ("Feuilles", "Un chapitre par feuille ; « Valeurs » les contient toutes, une par ligne."),
        (
            "Comparaisons",
            "Les lignes d'autres éditions (période précédente, un an avant, France) portent "
            "leur propre numéro.",
        ),
        (
            "Vérifier",
            "manage.py verify_edition compare ce fichier au sceau et à l'empreinte enregistrés.",
        ),
        *((f"Signe « {sign} »", meaning) for sign, _, meaning in STATUSES),
    ]
    return ProseSheet("Lisez-moi", [(label, value) for label, value in lines if value or label])


def _chapter_sheet(shown: Report, chapter) -> GridSheet:
    grids = []
    for section in chapter.sections:
        notes = (*section.notes, section.source)
        grids.append(_grid(section.table, () if section.detail else notes))
        if section.detail:
            grids.append(_grid(section.detail, notes))
    title = f"{chapter.question} {shown.territory_name}, {shown.period.label}"
    return GridSheet(chapter.name, title, grids)


def _grid(table: Table, notes: tuple[str, ...]) -> Grid:
    columns = [Column(table.label_head)]
    for column in table.columns:
        head = f"{column.group.strip()} : {column.head}" if column.group.strip() else column.head
        kind = "tenth" if column.kind in ("tenth", "days") else column.kind
        columns.append(Column(head, "share" if kind == "change" else kind))
    rows = [[line.label, *(_cell(entry) for entry in line.entries)] for line in table.lines]
    return Grid(table.caption, columns, rows, notes)


def _cell(entry: Entry) -> Decimal | str:
    return entry.value if entry.is_published else text(entry)


def _columns() -> list[Column]:
    kinds = {"value": "number", "completeness": "tenth"}
    columns = [
        Column(head, kinds.get(name, "text"), width)
        for name, (head, width) in zip(COLUMNS, _FRENCH_HEADS, strict=True)
    ]
    return [
        *columns,
        Column("Libellé de l'indicateur", width=36),
        Column("Libellé de la modalité", width=44),
        Column("Libellé de l'opérateur", width=24),
        Column("Nom du territoire", width=28),
    ]


def _figures(contents: Contents) -> Iterator[list]:
    labels, names = contents.report.labels, {}
    last_day = contents.report.period.last_day
    for row in contents.rows:
        cell = dict(zip(COLUMNS, row, strict=True))
        region = cell["region"]
        if region not in names:
            names[region] = region_name(region, last_day)
        place = names[region]
        if cell["department"] != "total":
            place = labels.of("department", cell["department"])
        yield [
            *row[:10],
            _number(cell["value"]),
            *row[11:13],
            float(cell["completeness"]),
            BY_CODE[cell["indicator"]].label,
            _or_whole(labels.of(cell["breakdown"], cell["category"])),
            _or_whole(labels.of("operator", cell["operator"])),
            place,
        ]


def _or_whole(label: str) -> str:
    return "ensemble" if label == "total" else label


def _definitions() -> DataSheet:
    columns = [
        Column("Indicateur", width=12),
        Column("Libellé", width=48),
        Column("Unité", width=12),
        Column("Population comptée", width=48),
        Column("Ventilations", width=48),
        Column("Source", width=40),
    ]
    rows = [
        [
            indicator.code,
            indicator.label,
            UNITS[indicator.unit],
            " ; ".join(POPULATIONS[population] for population in indicator.populations),
            ", ".join(breakdown.label for breakdown in indicator.breakdowns),
            indicator.legal_source,
        ]
        for indicator in INDICATORS
    ]
    return DataSheet("Définitions", columns, rows)


FORMATS: dict[str, Callable[[Contents], bytes]] = {
    "csv": csv_file,
    "json": json_file,
    "xlsx": xlsx_file,
    "pdf": pdf_file,
}
