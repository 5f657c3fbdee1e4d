"""`manage.py generate_activity`: an invented national activity on the real territory."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from indicators.generation import report
from indicators.generation.ground import GroundError
from indicators.generation.loading import LoadError
from indicators.generation.national import generate, is_empty
from indicators.generation.plan import MOST_JOURNEYS, PROFILES, read_plan
from sprocep import periods

# Beyond, they only wait for PostgreSQL, which copies what three draw.
_PROCESSES = min(os.cpu_count() or 1, 3)


class Command(BaseCommand):
    help = "Tire une activité nationale inventée, du 1er trimestre 2015 à aujourd’hui."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--journeys", type=int, required=True, help="nombre de parcours")
        parser.add_argument("--seed", type=int, required=True, help="graine du hasard")
        parser.add_argument("--from", dest="start", default="2015-T1", help="première période")
        parser.add_argument("--to", dest="end", help="dernière période (celle d’aujourd’hui)")
        parser.add_argument("--profile", choices=PROFILES, default="even")
        parser.add_argument("--truth", type=Path, help="vraie personne de chaque dossier (CSV)")
        parser.add_argument("--processes", type=int, default=_PROCESSES, help="tirent à la fois")
        parser.add_argument("--if-empty", action="store_true", help="ne rien faire sinon")

    def handle(
        self, *, journeys, seed, start, end, profile, truth, processes, if_empty, **options
    ) -> None:
        if not is_empty():
            if if_empty:
                return
            raise CommandError(
                "La base contient déjà des parcours ou des accueils : rien n’a été tiré."
            )
        if not 1 <= journeys <= MOST_JOURNEYS:
            raise CommandError(f"Demandez d’un à {MOST_JOURNEYS} parcours.")
        if processes < 1:
            raise CommandError("Il faut au moins un processus.")
        truth = Path(truth or settings.VAR_DIR / "truth.csv")
        try:
            plan = read_plan(
                journeys=journeys, seed=seed, start=start, end=end, profile=profile,
                today=periods.today(),
            )  # fmt: skip
            made = generate(plan, truth, processes)
        except (periods.PeriodError, GroundError, LoadError) as error:
            raise CommandError(str(error)) from error
        for line in report.measure(made, truth).lines():
            self.stdout.write(line)
