"""An edition is sent to its Region, opened, acknowledged, contested and answered; its history."""

import re

import pytest

from indicators import actions
from indicators.models import Contestation, Edition, EditionCell, EditionEvent
from indicators.worklist import nation
from regions.models import Letter
from sprocep.errors import ActionRefused
from tests.indicators.pages.fabricated import AFTER, BEFORE, DRAFT

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGE = f"/tableaux-de-bord/{AFTER}/93/"
HISTORY = f"{PAGE}historique/"
INBOX = "/recus/"
OFFICER, AUDITOR = "dgefp_officer", "auditor"
COORDINATOR, OTHER, MERGED = (f"regional_coordinator {code}" for code in ("93", "11", "75"))
READERS = ["elected_referent 93", "carif_oref 93"]


def edition(territory: str = "93", period=AFTER) -> Edition:
    return Edition.objects.get(period=period.code, territory=territory, number=1)


def kinds(territory: str = "93") -> list[str]:
    with nation(read_only=True):
        return list(edition(territory).events.values_list("kind", flat=True))


def letters(template: str) -> list[tuple[str, str]]:
    """(account, body) of the letters that say this."""
    with nation(read_only=True):
        found = Letter.objects.filter(key__startswith=f"{template} ").order_by("pk")
        return list(found.values_list("recipient__email", "body"))


def transmit(base, territory: str = "93") -> None:
    with nation():
        actions.transmit_edition(by=base[OFFICER].user, edition=edition(territory))


@pytest.fixture
def sent(base):
    transmit(base)
    return base


# ── Sent ─────────────────────────────────────────────────────────────────────────────────────


def test_one_letter_goes_to_the_coordinators_of_the_region(base):
    before = len(letters("edition_transmitted"))
    transmit(base)
    transmit(base)
    [(account, body)] = letters("edition_transmitted")[before:]
    assert account == base[COORDINATOR].user.email
    assert f"{PAGE}?edition=1" in body
    assert kinds().count("transmitted") == 1


def test_a_letter_holds_no_figure(sent):
    _, body = letters("edition_transmitted")[-1]
    known = re.compile(r"http\S+|2016-T1/93/1|1er trimestre 2016")
    assert re.findall(r"\d+", known.sub("", body)) == []


def test_a_region_that_is_no_more_is_written_to_where_it_went(base):
    heirs = [account for account, body in letters("edition_transmitted") if "/72/" in body]
    assert heirs == [base[MERGED].user.email]


def test_the_nation_is_written_to_by_nobody(base):
    before = letters("edition_transmitted")
    transmit(base, "FR")
    assert letters("edition_transmitted") == before


# ── Opened ───────────────────────────────────────────────────────────────────────────────────


def test_the_first_opening_by_the_coordinator_is_dated_once(browse, sent):
    for _ in range(2):
        assert browse(COORDINATOR).get(PAGE).status_code == 200
    with nation(read_only=True):
        opened = edition().events.get(kind="opened")
    assert opened.by_id == sent[COORDINATOR].user_id


@pytest.mark.parametrize("reader", [*READERS, OTHER, OFFICER, AUDITOR])
def test_nobody_else_opens_it(browse, sent, reader):
    assert browse(reader).get(PAGE).status_code == 200
    assert "opened" not in kinds()


def test_nothing_is_opened_before_it_is_sent(browse, base):
    assert browse(COORDINATOR).get(PAGE).status_code == 200
    assert "opened" not in kinds()


# ── Acknowledged ─────────────────────────────────────────────────────────────────────────────


def acknowledge(browse, reader: str = COORDINATOR, page: str = PAGE):
    return browse(reader).post(f"{page}accuser-reception/", {"number": "1"}, follow=True)


def test_pressed_twice_it_is_acknowledged_once(browse, sent):
    assert "Accuser réception" in browse(COORDINATOR).get(PAGE).content.decode()
    for _ in range(2):
        assert acknowledge(browse).status_code == 200
    with nation(read_only=True):
        assert edition().state == "acknowledged"
        assert edition().events.get(kind="acknowledged").by_id == sent[COORDINATOR].user_id
    assert "Accuser réception" not in browse(COORDINATOR).get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("reader", "status"),
    [(OTHER, 404), (OFFICER, 403), (AUDITOR, 403), *((r, 403) for r in READERS)],
)
def test_nobody_else_acknowledges(browse, sent, reader, status):
    assert acknowledge(browse, reader).status_code == status
    assert "acknowledged" not in kinds()
    acknowledge(browse)
    assert "acknowledged" in kinds()


