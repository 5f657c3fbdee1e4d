"""All Regions of a period in one ZIP: the delivered files, their manifest, nothing else."""

import io
import json
import subprocess
import zipfile
from hashlib import sha256

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.exports import bundle, files, verification
from indicators.exports.formats import FORMATS
from indicators.exports.secret import secret_file
from indicators.models import EditionFile
from indicators.worklist import nation
from sprocep.errors import ActionRefused
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def delivered(base):
    """Short files in the place of the formats of every sealed edition of the period: a bundle
    looks at their bytes, never into them."""
    with nation():
        for edition in bundle.sealed_editions(AFTER):
            for kind in FORMATS:
                content = f"{edition.code} {kind} ".encode() * 50
                files.keep(edition, files.file_name(kind), content)
            files.keep(edition, files.file_name(files.SECRET), secret_file(edition))
        yield base


def zipped(period=AFTER) -> bytes:
    target = io.BytesIO()
    bundle.write_bundle(period, target)
    return target.getvalue()


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_a_bundle_holds_every_kept_file_once_and_its_manifest(delivered):
    members = opened(zipped())
    manifest = json.loads(members.pop(bundle.MANIFEST))
    assert manifest["format"] == "sprocep/regions/1"
    kept = {
        bundle.member(file.edition, bundle.NAMES[file.name]): bytes(file.content)
        for file in EditionFile.objects.filter(edition__period=AFTER.code, name__in=bundle.NAMES)
    }
    assert len(kept) == 19 * len(bundle.NAMES)
    texts = {name: members.pop(name) for name in (bundle.README, bundle.SUMS)}
    assert members == kept
    assert {
        file["name"]: (file["sha256"], file["size"])
        for entry in manifest["editions"]
        for file in entry["files"]
    } == {name: (sha256(content).hexdigest(), len(content)) for name, content in kept.items()}
    assert {entry["edition"]: entry["figures_seal"] for entry in manifest["editions"]} == {
        edition.code: edition.figures_seal for edition in bundle.sealed_editions(AFTER)
    }
    assert "Île-de-France, édition 2016-T1/11/1" in texts[bundle.README].decode()


def test_the_same_editions_give_the_same_bytes(delivered):
    assert zipped() == zipped()


def test_the_sums_are_checked_without_sprocep(delivered, tmp_path):
    with zipfile.ZipFile(io.BytesIO(zipped())) as archive:
        archive.extractall(tmp_path)
    check = ["sha256sum", "--check", "--strict", bundle.SUMS]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "93" / "sprocep-2016-T1-93-1.csv").write_text("changed")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 1


def test_a_bundle_takes_few_queries(delivered):
    with CaptureQueriesContext(connection) as captured:
        zipped()
    # Two for the editions, one for the list, a name each, and one for the files of each.
    assert len(captured) <= 3 + 19 * 3


def test_a_bundle_waits_for_all_files_of_what_is_sealed(base):
    with nation():
        edition, *_ = bundle.sealed_editions(AFTER)
        for name in bundle.NAMES:
            files.keep(edition, name, b"x")
        assert bundle.readiness([AFTER.code]) == {AFTER.code: bundle.Readiness(19, 19, 1)}
        with pytest.raises(ActionRefused, match="18 éditions sur 19 sont en préparation"):
            zipped()
        with pytest.raises(ActionRefused, match="Aucune édition"):
            zipped(DRAFT)


def test_a_kept_file_that_changed_is_not_sent(base):
    with nation():
        *others, last = bundle.sealed_editions(AFTER)
        for edition in (*others, last):
            for name, kind in bundle.NAMES.items():
                if (edition, kind) != (last, "pdf"):
                    files.keep(edition, name, b"x")
        EditionFile.objects.create(
            edition=last, name="edition.pdf", media_type="", content=b"y", sha256="0" * 64, size=1
        )
        with pytest.raises(ActionRefused, match=f"edition.pdf gardé pour l’édition {last.code}"):
            zipped()


