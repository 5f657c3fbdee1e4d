"""PDF from HTML: tagged (PDF/UA), nothing fetched but what is handed over, same bytes each time."""

import gc
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from sprocep.rendering.lettering import FONTS

# Relative addresses need a scheme that joins; nothing is ever asked of this name.
_ORIGIN = "https://bundled.invalid/"
_MISSING_LIBRARY = (
    "WeasyPrint demande Pango : apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0"
)


_NOTES = re.compile(r"^::(?:foot)?note-.*\n", re.MULTILINE)

# One line a page and a glyph table: nobody reads them.
for _chatty in ("weasyprint.progress", "fontTools"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class DocumentError(RuntimeError):
    """The document cannot be made; the message says what to do."""


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str


def fonts() -> dict[str, Asset]:
    """The typeface of our documents, by the names that a style sheet gives it."""
    return {path.name: Asset(path.read_bytes(), "font/ttf") for path in FONTS.glob("*.ttf")}


def load() -> None:
    """Load what makes documents, a second of work: a worker does so before it is asked for one.

    Raises:
        DocumentError: a system library is missing.
    """
    try:
        from sprocep.rendering.words import draw_in_runs
    except OSError as error:
        raise DocumentError(_MISSING_LIBRARY) from error
    draw_in_runs()


def pdf_bytes(html: str, assets: Mapping[str, Asset], *, stylesheet: str) -> bytes:
    """`html` and the style sheet name assets by their key; any other address stops the document.

    Raises:
        DocumentError: a system library is missing, or an address is none of the assets.
    """
    load()
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    fetcher = _fetcher(assets)
    configuration = FontConfiguration()
    try:
        style = weasyprint.CSS(
            string=stylesheet,
            base_url=_ORIGIN,
            url_fetcher=fetcher,
            font_config=configuration,
        )
        document = weasyprint.HTML(string=html, base_url=_ORIGIN, url_fetcher=fetcher)
        document._ua_stylesheets = lambda forms=False: _without_notes()
        with _uncollected():
            return document.write_pdf(
                stylesheets=[style],
                font_config=configuration,
                finisher=_scope_headers,
                pdf_variant="pdf/ua-1",
            )
    except FatalURLFetchingError as error:
        raise DocumentError(str(error)) from error


@cache
def _without_notes() -> list:
    """WeasyPrint's own style sheet less footnotes: five styles for each element, a twentieth of the
    work for an edition, and our documents have no such note."""
    from weasyprint import CSS, html
    from weasyprint.css.counters import CounterStyle

    return [CSS(string=_NOTES.sub("", html.UA), counter_style=CounterStyle())]


def _scope_headers(_, pdf) -> None:
    """WeasyPrint tells which headers a cell has, and not of what a header is one: PDF/UA readers
    look for either, checkers for the scope. Heads of columns stand in a head group."""
    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH":
            group = _parent(pdf, _parent(pdf, element))
            element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _parent(pdf, element: dict) -> dict:
    """`P` is a reference, « 12 0 R »."""
    return pdf.objects[int(element["P"].split()[0])]


@contextmanager
def _uncollected() -> Iterator[None]:
    """A document is one large graph that lives to its end: looking for cycles in it meanwhile
    costs a fifth of the time and frees nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _fetcher(assets: Mapping[str, Asset]):
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Bundled(URLFetcher):
        """A dictionary. No handler of the class above is ever reached."""

        def fetch(self, url: str, headers=None) -> URLFetcherResponse:
            name = url.removeprefix(_ORIGIN)
            if not url.startswith(_ORIGIN) or name not in assets:
                raise ValueError(f"not bundled with the document: {url[:80]}")
            asset = assets[name]
            return URLFetcherResponse(url, asset.content, {"Content-Type": asset.media_type})

    return Bundled(fail_on_errors=True)
