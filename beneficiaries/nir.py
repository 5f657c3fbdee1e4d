"""A social security number, however it is written: the one place that recognises it."""

import re
import unicodedata

NIR_REFUSED = (
    "Ce texte contient un numéro de sécurité sociale. Retirez-le : il ne doit pas être enregistré "
    "ici."
)
# Between two digits: what people, lists and spreadsheets put there.
_BETWEEN = r"[\W_]{0,3}"
_LAST_OF_KEY = 97
_CORSICA = {"2A": "19", "2B": "18"}
# Sex, year, month, département (2A and 2B too), commune, rank.
_NUMBER = ("[1-478]", *(r"\d",) * 5, r"[\dAB]", *(r"\d",) * 6)
_WITH_KEY = re.compile(r"(?<!\d)" + _BETWEEN.join((*_NUMBER, r"\d", r"\d")) + r"(?!\d)")
# Without its key nothing tells it from another number but its shape: cut nowhere else than it is
# read out, with the month of a birth and a département.
_MONTH, _DEPARTMENT = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[1-8]\d|9[0-9]|2[AB])"
_PIECES = ("[12]", r"\d{2}", _MONTH, _DEPARTMENT, r"\d{3}", r"\d{3}")
_WITHOUT_KEY = re.compile(rf"(?<!\d){_BETWEEN.join(_PIECES)}(?!\d)(?![\W_]{{1,3}}\d\d(?!\d))")


def holds_nir(text: str) -> bool:
    """Whether a text holds a number, with its key or without it, whatever its digits and signs."""
    plain = _plain(text)
    if _WITHOUT_KEY.search(plain):
        return True
    return any(_is_right(found) for found in _candidates(plain))


def visible(text: str) -> str:
    """Drop the signs that are not seen: those that turn the order of letters round, and others."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def _plain(text: str) -> str:
    """Digits of any script as ASCII, capitals, nothing that is not seen."""
    compatible = visible(unicodedata.normalize("NFKC", text).upper())
    return "".join(str(unicodedata.digit(sign, sign)) for sign in compatible)


def _candidates(plain: str):
    """Every run of signs that may be one, wherever it begins."""
    start = 0
    while match := _WITH_KEY.search(plain, start):
        yield match.group()
        start = match.start() + 1


def _is_right(written: str) -> bool:
    """Whether the last two digits are the key of the others."""
    signs = re.sub(r"[\W_]", "", written)
    number, key = signs[:13], signs[13:]
    digits = number[:5] + _CORSICA.get(number[5:7], number[5:7]) + number[7:]
    return digits.isdigit() and int(key) == _LAST_OF_KEY - int(digits) % _LAST_OF_KEY
