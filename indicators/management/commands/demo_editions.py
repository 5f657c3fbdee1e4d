"""What comes once the last quarter can be read: the quarters before it sealed and transmitted, what
Regions did with them. With `--older`: their first year, then the quarters around the merger of
Regions.

Idempotent.
"""

from functools import partial

from django.core.management.base import BaseCommand

from indicators import demonstration
from indicators.management.bar import report_to
from sprocep.journal import timed


class Command(BaseCommand):
    help = "Scelle les trimestres passés, joue les actes des Régions, attend les fichiers."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--older", action="store_true", help="l’année, 2015-T4 et 2016-T1")

    def handle(self, *, older: bool, **options) -> None:
        report = partial(report_to, self.stdout)
        if older:
            with timed("Année, scellée et transmise"):
                demonstration.publish_first_year(report("compilation"))
            with timed("2015-T4 et 2016-T1, scellés et transmis"):
                demonstration.publish_merger(report("compilation"))
            return
        with timed("Quatre trimestres scellés et transmis"):
            demonstration.publish_sent_quarters(report("compilation"))
        with timed("Actes des Régions, erratum"):
            demonstration.play_acts(report("erratum"))
        demonstration.ask_for_last_quarter()
        with timed("Accueils, métiers, échanges"):
            demonstration.play_receptions()
            demonstration.play_trades()
            demonstration.play_exchanges()
        with timed("Réponses à six mois, avis"):
            demonstration.play_after()
        with timed("Dernier trimestre ouvert à la relecture"):
            demonstration.open_last_quarter(report("compilation"))
        with timed("Fichiers du dernier trimestre transmis"):
            demonstration.wait_for_files(report("éditions"))
