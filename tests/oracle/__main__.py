"""`python -m tests.oracle FOLDER --period 2016-T1 --output F.csv`: all cells, sorted.

To compare with the compiled figures by `diff`, write these as
`COPY (SELECT territory, indicator, population, department, operator, level, breakdown, category,
value FROM … ORDER BY 1 COLLATE "C", … 8 COLLATE "C") TO STDOUT WITH CSV HEADER`.
"""

import argparse
import csv
from pathlib import Path

from tests.oracle.counting import Cells, Key, count
from tests.oracle.rows import load, read_truth


def write(cells: Cells, path: Path) -> None:
    """One decimal everywhere, as the column `value` of the figures has; empty without a value."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([*Key._fields, "value"])
        for key, value in sorted(cells.items()):
            lines.writerow([*key, "" if value is None else f"{value:.1f}"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("folder", type=Path, help="one CSV file a table, see rows.COPY")
    parser.add_argument("--period", required=True, help="2016-02, 2016-T1 or 2016")
    parser.add_argument("--borders", choices=["date", "2015", "2016"], default="date")
    parser.add_argument("--regions", nargs="+", help="territories; all without it")
    parser.add_argument("--truth", type=Path, help="CSV beneficiary_id,person_number")
    parser.add_argument("--output", type=Path, required=True)
    asked = parser.parse_args()
    truth = read_truth(asked.truth) if asked.truth else None
    rows = load(asked.folder, with_beneficiaries=truth is not None)
    cells = count(rows, asked.period, borders=asked.borders, only=asked.regions, truth=truth)
    write(cells, asked.output)


if __name__ == "__main__":
    main()
