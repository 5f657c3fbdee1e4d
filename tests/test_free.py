"""The CEP is free: no column of the product could hold what a person would pay, and what she reads
says so."""

import re

import pytest
from django.apps import apps
from django.conf import settings

OURS = ("regions", "operators", "beneficiaries", "indicators")
# What money is called, in the name of a column or in its French.
MONEY = re.compile(r"amount|price|cost|fee|fare|paid|pay|granted(?!_by)|tarif|prix|montant|coût")
# Money of a person's project, asked of funders and paid to others.
OF_HER_PROJECT = {
    "beneficiaries.PlanCost.kind",
    "beneficiaries.PlanCost.amount",
    "beneficiaries.PlanFunding.asked",
    "beneficiaries.PlanFunding.granted",
    "beneficiaries.PlanPaper.cost",  # the line it is of
}
# Files in which a person reads, each in its way, that she pays nothing.
READ_BY_HER = (
    "templates/beneficiaries/own_journey.html",
    "templates/beneficiaries/log_contact.html",
    "templates/beneficiaries/journey.html",
)


def columns_of_money() -> set[str]:
    return {
        f"{field.model._meta.label}.{field.name}"
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if MONEY.search(f"{field.name} {field.verbose_name}")
    }


def test_no_column_holds_what_a_person_pays():
    """A new column of money is either of her project, or does not belong here."""
    assert columns_of_money() == OF_HER_PROJECT


@pytest.mark.parametrize("file", READ_BY_HER)
def test_what_she_reads_or_takes_away_says_it_is_free(file):
    text = (settings.BASE_DIR / file).read_text("utf-8")
    assert '{% include "beneficiaries/_free.html" %}' in text
    said = (settings.BASE_DIR / "templates/beneficiaries/_free.html").read_text("utf-8")
    paper = (settings.BASE_DIR / "templates/pdf/document.html").read_text("utf-8")
    for words in (said, paper):
        assert "est gratuit et confidentiel" in words
