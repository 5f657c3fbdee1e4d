"""One concept, one word: the French of every model and choice stands in `docs/glossary.md`."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

OURS = ("regions", "operators", "beneficiaries", "indicators")
MODELS = [m for app in OURS for m in apps.get_app_config(app).get_models()]


def rows() -> list[tuple[set[str], str, str]]:
    """(code words, French, meaning) of each line of the tables."""
    found = []
    for line in (Path(settings.BASE_DIR) / "docs/glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3:
            found.append((set(re.findall(r"`(\w+)`", cells[0])), cells[1], cells[2]))
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_model_and_choice_has_its_word(model):
    lines = [row for row in rows() if model.__name__ in row[0]]
    assert len(lines) == 1, "one line a concept"
    _, french, meaning = lines[0]
    assert str(model._meta.verbose_name) in french.split(", ")
    for field in model._meta.local_fields:
        for _, label in field.flatchoices or ():
            assert str(label) in meaning, field.name


def test_a_french_word_names_one_concept():
    words = [word for _, french, _ in rows() for word in french.split(", ")]
    assert sorted(words) == sorted(set(words))


def test_no_line_is_for_a_model_that_left():
    """Before the last table, every capital word is a model, or is said to be a role or idea."""
    text = (Path(settings.BASE_DIR) / "docs/glossary.md").read_text("utf-8")
    built = text.split("## Words kept")[0]
    names = set(re.findall(r"^\| (.*?) \|", built, re.MULTILINE))
    models = {word for cell in names for word in re.findall(r"`([A-Z]\w+)`", cell)}
    assert models - {m.__name__ for m in MODELS} == {"Adviser", "Indicator"}
