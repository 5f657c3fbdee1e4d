"""The laws of who is in at a workshop between networks: drawn at random, and by brute force."""

from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from operators.exchanges.admission import Mix, admitted


@st.composite
def mixes(draw) -> Mix:
    share = draw(st.integers(10, 100))
    least = draw(st.integers(-(-100 // share), 14))
    return Mix(draw(st.integers(max(least, 2), 20)), share, least)


queues = st.lists(st.sampled_from("ABCD"), max_size=24)


def of_each(networks, inside) -> Counter:
    return Counter(n for n, is_in in zip(networks, inside, strict=True) if is_in)


@given(mixes(), queues)
def test_no_network_has_more_than_its_share_once_enough_are_in(mix, networks):
    counts = of_each(networks, admitted(networks, mix))
    total = counts.total()
    assert total <= mix.seats
    if total >= mix.least:
        assert all(100 * count <= mix.share * total for count in counts.values())
    assert all(100 * count <= mix.share * max(total, mix.least) for count in counts.values())


@given(mixes(), queues)
def test_nobody_is_overtaken_within_her_network(mix, networks):
    inside = admitted(networks, mix)
    for network in set(networks):
        own = [is_in for n, is_in in zip(networks, inside, strict=True) if n == network]
        assert own == sorted(own, reverse=True)


@given(mixes(), queues)
def test_all_seats_are_used_that_can_be(mix, networks):
    """By brute force over how many of each network: no choice that keeps the rule has more in."""
    present = Counter(networks)
    best = max(
        sum(sizes)
        for sizes in product(*(range(count + 1) for count in present.values()))
        if sum(sizes) <= mix.seats
        and all(100 * one <= mix.share * max(sum(sizes), mix.least) for one in sizes)
    )
    assert sum(admitted(networks, mix)) == best


@given(mixes(), queues, st.sampled_from("ABCD"))
def test_nobody_leaves_for_who_comes_later(mix, networks, newcomer):
    before = admitted(networks, mix)
    after = admitted([*networks, newcomer], mix)
    assert all(later or not earlier for earlier, later in zip(before, after, strict=False))


@given(mixes(), queues, st.data())
@settings(max_examples=50)
def test_who_withdraws_was_never_registered_and_the_laws_hold_on(mix, networks, data):
    if not networks:
        return
    gone = data.draw(st.integers(0, len(networks) - 1))
    left = networks[:gone] + networks[gone + 1 :]
    counts = of_each(left, admitted(left, mix))
    assert all(
        100 * count <= mix.share * max(counts.total(), mix.least) for count in counts.values()
    )


def test_two_wait_for_each_other_and_enter_together():
    mix = Mix(seats=6, share=50, least=2)
    assert admitted("AAB", mix) == [True, False, True]
    assert admitted("AABB", mix) == [True, True, True, True]
    assert admitted("AAAAAA", mix) == [True, False, False, False, False, False]
    assert admitted("AAAAAABBBB", mix) == [True] * 3 + [False] * 3 + [True] * 3 + [False]
    assert admitted("AAB", Mix(seats=2, share=100, least=1)) == [True, True, False]
