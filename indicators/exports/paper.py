"""The PDF of an edition."""

from collections.abc import Iterable, Mapping

import segno
from django.template.loader import get_template, render_to_string
from django.utils.html import strip_spaces_between_tags

from indicators.definitions import LEGAL_SOURCE
from indicators.exports import catalogue
from indicators.exports.catalogue import Described
from indicators.exports.figures import MISSING, Entry
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
    html = strip_spaces_between_tags(render_to_string("pdf/edition.html", context(report)))
    return pdf_bytes(
        # The font has no narrow space, and extracted text would lose it.
        html.replace(THIN, SPACE),
        assets,
        stylesheet=get_template("pdf/edition.css").render(),
    )


def context(report: Report) -> dict:
    """What the templates of the document read."""
    sealed = report.edition.is_sealed
    return {
        "report": report,
        "edition_word": "Édition" if report.block.is_edition else "Ceci n’est pas une édition",
        "date_word": "Scellée le" if sealed else "Brouillon, compilé le",
        "seal_parts": _in_eights(report.seal),
        "chain_parts": _in_eights(report.edition.chained_seal) if report.seal else [],
        "replaced": report.edition.supersedes if report.block.is_edition else None,
        "has_period": _is_known(figure.change_period for figure in report.key_figures),
        "has_year": _is_known(figure.change_year for figure in report.key_figures),
        "has_nation": any(figure.national for figure in report.key_figures),
        "method": METHOD,
        "notes": notes(report),
        "legal_source": LEGAL_SOURCE,
        "indicators": _definitions(report),
    }


def _is_known(changes: Iterable[Entry]) -> bool:
    """Whether there is an edition to compare with: without any, all would be « nd »."""
    return any(entry.status != MISSING for entry in changes)


def _in_eights(seal: str) -> list[str]:
    return [seal[at : at + 8] for at in range(0, len(seal), 8)]


def _definitions(report: Report) -> list[tuple[str, str, str, str]]:
    """(codes, label, population, unit) in the versions of the last day; measures of one
    distribution share a line, indicators of the Region come last."""
    found: dict[tuple[str, str], list[Described]] = {}
    for one in catalogue.standing(report.period.last_day, report.block.territory):
        subject = one.label.rpartition(", ")[0] if "." in one.code else ""
        is_shared = not one.is_regional and subject
        key = (one.family, subject) if is_shared else (one.code, one.label)
        found.setdefault(key, []).append(one)
    return [
        (
            ", ".join(one.code for one in family),
            _called(family, subject),
            family[0].counted,
            family[0].unit,
        )
        for (_, subject), family in found.items()
    ]


def _called(family: list[Described], subject: str) -> str:
    if len(family) > 1:
        return f"{subject} : {', '.join(one.label.rpartition(', ')[2] for one in family)}"
    [one] = family
    return f"{one.label} (régional) : {one.statement}" if one.is_regional else one.label


def _qr_code(report: Report) -> bytes:
    code = segno.make(f"{report.code} {report.seal}", error="m")
    return code.svg_inline(scale=4, border=0).encode()
