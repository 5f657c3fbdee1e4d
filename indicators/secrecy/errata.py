"""Two numbers of one edition, side by side: what was secret stays so; a small change is secret."""

from collections.abc import Iterable

from indicators.secrecy.relations import Label


def given(labels: Iterable[Label], fixed: Iterable[Label], k: int) -> list[Label]:
    """The labels, secret where the same count is already out as a secret, or with a value that
    differs by 1 to k - 1: the difference counts people."""
    out = {label.key: label for label in fixed}
    return [_given(label, out.get(label.key), k) for label in labels]


def _given(label: Label, former: Label | None, k: int) -> Label:
    if former is None or label.status != "published":
        return label
    is_small_change = former.status == "published" and 1 <= abs(label.value - former.value) < k
    if former.status == "secret" or is_small_change:
        return label._replace(status="secret")
    return label
