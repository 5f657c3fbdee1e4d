"""Two hundred persons who exist nowhere else, of whom some live the day (by night all), and a scan
that finds them in whatever form.

Each name, address, number, day and word of a note is of one person alone, and of a shape that no
other text of the product has: one pattern looks for all of them, a table says whose it was.
"""

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote_plus

import pikepdf

from tests import walks

COUNT, BY_DAY = 200, 60
# What these do and meet is told one by one in `day.py`: they are there each day.
ALWAYS = 24
_CONSONANTS, _VOWELS = "bcdfghjklmnprst", "aeiou"


@dataclass(frozen=True)
class Canary:
    number: int

    @property
    def code(self) -> str:
        high, low = divmod(self.number, 15)
        return f"{_CONSONANTS[high % 15]}{_VOWELS[high % 5]}{_CONSONANTS[low]}"

    @property
    def last_name(self) -> str:
        return f"Qwyx{self.code}"

    @property
    def first_name(self) -> str:
        return f"Vyqj{self.code}"

    @property
    def birth_name(self) -> str:
        return f"Jwuq{self.code}"

    @property
    def email(self) -> str:
        return f"kywq{self.code}@canari.example"

    @property
    def phone(self) -> str:
        digits = f"{self.number:06d}"
        return f"07 99 {digits[:2]} {digits[2:4]} {digits[4:]}"

    @property
    def birth_date(self) -> date:
        return date(1925, 1, 1) + timedelta(days=self.number)

    @property
    def note(self) -> str:
        return f"Souhaite devenir wkyz{self.code}."

    @cached_property
    def marks(self) -> dict[str, str]:
        """What is looked for, in small letters, and the field that it comes from."""
        day = self.birth_date
        digits = self.phone.replace(" ", "")
        return {
            f"qwyx{self.code}": "last_name",
            f"vyqj{self.code}": "first_name",
            f"jwuq{self.code}": "birth_name",
            f"kywq{self.code}": "email",
            f"wkyz{self.code}": "note",
            self.phone: "phone",
            digits: "phone",
            f"+33{digits[1:]}": "phone",
            f"{day:%Y-%m-%d}": "birth_date",
            f"{day:%d/%m/%Y}": "birth_date",
            f"{day:%d%m%Y}": "birth_date",
        }


EVERYBODY = [Canary(number) for number in range(COUNT)]
OTHERS = walks.draw("persons of a day", range(ALWAYS, COUNT), BY_DAY - ALWAYS)
CANARIES = [EVERYBODY[number] for number in (*range(ALWAYS), *OTHERS)]
OWNERS = {mark: (canary, field) for canary in EVERYBODY for mark, field in canary.marks.items()}
_PATTERN = re.compile(
    r"(?:qwyx|vyqj|jwuq|kywq|wkyz)[a-z]{3}"
    r"|07 99 \d\d \d\d \d\d|0799\d{6}|\+33799\d{6}"
    r"|1925-\d\d-\d\d|\d\d/\d\d/1925|\d{4}1925"
)
_TOKEN = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")


def found_in(content: bytes | str) -> dict[Canary, set[str]]:
    """Persons found, with the fields that told them, whatever the content is wrapped in."""
    found: dict[Canary, set[str]] = {}
    for layer in _layers(content.encode() if isinstance(content, str) else content):
        for mark in _PATTERN.findall(layer.decode("utf-8", "replace").lower()):
            if mark in OWNERS:
                canary, field = OWNERS[mark]
                found.setdefault(canary, set()).add(field)
    return found


def _layers(content: bytes) -> Iterator[bytes]:
    """The bytes, what they say once decoded, and what is packed inside."""
    yield content
    yield unquote_plus(content.decode("latin-1")).encode("latin-1", "replace")
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from _layers(archive.read(name))
    elif content.startswith(b"%PDF"):
        yield from _of_pdf(content)
    else:
        for token in _TOKEN.findall(content):
            yield from _of_token(token)


def _of_pdf(content: bytes) -> Iterator[bytes]:
    with pikepdf.open(io.BytesIO(content)) as document:
        for thing in document.objects:
            if isinstance(thing, pikepdf.Stream):
                yield thing.read_bytes()
            yield str(thing).encode()


def _of_token(token: bytes) -> Iterator[bytes]:
    """Cookies, signed sessions and messages of the broker: base64 of text, often compressed."""
    plain = token.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        inside = base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return
    yield inside
    try:
        yield zlib.decompress(inside)
    except zlib.error:
        return


def found_under(folder: Path) -> dict[Path, dict[Canary, set[str]]]:
    """Files with somebody in them."""
    files = (path for path in (folder, *folder.rglob("*")) if path.is_file())
    return {path: found for path in files if (found := found_in(path.read_bytes()))}
