"""All that ties the counts to each other."""

from .between_numbers import BetweenNumbers
from .between_periods import BetweenPeriods
from .between_places import BetweenPlaces
from .composed import Composed
from .counts import Reader
from .ties import Relation
from .within_sheets import WithinSheets


class Relations:
    """All that ties the counts to each other, by family."""

    def __init__(self, reader: Reader, threshold: int, departments: int) -> None:
        self.given = reader, threshold, departments
        self.families = reader.families

    def all(self) -> list[Relation]:
        found: list[Relation] = []
        for kind in (WithinSheets, Composed, BetweenPlaces, BetweenPeriods, BetweenNumbers):
            ties = kind(*self.given)
            ties.tie()
            found += ties.found
        return [relation for relation in found if relation.family in self.families]
