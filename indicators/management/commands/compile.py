"""Compile the dashboards of a period: compute per territory, then protect."""

import time

from django.core.management.base import BaseCommand, CommandError

from indicators import actions, queries
from indicators.management.bar import draw
from indicators.worklist import nation
from sprocep.errors import ActionRefused
from sprocep.periods import Period, PeriodError


class Command(BaseCommand):
    help = "Compile les tableaux de bord d’une période: calcul par Région, puis secret."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--period", required=True, metavar="2016-T1")
        parser.add_argument("--regions", nargs="+", metavar="CODE")
        parser.add_argument("--wait", action="store_true", help="attend la fin, avec une barre")

    def handle(self, *, period, regions, wait, **options) -> None:
        try:
            asked = Period.parse(period)
            with nation():
                compilation = actions.request_compilation(by=None, period=asked, regions=regions)
        except (PeriodError, ActionRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        if wait:
            self._wait(compilation)

    def _wait(self, compilation) -> None:
        while True:
            with nation(read_only=True):
                progress = queries.progress(compilation)
            draw(
                self.stdout,
                compilation.period,
                progress.done,
                progress.total,
                progress.is_frozen,
            )
            if progress.is_over:
                break
            time.sleep(0.3)
        self.stdout.write("\n")
        if not progress.total:
            self.stdout.write("Rien à compiler: toutes les éditions de la période sont scellées.")
        if progress.failed:
            raise CommandError(f"{progress.failed} unités en échec: {' · '.join(progress.causes)}")
