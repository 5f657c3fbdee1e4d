"""All editions of a period in one ZIP: the kept files as they were delivered, and their manifest.

The same sealed editions give the same bytes. Nothing is made here but the list: a file that was
not kept yet is not in a bundle, and a bundle is whole or it is not.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from indicators.exports.blocks import own_block, regions_of_period
from indicators.exports.chain import previous_seals
from indicators.exports.files import SECRET, download_name, file_name
from indicators.exports.formats import FORMATS
from indicators.exports.seal import file_digest
from indicators.models import Edition, EditionFile
from regions.queries import region_name
from sprocep.errors import ActionRefused
from sprocep.periods import Period
from sprocep.tenancy import NATION

BUNDLE_FORMAT = "sprocep/regions/1"
MANIFEST, SUMS, README = "manifest.json", "MANIFEST.sha256", "LISEZMOI.txt"
FIGURES = {file_name(kind) for kind in FORMATS}
NAMES = {file_name(kind): kind for kind in (*FORMATS, SECRET)}
# Already compressed by their own format.
_STORED = ("pdf", "xlsx", "ods")
# Rows repeat themselves: the lightest compression already divides them by ten.
_LEVEL = 1


@dataclass(frozen=True)
class Readiness:
    """How many editions of a period exist, are sealed, and have all their files."""

    editions: int
    sealed: int
    ready: int

    @property
    def is_ready(self) -> bool:
        """A ZIP may be written: of what is sealed, nothing is in preparation."""
        return 0 < self.sealed == self.ready

    @property
    def is_whole(self) -> bool:
        return self.editions == self.sealed


def readiness(periods: Iterable[str]) -> dict[str, Readiness]:
    """By period, of those that have an edition in scope. One query."""
    found = (
        Edition.objects.filter(period__in=periods)
        .annotate(kept=Count("files", filter=Q(files__name__in=FIGURES)))
        .order_by("period", "territory", "number")
        .values_list("period", "territory", "sealed_at", "kept")
    )
    newest: dict[str, dict[str, tuple]] = {}
    for period, territory, sealed_at, kept in found:
        newest.setdefault(period, {})[territory] = (sealed_at is not None, kept == len(FIGURES))
    return {
        period: Readiness(
            len(states),
            sum(sealed for sealed, _ in states.values()),
            sum(r for _, r in states.values()),
        )
        for period, states in newest.items()
    }


def sealed_editions(period: Period) -> list[Edition]:
    """The newest sealed edition of the nation, then of each Region."""
    nations = Edition.objects.filter(period=period.code, territory=NATION, sealed_at__isnull=False)
    nation = nations.order_by("number").last()
    return [e for e in (nation, *(block.edition for block in regions_of_period(period))) if e]


def bundle_name(period: Period) -> str:
    return f"sprocep-{period.code}-regions.zip"


def write_bundle(period: Period, target: BinaryIO) -> list[Edition]:
    """Write the ZIP of a period's sealed editions, one file in memory at a time.

    Raises:
        ActionRefused: nothing is sealed, some files are not written yet, or a kept file is no
            longer the one that was delivered.
    """
    editions = sealed_editions(period)
    if not editions:
        raise ActionRefused(
            f"Aucune édition de la période {period.label} n’est scellée. Scellez-les d’abord."
        )
    by_id = {edition.pk: edition for edition in editions}
    listed = _listed(editions)
    if missing := [e.code for e in editions if not _has_all(listed.get(e.pk, ()))]:
        words = "édition" if len(missing) == 1 else "éditions"
        more = "…" if len(missing) > 3 else ""
        raise ActionRefused(
            f"Les fichiers de {len(missing)} {words} sur {len(editions)} sont en préparation "
            f"({', '.join(missing[:3])}{more}). Revenez dans un moment."
        )
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in _texts(period, editions, listed).items():
            _put(archive, name, content, _newest(editions))
        for file in _contents(editions):
            edition = by_id[file.edition_id]
            content = bytes(file.content)
            if file_digest(content) != file.sha256:
                raise ActionRefused(
                    f"Le fichier {file.name} gardé pour l’édition {edition.code} n’est plus celui "
                    "qui a été délivré. Restaurez la base, puis recommencez."
                )
            _put(archive, member(edition, NAMES[file.name]), content, edition.sealed_at)
    return editions


def _has_all(files: Iterable["_Listed"]) -> bool:
    return {file.name for file in files} >= FIGURES


def member(edition: Edition, kind: str) -> str:
    return f"{edition.territory}/{download_name(own_block(edition), kind)}"


def texts_of(period: Period, editions: list[Edition]) -> dict[str, bytes]:
    """What a bundle of these editions says of itself: manifest, sums, explanation."""
    return _texts(period, editions, _listed(editions))


@dataclass(frozen=True)
class _Listed:
    name: str
    sha256: str
    size: int


def _listed(editions: Iterable[Edition]) -> dict[int, list[_Listed]]:
    files = EditionFile.objects.filter(edition__in=list(editions), name__in=NAMES)
    found: dict[int, list[_Listed]] = {}
    for edition_id, *file in files.order_by("name").values_list(
        "edition_id", "name", "sha256", "size"
    ):
        found.setdefault(edition_id, []).append(_Listed(*file))
    return found


def _contents(editions: list[Edition]) -> Iterator[EditionFile]:
    for edition in editions:
        yield from edition.files.filter(name__in=NAMES).order_by("name").iterator(chunk_size=1)


def _newest(editions: list[Edition]) -> datetime:
    return max(edition.sealed_at for edition in editions)


def _put(archive: zipfile.ZipFile, name: str, content: bytes, moment: datetime) -> None:
    """Dated as it was sealed, so that the day of the download changes nothing."""
    entry = zipfile.ZipInfo(name, timezone.localtime(moment).timetuple()[:6])
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    is_stored = name.rpartition(".")[2] in _STORED
    entry.compress_type = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=_LEVEL)


# ── What the bundle says of itself ───────────────────────────────────────────────────────────


def _texts(
    period: Period, editions: list[Edition], listed: dict[int, list[_Listed]]
) -> dict[str, bytes]:
    texts = {
        README: _readme(period, editions).encode(),
        MANIFEST: _manifest(period, editions, listed).encode(),
    }
    sums = [f"{file_digest(content)}  {name}" for name, content in texts.items()]
    sums += [
        f"{file.sha256}  {member(edition, NAMES[file.name])}"
        for edition in editions
        for file in listed.get(edition.pk, ())
    ]
    return texts | {SUMS: "".join(f"{line}\n" for line in sums).encode()}


def _manifest(period: Period, editions: list[Edition], listed: dict[int, list[_Listed]]) -> str:
    previous = previous_seals(editions)
    document = {
        "format": BUNDLE_FORMAT,
        "period": period.code,
        "notice": settings.SECRECY_NOTICE,
        "editions": [
            {
                "edition": edition.code,
                "region": edition.territory,
                "name": region_name(edition.territory, period.last_day),
                "sealed_at": edition.sealed_at.isoformat(timespec="seconds"),
                "figures_seal": edition.figures_seal,
                "previous_chained_seal": previous[edition.pk],
                "chained_seal": edition.chained_seal,
                "files": [
                    {
                        "name": member(edition, NAMES[file.name]),
                        "sha256": file.sha256,
                        "size": file.size,
                    }
                    for file in listed.get(edition.pk, ())
                ],
            }
            for edition in editions
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _readme(period: Period, editions: list[Edition]) -> str:
    places = "\n".join(
        f"  {edition.territory}/  {region_name(edition.territory, period.last_day)}, "
        f"édition {edition.code}"
        for edition in editions
    )
    return f"""Tableaux de bord du conseil en évolution professionnelle, {period.label}
{settings.SECRECY_NOTICE}