# ── Verified ─────────────────────────────────────────────────────────────────────────────────


def test_a_bundle_is_genuine(delivered):
    verdict = verification.verify(zipped())
    assert verdict.faults == ()
    assert len(verdict.editions) == 19


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m | {"93/sprocep-2016-T1-93-1.csv": b"x"}, "93-1.csv n’est pas celui"),
        (lambda m: m | {"extra.txt": b"x"}, "extra.txt n’est pas de ce ZIP"),
        (lambda m: {n: c for n, c in m.items() if "93-1.pdf" not in n}, "93-1.pdf manque"),
        (
            lambda m: (
                m | {bundle.MANIFEST: m[bundle.MANIFEST].replace(b"2016-T1/93/1", b"2016-T1/93/9")}
            ),
            "Pas d’édition scellée : 2016-T1/93/9",
        ),
        (
            lambda m: m | {bundle.MANIFEST: m[bundle.MANIFEST].replace(b'"size": ', b'"size": 1')},
            "manifest.json n’est pas celui",
        ),
        (lambda m: m | {bundle.README: b"x"}, "LISEZMOI.txt n’est pas celui"),
        (lambda m: m | {bundle.MANIFEST: b"[]"}, "abîmé"),
    ],
)
def test_a_bundle_with_one_change_is_refused(delivered, change, said):
    verdict = verification.verify(packed(change(opened(zipped()))))
    assert not verdict.is_genuine
    assert said in verdict.sentence


# ── Page and command ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kept(delivered) -> bytes:
    return zipped()


def address(period) -> str:
    return reverse("indicators:download_all", args=[period])


@pytest.mark.parametrize("who", ["dgefp_officer", "auditor", "regional_coordinator 93"])
def test_whoever_may_read_all_editions_may_have_them_in_one_file(kept, browse, who):
    answer = browse(who).get(address(AFTER))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == kept
    assert answer["Content-Disposition"] == 'attachment; filename="sprocep-2016-T1-regions.zip"'


@pytest.mark.parametrize("who", ["adviser marseille", "platform_administrator"])
def test_others_may_not(kept, browse, who):
    assert browse(who).get(address(AFTER)).status_code == 403


def test_the_pages_offer_what_is_ready(kept, browse):
    link = f'href="{address(AFTER)}"'
    grid = browse("dgefp_officer").get(reverse("indicators:grid")).content.decode()
    assert link in grid
    assert f'href="{address(BEFORE)}"' not in grid
    assert "fichiers\N{NO-BREAK SPACE}: 0 éditions sur 28" in grid
    own = browse("regional_coordinator 93").get(reverse("indicators:dashboards")).content.decode()
    assert link in own
    assert f'href="{address(BEFORE)}"' not in own


def test_what_is_not_ready_says_why(browse):
    officer = browse("dgefp_officer")
    answer = officer.get(address(AFTER))
    assert answer.status_code == 409
    assert "en préparation" in answer.content.decode()
    assert officer.get(address(DRAFT)).status_code == 409
    assert officer.get(address("2014-T1")).status_code == 404


def test_the_command_writes_the_same_file(kept, tmp_path, settings, capsys):
    settings.EDITIONS_DIR = tmp_path / "editions"
    target = tmp_path / "regions.zip"
    call_command("export_edition", "--period=2016-T1", "--all", output=target)
    assert target.read_bytes() == kept
    call_command("verify_edition", target)
    assert "authentique" in capsys.readouterr().out


def test_the_command_says_what_it_lacks(base, tmp_path):
    with pytest.raises(CommandError, match="Aucune édition"):
        call_command("export_edition", "--period=2016-T2", "--all", output=tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()
    with pytest.raises(CommandError, match="--format"):
        call_command("export_edition", "--period=2016-T1", "--region=93", output=tmp_path / "x")
