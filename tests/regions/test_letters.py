"""The outbox: written with its act, sent once by real SMTP, kept as long as the server refuses."""

import threading
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from regions import actions, letters
from regions.middleware import scope_of
from regions.models import AuditEvent, Letter, User
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION, scope
from tests.mailbox import closed_port

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
MANAGER, COORDINATOR = "structure_manager marseille", "regional_coordinator 93"


def write(to: User, key: str = "returns.opened 2016-T1", **options) -> None:
    letters.write(
        key=key,
        to=[to],
        subject=f"sprocep : {key}",
        template="test",
        context={"path": "/remontees/"},
        **options,
    )


@pytest.fixture(autouse=True)
def words(settings, tmp_path):
    """A text that no act of the product writes."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "test.txt").write_text("Lisez {{ site }}{{ path }}")
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}
    ]


def rows() -> list[Letter]:
    with scope(regions=[NATION]):
        return list(Letter.objects.order_by("pk"))


def send_all() -> int:
    count = 0
    while letters.send_next():
        count += 1
    return count


def test_a_letter_leaves_once(world, box):
    user = world[MANAGER].user
    write(user)
    write(user)  # the same act, announced again
    assert send_all() == 1
    assert send_all() == 0
    (letter,) = box.letters
    assert letter["To"] == user.email
    assert letter["Subject"] == "sprocep : returns.opened 2016-T1"
    assert f"{letters.settings.SITE_URL}/remontees/" in letter.get_content()
    (row,) = rows()
    assert row.sent_at is not None
    assert (row.tries, row.cause) == (0, "")


def test_a_letter_goes_with_its_act(world):
    """Refused, the act leaves no letter behind."""
    with scope(regions=[NATION]), suppress(ActionRefused), transaction.atomic():
        write(world[MANAGER].user)
        raise ActionRefused("non")
    assert rows() == []


def test_a_narrow_scope_writes_and_reads_its_own(world):
    """A coordinator's act writes to the DGEFP; each reads what was written to oneself."""
    with scope_of(world[COORDINATOR], read_only=False):
        write(world["dgefp_officer"].user)
        write(world[COORDINATOR].user)
        seen = list(Letter.objects.values_list("recipient", flat=True))
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('sprocep.regions')")
            assert NATION not in cursor.fetchone()[0].split(",")
    assert seen == [world[COORDINATOR].user_id]
    assert len(rows()) == 2


def test_a_server_that_refuses_is_asked_again_after_a_rest(world, box):
    write(world[MANAGER].user)
    box.refuses = True
    assert send_all() == 1
    assert box.letters == []
    (row,) = rows()
    assert (row.tries, row.sent_at) == (1, None)
    assert "come back later" in row.cause
    assert row.due_at > timezone.now() + timedelta(seconds=30)
    with scope(regions=[NATION]):
        assert list(letters.kept_back()) == [row]
        Letter.objects.update(due_at=timezone.now())
    box.refuses = False
    assert send_all() == 1
    assert len(box.letters) == 1
    with scope(regions=[NATION]):
        assert list(letters.kept_back()) == []


def test_a_server_that_is_away_is_a_cause(world, box, settings, monkeypatch):
    settings.EMAIL_PORT = closed_port()
    write(world[MANAGER].user)
    assert send_all() == 1
    assert rows()[0].cause.startswith("ConnectionRefusedError")
    assert not letters.is_stuck()
    monkeypatch.setattr(letters, "STUCK_AFTER", timedelta(seconds=-1))
    assert letters.is_stuck()


def test_the_same_letter_has_the_same_message_id(world, box):
    """Sent, then lost before it was dated: a mail server that gets it again keeps one."""
    write(world[MANAGER].user)
    send_all()
    with scope(regions=[NATION]):
        Letter.objects.update(sent_at=None)
    send_all()
    write(world[MANAGER].user, key="returns.late 2016-T1")
    send_all()
    assert (len(box.letters), len(box.distinct)) == (3, 2)


