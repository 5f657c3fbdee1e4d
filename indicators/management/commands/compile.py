"""Compile the dashboards of a period: compute per territory, then protect."""

import time

from django.core.management.base import BaseCommand, CommandError

from indicators import actions, queries
from indicators.worklist import nation
from sprocep.errors import ActionRefused
from sprocep.periods import Period, PeriodError

BAR = 30


class Command(BaseCommand):
    help = "Compile les tableaux de bord d'une période: calcul par Région, puis secret."

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
            self._draw(compilation, progress)
            if progress.is_over:
                break
            time.sleep(0.3)
        self.stdout.write("")
        if not progress.total:
            self.stdout.write("Rien à compiler: toutes les éditions de la période sont scellées.")
        if progress.failed:
            raise CommandError(f"{progress.failed} unités en échec: {' · '.join(progress.causes)}")

    def _draw(self, compilation, progress) -> None:
        full = BAR * progress.done // max(progress.total, 1)
        silence = " · aucun signe du travailleur" if progress.is_frozen else ""
        line = f"{compilation.period} [{'#' * full}{'.' * (BAR - full)}] "
        self.stdout.write(
            f"\r{line}{progress.done} / {progress.total}{silence}".ljust(90), ending=""
        )
        self.stdout.flush()
