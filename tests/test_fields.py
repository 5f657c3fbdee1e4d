"""Lists and buttons of forms: nothing typed becomes markup, and what is chosen shows."""

import pytest
from django import forms

NASTY = '"><script>alert(1)</script>&'
WRITTEN = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"


class Form(forms.Form):
    one = forms.ChoiceField(choices=[("", "Choisir"), ("a", NASTY), (NASTY, "b")])
    group = forms.ChoiceField(choices=[(NASTY, [("c", "C")])])
    button = forms.ChoiceField(choices=[("a", NASTY), (NASTY, "b")], widget=forms.RadioSelect)
    box = forms.MultipleChoiceField(
        choices=[(NASTY, [("a", "A"), ("b", "B")])], widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(widget=forms.TextInput(attrs={"data-x": NASTY, "autofocus": True}))


@pytest.mark.parametrize("name", list(Form.base_fields))
def test_nothing_typed_becomes_markup(name):
    shown = str(Form()[name]) + str(Form({name: NASTY})[name])
    assert "<script>" not in shown
    assert WRITTEN in shown


def test_what_is_chosen_shows():
    form = Form({"one": "a", "button": "a", "box": ["b"], "text": "x"})
    assert str(form["one"]).count(" selected>") == 1
    assert '<option value="a" selected>' in str(form["one"])
    assert str(form["button"]).count(" checked") == 1
    assert str(form["box"]).count(" checked") == 1
    assert "autofocus" in str(form["text"])
    assert '<label class="fr-label" for="id_box_0_1">B</label>' in str(form["box"])