def test_nothing_is_acknowledged_before_it_is_sent(browse, base):
    assert acknowledge(browse).status_code == 404
    with nation(), pytest.raises(ActionRefused, match="n’est pas transmise"):
        actions.acknowledge_edition(by=base[COORDINATOR].user, edition=edition())


def test_an_heir_acknowledges_what_its_predecessor_was_sent(browse, base):
    page = f"/tableaux-de-bord/{BEFORE}/72/"
    assert acknowledge(browse, MERGED, page).status_code == 200
    with nation(read_only=True):
        assert edition("72", BEFORE).state == "acknowledged"


def test_the_inbox_says_what_was_sent_opened_and_received(browse, sent):
    def rows():
        shown = browse(COORDINATOR).get(INBOX).context["list"].page
        return [(e.code, bool(e.opened_at), bool(e.acknowledged_at)) for e in shown]

    former = f"{BEFORE}/93/1"
    assert rows() == [(f"{AFTER}/93/1", False, False), (former, False, False)]
    browse(COORDINATOR).get(PAGE)
    assert rows()[0] == (f"{AFTER}/93/1", True, False)
    acknowledge(browse)
    assert rows() == [(f"{AFTER}/93/1", True, True), (former, False, False)]


def test_the_inbox_of_an_heir_holds_what_its_predecessors_were_sent(browse, base):
    shown = browse(MERGED).get(INBOX).context["list"].page
    assert {e.territory for e in shown} == {"54", "72", "74"}


# ── Contested ────────────────────────────────────────────────────────────────────────────────


def contested_cell(status: str = "published") -> int:
    cells = EditionCell.objects.filter(edition=edition(), indicator="A1", status=status)
    return cells.order_by("pk").values_list("pk", flat=True)[0]


def contest(browse, status: str = "published", reader: str = COORDINATOR, reason: str = "Trop."):
    with nation(read_only=True):
        cell = contested_cell(status)
    values = {"cell": cell, "reason": reason}
    return browse(reader).post(f"{PAGE}contester/?indicateur=A1", values, follow=True)


def contestation() -> Contestation:
    with nation(read_only=True):
        return Contestation.objects.get(edition=edition())


def test_a_cell_is_contested_with_a_reason_and_the_dgefp_is_written_to(browse, sent):
    page = contest(browse).content.decode()
    assert "Trop." in page
    assert "réponse attendue" in page
    [(account, body)] = letters("cell_contested")
    assert account == sent[OFFICER].user.email
    assert str(contestation().public_id) in body
    assert "Trop" not in body
    assert kinds()[-1] == "contested"


def test_a_secret_cell_is_contested_without_a_value(browse, sent):
    page = contest(browse, "secret").content.decode()
    assert re.search(r"Ce qui est publié</dt>\s*<dd[^>]*>\s*s\s*</dd>", page)


def test_a_cell_that_waits_for_an_answer_is_not_contested_again(browse, sent):
    contest(browse)
    assert "déjà contestée" in contest(browse).content.decode()
    contestation()


def test_a_cell_of_another_edition_is_no_choice(browse, sent):
    with nation(read_only=True):
        other = EditionCell.objects.filter(edition=edition("11"), indicator="A1").first().pk
    values = {"cell": other, "reason": "Trop."}
    page = browse(COORDINATOR).post(f"{PAGE}contester/?indicateur=A1", values)
    assert page.context["form"].errors["cell"]
    with nation(read_only=True):
        assert not Contestation.objects.exists()


def test_a_reason_holds_no_social_security_number(browse, sent):
    page = contest(browse, reason="Voir 1 84 12 76 451 089 46").content.decode()
    assert "sécurité sociale" in page
    with nation(read_only=True):
        assert not Contestation.objects.exists()


@pytest.mark.parametrize(
    ("reader", "status"),
    [(OTHER, 404), (OFFICER, 403), (AUDITOR, 403), *((r, 403) for r in READERS)],
)
def test_nobody_else_contests(browse, sent, reader, status):
    assert contest(browse, reader=reader).status_code == status
    assert contest(browse).status_code == 200


