"""What is out already of a count: the number before of its edition, what a Region has read of it
under review, or the parts of its period.

An erratum says no more than the edition before it but its changes, a year no more than its
quarters but what was recorded since. So a count that was secret, or of which a part was, is secret;
one of which a part is missing is missing; any other is shown, unless the difference must not be
known. What an erratum gives for the first time is new. Whatever an outsider could believe of
the former counts he may believe still, whatever he could believe of the differences: they are
protected as a system of their own, in which nothing has a sign.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from indicators.secrecy import pattern
from indicators.secrecy.relations import PERSONS, STOCK, Key, Label, system_of
from indicators.secrecy.system import FREE

PUBLIC = frozenset({"published", "not_applicable"})


class Former(NamedTuple):
    value: int
    is_public: bool
    is_missing: bool


def known(labels: Sequence[Label], fixed: Sequence[Label]) -> dict[int, Former]:
    """By rank among the labels: what is out of the same count. `fixed`: the newest last.

    What was missing and is given now is new; what is missing still says no more than before."""
    newest = {label.key: label for label in fixed}
    parts: dict[tuple, dict[tuple[date, date], Label]] = defaultdict(dict)
    for key, label in newest.items():
        parts[_without_span(key)][key.starts, key.ends] = label
    found = {}
    for rank, label in enumerate(labels):
        if label.key in newest:
            if label.status == "missing" or newest[label.key].status != "missing":
                found[rank] = _sum([newest[label.key]])
        elif label.key.population not in {*PERSONS, STOCK}:
            inner = list(_cover(label.key, parts[_without_span(label.key)]))
            if inner:
                found[rank] = _sum(inner)
    return found


def _without_span(key: Key) -> tuple:
    return key[:-2]


def _sum(labels: Sequence[Label]) -> Former:
    statuses = {label.status for label in labels}
    return Former(
        value=sum(label.value for label in labels),
        is_public=statuses <= PUBLIC,
        is_missing="missing" in statuses,
    )


def _cover(key: Key, spans: Mapping[tuple[date, date], Label]) -> Iterator[Label]:
    """The longest parts that make the whole span; nothing when one is lacking."""
    inside = [s for s in spans if key.starts <= s[0] and s[1] <= key.ends]
    longest = [
        s for s in inside if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in inside)
    ]
    days = sum((ends - starts for starts, ends in longest), timedelta())
    if days == key.ends - key.starts:
        yield from (spans[span] for span in longest)


def decide(
    labels: Sequence[Label], former: Mapping[int, Former], places: Sequence[frozenset], k: int
) -> dict[int, str]:
    """Statuses of the labels of which something is out, by rank."""
    decided = {}
    for rank, before in former.items():
        decided[rank] = _status(labels[rank], before, k)
    for rank in _given_away(labels, former, decided, places, k):
        decided[rank] = "secret"
    return decided


def _status(label: Label, before: Former, k: int) -> str:
    if before.is_missing and label.status != "not_applicable":
        return "missing"
    is_small_change = 1 <= abs(label.value - before.value) < k
    if label.status == "published" and (is_small_change or not before.is_public):
        return "secret"
    return label.status


def _given_away(
    labels: Sequence[Label],
    former: Mapping[int, Former],
    decided: Mapping[int, str],
    places: Sequence[frozenset],
    k: int,
) -> list[int]:
    """What must be secret too, lest others give a small difference away."""
    differences = [_difference(labels[r], former[r], decided[r]) for r in former]
    if not any(difference.value for difference in differences):
        return []
    system, shown = system_of(differences, places, k)
    system.lowest[:] = FREE
    system.is_open = ~system.is_hidden & (system.values != 0)
    pattern.hide(system, k, without=("wholesale",))
    pairs = zip(former, system.is_hidden[shown], strict=True)
    return [rank for rank, is_hidden in pairs if is_hidden and decided[rank] == "published"]


def _difference(label: Label, before: Former, status: str) -> Label:
    """As a count of what was changed: none is known to be none. It is at stake when it would tell
    what is secret now from what was public, or counts few."""
    change = label.value - before.value
    if change == 0 or status in PUBLIC:
        seen = "published"
    else:
        seen = "secret" if before.is_public else "missing"
    return Label(label.key, change, abs(change), seen, False, False)
