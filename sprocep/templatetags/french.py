"""Figures, dates and delays as French readers write them.

`{% load french %}`: `number`, `share`, `euros`, `change`, `days`, `duration`, `day`, `short_day`,
`cell`. Rounding is half away from zero. U+202F parts thousands, U+00A0 stands before a unit:
neither lets a line break.
"""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

THIN = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
MONTHS = [
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
]
# Printed sign and its meaning (components/_legend.html says the same).
SIGNS = {
    "secret": ("s", "secret statistique"),
    "missing": ("nd", "non disponible"),
    "not_applicable": ("///", "sans objet"),
    "not_significant": ("ns", "non significatif : base inférieure à 50"),
}

Number = int | float | Decimal


class Cell(Protocol):
    """What `cell` reads of an edition cell."""

    status: str
    value: Number | None
    unit: str


def sign(status: str) -> SafeString:
    short, long = SIGNS[status]
    return format_html('<abbr title="{}">{}</abbr>', long, short)


def rounded(value: Number, decimals: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def written(value: Decimal) -> str:
    text = f"{abs(value):,f}".replace(",", THIN).replace(".", ",")
    return MINUS + text if value < 0 else text


@register.filter
def number(value: Number | None, decimals: int | None = None) -> str:
    """« 12 431 », « 3,5 »: one decimal where the value is not whole, or as many as asked."""
    if value is None:
        return sign("missing")
    if decimals is None:
        tenth = rounded(value, 1)
        decimals = 0 if tenth == tenth.to_integral_value() else 1
    return written(rounded(value, decimals))


@register.filter
def share(value: Number | None, decimals: int = 1) -> str:
    """« 8,4 % » from 8.4, a value already in percent."""
    return f"{number(value, decimals)}{SPACE}%" if value is not None else sign("missing")


@register.filter
def euros(value: Number | None) -> str:
    """« 1 250,00 € »: to the cent, so that a column lines up."""
    return "" if value is None else f"{written(rounded(value, 2))}{SPACE}€"


@register.filter
def change(value: Number | None, unit: str = "%") -> str:
    """« +3,2 % » from 3.2; « +1,4 pt » with the unit `pt`; nothing where nothing compares."""
    if value is None:
        return ""
    tenth = rounded(value, 1)
    return f"{'+' if tenth > 0 else ''}{written(tenth)}{SPACE}{unit}"


@register.filter
def days(value: Number | None) -> str:
    """« 1,5 jour », « 3 jours »: the plural begins at two."""
    if value is None:
        return sign("missing")
    return f"{number(value)}{SPACE}{'jours' if abs(rounded(value, 1)) >= 2 else 'jour'}"


@register.filter
def duration(value: datetime.timedelta | None) -> str:
    """« 45 s », « 2 min 05 s », « 1 h 12 min »: two units at most."""
    if value is None:
        return ""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{written(Decimal(hours))}{SPACE}h{SPACE}{minutes:02}{SPACE}min"
    if minutes:
        return f"{minutes}{SPACE}min{SPACE}{seconds:02}{SPACE}s"
    return f"{seconds}{SPACE}s"


@register.filter
def day(value: datetime.date | None) -> str:
    """« 1er mars 2016 »; an instant gives its day in Paris."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    first = "1er" if value.day == 1 else value.day
    return f"{first} {MONTHS[value.month - 1]} {value.year}"


@register.filter
def short_day(value: datetime.date) -> str:
    """« 01/03/2016 », where a column has no room for more."""
    return f"{value:%d/%m/%Y}"


@register.filter
def moment(value: datetime.datetime | None) -> str:
    """« 14 h 32 », in Paris."""
    if value is None:
        return ""
    value = timezone.localtime(value)
    return f"{value.hour}{SPACE}h{SPACE}{value.minute:02}"


@register.filter
def cell(value: Cell) -> str:
    """The value of an edition cell in its unit, or the sign that stands for it."""
    if value.status != "published":
        return sign(value.status)
    if value.unit in ("share", "percent", "%"):
        return share(value.value)
    if value.unit == "days":
        return days(value.value)
    return number(value.value)
