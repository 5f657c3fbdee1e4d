"""Means, quantiles and amounts: published when everybody knows that enough units stand behind.

Whether one is published must say nothing of a hidden count: it is decided on published counts. An
amount that one person dominates is not published either.
"""

from collections import defaultdict

from indicators.definitions import ANSWERED, TOTAL
from indicators.regional.composition import BASE, PART
from indicators.secrecy.cells import Figure


def decide(figures: list[Figure], statuses: list[str], k: int, least_units: dict[str, int]) -> None:
    """Sets the statuses of all that is no count, in place."""
    counts = _Published(figures, statuses)
    composed = _Behind(figures, statuses)
    for rank, figure in enumerate(figures):
        if (behind := composed(figure)) and statuses[rank] == "published":
            statuses[rank] = "published" if behind == {"published"} else "secret"
            continue
        parts = _UNITS.get(figure.indicator.split(".")[0])
        if parts is None or figure.indicator in _COUNTS or statuses[rank] == "missing":
            continue
        known = parts(counts, figure)
        sure = sum(n for n in known if n is not None)
        is_enough = sure >= max(k, least_units[figure.indicator]) and not figure.is_dominated
        if is_enough and figure.value is not None:
            statuses[rank] = "published"
        elif sure == 0 and None not in known:
            statuses[rank] = "not_applicable"
        else:
            statuses[rank] = "secret"


_REPLIED = {
    "H1.accepted": "referrals_accepted",
    "H1.received": "referrals_received",
    "H1.declined": "referrals_declined",
}
_FUNDED = ("G2.plans", "G2.answered", "G2.granted", "G2.refused")
_COUNTS = frozenset({"A1", "A5", "E4", "E3.undated", *_FUNDED, *_REPLIED})


class _Behind:
    """Statuses of the counts that a composed share, mean or median stands on."""

    def __init__(self, figures: list[Figure], statuses: list[str]):
        self._statuses = {
            figure[:9]: status
            for figure, status in zip(figures, statuses, strict=True)
            if figure.indicator.endswith((f".{BASE}", f".{PART}"))
        }

    def __call__(self, figure: Figure) -> set[str]:
        codes = (f"{figure.indicator}.{BASE}", f"{figure.indicator}.{PART}")
        found = (self._statuses.get(figure._replace(indicator=code)[:9]) for code in codes)
        return {status for status in found if status}


class _Published:
    def __init__(self, figures: list[Figure], statuses: list[str]):
        self._sets: dict[tuple[str, str], list[str]] = defaultdict(list)
        for figure in figures:
            if figure.indicator == "E4" and figure.operator == TOTAL and figure.category != TOTAL:
                self._sets[figure.territory, figure.borders].append(figure.category)
        self._values = {
            figure[:9]: 0 if status == "not_applicable" else int(figure.value)
            for figure, status in zip(figures, statuses, strict=True)
            if status in ("published", "not_applicable") and figure.indicator in _COUNTS
        }

    def by_highest_level(self, figure: Figure) -> list[int | None]:
        """« N1_N3 » is of level N3: sets of levels are written in their order."""
        where = figure.territory, figure.borders
        return [
            self(figure, "E4", "journey_type", levels, level=TOTAL)
            for levels in self._sets[where]
            if levels.split("_")[-1] == figure.level
        ]

    def __call__(
        self, figure: Figure, indicator: str, breakdown: str = TOTAL, category: str = TOTAL, **at
    ) -> int | None:
        address = figure._replace(indicator=indicator, breakdown=breakdown, category=category, **at)
        return self._values.get(address[:9])


def _closed(counts: _Published, figure: Figure) -> list[int | None]:
    """Closed journeys; by level, those whose highest it is."""
    if figure.level == TOTAL:
        return [counts(figure, "A5")]
    return counts.by_highest_level(figure)


def _dated(counts: _Published, figure: Figure) -> list[int | None]:
    opened, undated = counts(figure, "A1"), counts(figure, "E3.undated")
    return [None if None in (opened, undated) else max(0, opened - undated)]


def _funded(counts: _Published, figure: Figure) -> list[int | None]:
    """Requests that were answered, or plans that were closed."""
    code = "G2.answered" if figure.population == ANSWERED else "G2.plans"
    return [counts(figure, code, figure.breakdown, figure.category)]


def _replied(counts: _Published, figure: Figure) -> list[int | None]:
    """Fiches accepted, of whom the person was received, or declined."""
    return [
        counts(figure, code, figure.breakdown, figure.category, population=population)
        for code, population in _REPLIED.items()
    ]


_UNITS = {"E1": _closed, "E2": _closed, "E3": _dated, "G2": _funded, "H2": _replied}
