"""`scripts/verify_edition.py` as a Region runs it: isolated, without site-packages."""

import io
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from indicators.exports.seal import seal_of
from sprocep.settings import BASE_DIR

HEAD = (
    "edition,period,region,indicator,population,department,operator,level,breakdown,category,"
    "value,unit,status,completeness\n"
)
CODE, NATION = "2016-T1/93/1", "2016-T1/FR/1"


def row(code: str, value: str, *, category: str = "total", status: str = "published") -> str:
    period, region, _ = code.split("/")
    breakdown = "total" if category == "total" else "situation"
    return (
        f"{code},{period},{region},A1,journeys_opened,total,total,total,{breakdown},{category},"
        f"{value},journeys,{status},96.4\n"
    )


OWN = [row(CODE, "", category="=S1", status="secret").replace("=S1", "'=S1"), row(CODE, "12431")]
LINES = [*OWN, row(NATION, "183000")]


def sealed(*lines: str) -> str:
    return sha256((HEAD + "".join(lines)).encode()).hexdigest()


SEAL = sealed(*OWN)


@pytest.fixture
def csv_file(tmp_path) -> Path:
    path = tmp_path / "edition.csv"
    path.write_text(HEAD + "".join(LINES))
    return path


def run(*words: object) -> subprocess.CompletedProcess:
    script = BASE_DIR / "scripts" / "verify_edition.py"
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def as_json(lines: list[str]) -> str:
    names = HEAD.strip().split(",")
    rows = []
    for line in lines:
        values = dict(zip(names, line.strip().split(","), strict=True))
        values["category"] = values["category"].removeprefix("'")
        values["value"] = json.loads(values["value"] or "null")
        values["completeness"] = json.loads(values["completeness"])
        rows.append(values)
    return json.dumps({"format": "sprocep/edition/1", "rows": rows})


def test_its_seal_is_that_of_the_product():
    rows = [tuple(line.strip().replace("'", "").split(",")) for line in OWN]
    assert seal_of(rows) == SEAL


def test_a_file_with_its_seal_is_genuine(csv_file):
    done = run(csv_file, "--seal", SEAL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "authentique. Les 2 lignes de l’édition 2016-T1/93/1" in done.stdout
    assert "Ne sont pas vérifiées par ce sceau : 2016-T1/FR/1" in done.stdout


def test_the_order_of_the_lines_does_not_matter(csv_file):
    csv_file.write_text(HEAD + "".join(reversed(LINES)))
    assert run(csv_file, "--seal", SEAL).returncode == 0


def test_json_holds_the_same_rows(tmp_path):
    path = tmp_path / "edition.json"
    path.write_text(as_json(LINES))
    assert run(path, "--seal", SEAL.upper()).returncode == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("12431", "12432"),
        ("'=S1,,journeys,secret", "'=S1,3,journeys,published"),
        (",96.4\n", ",100.0\n"),
        ("A1,", "A2,"),
    ],
)
def test_a_changed_line_is_refused_with_the_seal_it_gives(csv_file, before, after):
    csv_file.write_text(csv_file.read_text().replace(before, after, 1))
    done = run(csv_file, "--seal", SEAL)
    assert done.returncode == 1
    assert f"NON authentique. Aucune édition de ce fichier ne donne le sceau {SEAL}" in done.stdout
    assert "2016-T1/93/1 donne " in done.stdout


def test_a_line_taken_away_is_refused(csv_file):
    csv_file.write_text(HEAD + "".join(LINES[1:]))
    assert run(csv_file, "--seal", SEAL).returncode == 1


def test_what_no_edition_has_is_named(csv_file):
    csv_file.write_text(HEAD + "".join(LINES).replace(",,journeys,secret", ",7,journeys,secret"))
    done = run(csv_file, "--seal", SEAL)
    assert "une valeur « 7 » où le statut est secret" in done.stdout


def test_another_edition_of_the_file_does_not_stand_for_the_one_that_is_asked_for(csv_file):
    assert run(csv_file, "--seal", sealed(LINES[2])).returncode == 0
    done = run(csv_file, "--seal", sealed(LINES[2]), "--edition", CODE)
    assert done.returncode == 1


def test_constant_borders_are_no_edition(tmp_path):
    line = row("2015-T4/75/b2016", "900")
    path = tmp_path / "constant.csv"
    path.write_text(HEAD + line)
    done = run(path, "--seal", sealed(line))
    assert done.returncode == 1
    assert "pas une édition" in done.stdout


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "classeur"),
        (b"edition,period\n", "première ligne"),
        (HEAD.encode() + b"a,b\n", "ligne 2"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"rows": [{}]}', "JSON"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, content, why):
    path = tmp_path / "file"
    path.write_bytes(content)
    done = run(path, "--seal", SEAL)
    assert done.returncode == 2
    assert why in done.stdout
    assert "Traceback" not in done.stderr


def test_a_seal_of_another_length_is_no_seal(csv_file):
    done = run(csv_file, "--seal", "abc")
    assert done.returncode == 1
    assert "n’est pas un sceau" in done.stdout


def test_without_seal_nothing_is_genuine(csv_file):
    assert run(csv_file).returncode == 2


