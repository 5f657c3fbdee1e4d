"""The formats of an edition, all from the same rows and the same report."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from indicators.exports import paper
from indicators.exports.blocks import Block
from indicators.exports.chain import previous_seals
from indicators.exports.errata import ADDRESS, changes
from indicators.exports.report import Report, report
from indicators.exports.rows import COLUMNS, Row, blocks_of_file, file_rows, number, written
from indicators.exports.seal import canonical
from indicators.exports.workbook import sheets
from indicators.models import Edition
from sprocep.rendering import ods
from sprocep.rendering.spreadsheets import ods_bytes, xlsx_bytes

# The version is in both names: what a reader relies on changes with a new number only.
JSON_FORMAT = "sprocep/edition/1"
JSON_SCHEMA = "/static/schemas/edition-1.json"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": ods.MEDIA_TYPE,
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "secret": "application/json",
}


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
    own = contents.block.edition
    head = {
        "$schema": JSON_SCHEMA,
        "format": JSON_FORMAT,
        "title": shown.title,
        "borders": contents.block.borders,
        "notice": shown.notice,
        **(_chain(own) if contents.block.is_edition and own.is_sealed else {}),
        **(_erratum(own) if contents.block.is_edition and own.supersedes_id else {}),
        "editions": [
            {
                "edition": block.code,
                "figures_seal": block.edition.figures_seal if block.is_edition else None,
            }
            for block in blocks_of_file(contents.block)
        ],
        "columns": COLUMNS,
    }
    lines = ",\n".join(_json_row(row) for row in contents.rows)
    opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{opening},\n "rows": [\n{lines}\n]}}\n'.encode()


def _chain(edition: Edition) -> dict[str, str]:
    return {
        "previous_chained_seal": previous_seals([edition])[edition.pk],
        "chained_seal": edition.chained_seal,
    }


def _erratum(edition: Edition) -> dict:
    """Why it replaces another, and the cells published in both whose value differs."""
    return {
        "supersedes": edition.supersedes.code,
        "cause": edition.cause,
        "changes": [
            {
                **{name: getattr(change.cell, name) for name in ADDRESS},
                "former_value": number(written(change.former)),
                "value": number(written(change.value)),
            }
            for change in changes(edition)
        ],
    }


def _json_row(row: Row) -> str:
    values = dict(zip(COLUMNS, row, strict=True))
    values["value"] = number(values["value"])
    values["completeness"] = float(values["completeness"])
    return json.dumps(values, ensure_ascii=False)


def pdf_file(contents: Contents) -> bytes:
    return paper.pdf(contents.report, contents.charts)


def xlsx_file(contents: Contents) -> bytes:
    return _workbook(contents, xlsx_bytes)


def ods_file(contents: Contents) -> bytes:
    return _workbook(contents, ods_bytes)


def _workbook(contents: Contents, write: Callable[..., bytes]) -> bytes:
    shown = contents.report
    return write(sheets(shown, contents.rows), title=shown.title, created=shown.dated_on)


FORMATS: dict[str, Callable[[Contents], bytes]] = {
    "csv": csv_file,
    "json": json_file,
    "xlsx": xlsx_file,
    "ods": ods_file,
    "pdf": pdf_file,
}
