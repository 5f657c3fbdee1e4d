"""The code of an anonymous contact: easy to say, hard to mistype, impossible to guess."""

import math
import uuid
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


@given(st.integers(1, 10_000), st.sampled_from(["11", "93", "75"]))
def test_a_code_says_by_itself_which_structure_gave_it_and_where(structure, region):
    """And nobody invents one: 45 of its bits follow from the others."""
    code = contact_codes.new_contact_code(structure, region)
    assert contact_codes.read_code(code) == code
    assert contact_codes.is_contact_code_of(code, structure, region)
    for other in ((structure + 1, region), (structure, "84")):
        assert not contact_codes.is_contact_code_of(code, *other)
    assert not contact_codes.is_contact_code_of(contact_codes.new_code(), structure, region)
    assert not contact_codes.is_contact_code_of("", structure, region)


def test_what_is_made_of_a_code_differs_by_kind_and_by_the_secret_outside_the_database(
    settings, tmp_path
):
    code, found = contact_codes.new_contact_code(1, "93"), set()
    for name in ("one", "other"):
        settings.PERSON_KEYS_FILE = Path(tmp_path / name)
        found |= {
            contact_codes.share_fingerprint(code),
            contact_codes.journey_fingerprint(code),
        }
        assert not contact_codes.is_contact_code_of(code, 1, "93")
    assert len(found) == 4
    assert all(len(fingerprint) == 32 for fingerprint in found)


def test_a_form_is_known_by_its_key_and_gives_no_key_back():
    one, other = uuid.uuid4(), uuid.uuid4()
    assert contact_codes.form_fingerprint(one) == contact_codes.form_fingerprint(one)
    assert contact_codes.form_fingerprint(one) != contact_codes.form_fingerprint(other)
    assert len(contact_codes.form_fingerprint(one)) == 16
