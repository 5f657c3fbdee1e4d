"""The code of an anonymous contact: easy to say, hard to mistype, impossible to guess."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries import contact_codes
from beneficiaries.contact_codes import ALPHABET, LENGTH

CODES = st.builds(contact_codes.new_code)


def test_nobody_tries_them_all():
    assert (LENGTH - 1) * math.log2(len(ALPHABET)) >= 80
    assert len({contact_codes.new_code() for _ in range(1000)}) == 1000


@given(CODES)
def test_code_is_read_as_it_is_said(code):
    groups = contact_codes.groups_of(code)
    assert [len(group) for group in groups] == [4] * 5
    for typed in (code, "-".join(groups), f" {' '.join(groups).lower()} ", "\u202f".join(groups)):
        assert contact_codes.read_code(typed) == code
    misread = code.replace("0", "O").replace("1", "l")
    assert contact_codes.read_code(misread) == code


@given(CODES, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_seen(code, place, other):
    typed = f"{code[:place]}{other}{code[place + 1 :]}"
    if typed == code:
        assert contact_codes.read_code(typed) == code
    else:
        with pytest.raises(ValueError, match="not a code"):
            contact_codes.read_code(typed)


@pytest.mark.parametrize("typed", ["", "ABCD", "U" * LENGTH, "é" * LENGTH, "0" * (LENGTH + 1)])
def test_what_cannot_be_a_code_is_refused(typed):
    with pytest.raises(ValueError, match="not"):
        contact_codes.read_code(typed)
    assert contact_codes.read_code("0" * LENGTH)


def test_fingerprints_differ_by_kind_and_by_the_secret_outside_the_database(settings, tmp_path):
    code, found = contact_codes.new_code(), set()
    for name in ("one", "other"):
        settings.PERSON_KEYS_FILE = Path(tmp_path / name)
        found |= {
            contact_codes.contact_fingerprint(code),
            contact_codes.journey_fingerprint(code),
        }
    assert len(found) == 4
    assert all(len(fingerprint) == 32 for fingerprint in found)
