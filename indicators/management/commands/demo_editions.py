"""What Regions did with their editions, then the files of the last quarter transmitted."""

from django.core.management.base import BaseCommand

from indicators import demonstration
from indicators.management.bar import draw


class Command(BaseCommand):
    help = "Joue les actes des Régions, puis attend les fichiers du dernier trimestre transmis."

    def handle(self, **options) -> None:
        demonstration.play_acts(
            lambda done, total, silent: draw(self.stdout, "  erratum", done, total, silent)
        )
        demonstration.wait_for_files(
            lambda done, total, silent: draw(self.stdout, "  éditions", done, total, silent)
        )
        self.stdout.write("\n")