Un dossier par territoire, avec les fichiers de son édition scellée :
{places}

Dans chaque dossier : PDF pour lire et imprimer, XLSX et ODS pour calculer (valeurs, complétude,
définitions et notes), CSV et JSON pour les programmes. Tous portent les mêmes valeurs. Le fichier
dont le nom finit par « -secret.json » dit ce qu’un attaquant a essayé, et qu’il n’a rien trouvé.

Vérifier que rien n’a changé :
  sha256sum -c {SUMS}            les fichiers sont ceux de ce ZIP
  manage.py verify_edition ZIP         ils sont ceux qui ont été délivrés, et leurs valeurs celles
                                       qui ont été scellées

Sans sprocep, avec Python seul (script : {settings.SITE_URL}{reverse("indicators:verifier")}) :
  python verify_edition.py ZIP                       chaque fichier, chaque sceau, chaque chaîne
  python verify_edition.py edition.csv --seal SCEAU  avec le sceau imprimé sur le PDF

{MANIFEST} donne de chaque édition le sceau de ses valeurs et le sceau chaîné, qui couvre aussi
celui de l’édition scellée juste avant pour le même territoire, et de chaque fichier l’empreinte
SHA-256 et la taille. Une Région née d’une fusion commence sa propre chaîne, par 64 zéros.
"""
