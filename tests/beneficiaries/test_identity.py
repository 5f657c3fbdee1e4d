import json
import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries import identity

BORN = date(1984, 2, 29)


@pytest.fixture
def keys_file(settings, tmp_path) -> Path:
    settings.PERSON_KEYS_FILE = tmp_path / "secret" / "person_keys.json"
    return settings.PERSON_KEYS_FILE


def key(birth_name="Noël-Dubœuf", first_name="Zoé", last_name="", born=BORN, year=2016):
    return identity.person_key(
        birth_name=birth_name,
        last_name=last_name,
        first_name=first_name,
        birth_date=born,
        year=year,
    )


def test_normalised_drops_accents_case_and_signs():
    assert identity.normalised("  d’Été-Lœuf ß ") == "DETELOEUFSS"


@given(st.text())
def test_normalised_twice_changes_nothing(text):
    once = identity.normalised(text)
    assert identity.normalised(once) == once
    assert once == "" or once.isalpha()


def test_sort_key_is_last_then_first_then_birth_name_when_it_differs():
    assert identity.sort_key("Le Goff", "Anne-Marie", "LE-GOFF") == "LEGOFF ANNEMARIE"
    assert identity.sort_key("Martin", "Zoé", "Noël") == "MARTIN ZOE NOEL"


def test_person_key_ignores_spelling_and_married_name(keys_file):
    same = [
        key(),
        key(birth_name="NOEL DUBOEUF", first_name="ZOE"),
        key(last_name="Martin"),
        key(birth_name="", last_name="Noel-Dubœuf"),
    ]
    assert len(set(same)) == 1
    assert len(same[0]) == 32


def test_person_key_separates_persons_and_years(keys_file):
    others = [key(first_name="Zoa"), key(born=date(1984, 3, 1)), key(year=2017), key("Noël")]
    assert len({key(), *others}) == 5


def test_person_key_without_birth_date_is_none(keys_file):
    assert key(born=None) is None
    assert not keys_file.exists()


def test_secrets_are_private_one_a_year_and_kept(keys_file):
    first = key()
    key(year=2017)
    assert stat.S_IMODE(keys_file.stat().st_mode) == 0o600
    assert sorted(json.loads(keys_file.read_text())) == ["2016", "2017"]
    identity._secret.cache_clear()
    assert key() == first


def test_two_processes_agree_on_a_new_secret(tmp_path):
    path = tmp_path / "person_keys.json"
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        found = set(pool.map(identity._secret, [path] * 8, ["2016"] * 8))
    assert len(found) == 1
