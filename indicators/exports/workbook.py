"""The sheets of an edition: one description, written as XLSX and as ODS."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import itemgetter

from django.utils import timezone
from django.utils.text import capfirst

from indicators.definitions import TOTAL
from indicators.exports import catalogue
from indicators.exports.figures import Entry
from indicators.exports.footnotes import footnotes
from indicators.exports.labels import Labels
from indicators.exports.notes import METHOD, notes
from indicators.exports.parts import Chapter, Table
from indicators.exports.report import Report
from indicators.exports.rows import COLUMNS, Row, number
from indicators.exports.wording import STATUSES, text
from indicators.models import EditionCell
from regions.queries import region_name
from sprocep.rendering.spreadsheets import Column, DataSheet, Grid, GridSheet, ProseSheet, Sheet

FIGURES_SHEET = "Valeurs"
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


def sheets(shown: Report, rows: Sequence[Row]) -> list[Sheet]:
    places = _Places(shown)
    return [
        _cover(shown),
        *(_chapter_sheet(shown, chapter) for chapter in shown.chapters),
        DataSheet(FIGURES_SHEET, _columns(), _figures(rows, shown.labels, places)),
        _completeness(rows, shown.labels, places),
        _definitions(shown),
        _notes(shown),
    ]


class _Places:
    """Names of Regions and départements on the last day of the period, each looked up once."""

    def __init__(self, shown: Report) -> None:
        self._day, self._departments = shown.period.last_day, shown.labels["department"]
        self._regions: dict[str, str] = {}

    def region(self, code: str) -> str:
        if code not in self._regions:
            self._regions[code] = region_name(code, self._day)
        return self._regions[code]

    def of(self, region: str, department: str) -> str:
        return self.region(region) if department == TOTAL else self._departments[department]


# ── Texts ────────────────────────────────────────────────────────────────────────────────────


def _cover(shown: Report) -> ProseSheet:
    dated = "Scellée le" if shown.edition.is_sealed else "Brouillon, compilé le"
    lines = [
        (shown.title, ""),
        ("Édition", shown.code),
        (dated, timezone.localdate(shown.dated_on)),
        ("Limites", shown.borders_label),
        ("Complétude", f"{shown.mark.words} attendues"),
        ("Nature", shown.notice),
        ("Sceau des valeurs", shown.seal or "sans objet : ceci n’est pas une édition"),
        ("En bref", shown.sentence),
        (
            "Feuilles",
            "Un chapitre par feuille ; « Valeurs » les contient toutes, une par ligne ; puis "
            "complétude, définitions et notes.",
        ),
        (
            "Comparaisons",
            "Les lignes d’autres éditions (période précédente, un an avant, France, Régions "
            "semblables) portent leur propre numéro.",
        ),
        (
            "Définitions",
            "Leur feuille dit ce que compte chaque indicateur, depuis quand, selon quelle source ; "
            "la page publique /indicateurs/ du site dit aussi leurs versions et les avis.",
        ),
        (
            "Vérifier",
            "manage.py verify_edition compare ce fichier au sceau et à l’empreinte enregistrés.",
        ),
        *((f"Signe « {sign} »", meaning) for sign, _, meaning in STATUSES),
    ]
    return ProseSheet("Lisez-moi", lines)


def _notes(shown: Report) -> ProseSheet:
    heading = "Méthode et secret statistique"
    return ProseSheet("Notes", [(heading, ""), ("Méthode", METHOD), *notes(shown)])


def _definitions(shown: Report) -> DataSheet:
    """In the versions of the last day of the period."""
    columns = [
        Column("Indicateur", width=12),
        Column("Libellé", width=48),
        Column("Unité", width=12),
        Column("Population comptée", width=48),
        Column("Ventilations", width=48),
        Column("Socle", width=12),
        Column("Définition", width=80),
        Column("Version", "whole", 10),
        Column("À partir du", width=14),
        Column("Source", width=40),
    ]
    rows = [
        [
            one.code,
            one.label,
            one.unit,
            one.counted,
            ", ".join(one.breakdowns),
            "régional" if one.is_regional else "national",
            one.statement,
            one.version,
            one.starts_on,
            one.legal_source,
        ]
        for one in catalogue.standing(shown.period.last_day, shown.block.territory)
    ]
    return DataSheet("Définitions", columns, rows)


# ── Tables of the chapters ───────────────────────────────────────────────────────────────────


def _chapter_sheet(shown: Report, chapter: Chapter) -> GridSheet:
    grids = []
    for section in chapter.sections:
        after = (f"{capfirst(shown.mark.words)}.", *section.notes, *footnotes(shown, section))
        grids.append(_grid(section.table, () if section.detail else after))
        if section.detail:
            grids.append(_grid(section.detail, after))
    title = f"{chapter.question} {shown.territory_name}, {shown.period.label}"
    return GridSheet(chapter.name, title, grids)


def _grid(table: Table, after: tuple[str, ...]) -> Grid:
    columns = [Column(table.label_head)]
    for column in table.columns:
        head = f"{column.group.strip()} : {column.head}" if column.group.strip() else column.head
        columns.append(Column(head, "tenth" if column.kind == "days" else column.kind))
    rows = [[line.label, *(_cell(entry) for entry in line.entries)] for line in table.lines]
    return Grid(table.caption, columns, rows, after)


def _cell(entry: Entry) -> Decimal | str:
    return entry.value if entry.is_published else text(entry)


# ── All figures ──────────────────────────────────────────────────────────────────────────────


def _columns() -> list[Column]:
    kinds = {"value": "number", "completeness": "tenth"}
    columns = [
        Column(head, kinds.get(name, "text"), width)
        for name, (head, width) in zip(COLUMNS, _FRENCH_HEADS, strict=True)
    ]
    return [
        *columns,
        Column("Libellé de l’indicateur", width=36),
        Column("Libellé de la modalité", width=44),
        Column("Libellé de l’opérateur", width=24),
        Column("Nom du territoire", width=28),
    ]


def _figures(rows: Sequence[Row], labels: Labels, places: _Places) -> Iterator[list]:
    names = catalogue.labels()
    for row in rows:
        _, _, region, indicator, _, department, operator, _, breakdown, category = row[:10]
        value, unit, status, completeness = row[10:]
        yield [
            *row[:10],
            number(value),
            unit,
            status,
            float(completeness),
            names[indicator],
            _or_whole(labels.of(breakdown, category)),
            _or_whole(labels.of("operator", operator)),
            places.of(region, department),
        ]


def _or_whole(label: str) -> str:
    return "ensemble" if label == TOTAL else label


_PLACE_OF = itemgetter(
    *map(COLUMNS.index, ("edition", "region", "department", "operator", "completeness"))
)
_STATUS = COLUMNS.index("status")
_STATUS_HEADS = (
    ("Valeurs publiées", EditionCell.Status.PUBLISHED),
    ("Secrètes", EditionCell.Status.SECRET),
    ("Non disponibles", EditionCell.Status.MISSING),
    ("Sans objet", EditionCell.Status.NOT_APPLICABLE),
)


def _completeness(rows: Sequence[Row], labels: Labels, places: _Places) -> DataSheet:
    """Share of the returns received, as each figure of the place and operator carries it, and how
    many figures stand behind it. Where two shares go with one place, each has its line."""
    columns = [
        Column("Édition", width=14),
        Column("Région", width=28),
        Column("Département", width=24),
        Column("Catégorie d’opérateur", width=28),
        Column("Remontées reçues sur attendues", "share", 18),
        *(Column(head, "whole", 16) for head, _ in _STATUS_HEADS),
    ]
    counts: dict[Row, Counter[str]] = {}
    for row in rows:
        counts.setdefault(_PLACE_OF(row), Counter())[row[_STATUS]] += 1
    lines = [
        [
            edition,
            places.region(region),
            "ensemble" if department == TOTAL else places.of(region, department),
            _or_whole(labels.of("operator", operator)),
            Decimal(completeness),
            *(found[status] for _, status in _STATUS_HEADS),
        ]
        for (edition, region, department, operator, completeness), found in sorted(counts.items())
    ]
    return DataSheet("Complétude", columns, lines)
