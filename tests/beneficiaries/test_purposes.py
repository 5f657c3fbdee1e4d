"""Only the national minimum is asked of everybody; any other field says why it is asked."""

import pytest
from django import forms

from beneficiaries.forms import (
    BeneficiaryForm,
    ContactForm,
    CorrectionForm,
    NewPersonForm,
    NewReferralForm,
)

MINIMUM = {
    ContactForm: {"theme", "audience", "result", "channel", "site", "held_on"},
    NewPersonForm: {
        "last_name", "first_name", "main_reason", "held_on", "channel", "site", "main_service",
    },
    BeneficiaryForm: {"last_name", "first_name"},
    CorrectionForm: {"held_on", "channel", "site", "main_service"},
    NewReferralForm: {"last_name", "first_name", "level", "main_reason", "receiver"},
}  # fmt: skip
NOT_SAID = ("NR", "K99")


def asked(form: type[forms.Form]) -> dict[str, forms.Field]:
    """What is typed or chosen; a box that is ticked answers the page."""
    return {
        name: field
        for name, field in form.base_fields.items()
        if not field.widget.is_hidden and not isinstance(field, forms.BooleanField)
    }


@pytest.mark.parametrize("form", MINIMUM)
def test_what_is_mandatory_is_the_national_minimum(form):
    mandatory = {
        name
        for name, field in asked(form).items()
        if field.required and field.initial not in NOT_SAID
    }
    assert mandatory == MINIMUM[form]


@pytest.mark.parametrize("form", MINIMUM)
def test_any_other_field_says_why_it_is_asked(form):
    others = asked(form).keys() - MINIMUM[form]
    assert [name for name in others if not form.base_fields[name].help_text] == []
