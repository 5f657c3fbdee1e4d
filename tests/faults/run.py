"""One run of the work: compile some Regions; where it is asked for, seal one and make its files.

What comes out is compared by hashes with a run that nothing disturbed.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, connections

from indicators import actions
from indicators.models import Edition, EditionFile, Work
from indicators.worklist import nation
from regions.models import AuditEvent, User
from sprocep.periods import Period
from tests.faults.stage import Stage
from tests.faults.tally import Count
from tests.waiting import wait_until

PERIOD = Period.parse("2016-T1")
# Some that the merger left alone, some that it made.
REGIONS = ("11", "24", "28", "32", "44", "75", "84", "93")
SEALED = "24"
# The PDF says when: equal bytes need an equal instant.
SEALED_AT = datetime(2016, 5, 2, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))
SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """Figures seals by territory; digests of kept files and of those laid in the folder."""

    seals: dict[str, str]
    kept: dict[tuple[str, str], str]
    laid: dict[str, str]

    @classmethod
    def of(cls, stage: Stage) -> "Outcome":
        with nation(read_only=True):
            editions = Edition.objects.filter(period=PERIOD.code)
            files = EditionFile.objects.filter(edition__period=PERIOD.code)
            return cls(
                dict(editions.values_list("territory", "figures_seal")),
                {
                    (territory, name): _digest(bytes(content))
                    for territory, name, content in files.values_list(
                        "edition__territory", "name", "content"
                    )
                },
                {
                    str(path.relative_to(stage.editions)): _digest(path.read_bytes())
                    for path in stage.editions.rglob("*")
                    if path.is_file()
                },
            )

    def unlike(self, other: "Outcome") -> list[str]:
        """Territories and files whose hash is not the other's."""
        pairs = ((self.seals, other.seals), (self.kept, other.kept), (self.laid, other.laid))
        return [
            str(name)
            for mine, theirs in pairs
            for name in mine.keys() | theirs.keys()
            if mine.get(name) != theirs.get(name)
        ]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Run:
    """Ask for a compilation; `units_done` says how far it is, and seals when that is over."""

    def __init__(self, stage: Stage, *, seals: bool) -> None:
        self.stage = stage
        self.seals = seals
        self.units = len(REGIONS) + 1 + seals
        with nation():
            self.officer = User.objects.get(email="dgefp-officer@sprocep.example")
            actions.request_compilation(by=self.officer, period=PERIOD, regions=REGIONS)
        stage.ring()

    def units_done(self) -> int:
        with nation(read_only=True):
            rows = list(Work.objects.values_list("state", "step", "cause"))
        failed = [cause for state, _, cause in rows if state == Work.State.FAILED]
        assert not failed, failed
        done = [step for state, step, _ in rows if state == Work.State.DONE]
        if self.seals and len(done) == len(rows) < self.units:
            self.seal()
        return len(done)

    def seal(self) -> None:
        with nation():
            edition = Edition.objects.get(period=PERIOD.code, territory=SEALED)
            actions.open_review(by=self.officer, edition=edition)
            actions.validate_edition(by=self.officer, edition=edition)
            actions.seal_edition(by=self.officer, edition=edition)
            Edition.objects.filter(pk=edition.pk).update(sealed_at=SEALED_AT)
        self.stage.ring()

    def wait(self, units: int | None = None) -> None:
        """Until so many units are done; else until all are."""
        wanted = self.units if units is None else units
        wait_until(lambda: self.units_done() >= wanted, SECONDS)

    def judge(self, count: Count, undisturbed: Outcome) -> None:
        """Everything once, and as it would have been."""
        outcome = Outcome.of(self.stage)
        with nation(read_only=True):
            units = Work.objects.count()
            done = Work.objects.filter(state=Work.State.DONE).count()
            editions = Edition.objects.count()
            sealed = AuditEvent.objects.filter(action="seal_edition").count()
        count.lost += self.units - done + len(undisturbed.kept.keys() - outcome.kept.keys())
        count.doubled += (units - self.units) + (editions - len(REGIONS)) + (sealed - self.seals)
        count.doubled += len(outcome.kept.keys() - undisturbed.kept.keys())
        unlike = outcome.unlike(undisturbed)
        print(unlike)
        count.wrong += len(unlike)


def let_leases_run_out() -> None:
    """As if fifteen seconds had gone by."""
    with nation(), connection.cursor() as cursor:
        cursor.execute("UPDATE indicators_work SET lease_until = now() WHERE state = 'running'")


def forget_runs(stage: Stage) -> None:
    """As owner: the data set as it was before any compilation."""
    stage.broker.flushall()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "TRUNCATE indicators_work, indicators_compilation, indicators_edition, "
            "indicators_editioncell, indicators_editionfile, indicators_figure, "
            "indicators_shownfigure, indicators_rollup, regions_auditevent, regions_letter CASCADE"
        )
    for path in sorted(stage.editions.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
