"""A worker killed between sealing and mailing, and at each step of a letter: one mail, not two,
not none, by real SMTP."""

from collections.abc import Iterator

import pytest

from indicators import actions
from indicators.models import Edition, Work
from indicators.worklist import nation
from regions.models import Letter, User
from tests.faults.run import PERIOD, forget_runs, let_leases_run_out
from tests.faults.stage import Stage, kill
from tests.faults.tally import scenario
from tests.faults.troubled import MAIL_POINTS, WITH_THE_SERVER
from tests.mailbox import Mailbox, mailbox
from tests.waiting import wait_until

pytestmark = pytest.mark.faults
REGION = "93"  # which has a coordinator


@pytest.fixture(scope="module")
def beating(stage) -> Stage:
    stage.beat()
    return stage


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as opened:
        yield opened


def officer() -> User:
    return User.objects.get(email="dgefp-officer@sprocep.example")


def edition() -> Edition:
    return Edition.objects.get(period=PERIOD.code, territory=REGION)


def works_are_done() -> bool:
    with nation(read_only=True):
        return not Work.objects.exclude(state=Work.State.DONE).exists()


def letters_left() -> list[bool]:
    with nation(read_only=True):
        transmissions = Letter.objects.filter(key__startswith="edition_transmitted ")
        return [letter.sent_at is not None for letter in transmissions]


@pytest.mark.parametrize("point", MAIL_POINTS)
def test_one_mail(beating, box, tmp_path, point):
    forget_runs(beating)
    calm = {"EMAIL_URL": f"smtp://127.0.0.1:{box.port}?tls=0"}
    worker = beating.worker(**calm)
    with nation():
        actions.request_compilation(by=officer(), period=PERIOD, regions=[REGION])
    beating.ring()
    wait_until(works_are_done, 120)
    with nation():
        actions.validate_period(by=officer(), period=PERIOD)
    wait_until(lambda: box.letters, 120)  # the review is announced
    kill(worker)
    box.letters.clear()
    with scenario("worker killed between sealing and mailing") as count:
        with nation():
            actions.seal_edition(by=officer(), edition=edition())
            actions.transmit_edition(by=officer(), edition=edition())
        reached = tmp_path / "reached"
        worker = beating.worker(**calm, DIES_AT=point, DIES_ONCE=str(reached))
        wait_until(lambda: reached.exists() and worker.poll() is not None, 120)
        let_leases_run_out()
        worker = beating.worker(**calm)
        wait_until(lambda: works_are_done() and all(letters_left()), 120)
        kill(worker)
        count.lost += 1 - len(letters_left()) + (not box.letters)
        count.doubled += len(box.distinct) - 1
        # Between the server's answer and the date there is an instant: the second copy says by its
        # `Message-ID` that it is the same letter.
        count.wrong += len(box.letters) != (2 if point == WITH_THE_SERVER else 1)
