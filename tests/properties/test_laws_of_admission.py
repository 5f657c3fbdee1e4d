"""The laws of who is in at a workshop between networks: drawn at random, and by brute force."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from operators.exchanges.admission import Entry, Mix, admitted


@st.composite
def mixes(draw) -> Mix:
    share = draw(st.integers(10, 100))
    least = draw(st.integers(-(-100 // share), 14))
    return Mix(draw(st.integers(max(least, 2), 20)), share, least)


queues = st.lists(st.sampled_from("ABCD"), max_size=24)


@st.composite
def histories(draw) -> list[list[Entry]]:
    """One workshop after each event: arrivals, and withdrawals of some who are there."""
    queue, told = [], []
    for instant in range(1, draw(st.integers(1, 24)) + 1):
        here = [rank for rank, entry in enumerate(queue) if entry.left is None]
        if here and draw(st.integers(0, 2)) == 0:
            rank = draw(st.sampled_from(here))
            queue[rank] = Entry(queue[rank].network, queue[rank].came, instant)
        else:
            queue.append(Entry(draw(st.sampled_from("ABC")), instant))
        told.append(list(queue))
    return told


def came(networks) -> list[Entry]:
    return [Entry(network, instant) for instant, network in enumerate(networks, start=1)]


def of_each(queue, inside) -> Counter:
    return Counter(e.network for e, is_in in zip(queue, inside, strict=True) if is_in)


@given(mixes(), queues)
def test_no_network_has_more_than_its_share_once_enough_are_in(mix, networks):
    queue = came(networks)
    counts = of_each(queue, admitted(queue, mix))
    total = counts.total()
    assert total <= mix.seats
    if total >= mix.least:
        assert all(100 * count <= mix.share * total for count in counts.values())
    assert all(100 * count <= mix.share * max(total, mix.least) for count in counts.values())


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
    assert sum(admitted(came(networks), mix)) == best


@given(mixes(), histories())
def test_nobody_loses_her_seat_and_nobody_enters_above_the_share(mix, history):
    before = []
    for queue in history:
        after = admitted(queue, mix)
        was_in = [*before, False][: len(queue)]
        counts = of_each(queue, after)
        assert counts.total() <= mix.seats
        for entry, earlier, later in zip(queue, was_in, after, strict=True):
            assert later == (entry.left is None) or not earlier
            if later and not earlier:
                assert 100 * counts[entry.network] <= mix.share * max(counts.total(), mix.least)
        before = after


@given(mixes(), histories())
def test_nobody_is_overtaken_within_her_network(mix, history):
    queue = history[-1]
    inside = admitted(queue, mix)
    for network in {entry.network for entry in queue}:
        own = [
            is_in
            for entry, is_in in zip(queue, inside, strict=True)
            if entry.network == network and entry.left is None
        ]
        assert own == sorted(own, reverse=True)


def test_two_wait_for_each_other_and_enter_together():
    mix = Mix(seats=6, share=50, least=2)
    assert admitted(came("AAB"), mix) == [True, False, True]
    assert admitted(came("AABB"), mix) == [True, True, True, True]
    assert admitted(came("AAAAAA"), mix) == [True, False, False, False, False, False]
    assert admitted(came("AAAAAABBBB"), mix) == [True] * 3 + [False] * 3 + [True] * 3 + [False]
    assert admitted(came("AAB"), Mix(seats=2, share=100, least=1)) == [True, True, False]


def test_who_leaves_empties_one_seat_and_no_other():
    """Five in, of three networks; the one of C leaves, and A and B keep theirs above 40 %."""
    mix = Mix(seats=10, share=40, least=4)
    queue = came("AAAABBBBCC")
    assert sum(admitted(queue, mix)) == 10
    queue[-1] = Entry("C", 10, 11)
    assert admitted(queue, mix) == [True] * 9 + [False]
    assert admitted([*queue, Entry("A", 12), Entry("C", 13)], mix)[-2:] == [False, True]