def test_what_is_not_sent_is_not_contested(browse, base):
    assert browse(COORDINATOR).get(f"{PAGE}contester/").status_code == 404
    with nation():
        cell = EditionCell.objects.get(pk=contested_cell())
        with pytest.raises(ActionRefused, match="n’est pas transmise"):
            actions.contest_cell(
                by=base[COORDINATOR].user, edition=edition(), cell=cell, reason="Trop."
            )


# ── Answered ─────────────────────────────────────────────────────────────────────────────────


def answer(browse, outcome: str, reader: str = OFFICER):
    address = f"/contestations/{contestation().public_id}/"
    return browse(reader).post(address, {"outcome": outcome, "answer": "Vérifié."}, follow=True)


def test_a_value_is_maintained_once_and_the_region_is_written_to(browse, sent):
    contest(browse)
    assert answer(browse, "maintained").status_code == 200
    answer(browse, "erratum")
    found = contestation()
    assert (found.outcome, found.answer) == ("maintained", "Vérifié.")
    assert found.answered_by_id == sent[OFFICER].user_id
    [(account, body)] = letters("contestation_answered")
    assert account == sent[COORDINATOR].user.email
    assert "Vérifié" not in body
    assert kinds()[-1] == "answered"
    with nation(read_only=True):
        assert not Edition.objects.filter(number=2).exists()


def test_an_erratum_is_opened_by_the_answer_for_the_region_and_the_nation(browse, sent):
    contest(browse)
    assert answer(browse, "erratum").status_code == 200
    with nation(read_only=True):
        drafts = Edition.objects.filter(number=2).order_by("territory")
        assert [(e.code, e.state, e.cause) for e in drafts] == [
            (f"{AFTER}/93/2", "draft", "Vérifié."),
            (f"{AFTER}/FR/2", "draft", "Vérifié."),
        ]
        assert contestation().erratum == drafts[0]


@pytest.mark.parametrize("reader", [COORDINATOR, AUDITOR, *READERS])
def test_nobody_but_the_dgefp_answers(browse, sent, reader):
    contest(browse)
    assert answer(browse, "maintained", reader).status_code == 403
    assert contestation().outcome == ""


def test_a_contestation_is_for_its_region_and_the_nation(browse, sent):
    contest(browse)
    address = f"/contestations/{contestation().public_id}/"
    for reader in (COORDINATOR, *READERS, OFFICER, AUDITOR):
        assert browse(reader).get(address).status_code == 200
        assert len(browse(reader).get("/contestations/").context["list"].page) == 1
    assert browse(OTHER).get(address).status_code == 404
    assert len(browse(OTHER).get("/contestations/").context["list"].page) == 0


def test_an_answer_waits_until_the_coordinator_opens_it(browse, sent):
    label = f"Réponse à votre contestation : édition {AFTER}/93/1"

    def waits(reader: str = COORDINATOR) -> bool:
        return label in browse(reader).get("/").content.decode()

    contest(browse)
    address = f"/contestations/{contestation().public_id}/"
    browse(COORDINATOR).get(address)
    assert not waits()
    answer(browse, "maintained")
    for reader in (*READERS, OFFICER):  # their reading is not the Region's
        browse(reader).get(address)
    assert waits()
    assert not waits(OTHER)
    assert contestation().read_at is None
    browse(COORDINATOR).get(address)
    assert not waits()
    found = contestation()
    assert found.read_by_id == sent[COORDINATOR].user_id
    browse(COORDINATOR).get(address)
    assert contestation().read_at == found.read_at
    assert "Lue par la Région le" in browse(OFFICER).get(address).content.decode()
    assert "Réponse lue" in browse(OFFICER).get(f"{PAGE}historique/").content.decode()


def test_homes_list_what_waits_until_it_is_done(browse, sent):
    def waits(reader: str, words: str) -> bool:
        return words in browse(reader).get("/").content.decode()

    received, contested = "Tableau de bord transmis : 1er trimestre 2016", "contestation à traiter"
    assert waits(COORDINATOR, received)
    acknowledge(browse)
    assert not waits(COORDINATOR, received)
    assert not waits(OFFICER, contested)
    contest(browse)
    assert waits(OFFICER, contested)
    answer(browse, "maintained")
    assert not waits(OFFICER, contested)


