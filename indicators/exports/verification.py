"""Is this file what was delivered, and are its figures those that were sealed?

A hash inside a file proves nothing: seals and digests are looked up in the database.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indicators.exports import bundle
from indicators.exports.blocks import own_block
from indicators.exports.chain import broken_links
from indicators.exports.files import SECRET, file_name
from indicators.exports.reading import from_csv, rows_of
from indicators.exports.rows import COLUMNS, Row, block_rows
from indicators.exports.seal import borders_seal, file_digest, seal_of
from indicators.exports.secret import secret_file
from indicators.models import Edition, EditionEvent, EditionFile
from sprocep.periods import Period
from sprocep.rendering.spreadsheets import LARGEST_UNPACKED
from sprocep.rendering.tables import TableError

_FIRST_OF_ADDRESS, _AFTER_ADDRESS = COLUMNS.index("region"), COLUMNS.index("value")
_NAMED = 3


@dataclass(frozen=True)
class Verdict:
    """`faults` is empty for a delivered file whose figures are the sealed ones."""

    digest: str
    editions: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def is_genuine(self) -> bool:
        return not self.faults

    @property
    def sentence(self) -> str:
        if self.faults:
            return " ".join(self.faults)
        held = ", ".join(self.editions)
        return f"Ce fichier est authentique : il a été délivré tel quel. Il contient : {held}."


def verify(content: bytes) -> Verdict:
    """Look a file up, then each edition found in it. Needs a scope that sees sealed editions."""
    digest = file_digest(content)
    if _is_bundle(content):
        return _verify_bundle(content, digest)
    known = EditionFile.objects.filter(sha256=digest).select_related("edition").first()
    faults, codes = [], []
    try:
        blocks = _by_edition(rows_of(content))
    except TableError as error:
        blocks = {}
        faults.append(str(error))
    if blocks and all(_is_constant(code) for code in blocks):
        shown = ", ".join(sorted(blocks))
        return Verdict(
            digest,
            tuple(sorted(blocks)),
            (f"Pas une édition : {shown} est en limites constantes, rien n’y est scellé.",),
        )
    for code in sorted(blocks):
        codes.append(code)
        if not _is_constant(code):
            faults += _faults_of(code, blocks[code])
    if known is None:
        faults.append(
            f"L’empreinte {digest} n’est celle d’aucun fichier délivré : le fichier a été modifié, "
            "ou il ne vient pas d’une édition scellée."
        )
    else:
        codes = codes or [known.edition.code]
        faults += database_faults(known.edition)
    return Verdict(digest, tuple(codes), tuple(dict.fromkeys(faults)))


def _is_constant(code: str) -> bool:
    return code.rpartition("/")[2].startswith("b")


def _faults_of(code: str, rows: list[Row]) -> list[str]:
    """Compare the seal recomputed from the file's rows with the recorded one."""
    edition = _edition(code)
    if edition is None:
        return [f"L’édition {code} n’existe pas."]
    if not edition.is_sealed:
        return [f"L’édition {code} est un brouillon : elle n’est pas scellée."]
    if seal_of(rows) == edition.figures_seal:
        return []
    changed = _changed(block_rows(own_block(edition)), rows)
    if not changed:  # of file and base, the seal is what changed
        return database_faults(edition)
    return [
        f"Les valeurs de l’édition {code} ne sont pas celles qui ont été scellées : "
        f"{_named(changed)}."
    ]


def _edition(code: str) -> Edition | None:
    parts = code.split("/")
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    period, territory, number = parts
    return Edition.objects.filter(period=period, territory=territory, number=number).first()


def database_faults(edition: Edition) -> list[str]:
    """What of a sealed edition is not as it was: its kept files, the chain of its territory, its
    history, its attack report, its figures, its seal, what it shows in constant borders.

    The kept CSV is the witness: its digest is stored beside it, and it holds the sealed rows.
    """
    kept = {file.name: (bytes(file.content), file.sha256) for file in edition.files.all()}
    rotten = [name for name, (content, sha256) in kept.items() if file_digest(content) != sha256]
    faults = [
        f"La base a changé : le fichier {name} gardé pour l’édition {edition.code} n’est plus "
        "celui qui a été délivré."
        for name in sorted(rotten)
    ]
    faults += [
        f"La base a changé : le sceau chaîné de l’édition {broken.code} ne suit plus de celui qui "
        "le précède."
        for broken in broken_links(edition.territory)
    ]
    faults += _act_faults(edition)
    faults += _report_faults(edition, kept)
    if borders_seal(edition) != edition.borders_seal:
        faults.append(
            "La base a changé : les valeurs en limites constantes publiées avec l’édition "
            f"{edition.code} ne donnent plus leur empreinte."
        )
    rows = list(block_rows(own_block(edition)))
    if seal_of(rows) == edition.figures_seal:
        return faults
    witness = file_name("csv")
    if witness not in kept or witness in rotten:
        said = "les valeurs enregistrées ne donnent plus le sceau"
    else:
        delivered = _by_edition(from_csv(kept[witness][0]))[edition.code]
        changed = _changed(delivered, rows)
        said = _named(changed) if changed else "le sceau n’est plus celui des valeurs délivrées"
    return [*faults, f"La base a changé pour l’édition {edition.code} : {said}."]


