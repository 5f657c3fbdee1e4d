"""What stands under each table beside the mark of its completeness, the same on the page, on paper
and in the workbooks: field, source, signs (docs/statistics-habits.md)."""

from indicators.exports.parts import Section
from indicators.exports.report import Report
from sprocep.templatetags import french


def footnotes(report: Report, section: Section) -> list[str]:
    found = [_field(report, section), _source(report, section), *_compared(report)]
    tables = [table for table in (section.table, section.detail) if table]
    signs = dict.fromkeys(sign for table in tables for sign in table.signs)
    if signs:
        found.append(" ".join("{} : {}.".format(*french.SIGNS[sign]) for sign in signs))
    return found


def _field(report: Report, section: Section) -> str:
    where = f"{report.territory_name}, {report.borders_label}, {report.period.label}"
    return f"Champ : {section.field}, {where}."


def _source(report: Report, section: Section) -> str:
    state = "brouillon calculé" if report.is_draft else "valeurs arrêtées"
    day = french.day(report.dated_on)
    return f"{section.source} Édition {report.edition.code}, {state} le {day}."


def _compared(report: Report) -> list[str]:
    """Returns behind what the figures are compared with: a lag is no change."""
    beside = [
        f"{head} {french.share(share)}" for head, share in report.compared if share is not None
    ]
    return [f"Remontées des comparaisons : {', '.join(beside)}."] if beside else []
