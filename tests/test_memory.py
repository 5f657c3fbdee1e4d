"""Reference data kept for a minute: read once, and again as soon as it is forgotten."""

import pytest

from regions.queries import region_scope
from sprocep import memory
from sprocep.memory import remembered


@pytest.fixture
def reads():
    """A read that counts itself: `reads("x")`, `reads.asked`."""

    @remembered
    def read(*asked):
        read.asked.append(asked)
        return list(asked)

    read.asked = []
    return read


def test_a_read_is_kept_by_its_arguments_until_it_is_forgotten(reads):
    assert [reads("93"), reads("11"), reads("93")] == [["93"], ["11"], ["93"]]
    assert reads.asked == [("93",), ("11",)]
    memory.forget()
    assert reads("93") == ["93"]
    assert reads.asked == [("93",), ("11",), ("93",)]


def test_a_minute_later_it_is_read_again(reads, monkeypatch):
    monkeypatch.setattr(memory, "SECONDS", 60)
    now = 600.0
    monkeypatch.setattr(memory.time, "monotonic", lambda: now)
    reads("93")
    now = 659.9
    reads("93")
    assert len(reads.asked) == 1
    now = 660.0
    reads("93")
    assert len(reads.asked) == 2


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_is_given_may_be_changed_without_harm():
    region_scope("75").clear()
    assert region_scope("75") == ["54", "72", "74", "75"]
