"""ODS (OpenDocument 1.3) of laid-out pages. No kept library writes it: it is a zip of small XML."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from sprocep.rendering.sheets import PERCENTAGES, STYLES, Cell, Page, Style, archive, letters, xml

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_URN = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = " ".join(
    [
        *(
            f'xmlns:{name}="{_URN}:{name}:1.0"'
            for name in ("office", "table", "text", "style", "meta", "config", "manifest")
        ),
        f'xmlns:number="{_URN}:datastyle:1.0"',
        f'xmlns:fo="{_URN}:xsl-fo-compatible:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ]
)
_VERSION = f'{_NAMES} office:version="1.3"'
# A character of ten points.
_CENTIMETRES = 0.2
_DEFAULT = next(iter(STYLES))


def write(pages: Sequence[Page], *, title: str, created: datetime) -> bytes:
    """`created` is written in the file: a date of the content, never the clock."""
    content = "".join(_content(pages))
    return archive(
        [
            ("META-INF/manifest.xml", _manifest()),
            ("content.xml", content),
            ("styles.xml", _STYLES),
            ("meta.xml", _meta(title, created)),
            ("settings.xml", _settings(pages)),
        ],
        mimetype=MEDIA_TYPE,
    )


def _content(pages: Sequence[Page]) -> Iterator[str]:
    yield f"{_HEAD}<office:document-content {_VERSION}><office:automatic-styles>{_NUMBERS}"
    yield from (_cell_style(name, style) for name, style in STYLES.items())
    for width in sorted({width for page in pages for width in page.widths}):
        yield (
            f'<style:style style:name="w{width}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width * _CENTIMETRES:.1f}cm"/>'
            "</style:style>"
        )
    yield '<style:style style:name="page" style:family="table" style:master-page-name="Default">'
    yield '<style:table-properties table:display="true"/></style:style>'
    yield "</office:automatic-styles><office:body><office:spreadsheet>"
    filtered = []
    for page in pages:
        last = 0
        yield f'<table:table table:name="{xml(page.name)}" table:style-name="page">'
        yield "".join(
            f'<table:table-column table:style-name="w{width}" '
            f'table:default-cell-style-name="{_DEFAULT}"/>'
            for width in page.widths
        )
        written: dict[Cell, str] = {}
        for last, row in enumerate(page.rows, start=1):
            if last == 1 and page.heads:
                yield "<table:table-header-rows>"
            yield _row(row, written)
            if last == page.heads:
                yield "</table:table-header-rows>"
        yield "</table:table>"
        if page.heads:
            filtered.append((page, last))
    yield from _filters(filtered)
    yield "</office:spreadsheet></office:body></office:document-content>"


def _row(row: Sequence[Cell], written: dict[Cell, str]) -> str:
    cells = []
    for cell in row:
        if cell not in written:
            written[cell] = _cell(*cell)
        cells.append(written[cell])
    return f"<table:table-row>{''.join(cells) or _EMPTY}</table:table-row>"


_EMPTY = "<table:table-cell/>"


def _cell(value, style: str) -> str:
    if value is None or value == "":
        return _EMPTY
    look = "" if style == _DEFAULT else f' table:style-name="{style}"'
    if isinstance(value, str):
        kind, shown = 'office:value-type="string"', _paragraph(value)
    elif isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        shown = value.strftime("%d/%m/%Y")
    elif style in PERCENTAGES:
        kind = f'office:value-type="percentage" office:value="{value}"'
        shown = f"{value * 100:.1f}\N{NO-BREAK SPACE}%".replace(".", ",")
    else:
        kind, shown = f'office:value-type="float" office:value="{value}"', _french(value)
    return f"<table:table-cell{look} {kind}><text:p>{shown}</text:p></table:table-cell>"


def _paragraph(text: str) -> str:
    """Spaces in a row and ends of lines would otherwise count as one space."""
    text = xml(text).replace("  ", " <text:s/>")
    return text.replace("\n", "</text:p><text:p>")


def _french(value: int | float | Decimal) -> str:
    return str(value).replace(".", ",")


def _filters(filtered: Sequence[tuple[Page, int]]) -> Iterator[str]:
    if not filtered:
        return
    yield "<table:database-ranges>"
    for rank, (page, last) in enumerate(filtered):
        name = xml(page.name.replace("'", "''"))
        place = f"'{name}'.A{page.heads}:'{name}'.{letters(len(page.widths) - 1)}{last}"
        yield (
            f'<table:database-range table:name="filtre{rank + 1}" '
            f'table:target-range-address="{place}" table:display-filter-buttons="true"/>'
        )
    yield "</table:database-ranges>"


# ── Looks ────────────────────────────────────────────────────────────────────────────────────


def _number(decimals: int, *, is_grouped: bool = False) -> str:
    grouping = ' number:grouping="true"' * is_grouped
    return (
        f'<number:number number:decimal-places="{decimals}" '
        f'number:min-decimal-places="{decimals}" number:min-integer-digits="1"{grouping}/>'
    )


_PERCENT = f"{_number(1)}<number:text>\N{NO-BREAK SPACE}%</number:text>"
_NUMBERS = (
    f'<number:number-style style:name="n-whole">{_number(0, is_grouped=True)}</number:number-style>'
    f'<number:number-style style:name="n-tenth">{_number(1, is_grouped=True)}</number:number-style>'
    f'<number:percentage-style style:name="n-percent">{_PERCENT}</number:percentage-style>'
    # A rise has its sign; with conditions, a fall must be told its own.
    '<number:percentage-style style:name="n-rise" style:volatile="true">'
    f"<number:text>+</number:text>{_PERCENT}</number:percentage-style>"
    '<number:percentage-style style:name="n-fall" style:volatile="true">'
    f"<number:text>-</number:text>{_PERCENT}</number:percentage-style>"
    f'<number:percentage-style style:name="n-change">{_PERCENT}'
    '<style:map style:condition="value()&gt;0" style:apply-style-name="n-rise"/>'
    '<style:map style:condition="value()&lt;0" style:apply-style-name="n-fall"/>'
    "</number:percentage-style>"
    '<number:date-style style:name="n-date" number:language="fr" number:country="FR">'
    '<number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
)


def _cell_style(name: str, style: Style) -> str:
    data = f' style:data-style-name="n-{style.number}"' if style.number else ""
    cell = ' fo:wrap-option="wrap"' * style.is_wrapped
    cell += ' fo:border-bottom="1.5pt solid #000000"' * style.is_ruled
    cell += f' style:vertical-align="{"bottom" if style.is_ruled else "top"}"'
    text = f' fo:font-size="{style.size}pt"'
    text += ' fo:font-weight="bold"' * style.is_bold + ' fo:font-style="italic"' * style.is_italic
    side = '<style:paragraph-properties fo:text-align="end"/>' * style.to_right
    return (
        f'<style:style style:name="{name}" style:family="table-cell" '
        f'style:parent-style-name="Default"{data}><style:table-cell-properties{cell}/>{side}'
        f"<style:text-properties{text}/></style:style>"
    )


_STYLES = (
    f"{_HEAD}<office:document-styles {_VERSION}><office:styles>"
    '<style:default-style style:family="table-cell"><style:text-properties '
    'style:font-name="Arial" fo:font-family="Arial" fo:font-size="10pt" fo:language="fr" '
    'fo:country="FR"/></style:default-style>'
    '<style:style style:name="Default" style:family="table-cell"/></office:styles>'
    '<office:automatic-styles><style:page-layout style:name="landscape">'
    '<style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" '
    'style:print-orientation="landscape" style:scale-to-X="1" style:scale-to-Y="0"/>'
    "</style:page-layout></office:automatic-styles><office:master-styles>"
    '<style:master-page style:name="Default" style:page-layout-name="landscape"/>'
    "</office:master-styles></office:document-styles>"
)


# ── The package ──────────────────────────────────────────────────────────────────────────────


def _manifest() -> str:
    entries = [("/", MEDIA_TYPE)]
    entries += [(f"{name}.xml", "text/xml") for name in ("content", "styles", "meta", "settings")]
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media_type}"/>'
        for path, media_type in entries
    )
    return (
        f'{_HEAD}<manifest:manifest xmlns:manifest="{_URN}:manifest:1.0" manifest:version="1.3">'
        f"{listed}</manifest:manifest>"
    )


def _meta(title: str, created: datetime) -> str:
    return (
        f"{_HEAD}<office:document-meta {_VERSION}><office:meta>"
        f"<meta:generator>sprocep</meta:generator><dc:title>{xml(title)}</dc:title>"
        f"<meta:creation-date>{created.strftime('%Y-%m-%dT%H:%M:%S')}</meta:creation-date>"
        "<dc:language>fr-FR</dc:language></office:meta></office:document-meta>"
    )


def _settings(pages: Sequence[Page]) -> str:
    """Heads that stay in sight: a matter of the view in this format."""
    tables = "".join(_frozen(page) for page in pages if page.heads)
    return (
        f"{_HEAD}<office:document-settings {_VERSION}><office:settings>"
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        + _item("ViewId", "string", "view1")
        + f'<config:config-item-map-named config:name="Tables">{tables}'
        "</config:config-item-map-named>"
        + _item("ActiveTable", "string", xml(pages[0].name))
        + "</config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _frozen(page: Page) -> str:
    items = [
        _item("VerticalSplitMode", "short", 2),
        _item("VerticalSplitPosition", "int", page.heads),
        _item("PositionBottom", "int", page.heads),
        _item("ActiveSplitRange", "short", 2),
    ]
    return (
        f'<config:config-item-map-entry config:name="{xml(page.name)}">{"".join(items)}'
        "</config:config-item-map-entry>"
    )


def _item(name: str, kind: str, value: object) -> str:
    return (
        f'<config:config-item config:name="{name}" config:type="{kind}">{value}'
        "</config:config-item>"
    )
