"""Ce fichier est-il celui d’une édition scellée ? Sans sprocep : la bibliothèque standard suffit.

    python verify_edition.py edition.csv --seal SCEAU
    python verify_edition.py regions.zip
    python verify_edition.py edition.csv --manifest manifest.json

Le sceau se lit sur le PDF de l’édition, ou dans le manifeste du ZIP. C’est le SHA-256 du CSV
canonique des lignes de l’édition : UTF-8, virgules, fins de ligne LF, lignes triées. Un sceau écrit
dans le fichier vérifié ne prouve rien, et n’est pas lu.

Le sceau chaîné d’une édition couvre celui de l’édition précédente de son territoire : SHA-256 de
« sceau chaîné précédent, code, sceau », un par ligne ; 64 zéros avant la première. Donnez
`--previous`, puis les fichiers du plus ancien au plus récent, avec leurs sceaux dans cet ordre.

Code de sortie : 0 si tout est authentique, 1 si quelque chose diffère, 2 si rien ne se lit.
"""

import argparse
import csv
import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

COLUMNS = (
    "edition", "period", "region", "indicator", "population", "department", "operator", "level",
    "breakdown", "category", "value", "unit", "status", "completeness",
)  # fmt: skip
# Texts that a spreadsheet would run are written with an apostrophe before them; numbers are not.
NUMBERS = ("value", "completeness")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FIRST = "0" * 64
MANIFEST, SUMS = "manifest.json", "MANIFEST.sha256"
LARGEST_UNPACKED = 2_000_000_000
NAMED = 5

Row = tuple[str, ...]


class Unreadable(ValueError):
    """Not a file that can be checked here; the message says why."""


# ── Rows ─────────────────────────────────────────────────────────────────────────────────────


def rows_of(content: bytes) -> list[Row]:
    if content.startswith(b"%PDF"):
        raise Unreadable("un PDF ne contient pas de lignes : vérifiez le CSV ou le JSON.")
    if content.startswith(b"PK"):
        raise Unreadable("un classeur ne se vérifie pas ici : prenez le CSV ou le JSON.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("ce n’est pas un fichier UTF-8.") from error
    return _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)