def _act_faults(edition: Edition) -> list[str]:
    """What its row says was done, its history says too, and by whom."""
    kinds = EditionEvent.Kind
    done = {kinds.SEALED: edition.sealed_by_id}
    if edition.transmitted_at:
        done[kinds.TRANSMITTED] = edition.transmitted_by_id
    noted = dict(edition.events.filter(kind__in=done).values_list("kind", "by_id"))
    return [
        f"La base a changé : l’histoire de l’édition {edition.code} ne porte pas son fait "
        f"« {kind.label} »."
        for kind, by in done.items()
        if noted.get(kind) != by
    ]


def _report_faults(edition: Edition, kept: dict[str, tuple[bytes, str]]) -> list[str]:
    """The row says what its delivered file says, and neither was taken away from the other."""
    delivered, _ = kept.get(file_name(SECRET), (None, ""))
    if not kept or secret_file(edition) == delivered:
        return []
    return [
        f"La base a changé : le rapport d’attaque de l’édition {edition.code} n’est plus celui qui "
        "a été délivré avec elle."
    ]


def _changed(expected: Iterable[Row], found: Iterable[Row]) -> list[str]:
    """Addresses of the figures that differ: « 93/A1/journeys_opened/total/… »."""
    different = set(expected) ^ set(found)
    return sorted({"/".join(row[_FIRST_OF_ADDRESS:_AFTER_ADDRESS]) for row in different})


def _named(addresses: list[str]) -> str:
    shown, others = addresses[:_NAMED], len(addresses) - _NAMED
    more = f" et {others} autres" if others > 0 else ""
    return f"case{'s' if len(addresses) > 1 else ''} {', '.join(shown)}{more}"


def _by_edition(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


# ── The ZIP of a period ──────────────────────────────────────────────────────────────────────

_NOT_THE_BUNDLE = "Ce ZIP est abîmé, ou n’est pas celui d’une période."


def _is_bundle(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bundle.MANIFEST in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _verify_bundle(content: bytes, digest: str) -> Verdict:
    """A bundle is not kept: it is genuine when its texts are those that its editions give today,
    and each of its files one that was delivered."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = json.loads(_member(archive, bundle.MANIFEST))
            period = Period.parse(manifest["period"])
            codes = [str(entry["edition"]) for entry in manifest["editions"]]
            editions = [edition for code in codes if (edition := _edition(code))]
            sealed = [edition for edition in editions if edition.is_sealed]
            if len(sealed) < len(codes):
                known = {edition.code for edition in sealed}
                unknown = ", ".join(code for code in codes if code not in known)
                return Verdict(digest, (), (f"Pas d’édition scellée : {unknown}.",))
            faults = list(_faults_of_members(archive, period, sealed))
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, EOFError) as error:
        return Verdict(digest, (), (f"{_NOT_THE_BUNDLE} ({type(error).__name__})",))
    for edition in sealed:
        faults += database_faults(edition)
    return Verdict(digest, tuple(codes), tuple(dict.fromkeys(faults)))


def _faults_of_members(
    archive: zipfile.ZipFile, period: Period, editions: list[Edition]
) -> Iterator[str]:
    """Files too many, missing, or not as delivered; texts that are not those of these editions."""
    texts = bundle.texts_of(period, editions)
    delivered = {
        bundle.member(edition, bundle.NAMES[name]): sha256
        for edition in editions
        for name, sha256 in edition.files.filter(name__in=bundle.NAMES).values_list(
            "name", "sha256"
        )
    }
    expected = {name: file_digest(text) for name, text in texts.items()} | delivered
    found = archive.namelist()
    for name in sorted(set(found) - expected.keys()):
        yield f"Le fichier {name} n’est pas de ce ZIP."
    for name in sorted(name for name in expected if found.count(name) != 1):
        yield f"Le fichier {name} manque, ou s’y trouve deux fois."
    for name in sorted(expected.keys() & set(found)):
        content = _member(archive, name)
        if file_digest(content) != expected[name]:
            yield f"Le fichier {name} n’est pas celui qui a été délivré."
            yield from verify(content).faults if name in delivered else ()


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small archive may unpack to any size: look before opening."""
    if archive.getinfo(name).file_size > LARGEST_UNPACKED:
        raise ValueError(f"{name} is too large")
    return archive.read(name)
