"""The codes that a person takes away: they prove, and are stored nowhere.

That of an anonymous contact says by itself which structure gave it, in which Region: no contact
keeps anything of it, and a journey keeps its fingerprint (docs/adr/0022). That which shares a
document de synthèse is drawn and read alike (docs/adr/0027), and so is that by which she reads her
own journey, with digits sent to her (docs/adr/0030). That of her opinion of a session is shorter
(docs/adr/0035).
"""

import hmac
import re
import secrets
import uuid

from stdnum import luhn
from stdnum.exceptions import ValidationError as NotANumber

from beneficiaries.identity import secret_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: neither I, L, O nor U
GROUP = 4
LENGTH = 5 * GROUP  # 19 drawn, 95 bits, and the one that checks them
# Of a contact, 10 are drawn and 9 prove where it was given: nobody invents one.
DRAWN = 10
# Of feedback: 55 bits, which open nothing and are tried five at a time.
SHORT = 3 * GROUP
_SECRET = "contact_codes"
_SPACING = re.compile(r"[\s.‐‑–-]+")
_MISREAD = str.maketrans("ILO", "110")


def new_code(length: int = LENGTH) -> str:
    return _checked(_drawn(length - 1))


def new_contact_code(structure: int, region: str) -> str:
    """The code that a desk of this structure gives in this Region."""
    drawn = _drawn(DRAWN)
    return _checked(drawn + _proof(structure, region, drawn))


def is_contact_code_of(code: str, structure: int, region: str) -> bool:
    """Whether a desk of this structure gave it in this Region: nothing that is stored says so."""
    proof = _proof(structure, region, code[:DRAWN])
    return len(code) == LENGTH and hmac.compare_digest(code[DRAWN:-1], proof)


def _drawn(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checked(characters: str) -> str:
    return characters + luhn.calc_check_digit(characters, ALPHABET)


def _proof(structure: int, region: str, drawn: str) -> str:
    digest = _fingerprint("contact", f"{structure}|{region}|{drawn}")
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[: LENGTH - 1 - DRAWN])


def groups_of(code: str) -> list[str]:
    """As one reads it aloud."""
    return [code[start : start + GROUP] for start in range(0, len(code), GROUP)]


def read_code(typed: str, length: int = LENGTH) -> str:
    """The code that was typed, in whatever case and spacing.

    Raises:
        ValueError: it cannot be one: a wrong character is always seen, two swapped nearly always.
    """
    code = _SPACING.sub("", typed).upper().translate(_MISREAD)
    if len(code) != length:
        raise ValueError("not the length of a code")
    try:
        return luhn.validate(code, ALPHABET)
    except NotANumber as exc:
        raise ValueError("not a code") from exc


def journey_fingerprint(code: str) -> bytes:
    return _fingerprint("journey", code)


def share_fingerprint(code: str) -> bytes:
    return _fingerprint("share", code)


def access_fingerprint(code: str) -> bytes:
    return _fingerprint("access", code)


def feedback_fingerprint(code: str) -> bytes:
    return _fingerprint("feedback", code)


def form_fingerprint(key: uuid.UUID) -> bytes:
    """Of the key of a form that a desk sent: from what is stored, nobody makes the key again."""
    return _fingerprint("form", str(key))[:16]


def factor_fingerprint(access: bytes, digits: str) -> bytes:
    """Of the digits sent for the access of this fingerprint, and of no other."""
    return _fingerprint("factor", f"{access.hex()}|{digits}")


def _fingerprint(of: str, code: str) -> bytes:
    return hmac.digest(secret_of(_SECRET), f"{of}|{code}".encode(), "sha256")
