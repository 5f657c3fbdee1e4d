"""Every number of a dashboard's tables is the value of its cell, and nothing else is printed."""

from html.parser import HTMLParser

import pytest

from indicators.definitions import INDICATORS, TOTAL
from indicators.exports.labels import labels_on
from indicators.models import EditionCell
from indicators.worklist import nation
from sprocep.templatetags import french
from tests.indicators.pages.fabricated import AFTER

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


class Tables(HTMLParser):
    """The tables of a page: caption → rows of texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._caption, self._rows, self._text = "", [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self._rows.append([])
        if tag in ("caption", "th", "td"):
            self._text = ""

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "caption":
            self._caption, self._text = self._text.strip(), None
        if tag in ("th", "td"):
            self._rows[-1].append(" ".join(self._text.split(" ")).strip())
            self._text = None
        if tag == "table":
            assert self._caption not in self.found
            self.found[self._caption], self._rows = self._rows, []


def written(cell: EditionCell | None) -> str:
    if cell is None:
        return "///"
    if cell.value is None:
        return french.SIGNS[cell.status][0]
    return french.number(cell.value)


@pytest.fixture
def cells(base) -> dict[tuple, EditionCell]:
    with nation(read_only=True):
        found = EditionCell.objects.filter(
            edition__period=AFTER.code, territory="93", borders="date"
        )
        return {
            (c.indicator, c.population, c.breakdown, c.category, c.operator, c.level): c
            for c in found
            if c.department == TOTAL
        }


@pytest.fixture
def tables(browse) -> dict[str, list[list[str]]]:
    page = browse("regional_coordinator 93").get(f"/tableaux-de-bord/{AFTER}/93/")
    return Tables(page.content.decode()).found


def test_tables_by_level_and_operator_equal_their_cells(cells, tables):
    labels = labels_on(AFTER)
    compared = 0
    for indicator in INDICATORS:
        if indicator.measure or not indicator.by_operator:
            continue
        population = indicator.populations[0]
        for breakdown in indicator.breakdowns:
            rows = crossing(tables, labels, breakdown.name, indicator)
            if rows is None:
                continue
            levels = list(labels["level"]) if indicator.by_level else []
            margins = [(TOTAL, TOTAL)]
            margins += [(TOTAL, level) for level in levels]
            margins += [(operator, TOTAL) for operator in labels["operator"]]
            codes = {label: code for code, label in labels[breakdown.name].items()}
            for label, *printed in rows:
                at = (TOTAL, TOTAL) if label == "Ensemble" else (breakdown.name, codes[label])
                expected = [
                    written(cells.get((indicator.code, population, *at, *margin)))
                    for margin in margins
                ]
                assert printed == expected, (indicator.code, label)
                compared += len(printed)
    assert compared > 1_000


def crossing(tables, labels, breakdown, indicator) -> list[list[str]] | None:
    """Rows of the table that crosses this breakdown, found by its labels."""
    wanted = set(labels[breakdown].values())
    width = 2 + len(labels["operator"]) + (len(labels["level"]) if indicator.by_level else 0)
    for caption, rows in tables.items():
        if "par niveau et par opérateur" not in caption or not _is_of(caption, indicator):
            continue
        body = [row for row in rows if len(row) == width and row[0] in wanted | {"Ensemble"}]
        if len(body) > 1:
            return body
    return None


_SUBJECTS = {
    "A5": "Sorties selon l’issue",
    "B1": "Entrées selon le sexe",
    "B2": "Entrées selon le niveau de formation",
    "B3": "Entrées selon la situation",
    "B4": "Entrées selon la catégorie socioprofessionnelle",
    "B5": "Entrées selon l’obligation",
    "B6": "Entrées selon le secteur",
    "B7": "Entrées selon le type de contrat",
    "B8": "Entrées selon la commune",
    "C1.main": "Entrées selon le motif principal",
    "D1": "Services mobilisés",
    "A7": "Entrées selon la venue",
    "E4": "Sorties selon les niveaux parcourus",
    "E5": "Sorties selon les structures traversées",
    "F1": "Entretiens selon le canal",
    "I1": "Sorties selon la situation à la sortie",
}


def _is_of(caption: str, indicator) -> bool:
    subject = _SUBJECTS.get(indicator.code)
    return subject is not None and caption.startswith(subject)


def test_the_six_counts_equal_their_cells(cells, tables):
    rows = tables["Les six comptages de la période"]
    populations = [
        ("A1", "journeys_opened"),
        ("A2", "persons_started_or_ended"),
        ("A3", "persons_seen"),
        ("A4", "journeys_open"),
        ("A5", "journeys_closed"),
        ("A6", "contacts"),
    ]
    printed = [row[1] for row in rows if len(row) > 1 and row[0] != "Comptage"]
    total = (TOTAL,) * 4
    assert printed == [written(cells[(*which, *total)]) for which in populations]
