"""`manage.py load_reference`: territory, networks, code lists, definitions, as the owner; and
the key by which PostgreSQL proves scopes, which comes from that of the site."""

from django.core.management.base import BaseCommand

from indicators.loading import load_definitions, load_quality_rules
from operators.loading import load_nomenclatures
from regions.loading import load_territory
from sprocep.tenancy import keep_scope_key


class Command(BaseCommand):
    help = (
        "Charge territoire, réseaux, nomenclatures, définitions et règles de qualité, et garde la "
        "clé des portées. "
        "Se relance sans dommage."
    )

    def handle(self, *args, **options) -> None:
        keep_scope_key()
        load_territory()
        load_nomenclatures()
        load_definitions()
        load_quality_rules()
        if options["verbosity"]:
            self.stdout.write("données de référence chargées")
