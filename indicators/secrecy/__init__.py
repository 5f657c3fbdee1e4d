"""Protect: raw figures of all territories of a period → the cells of their draft editions.

Details that would be mostly secret are not printed (`recoding`). All else that is published
together is one system of sums (`relations`), bound by what is out already (`published`). What the
former edition, the draft that a Region has read, or the parts of the period say of a count decides
it (`former`). Of the others, small ones are secret (`cells`); so are further ones, until no reader
comes closer than k - 1 to a hidden one (`pattern`). Nothing that is written tells the one from the
other. ADR 17, 49.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections

from indicators.exports.seal import borders_seal, figures_seal
from indicators.models import AttackReport, Edition
from indicators.regional import protection
from indicators.regional.standing import all_compositions
from indicators.secrecy import cells, former, measures, pattern, recoding
from indicators.secrecy.counts import Key
from indicators.secrecy.published import NOTHING, Published, came_since, published_around
from indicators.secrecy.relations import TIED, Label, system_of
from indicators.secrecy.securing import NoPattern
from sprocep.errors import ActionRefused, HeldElsewhere
from sprocep.periods import Period

__all__ = ["NOTHING", "Published", "came_since", "protect", "published_around"]

# A worker that stands still for longer leaves the period to another.
LONGEST = "30min"


@dataclass(frozen=True)
class _Decision:
    """Statuses of the labels, and what an attacker finds."""

    statuses: list[str]
    attack: pattern.Attack


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """A million labels and numbers without a cycle are not looked through again and again: that
    took a third of the time."""
    was_searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_searching:
            gc.enable()


@_no_search_for_cycles()
def protect(period: Period, settled: set[str], published: Published = NOTHING) -> list[str]:
    """Write the protected cells of every computed territory that is not settled, and the report of
    the attack on them.

    One national step: all that is published together is protected together. Idempotent. Runs as
    `compiler` inside a scope of all Regions.

    Args:
        settled: territories whose edition changes no more; they are left alone.
        published: what is out around this period (`published_around`).

    Returns:
        the territories whose draft edition was written.

    Raises:
        ActionRefused: what is out gives away what must be hidden.
        HeldElsewhere: this period is being protected by somebody else.
    """
    with connections["compiler"].cursor() as cursor:
        _alone(cursor, period)
        # The programmes take minutes, during which nothing is said to the server.
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST}'")
        k = cells.threshold(cursor, period)
        editions = _draft_editions(cursor, period, settled)
        ids = [pk for pk, _ in editions.values()]
        cells.erase(cursor, ids)
        figures = _printed(cursor, period, cells.judge(cursor, period, k, editions), published)
        addresses = cells.Addresses()
        labels, ranks = cells.labels_of(period, figures, addresses)
        fixed = cells.fixed_labels(cursor, published, addresses)
        fixed += cells.shown_labels(cursor, ids, addresses)
        try:
            decision = _decide(labels, fixed, addresses.places, k)
        except NoPattern as reason:
            raise ActionRefused(_sentence(period, reason)) from reason
        statuses = [figure.status for figure in figures]
        for rank, status in zip(ranks, decision.statuses, strict=True):
            statuses[rank] = status
        measures.decide(figures, statuses, k, cells.least_units(period))
        protection.decide(figures, statuses, all_compositions(period, "compiler"), k)
        cells.write(cursor, _changed(figures, statuses))
        cells.forget_shown(cursor, ids)
    report = _report(period, k, labels, decision, published)
    for edition in Edition.objects.using("compiler").filter(pk__in=ids):
        Edition.objects.using("compiler").filter(pk=edition.pk).update(
            figures_seal=figures_seal(edition, using="compiler"),
            borders_seal=borders_seal(edition, using="compiler"),
            attack_report=report,
        )
    return sorted(editions)


def _printed(
    cursor, period: Period, figures: list[cells.Figure], published: Published
) -> list[cells.Figure]:
    """Those that have a cell."""
    left_out = recoding.left_out(period, figures, published)
    cells.leave_out(cursor, left_out)
    return [figure for figure in figures if figure.id not in left_out]


def _alone(cursor, period: Period) -> None:
    """Two that protect one period would write the same editions. Waiting is the caller's: a lock
    waited for here would end with the time that a statement may take."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"protect {period}"])
    if not cursor.fetchone()[0]:
        raise HeldElsewhere(f"{period.label} est déjà en cours de protection.")