def test_a_closed_account_is_written_to_no_more(world, box):
    user = world[MANAGER].user
    write(user)
    with scope(regions=[NATION]):
        actions.close_account(by=world["platform_administrator"].user, user=user)
    assert send_all() == 0
    assert not letters.is_stuck()
    assert user not in letters.holders("structure_manager")


def test_who_is_written_to(world):
    assert letters.officers() == [world["dgefp_officer"].user]
    assert world[COORDINATOR].user in letters.coordinators("93")
    assert letters.coordinators("FR") == []


# ── Once a day ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def daily(world):
    with scope_of(world[MANAGER], read_only=False):
        return actions.choose_letters(by=world[MANAGER].user, takes_digest=True)


def morning_comes() -> None:
    with scope(regions=[NATION]):
        for letter in Letter.objects.filter(sent_at=None):
            earlier = letter.due_at - timedelta(days=2)
            Letter.objects.filter(pk=letter.pk).update(due_at=earlier)


def test_letters_of_a_day_leave_in_one_mail(daily, box):
    write(daily)
    write(daily, key="edition.review 2016-T1")
    assert send_all() == 0
    morning_comes()
    assert send_all() == 1
    (letter,) = box.letters
    assert letter["Subject"] == letters.DIGEST_SUBJECT
    for key in ("returns.opened 2016-T1", "edition.review 2016-T1"):
        assert f"— sprocep : {key}" in letter.get_content()
    assert all(row.sent_at for row in rows())


def test_a_formal_act_leaves_at_once(daily, box):
    write(daily)
    write(daily, key="edition.transmitted 2016-T1/93/1", is_formal=True)
    assert send_all() == 1
    assert box.letters[0]["Subject"] == "sprocep : edition.transmitted 2016-T1/93/1"
    assert [bool(row.sent_at) for row in rows()] == [False, True]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-28 06:59", "2026-03-28 07:00"),
        ("2026-03-28 07:00", "2026-03-29 07:00"),  # the night that has one hour less
        ("2026-10-24 12:00", "2026-10-25 07:00"),  # and the one that has one more
        ("2026-12-31 23:59", "2027-01-01 07:00"),
    ],
)
def test_the_next_morning_is_that_of_paris(now, expected):
    zone = timezone.get_current_timezone()
    moments = [datetime.fromisoformat(text).replace(tzinfo=zone) for text in (now, expected)]
    assert letters._next_digest(moments[0]) == moments[1]
    assert letters._next_digest(moments[0]).utcoffset() == moments[1].utcoffset()


# ── The page ─────────────────────────────────────────────────────────────────────────────────


def test_one_chooses_and_reads_ones_letters(world, client):
    write(world[MANAGER].user)
    write(world["dgefp_officer"].user, key="campaign.late 2016-T1")
    client.force_login(world[MANAGER].user)
    page = client.get("/lettres/").content.decode()
    assert "returns.opened" in page
    assert "campaign.late" not in page
    assert client.post("/lettres/", {"rhythm": "once_a_day"}).status_code == 302
    assert User.objects.get(pk=world[MANAGER].user_id).takes_digest
    with scope(regions=[NATION]):
        assert AuditEvent.objects.filter(action="choose_letters").count() == 1
    assert client.post("/lettres/", {"rhythm": "never"}).status_code == 200


def test_the_head_of_a_network_chooses_though_it_only_reads(world, client):
    client.force_login(world["network_head ML"].user)
    assert client.post("/lettres/", {"rhythm": "once_a_day"}).status_code == 302
    assert User.objects.get(pk=world["network_head ML"].user_id).takes_digest


# ── Two workers ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True, databases=["default", "owner", "compiler"])
def test_two_workers_send_each_letter_once(world, box):
    users = [world[key].user for key in (MANAGER, COORDINATOR, "dgefp_officer", "network_head ML")]
    with scope(regions=[NATION]):
        for rank in range(5):
            for user in users:
                write(user, key=f"act {rank}")

    def work() -> None:
        try:
            send_all()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(box.letters), len(box.distinct)) == (20, 20)
    with scope(regions=[NATION]):
        assert not Letter.objects.filter(sent_at=None).exists()
