"""What an attacker faces: whole numbers, some of them public, and the sums that bind them.

A variable is a number that one or several published labels show, or that nobody publishes and
anybody may work out by subtraction. A relation is a row of coefficients: with the true values it
gives nought.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

FREE = -(10**9)  # lower bound of what may have any sign
NOWHERE = -1  # the zone of the nation
NOBODY = -1  # the owner of what no category of operator knows as its own; an outsider


@dataclass
class System:
    """Arrays over variables, then the relations, row after row.

    `lowest`: what everybody knows of a hidden value. `is_open`: published by us now, and may
    still be hidden. `is_missing`: hidden because nobody sent it, not because it is secret.
    `is_out`: shown, or hidden, by an edition that is settled. `is_primary`: small. `is_target`:
    no attacker may come close to it. `owner`: the category of operator that knows it. `weight`:
    labels that show it. A `group` holds the `block` of its totals and one for each breakdown of
    them: blocks of a group meet in totals only. `zone`: the widest place but the nation that it
    is counted in; NOWHERE for what is of several.
    """

    values: np.ndarray
    lowest: np.ndarray
    is_hidden: np.ndarray
    is_open: np.ndarray
    is_missing: np.ndarray
    is_out: np.ndarray
    is_primary: np.ndarray
    is_target: np.ndarray
    owner: np.ndarray
    weight: np.ndarray
    block: np.ndarray
    group: np.ndarray
    zone: np.ndarray
    is_total: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    coefficients: np.ndarray
    keys: list

    @property
    def size(self) -> int:
        return len(self.values)

    @cached_property
    def row_of_entry(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def hide(self, variables: np.ndarray) -> None:
        self.is_hidden[variables] = self.is_target[variables] = True
