"""`{% load figures %}`: an entry of a report as a text.

`written` explains a sign by a title; `plain` is for paper, where a legend does.
`report|footnotes:section` is what stands under the tables of a section.
"""

from django import template
from django.utils.safestring import SafeString

from indicators.exports import wording
from indicators.exports.figures import Entry
from indicators.exports.footnotes import footnotes
from sprocep.templatetags import french

register = template.Library()


register.filter("plain", wording.text)
register.filter("footnotes", footnotes)


@register.filter
def written(entry: Entry) -> str | SafeString:
    return wording.text(entry) if entry.is_published else french.sign(entry.status)