def test_one_contestation_is_one_link_away_and_several_are_listed_first(browse, sent):
    def address() -> str:
        [item] = [
            item
            for item in browse(OFFICER).get("/").context["editions_waiting"]
            if item["label"].startswith("contestation")
        ]
        return item["url"]

    contest(browse)
    assert address() == f"/contestations/{contestation().public_id}/"
    contest(browse, "secret")
    with nation(read_only=True):
        waiting = set(Contestation.objects.values_list("pk", flat=True))
    shown = browse(OFFICER).get(address()).context["list"].page
    assert {one.pk for one in shown} == waiting
    assert len(waiting) == 2


# ── History ──────────────────────────────────────────────────────────────────────────────────


def test_the_history_holds_all_that_happened_in_order(browse, sent):
    browse(COORDINATOR).get(PAGE)
    acknowledge(browse)
    contest(browse)
    answer(browse, "maintained")
    expected = [
        "compilation",
        "relecture ouverte",
        "validation",
        "scellement",
        "transmission",
        "ouverture par la Région",
        "accusé de réception",
        "contestation",
        "réponse à une contestation",
    ]
    for reader in (COORDINATOR, *READERS, OFFICER, AUDITOR):
        moments = browse(reader).get(HISTORY).context["moments"]
        assert [moment.words for moment in moments] == expected


def test_a_letter_that_has_left_is_dated_in_the_history(browse, sent):
    with nation():
        now = edition().transmitted_at
        Letter.objects.filter(key__startswith=f"edition_transmitted {AFTER}/93/1 ").update(
            sent_at=now
        )
    for reader in (COORDINATOR, OFFICER):
        words = [moment.words for moment in browse(reader).get(HISTORY).context["moments"]]
        assert words.count("courriel envoyé à la coordination régionale") == 1


def test_the_history_of_a_region_is_nobody_elses(browse, sent):
    assert browse(OTHER).get(HISTORY).status_code == 404
    assert browse(COORDINATOR).get(HISTORY).status_code == 200


# ── Errata ───────────────────────────────────────────────────────────────────────────────────


def test_only_what_is_sealed_is_corrected(base):
    with nation():
        with pytest.raises(ActionRefused, match="n’est pas scellée"):
            actions.open_erratum(
                by=base[OFFICER].user, period=DRAFT, territories=["93"], cause="Oubli."
            )
        opened = actions.open_erratum(
            by=base[OFFICER].user, period=AFTER, territories=["93"], cause="Oubli."
        )
        assert [e.code for e in opened] == [f"{AFTER}/93/2", f"{AFTER}/FR/2"]
        with pytest.raises(ActionRefused, match="n’est pas scellée"):
            actions.open_erratum(
                by=base[OFFICER].user, period=AFTER, territories=["93"], cause="Encore."
            )
        # The nation's draft takes in another Region.
        [other] = actions.open_erratum(
            by=base[OFFICER].user, period=AFTER, territories=["11"], cause="Aussi."
        )
        assert other.code == f"{AFTER}/11/2"


def test_a_region_reads_its_former_edition_as_long_as_the_erratum_is_a_draft(browse, sent):
    with nation():
        actions.open_erratum(
            by=sent[OFFICER].user, period=AFTER, territories=["93"], cause="Oubli."
        )
    page = browse(COORDINATOR).get(PAGE)
    assert page.context["edition"].number == 1
    assert browse(COORDINATOR).get(f"{PAGE}?edition=2").status_code == 404
    assert browse(OFFICER).get(f"{PAGE}?edition=1").context["edition"].number == 1
    assert browse(OFFICER).get(f"{PAGE}?edition=x").status_code == 404


def test_the_form_opens_an_erratum(browse, sent):
    address = f"/nation/{AFTER}/erratum/"
    assert browse(OFFICER).get(f"{address}?region=93").context["form"].initial == {
        "territories": ["93"]
    }
    values = {"territories": ["93", "11"], "cause": "Oubli."}
    assert browse(OFFICER).post(address, values).status_code == 302
    with nation(read_only=True):
        codes = Edition.objects.filter(number=2).order_by("territory")
        assert [e.territory for e in codes] == ["11", "93", "FR"]


def test_events_of_sealing_are_written_once(base):
    with nation():
        assert EditionEvent.objects.filter(edition=edition(), kind="sealed").count() == 1
