"""`python scripts/attack_editions FILE…`"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from . import __doc__ as about
from .attacker import attack
from .files import read
from .public_rules import DEPARTMENTS, FAMILIES
from .report import told


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, help="CSV files of editions")
    parser.add_argument("--k", type=int, default=11, help="threshold (11)")
    parser.add_argument("--without", nargs="*", default=[], choices=FAMILIES, metavar="FAMILY")
    parser.add_argument("--truth", type=Path, nargs="*", help="raw figures, with units")
    parser.add_argument("--knows", default="", help="operator=apec: its own cells, from the truth")
    parser.add_argument("--departments", type=int, default=DEPARTMENTS)
    parser.add_argument(
        "--composed", type=Path, help='filters of regional counts: {"R93.1": {"sex": ["F"]}}'
    )
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    options = parser.parse_args(words)
    with greetings_apart():
        report = attack(
            read(options.files),
            threshold=options.k,
            without=options.without,
            departments=options.departments,
            truth=read(options.truth) if options.truth else None,
            knows=options.knows,
            composed=_filters(options.composed) if options.composed else None,
        )
    print(json.dumps(asdict(report)) if options.json else told(report))
    return int(not report.is_clean)


def _filters(path: Path) -> dict[str, dict[str, set[str]]]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return {
        code: {name: set(codes) for name, codes in filters.items()}
        for code, filters in told.items()
    }


@contextmanager
def greetings_apart() -> Iterator[None]:
    """HiGHS says its name on the standard output of the process, where the report alone goes."""
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        yield
    finally:
        os.dup2(kept, sys.stdout.fileno())
        os.close(kept)
