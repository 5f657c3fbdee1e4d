"""The PDF of an edition."""

from collections.abc import Mapping

import segno
from django.template.loader import get_template, render_to_string
from django.utils.html import strip_spaces_between_tags

from indicators.definitions import INDICATORS, LEGAL_SOURCE, Indicator
from indicators.exports.labels import POPULATIONS, UNITS
from indicators.exports.notes import METHOD, notes
from indicators.exports.report import Report
from sprocep.rendering.documents import Asset, fonts, pdf_bytes
from sprocep.templatetags.french import SPACE, THIN

SVG = "image/svg+xml"


def pdf(report: Report, charts: Mapping[str, bytes]) -> bytes:
    """`charts` are the drawings of the report by their names, the same as on the page."""
    assets = fonts() | {name: Asset(content, SVG) for name, content in charts.items()}
    if report.seal:
        assets["seal.svg"] = Asset(_qr_code(report), SVG)
    # Nobody sees the spaces between tags: a thirtieth of the work goes into them.
    html = strip_spaces_between_tags(render_to_string("pdf/edition.html", _context(report)))
    return pdf_bytes(
        # The font has no narrow space, and extracted text would lose it.
        html.replace(THIN, SPACE),
        assets,
        stylesheet=get_template("pdf/edition.css").render(),
    )


def _context(report: Report) -> dict:
    sealed = report.edition.is_sealed
    return {
        "report": report,
        "edition_word": "Édition" if report.block.is_edition else "Ceci n'est pas une édition",
        "date_word": "Scellée le" if sealed else "Brouillon, compilé le",
        "seal_parts": _in_eights(report.seal),
        "chain_parts": _in_eights(report.edition.chained_seal) if report.seal else [],
        "has_nation": any(figure.national for figure in report.key_figures),
        "method": METHOD,
        "notes": notes(report),
        "legal_source": LEGAL_SOURCE,
        "indicators": _definitions(),
    }


def _in_eights(seal: str) -> list[str]:
    return [seal[at : at + 8] for at in range(0, len(seal), 8)]


def _definitions() -> list[tuple[str, str, str, str]]:
    """(codes, label, population, unit); measures of one distribution share a line."""
    found: dict[tuple[str, str], list[Indicator]] = {}
    for indicator in INDICATORS:
        subject = indicator.label.rpartition(", ")[0] if indicator.measure else ""
        found.setdefault((indicator.code.split(".")[0], subject or indicator.label), []).append(
            indicator
        )
    return [
        (
            ", ".join(indicator.code for indicator in family),
            subject if len(family) == 1 else f"{subject} : {_measures(family)}",
            " ; ".join(POPULATIONS[population] for population in family[0].populations),
            UNITS[family[0].unit],
        )
        for (_, subject), family in found.items()
    ]


def _measures(family: list[Indicator]) -> str:
    return ", ".join(indicator.label.rpartition(", ")[2] for indicator in family)


def _qr_code(report: Report) -> bytes:
    code = segno.make(f"{report.code} {report.seal}", error="m")
    return code.svg_inline(scale=4, border=0).encode()
