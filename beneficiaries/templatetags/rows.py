"""The rows of « mes parcours »: `{% load rows %}`, `{% journey_rows list.page request.path day %}`.

Written here and not in the template, which spends more on fifty rows than PostgreSQL does.
"""

from collections.abc import Iterable
from datetime import date
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from beneficiaries.queries import JourneyRow, label
from sprocep.templatetags.french import day, short_day

register = template.Library()


# Of the form under the table.
_TICK = (
    '<input type="checkbox" class="tick" name="parcours" form="entrust" value="{}" '
    'aria-label="Choisir {}">'
)


@register.simple_tag
def journey_rows(rows: Iterable[JourneyRow], address: str, silent_since: date) -> SafeString:
    """Lines of the table; `address` is that of the list, silence begins at `silent_since`."""
    return mark_safe("".join(_line(row, address, silent_since) for row in rows))


def _line(row: JourneyRow, address: str, silent_since: date) -> str:
    born = f'<span class="under">{short_day(row.birth_date)}</span>' if row.birth_date else ""
    tick = "" if row.closed_on else _TICK.format(row.public_id, escape(row.person))
    person = f'{tick}<a href="{address}{row.public_id}/">{escape(row.person)}</a>{born}'
    return (
        f'<tr><th scope="row">{person}</th>'
        f'<td class="nowrap" data-label="Ouvert le">{day(row.opened_on)}</td>'
        f'<td data-label="Motif">{escape(label("reason", row.main_reason))}</td>'
        f'<td data-label="Référent">{escape(row.referent or "")}</td>'
        f'<td class="nowrap" data-label="Dernier entretien">{day(row.last_held_on)}</td>'
        f'<td class="nowrap">{f"niveau {row.rank}" if row.rank else ""}</td>'
        f"<td>{_state(row, silent_since)}</td></tr>"
    )


def _state(row: JourneyRow, silent_since: date) -> str:
    if row.closed_on:
        outcome = escape(label("outcome", row.outcome))
        return f'clos le {day(row.closed_on)}<span class="under">{outcome}</span>'
    if row.last_held_on and row.last_held_on < silent_since:
        return "<strong>sans entretien depuis 90 jours</strong>"
    return "ouvert"
