"""Wait until the worker has written the files of the last quarter's editions."""

from django.core.management.base import BaseCommand

from indicators import demonstration
from indicators.management.bar import draw


class Command(BaseCommand):
    help = "Attend que les éditions du dernier trimestre soient écrites."

    def handle(self, **options) -> None:
        demonstration.wait_for_files(
            lambda done, total, silent: draw(self.stdout, "  éditions", done, total, silent)
        )
        self.stdout.write("\n")
