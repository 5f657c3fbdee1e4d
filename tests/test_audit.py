"""Every action of the product leaves a trace, and every trace is in French."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

from regions.wording import ACTIONS, field_words, object_words

APPS = ("regions", "operators", "beneficiaries", "indicators")
WRITE_THE_TRACE = {"record", "record_membership", "record_reception", "record_row"}
# An action is traced under its own name, but for these.
TRACED_AS = {
    "log_session": {"log_session", "log_first_session"},  # the first one opens the journey
    "entrust_journeys": {"change_follow_up"},
    "retry_failed": {"retry_compilation"},
    "note": set(),  # what is noted names its own action
    "confirm_without_anomaly": {"confirm_return"},
    "note_opening": set(),  # the page that was opened leaves its own trace
    "note_reading": set(),
    "transmit_edition": {"transmit_edition", "supersede_edition"},
    "validate_period": {"open_review", "validate_edition"},
    "authorise_program": {"create_account", "open_membership"},
    "adopt_national_rules": {"add_rule"},
}


def modules() -> list:
    found = []
    for app in APPS:
        module = importlib.import_module(f"{app}.actions")
        found.append(module)
        for inner in pkgutil.iter_modules(getattr(module, "__path__", [])):
            found.append(importlib.import_module(f"{module.__name__}.{inner.name}"))
    return found


def actions() -> dict[str, Callable]:
    """Each public function that says by whom."""
    return {
        name: function
        for module in modules()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and name not in WRITE_THE_TRACE
        and function.__module__ == module.__name__
        and "by" in inspect.signature(function).parameters
    }


def words_recorded() -> set[str]:
    """Literal names of actions in the source of every `actions` module."""
    found = set()
    for module in modules():
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ACTIONS:
                found.add(node.value)
    return found


def test_every_action_is_known_by_its_name():
    assert set().union(*(TRACED_AS.get(name, {name}) for name in actions())) == set(ACTIONS)
    assert words_recorded() == set(ACTIONS)


def test_actions_are_called_by_keyword_alone():
    for name, function in actions().items():
        kinds = {p.kind for p in inspect.signature(function).parameters.values()}
        assert kinds - {inspect.Parameter.VAR_KEYWORD} == {inspect.Parameter.KEYWORD_ONLY}, name


def test_objects_have_the_words_of_the_glossary():
    assert object_words("regions.membership") == "habilitation"
    assert object_words("beneficiaries.journey") == "parcours"


def test_fields_have_the_words_of_the_models():
    assert field_words("regions.apitoken", "membership label expires_on") == (
        "habilitation, usage, expire le"
    )
    assert field_words("regions.region", "departments") == "départements"
    assert field_words("regions.membership", "") == ""