def _from_csv(text: str) -> list[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [tuple(line) for line in lines]
    except csv.Error as error:
        raise Unreadable(f"le CSV est abîmé à la ligne {lines.line_num}.") from error
    if not rows or rows[0] != COLUMNS:
        raise Unreadable("la première ligne n’est pas celle d’un fichier d’édition.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS):
            raise Unreadable(f"la ligne {number} compte {len(row)} colonnes et non {len(COLUMNS)}.")
    return rows[1:]


def _from_json(text: str) -> list[Row]:
    try:
        rows = json.loads(text, parse_float=Decimal)["rows"]
        return [_texts(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise Unreadable("le JSON est abîmé, ou n’est pas celui d’une édition.") from error


def _texts(row: dict) -> Row:
    """As the CSV writes them: a decimal only where there is one, completeness always with one."""
    value = row["value"]
    if value is None:
        row["value"] = ""
    else:
        number = Decimal(str(value))
        row["value"] = str(int(number)) if number == int(number) else f"{number:.1f}"
    row["completeness"] = f"{Decimal(str(row['completeness'])):.1f}"
    return tuple(_as_in_csv(name, str(row[name])) for name in COLUMNS)


def _as_in_csv(name: str, text: str) -> str:
    if name in NUMBERS:
        return text
    return (f"'{text}" if text.startswith(FORMULA_STARTS) else text).replace("\r", " ")


def seal_of(rows: Iterable[Row]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(rows))
    return sha256(buffer.getvalue().encode()).hexdigest()


def chained(previous: str, code: str, seal: str) -> str:
    return sha256(f"{previous}\n{code}\n{seal}\n".encode()).hexdigest()


def by_edition(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def is_constant(code: str) -> bool:
    return code.rpartition("/")[2].startswith("b")


# ── One file and its seal ────────────────────────────────────────────────────────────────────


class Verdict:
    """What is said line by line, and whether all is as it was sealed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.is_genuine = True

    def say(self, line: str) -> None:
        self.lines.append(line)

    def refuse(self, line: str) -> None:
        self.lines.append(line)
        self.is_genuine = False


def check_file(
    name: str, content: bytes, seal: str, edition: str, verdict: Verdict
) -> tuple[str, str] | None:
    """The edition whose rows give this seal, and the seal; None, with the reason said, if none."""
    blocks = by_edition(rows_of(content))
    if not blocks:
        verdict.refuse(f"{name} : aucune ligne.")
        return None
    editions = {code: seal_of(rows) for code, rows in blocks.items() if not is_constant(code)}
    constant = ", ".join(sorted(set(blocks) - set(editions)))
    if not editions:
        verdict.refuse(
            f"{name} : pas une édition. {constant} est en limites constantes, rien n’y est scellé."
        )
        return None
    if edition and edition not in editions:
        verdict.refuse(f"{name} : l’édition {edition} n’y est pas ({', '.join(sorted(blocks))}).")
        return None
    sealed = [code for code in editions if editions[code] == seal and edition in ("", code)]
    if not sealed:
        _refuse_seal(name, blocks, editions, seal, edition, verdict)
        return None
    code = sealed[0]
    verdict.say(f"{name} : authentique. Les {len(blocks[code])} lignes de l’édition {code} sont "
                "celles qui ont été scellées.")  # fmt: skip
    if others := sorted(set(blocks) - {code}):
        verdict.say(f"    Ne sont pas vérifiées par ce sceau : {', '.join(others)}.")
    return code, seal


def _refuse_seal(
    name: str, blocks: dict, editions: dict, seal: str, edition: str, verdict: Verdict
) -> None:
    if not re.fullmatch(r"[0-9a-f]{64}", seal):
        verdict.refuse(f"{name} : « {seal} » n’est pas un sceau (64 chiffres de 0 à f).")
        return
    asked = [edition] if edition else sorted(editions)
    verdict.refuse(
        f"{name} : NON authentique. Aucune édition de ce fichier ne donne le sceau {seal}."
    )
    for code in asked:
        verdict.say(f"    {code} donne {editions[code]} sur {len(blocks[code])} lignes.")
        for fault in _visible_faults(blocks[code])[:NAMED]:
            verdict.say(f"    {code} : {fault}.")


def _visible_faults(rows: list[Row]) -> list[str]:
    """What no edition has: seen without the original."""
    faults, seen = [], set()
    for row in rows:
        named = " ".join(text for text in row[3:10] if text != "total")
        values = dict(zip(COLUMNS, row, strict=True))
        if row[:10] in seen:
            faults.append(f"deux lignes pour {named}")
        seen.add(row[:10])
        if values["value"] and values["status"] != "published":
            faults.append(f"une valeur « {values['value']} » où le statut est {values['status']}, "
                          f"{named}")  # fmt: skip
        if row[0].rsplit("/", 1)[0] != f"{values['period']}/{values['region']}":
            faults.append(f"période ou Région d’une autre édition, {named}")
    return faults


# ── A manifest, alone or in its ZIP ──────────────────────────────────────────────────────────


def read_manifest(content: bytes) -> dict[str, dict]:
    """By edition, what the manifest says of it."""
    try:
        document = json.loads(content)
        return {entry["edition"]: entry for entry in document["editions"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("le manifeste est abîmé.") from error


def check_zip(name: str, content: bytes, trusted: dict[str, dict] | None, verdict: Verdict) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            raise Unreadable("ce ZIP est trop grand une fois déplié.")
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise Unreadable("ce ZIP est abîmé.") from error
    if MANIFEST not in files:
        raise Unreadable(f"ce ZIP n’a pas de {MANIFEST} : ce n’est pas celui d’une période.")
    own = read_manifest(files[MANIFEST])
    if trusted is not None:
        _compare_manifests(name, own, trusted, verdict)
    _check_sums(name, files, verdict)
    listed = {MANIFEST, SUMS, "LISEZMOI.txt"}
    for code, entry in own.items():
        for file in entry["files"]:
            listed.add(file["name"])
            _check_member(name, files, code, file, entry["figures_seal"], verdict)
    for extra in sorted(set(files) - listed):
        verdict.refuse(f"{name} : {extra} n’est pas dans le manifeste.")
    check_chain(own, verdict)
    if verdict.is_genuine:
        source = "le manifeste donné" if trusted is not None else "son propre manifeste"
        verdict.say(f"{name} : authentique d’après {source}, {len(own)} éditions.")
        if trusted is None:
            verdict.say("    Comparez un sceau au moins à celui d’un PDF reçu par ailleurs.")


def _compare_manifests(name: str, own: dict, trusted: dict, verdict: Verdict) -> None:
    for code in sorted(own.keys() | trusted.keys()):
        if code not in own or code not in trusted:
            where = "le ZIP" if code in own else "le manifeste donné"
            verdict.refuse(f"{name} : l’édition {code} n’est que dans {where}.")
        elif own[code] != trusted[code]:
            verdict.refuse(f"{name} : l’édition {code} n’est pas celle du manifeste donné.")


def _check_sums(name: str, files: dict[str, bytes], verdict: Verdict) -> None:
    for line in files.get(SUMS, b"").decode(errors="replace").splitlines():
        digest, _, member = line.partition("  ")
        if member not in files:
            verdict.refuse(f"{name} : {member} manque.")
        elif sha256(files[member]).hexdigest() != digest:
            verdict.refuse(f"{name} : {member} n’a pas l’empreinte que donne {SUMS}.")


def _check_member(
    name: str, files: dict[str, bytes], code: str, file: dict, seal: str, verdict: Verdict
) -> None:
    content = files.get(file["name"])
    if content is None:
        verdict.refuse(f"{name} : {file['name']} manque.")
        return
    if sha256(content).hexdigest() != file["sha256"]:
        verdict.refuse(f"{name} : {file['name']} a changé, son empreinte n’est plus la sienne.")
    if file["name"].endswith((".csv", ".json")) and not file["name"].endswith("-secret.json"):
        try:
            given = seal_of(by_edition(rows_of(content)).get(code, ()))
        except Unreadable as error:
            verdict.refuse(f"{name} : {file['name']}, {error}")
            return
        if given != seal:
            verdict.refuse(f"{name} : {file['name']} donne le sceau {given} et non {seal}.")


def check_chain(entries: dict[str, dict], verdict: Verdict) -> None:
    """Of each edition whose entry says its chained seal and the one before it."""
    for code, entry in entries.items():
        given = entry.get("chained_seal")
        if given and "previous_chained_seal" in entry:
            previous = entry["previous_chained_seal"] or FIRST
            if chained(previous, code, entry["figures_seal"]) != given:
                verdict.refuse(f"{code} : le sceau chaîné ne suit pas du précédent.")


# ── Command ──────────────────────────────────────────────────────────────────────────────────


def check(options: argparse.Namespace) -> Verdict:
    verdict = Verdict()
    manifest = read_manifest(options.manifest.read_bytes()) if options.manifest else None
    sealed: list[tuple[str, str] | None] = []
    for rank, path in enumerate(options.files):
        content = path.read_bytes()
        if content.startswith(b"PK") and zipfile.is_zipfile(path) and _is_bundle(path):
            check_zip(path.name, content, manifest, verdict)
            continue
        seals = [options.seal[rank]] if rank < len(options.seal) else _listed(manifest, content)
        if not seals:
            raise Unreadable(f"donnez le sceau de {path.name} (--seal) ou un manifeste.")
        sealed.append(_check_any(path.name, content, seals, options.edition, verdict))
    if options.previous or options.chained:
        _follow(options, sealed, verdict)
    return verdict


def _is_bundle(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return MANIFEST in archive.namelist()


def _listed(manifest: dict[str, dict] | None, content: bytes) -> list[str]:
    """The seals that the manifest gives for the editions of this file."""
    codes = by_edition(rows_of(content)) if manifest else {}
    return [manifest[code]["figures_seal"] for code in sorted(codes) if code in manifest]


def _check_any(
    name: str, content: bytes, seals: list[str], edition: str, verdict: Verdict
) -> tuple[str, str] | None:
    results = [check_file(name, content, seal.strip().lower(), edition, verdict) for seal in seals]
    return results[0]


def _follow(options: argparse.Namespace, sealed: list, verdict: Verdict) -> None:
    at = (options.previous or FIRST).strip().lower()
    for link in sealed:
        if link is None:
            verdict.refuse("La chaîne ne se calcule pas : un fichier n’est pas authentique.")
            return
        at = chained(at, *link)
        verdict.say(f"{link[0]} : sceau chaîné {at}.")
    if options.chained and options.chained.strip().lower() != at:
        verdict.refuse(f"La chaîne est rompue : {options.chained} était attendu.")
    elif options.chained:
        verdict.say("La chaîne est entière.")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, help="CSV, JSON ou ZIP d’une période")
    parser.add_argument("--seal", action="append", default=[], help="sceau de chaque fichier")
    parser.add_argument("--edition", default="", help="l’édition attendue, comme 2016-T1/93/1")
    parser.add_argument("--manifest", type=Path, help="manifest.json d’un ZIP, à la place du sceau")
    parser.add_argument("--previous", help="sceau chaîné de l’édition précédente du territoire")
    parser.add_argument("--chained", help="sceau chaîné attendu du dernier fichier")
    options = parser.parse_args(words)
    try:
        verdict = check(options)
    except (Unreadable, OSError) as error:
        print(f"Illisible : {error}")
        return 2
    print("\n".join(verdict.lines))
    return 0 if verdict.is_genuine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
