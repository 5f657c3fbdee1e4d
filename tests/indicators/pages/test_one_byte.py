"""One byte changed, as owner, in each place where an edition lives: the verification names it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction

from indicators.exports import files, formats, verification
from indicators.exports.blocks import own_block
from indicators.exports.secret import secret_file
from indicators.models import AttackReport, Edition, EditionCell, EditionEvent, EditionFile
from indicators.worklist import nation
from tests.indicators.pages.fabricated import AFTER, BEFORE

TERRITORY = "02"
CODE = f"{AFTER.code}/{TERRITORY}/1"
FIGURE = {
    "territory": TERRITORY, "borders": "date", "indicator": "A1", "breakdown": "total",
    "department": "total", "operator": "total", "level": "total",
}  # fmt: skip
ADDRESS = f"{TERRITORY}/A1/journeys_opened/total/total/total/total/total"


@pytest.fixture(scope="module")
def delivered(base, django_db_blocker) -> Iterator[dict[str, bytes]]:
    """The kept files of one edition, committed: the owner's changes are seen by all."""
    with django_db_blocker.unblock():
        with nation():
            contents = formats.Contents(own_block(edition()))
            made = {kind: formats.FORMATS[kind](contents) for kind in ("csv", "json")}
            for kind, content in (made | {files.SECRET: secret_file(edition())}).items():
                files.keep(edition(), files.file_name(kind), content)
        yield made
        EditionFile.objects.using("owner").filter(edition=edition_of_owner()).delete()


def edition() -> Edition:
    return Edition.objects.get(period=AFTER.code, territory=TERRITORY)


def edition_of_owner() -> Edition:
    return Edition.objects.using("owner").get(period=AFTER.code, territory=TERRITORY)


@contextmanager
def altered(rows, **values) -> Iterator[None]:
    """What somebody does who holds the whole database, and takes back."""
    [former] = rows.values(*values)
    rows.update(**values)
    try:
        yield
    finally:
        rows.update(**former)


def said(content: bytes) -> tuple[str, ...]:
    with nation(read_only=True):
        return verification.verify(content).faults


def test_nothing_changed(delivered):
    assert {kind: said(content) for kind, content in delivered.items()} == {"csv": (), "json": ()}


def test_a_figure_of_the_base_is_named(delivered):
    cell = EditionCell.objects.using("owner").filter(edition=edition_of_owner(), **FIGURE)
    with altered(cell, value=1):
        assert said(delivered["csv"]) == (
            f"La base a changé pour l’édition {CODE} : case {ADDRESS}.",
        )


def test_a_seal_is_named(delivered):
    row = Edition.objects.using("owner").filter(pk=edition_of_owner().pk)
    with altered(row, figures_seal="0" * 64):
        assert said(delivered["json"]) == (
            f"La base a changé : le sceau chaîné de l’édition {CODE} ne suit plus de celui qui le "
            "précède.",
            f"La base a changé pour l’édition {CODE} : le sceau n’est plus celui des valeurs "
            "délivrées.",
        )


@pytest.mark.parametrize("values", [{"kind": "commented"}, {"by_id": None}])
def test_a_changed_history_is_named(delivered, values):
    sealing = EditionEvent.objects.using("owner").filter(
        pk=EditionEvent.objects.using("owner").get(edition=edition_of_owner(), kind="sealed").pk
    )
    with altered(sealing, **values):
        assert said(delivered["csv"]) == (
            f"La base a changé : l’histoire de l’édition {CODE} ne porte pas son fait "
            "« scellement ».",
        )


def test_a_kept_file_is_named(delivered):
    row = EditionFile.objects.using("owner").filter(edition=edition_of_owner(), name="edition.csv")
    with altered(row, content=delivered["csv"][:-2] + b"9\n"):
        assert said(delivered["json"]) == (
            f"La base a changé : le fichier edition.csv gardé pour l’édition {CODE} n’est plus "
            "celui qui a été délivré.",
        )


def test_a_figure_of_a_delivered_file_is_named(delivered):
    own = f"{CODE},{AFTER.code},{ADDRESS.replace('/', ',')},".encode()
    line = next(line for line in delivered["csv"].splitlines() if line.startswith(own))
    figure = line.removeprefix(own).split(b",")[0]
    changed = line.replace(own + figure, own + b"%d" % (int(figure) + 1))
    figures, digest = said(delivered["csv"].replace(line, changed))
    assert figures == (
        f"Les valeurs de l’édition {CODE} ne sont pas celles qui ont été scellées : case {ADDRESS}."
    )
    assert digest.startswith("L’empreinte")


# ── The attack report ────────────────────────────────────────────────────────────────────────

OTHER_REPORT = (
    f"La base a changé : le rapport d’attaque de l’édition {CODE} n’est plus celui qui a été "
    "délivré avec elle.",
)


def report_row():
    return AttackReport.objects.using("owner").filter(pk=edition_of_owner().attack_report_id)


@pytest.mark.parametrize(
    "values",
    [
        {"threshold": 10},
        {"cells": 501},
        {"hidden": 119},
        {"hidden_volume": "0.0106"},
        {"smallest_interval": 11},
        {"smallest_interval": None},
        {"period": "2016"},
    ],
)
def test_a_changed_attack_report_is_named(delivered, values):
    with altered(report_row(), **values):
        assert said(delivered["csv"]) == OTHER_REPORT
    assert said(delivered["csv"]) == ()


def test_an_attack_report_taken_away_is_named(delivered):
    files_of_owner = EditionFile.objects.using("owner")
    kept = files_of_owner.get(edition=edition_of_owner(), name=files.file_name(files.SECRET))
    with altered(files_of_owner.filter(pk=kept.pk), name="elsewhere.json"):
        assert said(delivered["csv"]) == OTHER_REPORT
    row = Edition.objects.using("owner").filter(pk=edition_of_owner().pk)
    other = AttackReport.objects.using("owner").filter(period=BEFORE.code).first()
    with altered(row, attack_report=other.pk):
        assert said(delivered["csv"]) == OTHER_REPORT
    with (
        pytest.raises(IntegrityError, match="edition_sealed_after_an_attack"),
        transaction.atomic(using="owner"),
    ):
        row.update(attack_report=None)


@pytest.mark.parametrize("finding", ["found", "too_narrow"])
def test_no_attack_report_may_find_anything(delivered, finding):
    with (
        pytest.raises(IntegrityError, match="attack_report_finds_nothing"),
        transaction.atomic(using="owner"),
    ):
        report_row().update(**{finding: 1})
    assert report_row().values_list(finding, flat=True).get() == 0


def test_a_figure_in_constant_borders_is_told(base, django_db_blocker):
    """It is of no edition; the nation's, published with it, holds its digest."""
    with django_db_blocker.unblock():
        nation_of = Edition.objects.using("owner").get(period=BEFORE.code, territory="FR")
        cells = EditionCell.objects.using("owner").filter(edition=nation_of)
        [cell] = cells.exclude(borders="date").filter(status="published")[:1]
        with nation(read_only=True):
            assert verification.database_faults(nation_of) == []
        with altered(cells.filter(pk=cell.pk), value=cell.value + 1), nation(read_only=True):
            [fault] = verification.database_faults(nation_of)
    assert "limites constantes" in fault
