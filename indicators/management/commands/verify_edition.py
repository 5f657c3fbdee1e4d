"""Is this file what was delivered, and are its figures the sealed ones? Exit ≠ 0 when not."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from indicators.exports.verification import verify
from indicators.worklist import nation


class Command(BaseCommand):
    help = "Vérifie un fichier d'édition : son empreinte et les sceaux de ses valeurs."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")

    def handle(self, *, file, **options) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} : illisible ({error.strerror}).") from error
        with nation(read_only=True):
            verdict = verify(content)
        if not verdict.is_genuine:
            raise CommandError(f"{file} : {verdict.sentence}")
        self.stdout.write(f"{file} : {verdict.sentence}")
