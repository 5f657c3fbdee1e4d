"""Who holds a dump of the whole database and all logs, and wants to know what a person said at the
desk. Written apart: it knows the tables by reading them, and imports nothing of the product.

Two questions about each person who was received by name. Which public and which result did the desk
note of her, when she came without a name just before? And did she come at all?
"""

import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

Row = dict[str, object]
Answer = tuple[str, str]  # public, result

PUBLIC, RESULT = re.compile(r"\bP\d\d\b"), re.compile(r"\bR\d\d\b")
FICHE, DESK = "beneficiaries:send_referral", "beneficiaries:log_contact"


@dataclass(frozen=True)
class Dump:
    """`tables`: rows in the order of the disk, with xmin and xmax; `log`: lines of the web."""

    tables: dict[str, list[Row]]
    log: list[Row]


@dataclass(frozen=True)
class Person:
    """One who was received by name: what wrote her file, when and at which structure."""

    transaction: int
    at: datetime
    structure: int
    has_fiche: bool


@dataclass(frozen=True)
class Trace:
    """A row that may be of one contact. What is not known of it is nought or none."""

    structure: int
    transaction: int
    rank: int
    at: datetime | None
    answer: Answer


class Attacker:
    def __init__(self, dump: Dump) -> None:
        self._tables, self._log = dump.tables, dump.log
        self._traces = sorted(self._rows_of_one(), key=lambda trace: trace.rank)

    # ── What was said ────────────────────────────────────────────────────────────────────────

    def answer_of(self, person: Person) -> Answer:
        """By the best trace that there is; else what was said most often at her desk."""
        attacks: tuple[Callable[[Person], Trace | None], ...] = (
            self._by_transaction,
            self._by_instant,
            self._by_rank,
        )
        for attack in attacks:
            if (trace := attack(person)) is not None:
                return trace.answer
        return self._most_often(person.structure)

    def chance_of(self, person: Person) -> float:
        """That this guess is right, for whoever knows the counts of the desk and nothing else."""
        publics, results, total = self._counts_at(person.structure)
        return max(publics.values()) / total * max(results.values()) / total

    def _by_transaction(self, person: Person) -> Trace | None:
        """The row that was written last at her desk before her file."""
        before = [t for t in self._at(person) if 0 < t.transaction < person.transaction]
        return max(before, key=lambda trace: trace.transaction, default=None)

    def _by_instant(self, person: Person) -> Trace | None:
        before = [trace for trace in self._at(person) if trace.at and trace.at < person.at]
        return max(before, key=lambda trace: trace.at, default=None)

    def _by_rank(self, person: Person) -> Trace | None:
        """As many contacts in the log before her, as rows before that of hers."""
        came = bisect_left(self._arrivals, person.at)
        behind = reversed(self._traces[:came])
        return next((t for t in behind if t.structure == person.structure), None)

    def _at(self, person: Person) -> list[Trace]:
        return self._traces_at.get(person.structure, [])

    def _most_often(self, structure: int) -> Answer:
        publics, results, _ = self._counts_at(structure)
        return max(publics, key=publics.get), max(results, key=results.get)

    # ── That she came ────────────────────────────────────────────────────────────────────────

    def came(self, person: Person) -> bool:
        """Her fiche was begun from the page that answers a contact, which posts to the form, and
        not from the menu, which gets it: by the journal of requests. Where others were seen to get
        it, one that was not is telling too."""
        lines = self._fiches
        sent = bisect_left(lines, person.at, key=lambda line: _instant(line["at"]))
        if not person.has_fiche or sent == len(lines):
            return False
        begun = []
        for line in reversed(lines[:sent]):
            if (line["method"], line["status"]) == ("POST", 302):
                break
            begun.append(line["method"])
        return "GET" not in begun and ("POST" in begun or any(x["method"] == "GET" for x in lines))

    # ── Reading ──────────────────────────────────────────────────────────────────────────────

    def _rows_of_one(self) -> Iterator[Trace]:
        """Rows with one public and one result that count nobody else, wherever they lie."""
        for table, rows in self._tables.items():
            for rank, row in enumerate(rows):
                text = json.dumps(row)
                publics, results = set(PUBLIC.findall(text)), set(RESULT.findall(text))
                if len(publics) == len(results) == 1 and row.get("total", 1) == 1:
                    yield Trace(
                        int(row.get("structure_id") or 0),
                        int(row.get("xmin") or 0),
                        rank,
                        self._instant_of(table, row),
                        (publics.pop(), results.pop()),
                    )

    def _instant_of(self, table: str, row: Row) -> datetime | None:
        """That of a trace which names it."""
        keys = [(table.replace("_", ".", 1), str(row.get(name))) for name in ("id", "public_id")]
        return next((self._acts[key] for key in keys if key in self._acts), None)

    @cached_property
    def _acts(self) -> dict[tuple[str, str], datetime]:
        """When something was done to an object."""
        rows = self._tables["regions_auditevent"]
        return {(row["object_type"], row["object_id"]): _instant(row["at"]) for row in rows}

    @cached_property
    def _traces_at(self) -> dict[int, list[Trace]]:
        found = defaultdict(list)
        for trace in self._traces:
            found[trace.structure].append(trace)
        return dict(found)

    @cached_property
    def _arrivals(self) -> list[datetime]:
        """Of contacts, by the log."""
        lines = (x for x in self._log if x.get("route") == DESK and x.get("status") == 201)
        return sorted(_instant(line["at"]) for line in lines)

    @cached_property
    def _fiches(self) -> list[Row]:
        lines = [x for x in self._log if x.get("route") == FICHE]
        return sorted(lines, key=lambda line: _instant(line["at"]))

    def _counts_at(self, structure: int) -> tuple[Counter, Counter, int]:
        publics, results, total = Counter(), Counter(), 0
        for row in self._tables["beneficiaries_contacttally"]:
            if row["structure_id"] == structure:
                publics.update(row["audience"])
                results.update(row["result"])
                total += row["total"]
        return publics, results, total


def persons(dump: Dump) -> list[Person]:
    """All who were received by name, from the traces of who opened a file or sent a fiche."""
    traces: Iterable[Row] = dump.tables["regions_auditevent"]
    found = [
        Person(
            int(trace["xmin"]),
            _instant(trace["at"]),
            trace["structure_id"],
            trace["action"] == "send_referral",
        )
        for trace in traces
        if trace["action"] in ("log_first_session", "send_referral")
    ]
    return sorted(found, key=lambda person: person.transaction)


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))
