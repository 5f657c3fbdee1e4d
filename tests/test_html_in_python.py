"""Pages written in Python: each value that somebody may type stands there as text, never as markup.

Every module that calls its own text safe is tried with a payload in every value, or says why it has
none; a new one fails until it does.
"""

import ast
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.conf import settings

from beneficiaries.queries import JourneyRow
from beneficiaries.templatetags import rows
from indicators.templatetags import tables
from indicators.worklist import nation
from operators.models import Outcome, Reason
from sprocep import memory
from sprocep.rendering import charts, maps

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

APPS = ("sprocep", "regions", "operators", "beneficiaries", "indicators")
PAYLOAD = "\"><img src=x onerror='alert(1)'>&"
SAFE = {"mark_safe", "SafeString", "SafeText", "format_html", "format_html_join"}
# What they write is in the code, and nothing else.
NOTHING_TYPED = {
    "indicators/templatetags/figures.py",
    "indicators/views/errata.py",
    "sprocep/templatetags/french.py",
    "sprocep/templatetags/menu.py",
}


def journey_rows() -> str:
    """Of an open and a closed journey, under labels that the DGEFP wrote."""
    hostile = {"label": PAYLOAD, "position": 99, "starts_on": date(2015, 1, 1)}
    with nation():
        for model in (Reason, Outcome):
            model.objects.create(code="X99", **hostile)
    memory.forget()
    row = JourneyRow(
        public_id=uuid.UUID(int=1),
        last_name=PAYLOAD,
        first_name=PAYLOAD,
        birth_date=date(1980, 1, 1),
        opened_on=date(2016, 1, 4),
        main_reason="X99",
        referent=PAYLOAD,
        last_held_on=None,
        rank=1,
        closed_on=None,
        outcome=None,
    )
    closed = row._replace(closed_on=date(2016, 2, 1), outcome="X99")
    return str(rows.journey_rows([row, closed], "/parcours/", date(2016, 1, 1)))


LISTED = [(PAYLOAD, PAYLOAD), (PAYLOAD, [("a", PAYLOAD), (f"{PAYLOAD}b", "b")])]
HOSTILE = {"title": PAYLOAD, "class": PAYLOAD}


class Typed(forms.Form):
    """Each widget of the product, with the payload wherever a value goes."""

    text = forms.CharField(label=PAYLOAD, widget=forms.TextInput(attrs=HOSTILE))
    area = forms.CharField(label=PAYLOAD, required=False, widget=forms.Textarea(attrs=HOSTILE))
    hidden = forms.CharField(label=PAYLOAD, widget=forms.HiddenInput(attrs=HOSTILE))
    tick = forms.BooleanField(label=PAYLOAD, widget=forms.CheckboxInput(attrs=HOSTILE))
    one = forms.ChoiceField(label=PAYLOAD, choices=LISTED, widget=forms.Select(attrs=HOSTILE))
    button = forms.ChoiceField(label=PAYLOAD, choices=LISTED, widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(
        label=PAYLOAD, choices=LISTED, widget=forms.CheckboxSelectMultiple
    )


def fields() -> str:
    names = Typed.base_fields
    empty = Typed(initial=dict.fromkeys(names, PAYLOAD))
    sent = Typed(dict.fromkeys(names, PAYLOAD))
    return "".join(form[name].as_field_group() for form in (empty, sent) for name in names)


def drawings() -> str:
    mark = charts.Mark(PAYLOAD, 12.0, PAYLOAD, PAYLOAD)
    hidden, series = charts.Mark(PAYLOAD, None, PAYLOAD, PAYLOAD), {PAYLOAD: charts.PLAIN}
    titles = {"title": PAYLOAD, "subtitle": PAYLOAD}
    box = charts.Box(PAYLOAD, 1.0, 2.0, 3.0, PAYLOAD)
    cause = charts.Break(PAYLOAD, PAYLOAD)
    drawn = (
        charts.Bars([mark, hidden], **titles),
        charts.PairedBars([mark, hidden], series, **titles),
        charts.Shares([(PAYLOAD, [mark, hidden])], series, **titles),
        charts.Lines([mark, hidden], series, **titles, breaks=[cause]),
        charts.Boxes([box], **titles),
    )
    outline = maps.Outline((((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)),))
    area = maps.Area(PAYLOAD, PAYLOAD, 12.0, outline)
    return "".join(one.svg() for one in drawn) + maps.svg([area], **titles)


def places() -> str:
    return str(tables.size_of("drawing", {"drawing": (PAYLOAD, PAYLOAD)}))


WRITERS: dict[str, Callable[[], str]] = {
    "beneficiaries/templatetags/rows.py": journey_rows,
    "indicators/templatetags/tables.py": places,
    "indicators/views/series.py": drawings,
    "sprocep/fields.py": fields,
}


def names_in(module: Path) -> set[str]:
    nodes = ast.walk(ast.parse(module.read_text("utf-8")))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def modules_that_call_text_safe() -> set[str]:
    root = Path(settings.BASE_DIR)
    return {
        str(path.relative_to(root))
        for app in APPS
        for path in root.glob(f"{app}/**/*.py")
        if SAFE
        & {n.id for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Name)}
    }


def test_every_module_that_writes_html_is_tried():
    assert modules_that_call_text_safe() == WRITERS.keys() | NOTHING_TYPED


@pytest.mark.parametrize("module", WRITERS)
def test_nothing_typed_becomes_markup(module):
    page = WRITERS[module]()
    assert "<img" not in page
    assert "&lt;img src=x" in page
    # Nor does it leave the quotes of an attribute.
    assert "src=x onerror='" not in page.replace("&#x27;", "").replace("&#39;", "")
