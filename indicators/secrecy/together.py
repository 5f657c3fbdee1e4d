"""Protect by the engine of ADR 17: raw figures of all territories of a period → the cells of their
draft editions. Not in charge yet (`indicators.secrecy`).

All that is published together, and what is out already, is one system of sums (`relations`).
Small counts are secret (`cells`); so are further ones, until no reader comes closer than k - 1 to a
hidden one (`pattern`). Nothing that is written tells the one from the other. ADR 17.
"""

from dataclasses import dataclass

from django.db import connections

from indicators.exports.seal import figures_seal
from indicators.models import AttackReport, Edition
from indicators.regional import protection
from indicators.regional.standing import all_compositions
from indicators.secrecy import cells, errata, measures, pattern
from indicators.secrecy.published import NOTHING, Published, published_around
from indicators.secrecy.relations import system_of
from sprocep.errors import ActionRefused
from sprocep.periods import Period

__all__ = ["protect", "published_around"]


@dataclass(frozen=True)
class _Decision:
    statuses: list[str]
    attack: pattern.Attack
    cells: int
    hidden: int
    hidden_volume: float


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
    """
    with connections["compiler"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"protect {period}"])
        k = cells.threshold(cursor, period)
        editions = _draft_editions(cursor, period, settled)
        ids = [pk for pk, _ in editions.values()]
        cells.erase(cursor, ids)
        figures = cells.judge(cursor, period, k, editions)
        decision = _decide(cursor, period, figures, k, published)
        cells.write(cursor, _changed(figures, decision.statuses))
    report = _report(period, k, decision)
    for edition in Edition.objects.using("compiler").filter(pk__in=ids):
        seal = figures_seal(edition, using="compiler")
        Edition.objects.using("compiler").filter(pk=edition.pk).update(
            figures_seal=seal, attack_report=report
        )
    reports = AttackReport.objects.using("compiler").filter(period=period.code)
    reports.exclude(pk__in=[report.pk, *published.reports]).delete()
    return sorted(editions)


def _decide(
    cursor, period: Period, figures: list[cells.Figure], k: int, published: Published
) -> _Decision:
    addresses = cells.Addresses()
    labels, ranks = cells.labels_of(period, figures, addresses)
    fixed = cells.fixed_labels(cursor, published, addresses)
    together = [*errata.given(labels, fixed, k), *fixed]
    system, shown = system_of(together, addresses.places, k)
    try:
        attack = pattern.hide(system, k)
    except pattern.NoPattern as reason:
        raise ActionRefused(_sentence(period, reason)) from reason
    statuses = [figure.status for figure in figures]
    volume = hidden = hidden_volume = 0
    for label, rank, is_hidden in zip(
        labels, ranks, system.is_hidden[shown].tolist(), strict=False
    ):
        volume += label.value
        if statuses[rank] in ("published", "secret"):
            statuses[rank] = "secret" if is_hidden else "published"
        if statuses[rank] == "secret":
            hidden, hidden_volume = hidden + 1, hidden_volume + label.value
    measures.decide(figures, statuses, k, cells.least_units(period))
    protection.decide(figures, statuses, all_compositions(period, "compiler"), k)
    return _Decision(statuses, attack, len(labels), hidden, hidden_volume / max(volume, 1))


def _sentence(period: Period, reason: pattern.NoPattern) -> str:
    return (
        f"Le secret statistique ne peut pas être tenu pour {period.label} : des valeurs déjà "
        f"publiées suffiraient à retrouver une case ({reason}). Aucune édition n'est écrite."
    )


def _changed(figures: list[cells.Figure], statuses: list[str]) -> list[tuple[int, str]]:
    pairs = zip(figures, statuses, strict=True)
    return [(figure.id, status) for figure, status in pairs if status != figure.status]


def _report(period: Period, k: int, decision: _Decision) -> AttackReport:
    return AttackReport.objects.using("compiler").create(
        period=period.code,
        threshold=k,
        cells=decision.cells,
        hidden=decision.hidden,
        hidden_volume=round(decision.hidden_volume, 4),
        smallest_interval=decision.attack.smallest_interval,
        found=decision.attack.found,
        too_narrow=decision.attack.too_narrow,
    )


def _draft_editions(cursor, period: Period, settled: set[str]) -> dict[str, tuple[int, int]]:
    """Of each computed territory that is not settled: id and number of its draft."""
    cursor.execute(
        "INSERT INTO indicators_edition (period, territory, number, state, cause, chained_seal, "
        "compiled_at, figures_seal) "
        "SELECT period, territory, max(number), 'draft', '', '', now(), '' FROM indicators_figure "
        "WHERE period = %s AND borders = 'date' AND territory <> ALL (%s) "
        "GROUP BY period, territory "
        "ON CONFLICT (period, territory, number) DO UPDATE SET compiled_at = now() "
        "RETURNING territory, id, number",
        [period.code, sorted(settled)],
    )
    return {territory: (pk, number) for territory, pk, number in cursor.fetchall()}
