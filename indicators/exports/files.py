"""Files of an edition: made once, kept as delivered, found back by their digest."""

import os
import re
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Substr

from indicators.exports.blocks import Block, own_block
from indicators.exports.formats import FORMATS, MEDIA_TYPES, Contents
from indicators.exports.seal import file_digest
from indicators.exports.secret import secret_file
from indicators.models import Edition, EditionFile

_PART = ".part"
_HEAD = 200  # bytes of a drawing, its size among them
_SIZE = re.compile(rb' width="([\d.]+)" height="([\d.]+)"')


class FormatUnknown(LookupError):
    """Not one of the formats of an edition; the message is for the person who asked."""


class ChartUnknown(LookupError):
    """No such chart in this edition."""


# Not a format of the figures: the attack report, which ships with them.
SECRET = "secret"


def file_name(file_format: str) -> str:
    return "secret.json" if file_format == SECRET else f"edition.{file_format}"


def download_name(block: Block, file_format: str) -> str:
    """Name for the person who downloads: it says what it is once out of its folder."""
    state = "" if block.edition.is_sealed else "-brouillon"
    ending = "-secret.json" if file_format == SECRET else f".{file_format}"
    return f"sprocep-{block.code.replace('/', '-')}{state}{ending}"


def write_edition_files(edition: Edition) -> list[EditionFile]:
    """Make and keep the files of a sealed edition; what is kept already stays as it is.

    Also lays all formats of the newest under `EDITIONS_DIR/<period>/<territory>/`.

    Raises:
        ValueError: the edition is a draft, whose figures may still change.
    """
    if not edition.is_sealed:
        raise ValueError(f"{edition.code} is a draft")
    kept = _kept(edition)
    if not _wanted_names() <= kept.keys():
        contents = Contents(own_block(edition))
        made = {file_name(kind): write(contents) for kind, write in FORMATS.items()}
        made[file_name(SECRET)] = secret_file(edition)
        kept = _keep_missing(edition, made | contents.charts)
    if not _is_replaced(edition):
        _lay_in_folder(edition, kept)
    return [kept[name] for name in sorted(kept)]


def _is_replaced(edition: Edition) -> bool:
    """By an erratum that is sealed."""
    return Edition.objects.filter(supersedes=edition, sealed_at__isnull=False).exists()


def _kept(edition: Edition) -> dict[str, EditionFile]:
    return {file.name: file for file in edition.files.all()}


@transaction.atomic
def _keep_missing(edition: Edition, made: dict[str, bytes]) -> dict[str, EditionFile]:
    """Two workers may have made the same files: the second finds those of the first."""
    Edition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    kept = _kept(edition)
    missing = {name: content for name, content in made.items() if name not in kept}
    return kept | {name: keep(edition, name, content) for name, content in missing.items()}


def _wanted_names() -> set[str]:
    return {file_name(kind) for kind in (*FORMATS, SECRET)}


def keep(edition: Edition, name: str, content: bytes) -> EditionFile:
    return EditionFile.objects.create(
        edition=edition,
        name=name,
        media_type=MEDIA_TYPES[name.rpartition(".")[2]],
        content=content,
        sha256=file_digest(content),
        size=len(content),
    )


def _lay_in_folder(edition: Edition, kept: dict[str, EditionFile]) -> None:
    """A file appears whole or not at all: a full disk leaves none cut."""
    folder: Path = settings.EDITIONS_DIR / edition.period / edition.territory
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"*{_PART}"):  # by a worker that was killed while it wrote
        left.unlink(missing_ok=True)
    for kind in FORMATS:
        file = kept[file_name(kind)]
        target = folder / file.name
        if target.exists() and file_digest(target.read_bytes()) == file.sha256:
            continue
        _replace(target, bytes(file.content))


def _replace(target: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=_PART, delete=False) as written:
        try:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        except OSError:
            os.unlink(written.name)
            raise
    os.chmod(written.name, 0o644)
    os.replace(written.name, target)


def edition_file(edition: Edition, file_format: str) -> bytes:
    """The delivered file, or the same made on the fly where none was kept yet.

    Raises:
        FormatUnknown: a format that editions do not have.
    """
    if file_format not in FORMATS:
        raise FormatUnknown(
            f"Format inconnu : « {file_format} ». Formats : {', '.join(sorted(FORMATS))}."
        )
    kept = edition.files.filter(name=file_name(file_format)).first()
    return bytes(kept.content) if kept else block_file(own_block(edition), file_format)


def block_file(block: Block, file_format: str) -> bytes:
    """A file made now: of a draft, or of constant borders, which are no edition."""
    return FORMATS[file_format](Contents(block))


def drawing_sizes(edition: Edition) -> dict[str, tuple[str, str]]:
    """Width and height in pixels of the drawings that are kept, by name: said at their head."""
    drawings = edition.files.filter(media_type=MEDIA_TYPES["svg"])
    heads = drawings.annotate(head=Substr("content", 1, _HEAD)).values_list("name", "head")
    found = ((name, _SIZE.search(bytes(head))) for name, head in heads)
    return {name: (size[1].decode(), size[2].decode()) for name, size in found if size}


def edition_chart(edition: Edition, name: str) -> bytes:
    """One drawing of an edition, kept or drawn now.

    Raises:
        ChartUnknown: the edition has no chart of this name.
    """
    kept = edition.files.filter(name=name, media_type=MEDIA_TYPES["svg"]).first()
    if kept:
        return bytes(kept.content)
    for chart in Contents(own_block(edition)).report.charts:
        if chart.name == name:
            return chart.svg()
    raise ChartUnknown(f"no chart {name} in {edition.code}")
