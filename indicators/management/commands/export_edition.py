"""Write one file of an edition, or of constant borders, which are no edition; or the ZIP of all
Regions of a period."""

import shutil
import tempfile
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from indicators.computation import Borders, borders_of
from indicators.computation.territory import CONSTANT
from indicators.exports.blocks import constant_block
from indicators.exports.bundle import sealed_editions, write_bundle
from indicators.exports.files import block_file, edition_file, write_edition_files
from indicators.exports.formats import FORMATS
from indicators.models import Edition
from indicators.worklist import nation
from sprocep import periods
from sprocep.errors import ActionRefused
from sprocep.periods import Period, PeriodError
from sprocep.rendering.documents import DocumentError
from sprocep.tenancy import NATION

TODAY = "today"


class Command(BaseCommand):
    help = "Écrit un fichier d’une édition, ou le ZIP de toutes les Régions d’une période."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--period", required=True, metavar="2016-T1")
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--region", metavar="93 ou FR")
        place.add_argument("--all", action="store_true", help="toutes, en un ZIP et son manifeste")
        parser.add_argument("--format", choices=sorted(FORMATS), help="avec --region")
        parser.add_argument(
            "--borders", default=Borders.DATE.value, choices=[*Borders, TODAY], metavar="LIMITES"
        )
        parser.add_argument("--output", required=True, type=Path, metavar="FICHIER")

    def handle(self, *, period, region, borders, output, **options) -> None:
        if region and not options["format"]:
            raise CommandError(f"Dites aussi --format : {', '.join(sorted(FORMATS))}.")
        try:
            asked = Period.parse(period)
            with nation():
                if region:
                    output.write_bytes(_content(asked, region, borders, options["format"]))
                else:
                    _write_all(asked, output)
        except (PeriodError, LookupError, DocumentError, OSError, ActionRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{output} : {output.stat().st_size} octets")


def _write_all(period: Period, output: Path) -> None:
    """Files that the worker has not written yet are made first, one edition after the other."""
    for edition in sealed_editions(period):
        write_edition_files(edition)
    with tempfile.TemporaryFile(dir=output.parent) as whole:
        write_bundle(period, whole)
        whole.seek(0)
        with output.open("wb") as target:
            shutil.copyfileobj(whole, target)


def _content(period: Period, region: str, borders: str, file_format: str) -> bytes:
    """Where borders did not move, constant borders are those of the date: the edition itself."""
    if borders == TODAY:
        borders = _borders_of_today()
    if borders != Borders.DATE and region not in {NATION, *borders_of(period, Borders.DATE)}:
        block = constant_block(period, region, borders)
        if block is None:
            raise LookupError(_nothing(period, region, f" dans les limites de {borders}"))
        return block_file(block, file_format)
    if borders != Borders.DATE and region != NATION:
        _refuse_absent(period, region, Borders(borders))
    edition = (
        Edition.objects.filter(period=period.code, territory=region).order_by("-number").first()
    )
    if edition is None:
        raise LookupError(_nothing(period, region))
    if edition.is_sealed:
        write_edition_files(edition)
    return edition_file(edition, file_format)


def _refuse_absent(period: Period, region: str, borders: Borders) -> None:
    """A Region of the date that those borders do not know has no figure in them."""
    existing = borders_of(Period.parse("2015"), Borders.DATE)
    if borders is Borders.OF_2016:
        existing = borders_of(Period.parse("2016"), Borders.DATE)
    if region not in existing:
        raise LookupError(
            f"La Région {region} n’existe pas dans les limites de {borders}. "
            f"Régions de ces limites : {', '.join(sorted(existing))}."
        )


def _borders_of_today() -> str:
    """The constant borders that are those of today.

    Raises:
        LookupError: a Region has moved since, and nothing is computed in its new borders yet.
    """
    now = borders_of(periods.month_of(periods.today()), Borders.DATE)
    for borders in CONSTANT:
        then = borders_of(
            Period.parse("2016" if borders is Borders.OF_2016 else "2015"), Borders.DATE
        )
        if then == now:
            return borders.value
    raise LookupError("Les limites d’aujourd’hui ne sont encore calculées pour aucune période.")


def _nothing(period: Period, region: str, where: str = "") -> str:
    return (
        f"Aucune édition de {region} pour {period.label}{where}. Compilez d’abord la période : "
        f"manage.py compile --period {period} --wait"
    )
