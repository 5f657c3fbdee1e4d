"""Workers whose clocks are wrong: leases rest on PostgreSQL's, each unit is done once."""

import pytest

from indicators.models import Work
from indicators.worklist import nation
from tests.faults.run import Run, forget_runs
from tests.faults.tally import scenario

pytestmark = pytest.mark.faults

HOUR = 3600


def test_one_an_hour_behind_one_an_hour_ahead(stage, compiled):
    stage.beat()
    stage.worker(CLOCK_AHEAD=str(-HOUR))
    stage.worker(CLOCK_AHEAD=str(HOUR))
    for _ in range(3):
        forget_runs(stage)
        with scenario("two workers, two hours between their clocks") as count:
            run = Run(stage, seals=False)
            run.wait()
            run.judge(count, compiled.outcome)
            with nation(read_only=True):
                tries = list(Work.objects.values_list("tries", flat=True))
            count.doubled += sum(tries) - run.units
