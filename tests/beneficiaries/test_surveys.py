"""What is read of a survey: nothing below the threshold, nor by subtraction."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.surveys import REST, Tally, gathered, protected, readable

K = 11
_SIZES = st.dictionaries(
    st.tuples(st.sampled_from(["11", "93", "75"]), st.integers(1, 4)),
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
    min_size=1,
)


def tally(answered: int, rated: int) -> Tally:
    rated = min(rated, answered)
    return Tally(40, answered, {"project": Counter(yes=answered), "use": Counter({"4": rated})})


def test_a_small_part_takes_the_smallest_other_with_it():
    parts = {("93", 1): (25,), ("93", 2): (12,), ("93", 3): (5,)}
    assert readable(parts, K) == {("93", 1)}
    assert readable(parts | {("93", 3): (0,)}, K) == {("93", 1), ("93", 2)}
    assert readable(parts | {("93", 3): (11,)}, K) == set(parts)
    assert readable({("93", 1): (10,)}, K) == set()


def test_counts_that_are_read_together_are_each_enough_or_none():
    parts = {("93", 1): (12, 0, 30), ("93", 2): (12, 11, 11), ("93", 3): (12, 10, 20)}
    # The ten of the third would be what the others leave of their Region.
    assert readable(parts, K) == {("93", 1)}
    assert readable(parts | {("93", 3): (12, 11, 20)}, K) == set(parts)
    assert readable(parts | {("93", 2): (12, 0, 11)}, K) == set()


_DISTRIBUTIONS = st.dictionaries(
    st.tuples(st.sampled_from(["11", "93", "75"]), st.integers(1, 4)),
    st.tuples(*[st.integers(0, 30)] * 3),
    min_size=1,
)


@given(_DISTRIBUTIONS)
def test_of_each_answer_no_count_nor_difference_is_below_the_threshold(drawn):
    tallies = {
        place: Tally(None, sum(counts), {"became": Counter(dict(zip("abc", counts, strict=True)))})
        for place, counts in drawn.items()
    }
    read = dict(protected(tallies, K, is_each_answer=True))
    shown = {place: one.counts["became"] for place, one in read.items() if one and one.counts}
    assert all(n == 0 or n >= K for counts in shown.values() for n in counts.values())
    for whole in (place for place in shown if place[1] is None):
        for answer in "abc":
            parts = [counts[answer] for place, counts in shown.items() if _is_part(place, whole)]
            left = shown[whole][answer] - sum(parts)
            assert left == 0 or left >= K
    regions = {place[0] for place in shown if place[1]}
    assert all((region, None) in shown for region in regions)


def test_a_question_that_few_answered_is_left_out():
    read = dict(protected({("93", 1): tally(20, 20), ("93", 2): tally(20, 5)}, K))
    assert set(read["FR", None].counts) == set(read["93", None].counts) == {"project", "use"}
    # Either of the two would give the five away.
    assert set(read["93", 1].counts) == set(read["93", 2].counts) == {"project"}


@given(_SIZES)
def test_no_difference_of_what_is_read_is_below_the_threshold(sizes):
    tallies = {place: tally(*size) for place, size in sizes.items()}
    read = dict(protected(tallies, K))
    wholes = [("FR", None), *((region, None) for region in {region for region, _ in tallies})]
    assert set(read) == set(tallies) | set(wholes)
    for question, whole in product(("answered", "project", "use"), wholes):
        shown = {place: _count(one, question) for place, one in read.items() if one}
        shown = {place: count for place, count in shown.items() if count is not None}
        assert all(count >= K for count in shown.values())
        parts = [p for p in shown if _is_part(p, whole)]
        if whole in shown:
            left = shown[whole] - sum(shown[part] for part in parts)
            assert left == 0 or left >= K
        elif whole[1] is None and whole[0] != "FR":
            assert not parts


def _count(one: Tally, question: str) -> int | None:
    if question == "answered":
        return one.answered
    return one.given(question) if question in one.counts else None


def _is_part(place, whole) -> bool:
    if whole[0] == "FR":
        return place[1] is None and place[0] != "FR"
    return place[0] == whole[0] and place[1] is not None


@given(_DISTRIBUTIONS)
def test_answers_that_few_gave_are_read_together(drawn):
    """No count, and nothing left of one by subtraction over answers or places, is below eleven."""
    tallies = {
        place: Tally(None, sum(counts), {"became": Counter(dict(zip("abc", counts, strict=True)))})
        for place, counts in drawn.items()
    }
    read = dict(protected(tallies, K, gathers_few=True))
    shown = {place: one.counts["became"] for place, one in read.items() if one and one.counts}
    for place, counts in shown.items():
        assert all(n >= K for n in counts.values()), (place, counts)
        assert sum(counts.values()) == read[place].answered
        assert set(counts) != {REST}
        if REST in counts:
            assert len(set("abc") - set(counts)) > 1
    for whole in (place for place in shown if place[1] is None):
        for answer in set("abc") & set(shown[whole]):
            parts = [counts[answer] for place, counts in shown.items() if _is_part(place, whole)]
            left = shown[whole][answer] - sum(parts)
            assert left == 0 or left >= K


def test_what_is_read_of_answers_says_what_was_given():
    given = {("FR", None): Counter(a=40, b=12, c=3), ("93", None): Counter(a=40, b=12, c=3)}
    read = gathered(given, K)
    assert read["FR", None] == read["93", None] == Counter(a=40, **{REST: 15})
    many = {place: Counter(a=40, b=12) for place in given}
    assert gathered(many, K) == many
