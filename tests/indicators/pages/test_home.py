"""The home of each person lists what waits: each item opens, and its act makes it go."""

import re
from datetime import date

import pytest
from django.utils import timezone

from indicators.models import CalendarEntry, ExpectedReturn
from indicators.worklist import nation
from regions.models import Letter
from sprocep import periods

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def home(browse, member: str) -> str:
    return browse(member).get("/").content.decode()


def test_the_officer_sees_the_next_step_of_each_period(browse):
    page = home(browse, "dgefp_officer")
    assert "éditions à mettre en relecture, 2e trimestre 2016" in page
    assert "éditions à transmettre, 1er trimestre 2016" in page
    assert "4e trimestre 2015" not in page


def test_the_coordinator_sees_what_was_sent_and_no_draft(browse):
    page = home(browse, "regional_coordinator 93")
    assert "Tableau de bord transmis : 4e trimestre 2015" in page
    assert "/tableaux-de-bord/2015-T4/93/" in page
    assert "2016" not in page.split("Ce qui vous attend")[1].split("</section>")[0]


def items(browse, member: str) -> dict[str, str]:
    """What waits: words → address."""
    waiting = home(browse, member).split("Ce qui vous attend")[1].split("</section>")[0]
    found = re.findall(r'<a href="([^"]+)">([^<]+)</a>', waiting)
    return {words: address.replace("&amp;", "&") for address, words in found}


def test_each_item_of_the_officer_opens_and_goes_with_its_act(browse):
    officer = browse("dgefp_officer")
    for words in ("à mettre en relecture", "à valider", "à sceller", "à transmettre"):
        label = f"éditions {words}, 2e trimestre 2016"
        address = items(browse, "dgefp_officer")[label]
        assert officer.get(address).status_code == 200
        officer.post(address)
        assert label not in items(browse, "dgefp_officer")
    assert not any("2e trimestre" in words for words in items(browse, "dgefp_officer"))


def test_a_draft_to_read_over_goes_with_a_comment(browse):
    label = "Tableau de bord à relire : 2e trimestre 2016"
    browse("dgefp_officer").post("/nation/2016-T2/relecture/")
    address = items(browse, "regional_coordinator 93")[label]
    own = browse("regional_coordinator 93")
    assert own.get(address).status_code == 200
    own.post(address, {"text": "Rien à dire."})
    assert label not in items(browse, "regional_coordinator 93")
    assert label in items(browse, "regional_coordinator 11")
    assert label not in home(browse, "elected_referent 93")


def test_what_was_sent_goes_once_it_is_acknowledged(browse):
    label = "Tableau de bord transmis : 4e trimestre 2015"
    address = items(browse, "regional_coordinator 93")[label]
    own = browse("regional_coordinator 93")
    assert own.get(address).status_code == 200
    own.post(f"{address}accuser-reception/", {"number": "1"})
    assert label not in items(browse, "regional_coordinator 93")
    assert label in items(browse, "regional_coordinator 11")


def test_a_letter_kept_back_is_seen(browse, base):
    with nation():
        Letter.objects.create(
            key="essai", recipient=base["dgefp_officer"].user, subject="sprocep : essai",
            body="…", due_at=timezone.now(), tries=2, cause="SMTPServerDisconnected: fermé",
        )  # fmt: skip
    address = items(browse, "dgefp_officer")["courriel retenu"]
    page = browse("dgefp_officer").get(address.partition("#")[0]).content.decode()
    assert "SMTPServerDisconnected: fermé" in page
    with nation():
        Letter.objects.update(sent_at=timezone.now())
    assert "courriel retenu" not in items(browse, "dgefp_officer")


# ── A running campaign ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def campaign(base) -> None:
    """Of the second quarter of 2016, as on a day of it."""
    days = {"opens_on": -9, "confirm_by": 3, "computed_on": 5, "comment_by": 9, "due_on": 9}
    today = periods.today()
    days = {name: periods.days_after(today, count) for name, count in days.items()}
    with nation():
        CalendarEntry.objects.create(period="2016-T2", starts_on="2016-04-01", **days)


def running(browse, member: str) -> list[tuple[int, str]]:
    return [
        (item["count"], item["label"])
        for item in browse(member).get("/").context["campaigns_running"]
    ]


def test_who_follows_a_campaign_sees_how_far_it_is(browse, campaign):
    with nation(read_only=True):
        owed = ExpectedReturn.objects.filter(period="2016-T2")
        of_all, of_one = owed.count(), owed.filter(region="93").count()
        received = owed.filter(received_at__isnull=False)
        (all_there, there) = received.count(), received.filter(region="93").count()
    quarter = "2e trimestre 2016"
    assert running(browse, "regional_coordinator 93") == [
        (there, f"remontées reçues sur {of_one}, {quarter}")
    ]
    assert running(browse, "dgefp_officer") == [
        (all_there, f"remontées reçues sur {of_all}, {quarter}"),
        (0, f"Régions ont commenté sur 2, {quarter}"),
    ]
    assert running(browse, "structure_manager marseille") == []


def test_a_campaign_whose_last_deadline_is_behind_does_not_run(browse, campaign, monkeypatch):
    monkeypatch.setattr(periods, "today", lambda: date(2099, 1, 1))
    assert running(browse, "dgefp_officer") == []
