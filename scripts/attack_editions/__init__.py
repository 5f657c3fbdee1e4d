"""Attack published editions from their files alone: which secret counts can be worked out?

    python scripts/attack_editions FILE…

Reads the CSV files as they were exported, of any periods, territories, borders and numbers, knows
what anybody can read in docs/counting-rules.md, and bounds each hidden count by linear programming.
A count is found when one whole number is left, too narrow when fewer than k are. Needs numpy and
highspy; neither Django nor sprocep. Exit code 1 when a hidden count is found or too narrow.

Every relation belongs to a family, which `--without` sets aside. One that the published figures
themselves deny is not believed, and said. What is called wide was reached by two solutions.
"""

from .attacker import attack
from .counts import Counts, Reader
from .files import Block, Blocks, Row, read, span
from .judge import Judge
from .programs import FAR, SIMPLEX, Program
from .public_rules import FAMILIES, MEASURES, NATION, NINTH_DECILE_UNITS, PERSONS, TOTAL
from .relations import Relations
from .report import Report
from .systems import System, without_fixed
from .ties import Relation

__all__ = [
    "FAMILIES", "FAR", "MEASURES", "NATION", "NINTH_DECILE_UNITS", "PERSONS", "SIMPLEX", "TOTAL",
    "Block", "Blocks", "Counts", "Judge", "Program", "Reader", "Relation", "Relations", "Report",
    "Row", "System", "attack", "read", "span", "without_fixed",
]  # fmt: skip
