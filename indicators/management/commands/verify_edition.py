"""Is this file, or all that the base holds, what was delivered and sealed? Exit ≠ 0 when not."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from indicators.exports.verification import database_faults, verify
from indicators.models import Edition
from indicators.worklist import nation


class Command(BaseCommand):
    help = "Vérifie un fichier d’édition : son empreinte et les sceaux de ses valeurs."

    def add_arguments(self, parser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", type=Path, metavar="FICHIER", nargs="?")
        what.add_argument("--all", action="store_true", help="toutes les éditions de la base")

    def handle(self, *, file, **options) -> None:
        if options["all"]:
            self._everything()
        else:
            self._file(file)

    def _everything(self) -> None:
        with nation(read_only=True):
            sealed = Edition.objects.filter(sealed_at__isnull=False).order_by("pk")
            faults = [fault for edition in sealed for fault in database_faults(edition)]
            count = sealed.count()
            files = sum(edition.files.count() for edition in sealed)
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{count} éditions scellées et {files} fichiers : tous authentiques.")

    def _file(self, file: Path) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} : illisible ({error.strerror}).") from error
        with nation(read_only=True):
            verdict = verify(content)
        if not verdict.is_genuine:
            raise CommandError(f"{file} : {verdict.sentence}")
        self.stdout.write(f"{file} : {verdict.sentence}")
