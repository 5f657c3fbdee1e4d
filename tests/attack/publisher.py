"""A simple publisher, ours and slow: hides what is small, attacks itself, and for each count that
falls hides the cheapest counts that can move with it. It knows only the families it is given."""

import dataclasses

import numpy as np

from scripts.attack_editions import (
    FAMILIES,
    FAR,
    MEASURES,
    NINTH_DECILE_UNITS,
    Blocks,
    Counts,
    Program,
    Reader,
    Relation,
    Relations,
    Row,
    attack,
)

ROUNDS = 12
# Rules of printing, not sums: they are kept by `_hide_measures`.
NOT_SUMS = {"thresholds", "means"}


class NeverSafe(AssertionError):
    """No pattern was found in as many rounds."""


def primary_only(raw: Blocks, threshold: int) -> Blocks:
    return {
        block: [_hidden(row) if _is_small(row, threshold) else dataclasses.replace(row)
                for row in rows]
        for block, rows in raw.items()
    }  # fmt: skip


def _is_small(row: Row, threshold: int) -> bool:
    least = 0 if row.is_special else 1
    most = NINTH_DECILE_UNITS if row.indicator == "E3.d9" else threshold
    return least <= (row.units or 0) < most


def _hidden(row: Row) -> Row:
    return dataclasses.replace(row, value=None, status="secret")


def protected(
    raw: Blocks,
    threshold: int,
    departments: int,
    *,
    without: tuple[str, ...] = (),
    measures_follow: bool = True,
    first: Blocks | None = None,
) -> Blocks:
    """Safe from an attacker who does not know the families in `without`.

    What `first` says, published before, stays as it is.
    """
    families = set(FAMILIES) - set(without)
    blocks = primary_only(raw, threshold) | (first or {})
    for _ in range(ROUNDS):
        if measures_follow:
            _hide_measures(blocks, first or {})
        report = attack(blocks, threshold=threshold, without=without, departments=departments)
        if report.is_clean:
            return blocks
        fallen = {name for name, _, _ in report.worst}
        reader = Reader(families)
        reader.take(blocks)
        relations = Relations(reader, threshold, departments).all()
        Repair(raw, reader, relations, threshold, first or {}).hide_beside(fallen)
    raise NeverSafe(report)


def _hide_measures(blocks: Blocks, kept: Blocks) -> None:
    """A mean is printed only where the counts behind it are."""
    for rows in (rows for block, rows in blocks.items() if block not in kept):
        secret = {
            (row.population, row.margin)
            for row in rows
            if row.status == "secret" and row.breakdown == "total" and row.department == "total"
        }
        for row in rows:
            if row.indicator in MEASURES and (row.population, row.margin) in secret:
                row.value, row.status = None, "secret"


class Repair:
    """Moves of all counts that leave every sum true: the cheapest one that widens a fallen count
    says which others must be hidden with it."""

    def __init__(
        self, raw: Blocks, reader: Reader, relations: list[Relation], threshold: int, kept: Blocks
    ) -> None:
        self.counts, self.threshold = reader.counts, threshold
        self.fixed = {id(row) for rows in kept.values() for row in rows}
        sums = [relation for relation in relations if relation.family not in NOT_SUMS]
        self.values = _true_values(raw, reader, sums)
        size = len(self.values)
        at = np.array([r.coefficients @ self.values[r.variables] for r in map(_arrays, sums)])
        columns = [[v + half for v in r.variables for half in (0, size)] for r in sums]
        signs = [[c * sign for c in r.coefficients for sign in (1, -1)] for r in sums]
        room = np.array([self._room(variable) for variable in range(size)], dtype=float)
        self.room = np.concatenate([np.where(room > 0, FAR, 0), room])
        self.program = Program(
            np.zeros(2 * size),
            self.room,
            np.minimum(0, np.array([r.low for r in sums]) - at),
            np.maximum(0, np.array([r.high for r in sums]) - at),
            np.concatenate([[0], np.cumsum([len(row) for row in columns])]).astype(np.int32),
            np.array([c for row in columns for c in row], dtype=np.int32),
            np.array([s for row in signs for s in row], dtype=float),
        )

    def _room(self, variable: int) -> float:
        """How far a count may go down; 0 when it may not move, as a zero or what is fixed."""
        counts, value = self.counts, self.values[variable]
        if counts.is_virtual[variable] or not counts.rows[variable]:
            return value + 1e-3
        is_hidden = counts.hidden_cells[variable] > 0
        if not is_hidden and any(id(row) in self.fixed for row in counts.rows[variable]):
            return 0
        least = 0 if counts.is_special[variable] else 1
        return value - least + 1e-3 if value >= least else 0

    def hide_beside(self, fallen: set[str]) -> None:
        for variable, name in enumerate(self.counts.names):
            if name in fallen:
                self._hide(np.flatnonzero(self._move(variable)))

    def _move(self, variable: int) -> np.ndarray:
        size = len(self.values)
        is_seen = np.array(self.counts.hidden_cells) == 0
        costs = np.where(is_seen & ~np.array(self.counts.is_virtual), self.values + 1, 1e-3)
        by = self.threshold - 1
        self.program.model.changeColBounds(variable, by, FAR)
        self.program.model.changeColBounds(variable + size, 0, 0)
        moves = self.program.maximise(-np.concatenate([costs, costs]))
        self.program.model.changeColBounds(variable, 0, self.room[variable])
        self.program.model.changeColBounds(variable + size, 0, self.room[variable + size])
        if moves is None:
            raise NeverSafe(self.counts.names[variable])
        return np.abs(moves[:size] - moves[size:]) > 1e-6

    def _hide(self, variables: np.ndarray) -> None:
        counts: Counts = self.counts
        for variable in variables:
            for row in counts.rows[variable]:
                if row.status != "secret" and id(row) not in self.fixed:
                    row.value, row.status = None, "secret"
                    counts.hidden_cells[variable] += 1


def _arrays(relation: Relation) -> Relation:
    return dataclasses.replace(
        relation,
        variables=np.array(relation.variables),
        coefficients=np.array(relation.coefficients),
    )


def _true_values(raw: Blocks, reader: Reader, relations: list[Relation]) -> np.ndarray:
    """The same rows make the same variables, in the same order; what is not printed is the rest."""
    whole = Reader(reader.families)
    whole.take(raw)
    values = np.zeros(len(reader.counts.names))
    values[: len(whole.counts.values)] = whole.counts.values
    for relation in relations:
        *shown, last = relation.variables
        if reader.counts.is_virtual[last]:
            values[last] = values[shown] @ np.array(relation.coefficients[:-1])
    return values
