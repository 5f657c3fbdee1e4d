"""Loops inside a form's widgets: a page has hundreds of options, and each costs a template little
less than a field does."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


def _text(value: object) -> str:
    """As Django escapes it, without its search for lazy texts: three hundred times a page."""
    return value if isinstance(value, SafeString) else escape(str(value))


@register.filter
def attributes(widget: dict) -> SafeString:
    """Attributes of a widget or of an option, but its class: the template writes that one."""
    return mark_safe(
        "".join(
            f" {name}" if value is True else f' {name}="{_text(value)}"'
            for name, value in widget["attrs"].items()
            if value is not False and name != "class"
        )
    )


@register.filter
def options(groups: Iterable[tuple[str | None, list[dict], int]]) -> SafeString:
    """The options of a list, under their groups; `groups` is `widget.optgroups`."""
    return mark_safe("".join(_group(label, found) for label, found, _ in groups))


def _group(label: str | None, found: list[dict]) -> str:
    lines = "".join(map(_option, found))
    if not label:
        return lines
    return f'<optgroup label="{_text(label)}">{lines}</optgroup>'


def _option(option: dict) -> str:
    value, label = _text(option["value"]), _text(option["label"])
    return f'<option value="{value}"{attributes(option)}>{label}</option>'


@register.filter
def buttons(groups: Iterable[tuple[str | None, list[dict], int]]) -> SafeString:
    """Radio buttons or check boxes: each an element of the fieldset written by field.html."""
    lines = []
    for label, found, _ in groups:
        if label:
            words = _text(label)
            lines.append(f'<p class="fr-fieldset__element fr-text--bold">{words}</p>')
        lines += map(_button, found)
    return mark_safe("".join(lines))


def _button(option: dict) -> str:
    kind, name = option["type"], _text(option["name"])
    value, label = _text(option["value"]), _text(option["label"])
    return (
        f'<div class="fr-fieldset__element"><div class="fr-{kind}-group">'
        f'<input type="{kind}" name="{name}" value="{value}"{attributes(option)}>'
        f'<label class="fr-label" for="{option["attrs"]["id"]}">{label}</label></div></div>'
    )