def _decide(labels: list[Label], fixed: list[Label], places: list[frozenset], k: int) -> _Decision:
    known = former.known(labels, fixed)
    decided = former.decide(labels, known, places, k)
    statuses = [decided.get(rank, label.status) for rank, label in enumerate(labels)]
    new = [rank for rank in range(len(labels)) if rank not in decided]
    bound = _bound({labels[rank].key.population for rank in new})
    together = [labels[rank] for rank in new]
    together += [
        labels[rank]._replace(status=status, is_fixed=True) for rank, status in decided.items()
    ]
    given_now = {labels[rank].key for rank in new}
    together += [label for label in fixed if not _is_replaced(label, given_now)]
    together = [label for label in together if label.key.population in bound]
    system, shown = system_of(together, places, k)
    attack = pattern.hide(system, k)
    for rank, is_hidden in zip(new, system.is_hidden[shown].tolist(), strict=False):
        if is_hidden and statuses[rank] == "published":
            statuses[rank] = "secret"
    if "secret" in decided.values():
        # As far as k - 1, like all that is out: `former` says why.
        smallest = min(k - 1, attack.smallest_interval or k - 1)
        attack = pattern.Attack(smallest, attack.found, attack.too_narrow)
    return _Decision(statuses, attack)


def _is_replaced(label: Label, given_now: set[Key]) -> bool:
    """Missing in what is out, and given now."""
    return label.status == "missing" and label.key in given_now


def _bound(populations: set[str]) -> set[str]:
    """With those that a relation ties to them."""
    return populations.union(*(tied for tied in TIED if tied & populations))


def _sentence(period: Period, reason: NoPattern) -> str:
    return (
        f"Le secret statistique ne peut pas être tenu pour {period.label} : des valeurs déjà "
        f"publiées suffiraient à retrouver une case ({reason}). Aucune édition n’est écrite."
    )


def _changed(figures: list[cells.Figure], statuses: list[str]) -> list[tuple[int, str]]:
    pairs = zip(figures, statuses, strict=True)
    return [(figure.id, status) for figure, status in pairs if status != figure.status]


def _report(
    period: Period, k: int, labels: list[Label], decision: _Decision, published: Published
) -> AttackReport:
    hidden = [
        label.value
        for label, status in zip(labels, decision.statuses, strict=True)
        if status == "secret"
    ]
    volume = sum(label.value for label in labels)
    return AttackReport.objects.using("compiler").create(
        period=period.code,
        threshold=k,
        cells=len(labels),
        hidden=len(hidden),
        hidden_volume=round(sum(hidden) / max(volume, 1), 4),
        smallest_interval=decision.attack.smallest_interval,
        found=decision.attack.found,
        too_narrow=decision.attack.too_narrow,
        given=sorted(published.editions),
    )


def _draft_editions(cursor, period: Period, settled: set[str]) -> dict[str, tuple[int, int]]:
    """Of each computed territory that is not settled: id and number of its open edition, opened
    where it has none."""
    cursor.execute(
        "INSERT INTO indicators_edition "
        "(period, territory, number, state, compiled_at, figures_seal) "
        "SELECT DISTINCT f.period, f.territory, 1, 'draft', now(), '' FROM indicators_figure f "
        "WHERE f.period = %s AND f.borders = 'date' AND f.territory <> ALL (%s) "
        "AND NOT EXISTS (SELECT FROM indicators_edition e "
        "WHERE e.period = f.period AND e.territory = f.territory)",
        [period.code, sorted(settled)],
    )
    cursor.execute(
        "UPDATE indicators_edition SET compiled_at = now() "
        "WHERE period = %s AND territory <> ALL (%s) RETURNING territory, id, number",
        [period.code, sorted(settled)],
    )
    return {territory: (pk, number) for territory, pk, number in cursor.fetchall()}