# ── Chain ────────────────────────────────────────────────────────────────────────────────────

FIRST = "0" * 64


def link(previous: str, code: str, seal: str) -> str:
    return sha256(f"{previous}\n{code}\n{seal}\n".encode()).hexdigest()


def test_a_chain_of_two_editions(csv_file, tmp_path):
    later = tmp_path / "later.csv"
    line = row("2016-T2/93/1", "13000")
    later.write_text(HEAD + line)
    chained = link(link(FIRST, CODE, SEAL), "2016-T2/93/1", sealed(line))
    words = (csv_file, later, "--seal", SEAL, "--seal", sealed(line), "--chained", chained)
    done = run(*words)
    assert done.returncode == 0, done.stdout
    assert "La chaîne est entière." in done.stdout
    from_the_middle = link("a" * 64, CODE, SEAL)
    done = run(csv_file, "--seal", SEAL, "--previous", "a" * 64, "--chained", from_the_middle)
    assert done.returncode == 0
    done = run(csv_file, "--seal", SEAL, "--previous", "b" * 64, "--chained", from_the_middle)
    assert done.returncode == 1
    assert "La chaîne est rompue" in done.stdout


# ── ZIP and manifest ─────────────────────────────────────────────────────────────────────────


def manifest(content: bytes, **more: str) -> dict:
    file = {"name": "93/edition.csv", "sha256": sha256(content).hexdigest(), "size": len(content)}
    entry = {"edition": CODE, "region": "93", "figures_seal": SEAL, "files": [file]}
    return {"format": "sprocep/regions/1", "editions": [entry | more]}


def bundle(path: Path, content: bytes, listed: dict, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(listed))
        archive.writestr("93/edition.csv", content)
        for name, other in more.items():
            archive.writestr(name, other)
    return path


def test_a_zip_with_its_manifest(csv_file, tmp_path):
    content = csv_file.read_bytes()
    done = run(bundle(tmp_path / "regions.zip", content, manifest(content)))
    assert done.returncode == 0, done.stdout
    assert "authentique d’après son propre manifeste" in done.stdout
    assert "Comparez un sceau" in done.stdout


def test_a_zip_whose_figures_and_digests_were_changed_together(csv_file, tmp_path):
    """A hash inside a file proves nothing: the seal in the manifest received before does."""
    good = manifest(csv_file.read_bytes())
    changed = csv_file.read_bytes().replace(b"12431", b"12432")
    path = bundle(tmp_path / "regions.zip", changed, manifest(changed))
    done = run(path)
    assert done.returncode == 1
    assert f"93/edition.csv donne le sceau {sealed(OWN[0], row(CODE, '12432'))}" in done.stdout
    forged = manifest(changed, figures_seal=sealed(OWN[0], row(CODE, "12432")))
    path = bundle(tmp_path / "forged.zip", changed, forged)
    assert run(path).returncode == 0
    kept = tmp_path / "manifest.json"
    kept.write_text(json.dumps(good))
    done = run(path, "--manifest", kept)
    assert done.returncode == 1
    assert "l’édition 2016-T1/93/1 n’est pas celle du manifeste donné" in done.stdout


def test_what_is_too_many_or_missing_in_a_zip_is_named(csv_file, tmp_path):
    content = csv_file.read_bytes()
    more = {"93/extra.txt": b"?"}
    done = run(bundle(tmp_path / "more.zip", content, manifest(content), **more))
    assert done.returncode == 1
    assert "93/extra.txt n’est pas dans le manifeste" in done.stdout
    listed = manifest(content)
    listed["editions"][0]["files"].append({"name": "93/a.pdf", "sha256": "0" * 64, "size": 1})
    done = run(bundle(tmp_path / "less.zip", content, listed))
    assert done.returncode == 1
    assert "93/a.pdf manque" in done.stdout


def test_a_csv_with_a_manifest(csv_file, tmp_path):
    kept = tmp_path / "manifest.json"
    kept.write_text(json.dumps(manifest(csv_file.read_bytes())))
    assert run(csv_file, "--manifest", kept).returncode == 0
    csv_file.write_text(csv_file.read_text().replace("12431", "12432"))
    assert run(csv_file, "--manifest", kept).returncode == 1


def test_a_manifest_whose_chain_does_not_follow(csv_file, tmp_path):
    content = csv_file.read_bytes()
    chain = {"previous_chained_seal": "", "chained_seal": link(FIRST, CODE, SEAL)}
    good = manifest(content, **chain)
    assert run(bundle(tmp_path / "good.zip", content, good)).returncode == 0
    bad = manifest(content, **chain | {"previous_chained_seal": "a" * 64})
    done = run(bundle(tmp_path / "bad.zip", content, bad))
    assert done.returncode == 1
    assert "le sceau chaîné ne suit pas du précédent" in done.stdout


def test_a_damaged_zip_is_said(csv_file, tmp_path):
    path = bundle(tmp_path / "regions.zip", b"x" * 1000, manifest(b"x" * 1000))
    damaged = io.BytesIO(path.read_bytes())
    damaged.seek(200)
    damaged.write(b"\0" * 40)
    path.write_bytes(damaged.getvalue())
    done = run(path)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
