"""Accounts, persons on their road, workshops, what was said afterwards, calendar, a running
campaign and its editions, on top of a generated data set.

Idempotent.
"""

from pathlib import Path

from django.core.management.base import BaseCommand

from indicators import demonstration
from indicators.management.bar import draw


class Command(BaseCommand):
    help = "Prépare la démonstration: comptes, parcours, calendrier, campagne, éditions compilées."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--accounts", type=Path, required=True)

    def handle(self, *, accounts: Path, **options) -> None:
        demonstration.open_accounts(accounts)
        demonstration.play_receptions()
        demonstration.play_roads()
        demonstration.play_workshops()
        demonstration.play_trades()
        demonstration.play_exchanges()
        demonstration.play_dropouts()
        demonstration.play_after()
        demonstration.open_calendar()
        demonstration.compose_regional_indicator()
        demonstration.count_returns(
            lambda done, total, silent: draw(self.stdout, "  remontées", done, total, silent)
        )
        demonstration.compile_editions(
            lambda done, total, silent: draw(self.stdout, "  compilation", done, total, silent)
        )
        self.stdout.write("\n")
