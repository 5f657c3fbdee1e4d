"""`manage.py load_reference`: territory, networks, code lists, definitions, as the owner."""

from django.core.management.base import BaseCommand

from indicators.loading import load_definitions, load_quality_rules
from operators.loading import load_nomenclatures
from regions.loading import load_territory


class Command(BaseCommand):
    help = (
        "Charge territoire, réseaux, nomenclatures, définitions et règles de qualité. "
        "Se relance sans dommage."
    )

    def handle(self, *args, **options) -> None:
        load_territory()
        load_nomenclatures()
        load_definitions()
        load_quality_rules()
        self.stdout.write("données de référence chargées")
