"""Faults in Python and in its statements, which once no test saw: each put in by an attribute."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_EVEN
from types import SimpleNamespace

from beneficiaries.actions import rules
from beneficiaries.templatetags import rows
from indicators import quality, worklist
from indicators.actions import campaigns
from indicators.exports import figures
from indicators.secrecy import cells
from sprocep import errors, fields
from sprocep.periods import Period
from tests.mutations.changes import Change

SECRECY = "tests/indicators/secrecy/test_threshold.py"
MARKUP = "tests/test_html_in_python.py"


@dataclass(frozen=True)
class Fault:
    name: str
    owners: tuple[object, ...]
    attribute: str
    broken: Callable[[object], object]  # from what stands there
    file: str
    test: str

    def put_in(self) -> Callable[[], None]:
        """How it is taken out again."""
        right = [(owner, vars(owner)[self.attribute]) for owner in self.owners]
        for owner, value in right:
            setattr(owner, self.attribute, self.broken(value))

        def take_out() -> None:
            for owner, value in right:
                setattr(owner, self.attribute, value)

        return take_out


def replaced(right: str, wrong: str) -> Callable[[str], str]:
    def broken(statement: str) -> str:
        assert right in statement
        return statement.replace(right, wrong)

    return broken


def _no_transaction(_) -> SimpleNamespace:
    return SimpleNamespace(atomic=lambda *_, **__: nullcontext())


def _nine_months_back(_) -> property:
    return property(lambda period: period.before.before.before)


def _a_day_less(right: Callable) -> Callable:
    return lambda edition: (day := right(edition)) and day - timedelta(days=1)


def _other_scale(statements: dict) -> dict:
    jumps = {name: replaced("0.6745", "0.70")(text) for name, text in statements["jump"].items()}
    return statements | {"jump": jumps}


FAULTS = (
    Fault("k - 2", (cells,), "JUDGED", replaced("t.k - 1", "t.k - 2"), SECRECY, "fewer_than"),
    Fault("dominance", (cells,), "FIGURES", replaced("f.is_dominated", "false"),
          SECRECY, "dominates"),
    Fault("a name as markup", (rows,), "escape", lambda _: str, MARKUP, "rows"),
    Fault("a label as markup", (fields,), "_text", lambda _: str, MARKUP, "fields"),
    Fault("no transaction", (rules, errors), "transaction", _no_transaction,
          "tests/beneficiaries/test_writing.py", "undone"),
    Fault("the year before", (Period,), "year_before", _nine_months_back,
          "tests/test_periods.py", "before"),
    Fault("half to even", (figures,), "ROUND_HALF_UP", lambda _: ROUND_HALF_EVEN,
          "tests/indicators/pages/test_rounding.py", "share"),
    Fault("the last day of comments", (campaigns,), "review_ends_on", _a_day_less,
          "tests/indicators/pages/test_declarations.py", "until_its_day"),
    Fault("another scale", (quality,), "STATEMENTS", _other_scale,
          "tests/indicators/test_declared.py", "measured"),
    Fault("no SKIP LOCKED", (worklist,), "_TAKE", replaced(" SKIP LOCKED", ""),
          "tests/indicators/test_worklist.py", "taking"),
)  # fmt: skip


def faults_in_code() -> Iterator[Change]:
    for fault in FAULTS:
        put_in: list[Callable[[], None]] = []
        yield Change(
            "fault in the code",
            fault.name,
            lambda fault=fault, put_in=put_in: put_in.append(fault.put_in()),
            lambda put_in=put_in: put_in.pop()(),
            fault.file,
            (fault.test,),
        )
