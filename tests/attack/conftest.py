"""Quarters across the merger, compiled, sealed and exported for real, with an erratum: what is
attacked. The suite draws one of the two, the night attacks both together; the year, the nation and
the volume of 2015 are those of `make bench`."""

import fcntl
import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from bench import published
from indicators.generation import national
from indicators.generation.ground import Ground
from indicators.models import Edition
from indicators.worklist import nation
from regions.models import User
from sprocep.periods import Period
from tests import walks
from tests.databases import cloned_database
from tests.template import PREPARED

JOURNEYS, SEED = 24_000, 2015
# People go to three Regions that merge, one that does not and an island: there half as many come as
# in 2015. Spread over all Regions they would be hidden almost whole, slowly.
LIVELY = {"24", "33", "86", "17", "87", "13", "83", "2A", "2B"}
ALMOST_NOBODY = 1e-9
PERIODS = walks.draw("quarters attacked", map(Period.parse, ("2015-T4", "2016-T1")), 1)
CORRECTED, REGION, LATE = PERIODS[-1], "93", 40


@dataclass(frozen=True)
class Published:
    """The files, the raw figures behind them, and the seals that were printed."""

    files: list[Path]
    truth: Path
    seals: dict[str, str]


@pytest.fixture(scope="session")
def country(django_db_setup, django_db_blocker, tmp_path_factory, worker_id) -> Published:
    """Made once for both test processes: the second waits for what the first makes."""
    folder = tmp_path_factory.getbasetemp()
    folder = (folder if worker_id == "master" else folder.parent) / "published"
    folder.mkdir(exist_ok=True)
    made = folder / "made.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with django_db_blocker.unblock():
                made.write_text(json.dumps(_publish(folder)))
    kept = json.loads(made.read_text())
    return Published([Path(path) for path in kept["files"]], Path(kept["truth"]), kept["seals"])


def _publish(folder: Path) -> dict:
    with cloned_database("attacked", template=PREPARED), pytest.MonkeyPatch.context() as patch:
        patch.setattr(national, "region_factors", _to_the_lively)
        call_command(
            "generate_activity",
            journeys=JOURNEYS,
            seed=SEED,
            start="2015-T3",
            end="2016-T1",
            profile="even",
            stdout=StringIO(),
        )
        with nation():
            officer, _ = User.objects.get_or_create(email="dgefp@sprocep.example")
        for period in PERIODS:
            published.compile_period(period)
            published.seal_period(period, officer)
        published.correct(CORRECTED, REGION, LATE, officer)
        files = [path for period in PERIODS for path in published.export(period, folder)]
        truth = published.raw_figures(folder / "raw.csv")
        with nation(read_only=True):
            seals = {edition.code: edition.figures_seal for edition in Edition.objects.all()}
    return {"files": list(map(str, files)), "truth": str(truth), "seals": seals}


def _to_the_lively(ground: Ground, *_) -> dict[str, float]:
    return {d: 1.0 if d in LIVELY else ALMOST_NOBODY for d in ground.departments}
