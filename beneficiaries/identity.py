"""Who a person is, whatever the spelling: normalised names, sort key, yearly key (data model 9)."""

import fcntl
import hmac
import json
import os
import secrets
import unicodedata
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

SECRET_BYTES = 32


@lru_cache(maxsize=65_536)
def normalised(name: str) -> str:
    """Capitals without accents, letters only: « Jean-Noël » and « JEAN NOEL » are one."""
    # Decomposed on both sides of the capitals: some signs give small letters, some capitals marks.
    capitals = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).upper())
    # NFKD leaves these two whole.
    whole = capitals.replace("Œ", "OE").replace("Æ", "AE")
    return "".join(c for c in whole if c.isalpha())


def sort_key(last: str, first: str, birth: str = "") -> str:
    """Names are sorted and searched by this: normalised words, the birth name when it differs."""
    words = [normalised(last), normalised(first)]
    if (born := normalised(birth)) and born != words[0]:
        words.append(born)
    return " ".join(words)


def person_key(
    *, birth_name: str, last_name: str, first_name: str, birth_date: date | None, year: int
) -> bytes | None:
    """HMAC-SHA-256 of the person under the secret of the year; none without a birth date."""
    if birth_date is None:
        return None
    born = normalised(birth_name) or normalised(last_name)
    who = f"{born}|{normalised(first_name)}|{birth_date.isoformat()}"
    return hmac.digest(secret_of(str(year)), who.encode(), "sha256")


def secret_of(name: str) -> bytes:
    """A secret kept outside the database: of a year, or of what else is fingerprinted."""
    return _secret(settings.PERSON_KEYS_FILE, name)


@lru_cache(maxsize=256)
def _secret(path: Path, name: str) -> bytes:
    """Secrets never change once written, so each process reads each of them once."""
    known = _read(path)
    if name not in known:
        known = _add(path, name)
    return bytes.fromhex(known[name])


def _read(path: Path) -> dict[str, str]:
    return json.loads(path.read_text()) if path.exists() else {}


def _add(path: Path, name: str) -> dict[str, str]:
    """Under a lock, so that two workers on the first fact of a year agree on its secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _private(path.with_name(f"{path.name}.lock")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _read(path)
        if name not in known:
            known[name] = secrets.token_hex(SECRET_BYTES)
            aside = path.with_name(f"{path.name}.part")
            with _private(aside) as file:
                json.dump(known, file, indent=2, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        return known


def _private(path: Path):
    return open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))
