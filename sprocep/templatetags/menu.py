"""`{% load menu %}`: `{% current entry breadcrumb %}`, the mark of where I am in the main menu."""

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
HOME = "/"


@register.simple_tag
def current(entry, breadcrumb) -> SafeString:
    """On the page of the entry, or on one that its breadcrumb puts below it."""
    if entry.active:
        return mark_safe('aria-current="page"')
    above = {url for _, url in breadcrumb or ()} - {HOME}
    return mark_safe('aria-current="true"' if entry.url in above else "")
