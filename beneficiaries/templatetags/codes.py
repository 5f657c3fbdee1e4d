"""Words of the national codes that nominal rows bear: `{% load codes %}`."""

from django import template

from beneficiaries import queries

register = template.Library()


@register.filter
def label(code: str | None, name: str) -> str:
    """`{{ journey.main_reason_id|label:"reason" }}`: in force today or not."""
    return queries.label(name, code)
