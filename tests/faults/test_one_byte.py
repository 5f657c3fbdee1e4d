"""One byte changed anywhere: the verification refuses, and names what changed."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from indicators.models import Edition, EditionCell, EditionFile
from tests.faults.crew import Crew
from tests.faults.run import SEALED, Run, forget_runs
from tests.faults.stage import Stage
from tests.faults.tally import scenario

pytestmark = pytest.mark.faults

SEED = 2026
BYTES_A_FILE = 12
FIGURES = 10


@pytest.fixture(scope="module")
def sealed(stage) -> Stage:
    forget_runs(stage)
    crew = Crew.hired(stage)
    Run(stage, seals=True).wait()
    crew.leave()
    return stage


def said_of(path: Path) -> str:
    """What `verify_edition` answers; nothing when all is as it was."""
    try:
        call_command("verify_edition", path)
    except CommandError as error:
        return str(error)
    return ""


def files(stage: Stage, *kinds: str) -> list[Path]:
    """Of these kinds, else of all."""
    found = sorted((stage.editions / "2016-T1" / SEALED).iterdir())
    assert {path.suffix for path in found} >= {".csv", ".json", ".xlsx", ".pdf"}
    return [path for path in found if not kinds or path.suffix in kinds]


@contextmanager
def altered(rows, **values) -> Iterator[None]:
    """As owner, and taken back."""
    [former] = rows.values(*values)
    rows.update(**values)
    try:
        yield
    finally:
        rows.update(**former)


def test_nothing_changed(sealed):
    assert [said_of(path) for path in files(sealed)] == [""] * len(files(sealed))


def test_of_a_delivered_file(sealed, tmp_path):
    chance = random.Random(SEED)
    for path in files(sealed):
        content = path.read_bytes()
        for _ in range(BYTES_A_FILE):
            at = chance.randrange(len(content))
            changed = tmp_path / path.name
            changed.write_bytes(
                content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
            )
            with scenario("one bit of a delivered file") as count:
                said = said_of(changed)
                count.wrong += "empreinte" not in said or path.name not in said


def test_of_a_figure(sealed):
    chance = random.Random(SEED)
    owned = EditionCell.objects.using("owner").filter(
        edition__territory=SEALED, territory=SEALED, borders="date", status="published"
    )
    for pk in chance.sample(sorted(owned.values_list("pk", flat=True)), FIGURES):
        row = EditionCell.objects.using("owner").filter(pk=pk)
        cell = row.get()
        address = "/".join(
            getattr(cell, name)
            for name in (
                "territory", "indicator", "population", "department", "operator", "level",
                "breakdown", "category",
            )
        )  # fmt: skip
        with scenario("one figure of the base") as count, altered(row, value=cell.value + 1):
            for path in files(sealed, ".csv", ".pdf"):
                count.wrong += f"case {address}." not in said_of(path)


def test_of_a_seal(sealed):
    row = Edition.objects.using("owner").filter(territory=SEALED)
    seal = row.get().figures_seal
    wrong = ("0" if seal[0] != "0" else "1") + seal[1:]
    with scenario("one letter of a seal") as count, altered(row, figures_seal=wrong):
        for path in files(sealed):
            count.wrong += "le sceau n’est plus celui" not in said_of(path)


def test_of_a_kept_file(sealed):
    chance = random.Random(SEED)
    kept = EditionFile.objects.using("owner").filter(edition__territory=SEALED)
    others = files(sealed, ".csv")
    for pk, name in kept.values_list("pk", "name"):
        row = kept.filter(pk=pk)
        content = bytes(row.get().content)
        at = chance.randrange(len(content))
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with scenario("one bit of a kept file") as count, altered(row, content=changed):
            for path in others:
                count.wrong += f"le fichier {name} gardé" not in said_of(path)
