"""Fields of forms and their widgets, written in Python: FORM_RENDERER.

`{{ form.name.as_field_group }}`: label above, its reason under it, control, error tied by id. The
classes of all of them come from here. Not from templates: a form has twenty fields, and each would
cost as much as a query (docs/adr/0011).
"""

from collections.abc import Callable, Iterable
from html import escape

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString, mark_safe


class WrittenFields(TemplatesSetting):
    """Errors, summaries and whole forms are templates still."""

    def render(self, template_name: str, context: dict, request=None) -> SafeString:
        if template_name == "django/forms/field.html":
            return mark_safe(_group(context["field"]))
        if "widget" in context:
            return mark_safe(_WIDGETS.get(template_name, _input)(context["widget"]))
        return super().render(template_name, context, request)


def _text(value: object) -> str:
    """As Django escapes it, without its search for lazy texts: three hundred times a page."""
    return value if isinstance(value, SafeString) else escape(str(value))


# ── A field with its label ───────────────────────────────────────────────────────────────────


def _group(field: BoundField) -> str:
    errors = str(field.errors or "")
    if field.use_fieldset:
        return _fieldset(field, f"{field}{errors}")
    # Beside the label and not in it: its control is described by it, and would say it twice.
    reason = _reason(field)
    if getattr(field.field.widget, "input_type", None) == "checkbox":
        return _div(field, "fr-checkbox-group", f"{field}{_label(field)}{reason}{errors}")
    label = _label(field, _optional(field))
    return _div(field, "fr-input-group", f"{label}{reason}{field}{errors}")


def _fieldset(field: BoundField, control: str) -> str:
    failed = " fr-fieldset--error" if field.errors else ""
    described = field.aria_describedby
    aria = f' aria-describedby="{described}"' if described else ""
    words = f"{_text(field.label)}{_optional(field)}{_reason(field)}"
    return (
        f'<fieldset class="fr-fieldset{failed}" id="{field.auto_id}" tabindex="-1"{aria}>'
        f'<legend class="fr-fieldset__legend fr-fieldset__legend--regular">{words}</legend>'
        f"{control}</fieldset>"
    )


def _div(field: BoundField, group: str, content: str) -> str:
    failed = f" {group}--error" if field.errors else ""
    disabled = f" {group}--disabled" if field.field.disabled else ""
    return f'<div class="{group}{failed}{disabled}">{content}</div>'


def _label(field: BoundField, optional: str = "") -> str:
    words = f"{_text(field.label)}{optional}"
    return f'<label class="fr-label" for="{field.id_for_label}">{words}</label>'


def _optional(field: BoundField) -> str:
    return "" if field.field.required else ' <span class="optional">(facultatif)</span>'


def _reason(field: BoundField) -> str:
    if not field.help_text:
        return ""
    return f'<span class="fr-hint-text" id="{field.auto_id}_helptext">{field.help_text}</span>'


# ── Widgets ──────────────────────────────────────────────────────────────────────────────────

_Groups = Iterable[tuple[str | None, list[dict], int]]  # label, options, rank
_BARE = frozenset({"hidden", "checkbox", "radio"})


def _attributes(widget: dict, but: tuple[str, ...] = ("class",)) -> str:
    """Those of a widget or of an option, but its class."""
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False and name not in but
    )


def _classes(widget: dict, *own: str) -> str:
    names = [*own, *([_text(widget["attrs"]["class"])] if "class" in widget["attrs"] else [])]
    return f' class="{" ".join(names)}"' if names else ""


def _input(widget: dict) -> str:
    kind, value = widget["type"], widget["value"]
    own = () if kind in _BARE else ("fr-input",)
    given = "" if value is None else f' value="{_text(value)}"'
    name = _text(widget["name"])
    return (
        f'<input type="{kind}" name="{name}"{given}{_classes(widget, *own)}{_attributes(widget)}>'
    )


def _textarea(widget: dict) -> str:
    name, value = _text(widget["name"]), _text(widget["value"] or "")
    classes = _classes(widget, "fr-input")
    # A browser would cut what is pasted without a word: the form says that it is too long.
    attributes = _attributes(widget, but=("class", "maxlength"))
    # A browser drops the first line break: what was typed may begin with one.
    return f'<textarea name="{name}"{classes}{attributes}>\n{value}</textarea>'


def _select(widget: dict) -> str:
    name, classes = _text(widget["name"]), _classes(widget, "fr-select")
    options = _options(widget["optgroups"])
    return f'<select name="{name}"{classes}{_attributes(widget)}>{options}</select>'


def _options(groups: _Groups) -> str:
    return "".join(
        f'<optgroup label="{_text(label)}">{lines}</optgroup>' if label else lines
        for label, lines in ((label, "".join(map(_option, found))) for label, found, _ in groups)
    )


def _option(option: dict) -> str:
    value, label = _text(option["value"]), _text(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>'


def _buttons(widget: dict) -> str:
    """Radio buttons or check boxes: each an element of the fieldset of its field."""
    lines = []
    for label, found, _ in widget["optgroups"]:
        if label:
            words = _text(label)
            lines.append(f'<p class="fr-fieldset__element fr-text--bold">{words}</p>')
        lines += map(_button, found)
    return "".join(lines)


def _button(option: dict) -> str:
    kind, name = option["type"], _text(option["name"])
    value, label = _text(option["value"]), _text(option["label"])
    return (
        f'<div class="fr-fieldset__element"><div class="fr-{kind}-group">'
        f'<input type="{kind}" name="{name}" value="{value}"{_attributes(option)}>'
        f'<label class="fr-label" for="{option["attrs"]["id"]}">{label}</label></div></div>'
    )


# By the name of Django's template; every other widget of ours is an input.
_WIDGETS: dict[str, Callable[[dict], str]] = {
    "django/forms/widgets/checkbox_select.html": _buttons,
    "django/forms/widgets/radio.html": _buttons,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/textarea.html": _textarea,
}
