"""Accounts, what waits at each desk, calendar, a running campaign and the last quarter compiled, on
top of a generated data set: what must be there before somebody looks.

Idempotent.
"""

from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand

from indicators import demonstration
from indicators.management.bar import report_to
from sprocep.journal import timed


class Command(BaseCommand):
    help = "Prépare la démonstration : comptes, parcours, campagne, dernier trimestre compilé."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--accounts", type=Path, required=True)

    def handle(self, *, accounts: Path, **options) -> None:
        with timed("Comptes"):
            demonstration.open_accounts(accounts)
        with timed("Parcours, ateliers et fiches des comptes"):
            demonstration.play_roads()
            demonstration.play_desks()
            demonstration.play_workshops()
            demonstration.play_dropouts()
            demonstration.answer_late_fiches()
        demonstration.open_calendar()
        demonstration.compose_regional_indicator()
        report = partial(report_to, self.stdout)
        with timed("Remontées"):
            demonstration.count_returns(report("remontées"))
        with timed("Dernier trimestre compilé"):
            demonstration.compile_last_quarter(report("compilation"))
