"""Pages leave compressed for who asks so; what is downloaded leaves as it is."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from sprocep.compression import compressed_pages

TEXT = "<p>Un parcours, puis un autre.</p>" * 100


def answer(content_type: str, **headers) -> HttpResponse:
    given = HttpResponse(TEXT, content_type=content_type)
    return compressed_pages(lambda request: given)(RequestFactory().get("/", **headers))


def test_a_page_is_compressed_for_who_asks():
    page = answer("text/html; charset=utf-8", HTTP_ACCEPT_ENCODING="gzip, br")
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert gzip.decompress(page.content).decode() == TEXT
    assert len(page.content) < len(TEXT) / 5
    plain = answer("text/html; charset=utf-8")
    assert "Content-Encoding" not in plain.headers
    assert plain.content.decode() == TEXT


def test_the_length_of_a_page_tells_nothing_of_it():
    lengths = {len(answer("text/html", HTTP_ACCEPT_ENCODING="gzip").content) for _ in range(50)}
    assert len(lengths) > 10


@pytest.mark.parametrize("kind", ["application/pdf", "text/csv", "application/json"])
def test_a_file_is_not(kind):
    assert answer(kind, HTTP_ACCEPT_ENCODING="gzip").content.decode() == TEXT
