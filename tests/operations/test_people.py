"""The scan sees: in plain, in capitals, in an address, a cookie, an archive, a PDF."""

import base64
import io
import json
import zipfile
import zlib

import pikepdf
import pytest

from tests.operations.people import EVERYBODY, OWNERS, found_in

ONE = EVERYBODY[17]


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", text)
    return buffer.getvalue()


def printed(text: str) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    stream = document.make_stream(zlib.compress(text.encode()))
    stream.Filter = pikepdf.Name.FlateDecode
    document.Root.Extra = stream
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


WRAPPED = {
    "plain": lambda text: text,
    "capitals": str.upper,
    "query string": lambda text: f"/parcours/?q={text}&page=2",
    "json": lambda text: json.dumps({"a": [text]}),
    "base64": lambda text: base64.b64encode(f"padding for length {text}".encode()),
    "cookie": lambda text: base64.urlsafe_b64encode(zlib.compress(text.encode() * 9)) + b":x:y",
    "archive": zipped,
    "printed": printed,
}


@pytest.mark.parametrize("wrapped", WRAPPED)
def test_a_name_is_found_in(wrapped):
    assert found_in(WRAPPED[wrapped](ONE.last_name)) == {ONE: {"last_name"}}
    assert found_in(WRAPPED[wrapped]("Sophie Lefèvre, 06 12 34 56 78")) == {}


def test_each_field_is_found():
    fields = ("last_name", "first_name", "birth_name", "email", "phone", "birth_date", "note")
    text = " ".join(str(getattr(ONE, field)) for field in fields)
    assert found_in(text) == {ONE: set(fields)}
    assert found_in("%20".join(text.split()))[ONE] >= {"last_name", "phone"}


def test_no_two_persons_share_a_mark():
    assert len(OWNERS) == sum(len(canary.marks) for canary in EVERYBODY)
    assert len({canary.code for canary in EVERYBODY}) == len(EVERYBODY) == 200
