"""`manage.py load_reference`: territory, networks and code lists, as the owner."""

from django.core.management.base import BaseCommand

from operators.loading import load_nomenclatures
from regions.loading import load_territory


class Command(BaseCommand):
    help = "Charge le territoire, les réseaux et les nomenclatures. Se relance sans dommage."

    def handle(self, *args, **options) -> None:
        load_territory()
        load_nomenclatures()
        self.stdout.write("données de référence chargées")
