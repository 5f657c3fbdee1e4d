"""`{% load tables %}`: `cells`, the figures of a line as `<td>`, much faster than a loop in the
template: a dashboard prints three thousand of them; `size_of`, the place that a drawing takes."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from indicators.exports.figures import Entry
from indicators.templatetags.figures import written

register = template.Library()


@register.filter
def cells(entries: Iterable[Entry]) -> SafeString:
    return mark_safe("".join(map(_cell, entries)))


@register.simple_tag
def size_of(name: str, sizes: dict[str, tuple[str, str]]) -> SafeString:
    """A drawing that comes late would move the page under who reads it."""
    return format_html('width="{}" height="{}"', *sizes[name]) if name in sizes else SafeString()


def _cell(entry: Entry) -> str:
    # Numbers, signs and codes of our own: nothing of it was typed by anybody.
    if href := entry.href:
        return f'<td><a href="{href}">{_written(entry)}</a></td>'
    return f"<td>{_written(entry)}</td>"


_written = lru_cache(maxsize=100_000)(written)
