"""A structure that has no account: written to by a link, which opens one fiche, once."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from beneficiaries import actions
from beneficiaries.actions.link_letters import write_links
from beneficiaries.models import Referral, ReferralEvent, ReferralLink, ReferralPerson
from beneficiaries.views.links import COOKIE
from operators.actions import accept_address, prove_address, set_capacity
from operators.models import Capacity
from operators.queries import address_of, reached
from regions import returned_mail
from regions.middleware import scope_of
from regions.models import AuditEvent, Letter, Membership, Site, User
from regions.queries import national_regions
from sprocep import mail, periods, sms, tenancy
from sprocep.errors import ActionRefused
from sprocep.tenancy import NATION
from tests import factories
from tests.beneficiaries.test_referrals import orientation, send
from tests.regions.test_returned_mail import report

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner"]),
    pytest.mark.usefixtures("box"),
]
_STATES = Referral.State
ADDRESS = "accueil@sans-compte.example"


@pytest.fixture
def sender(world):
    return world["adviser marseille"]


@dataclass(frozen=True)
class Silent:
    """Stands where a membership does, for want of any."""

    site: Site

    @property
    def structure_id(self) -> int:
        return self.site.structure_id


@pytest.fixture
def nowhere(annex) -> Silent:
    """A structure where nobody has an account, and without an address."""
    return Silent(annex.silent)


@pytest.fixture
def silent(world, nowhere):
    """The same once its Region gave it an address."""
    give_address(world, nowhere, ADDRESS)
    return nowhere


def give_address(world, silent, address: str) -> None:
    with tenancy.scope(regions=["93"]):
        Capacity.objects.update_or_create(
            structure=silent.site.structure, region_id="93", defaults={"address": address}
        )


@pytest.fixture
def letters_sent(box):
    """Texts of what left since the last time."""

    def sent() -> list[str]:
        actions.send_links()
        found = [letter.get_content() for letter in box.letters]
        box.letters.clear()
        return found

    return sent


@pytest.fixture
def opened(letters_sent):
    """A browser in which the fiche was opened by its link, and the fiche's address."""

    def by_link() -> tuple[Client, str]:
        browser = Client()
        (text,) = letters_sent()
        return browser, browser.post(link_in(text))["Location"]

    return by_link


def link_in(text: str) -> str:
    return re.search(r"/lien/[^/\s]+/", text)[0]


def links_of(sent: Referral) -> list[ReferralLink]:
    with tenancy.scope(regions=[NATION], read_only=False):
        return list(ReferralLink.objects.filter(referral=sent.pk).order_by("pk"))


def state_of(member, sent: Referral) -> str:
    with scope_of(member, read_only=False):
        return Referral.objects.get(pk=sent.pk).state


def shows_nothing(sent: Referral, address: str) -> bool:
    """A link that opens nothing says no number, no structure, no name."""
    page = Client().get(address)
    text = page.content.decode()
    assert "Recevoir un nouveau lien" in text
    assert Client().post(address).status_code == 410
    told = (sent.number, "Marseille", "Kanarivogel", "KANARIVOGEL", ADDRESS)
    return page.status_code == 410 and not any(word in text for word in told)


# ── Where it goes ────────────────────────────────────────────────────────────────────────────


def test_without_account_nor_address_nothing_is_sent(world, sender, nowhere):
    asked = {"by": sender.user, "membership": sender, "orientation": orientation(nowhere)}
    with scope_of(sender, read_only=False):
        with pytest.raises(ActionRefused, match="ni compte ni adresse"):
            actions.send_referral(**asked)
        assert not Referral.objects.exists()
    give_address(world, nowhere, ADDRESS)
    with scope_of(sender, read_only=False):
        assert actions.send_referral(**asked).pk


def test_the_letter_says_who_sends_and_nothing_of_the_person(sender, silent, box):
    sent = send(sender, silent)
    actions.send_links()
    (letter,) = box.letters
    text = letter.get_content()
    assert letter["To"] == ADDRESS
    assert sent.number in text
    assert "Mission locale de Marseille" in text
    for word in ("kanarivogel", "inès", "06 12", "0612345678", "disponible", "1985"):
        assert word not in f"{letter['Subject']} {text}".lower()
    actions.send_links()
    assert len(box.letters) == 1
    with tenancy.scope(regions=[NATION]):
        assert not Letter.objects.filter(key__contains=str(sent.public_id)).exists()


def test_a_structure_with_an_account_gets_a_letter_and_no_link(world, sender, letters_sent):
    give_address(world, world["adviser aix"], ADDRESS)
    sent = send(sender, world["adviser aix"])
    assert letters_sent() == []
    assert links_of(sent) == []
    with tenancy.scope(regions=[NATION]):
        assert Letter.objects.filter(key__contains=str(sent.public_id)).exists()


def test_by_sms_where_the_address_is_a_mobile(world, sender, nowhere, letters_sent, settings):
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    sms.outbox.clear()
    give_address(world, nowhere, "+33612345678")
    sent = send(sender, nowhere)
    assert letters_sent() == []
    ((number, text),) = sms.outbox
    assert number == "+33612345678"
    assert sent.number in text
    assert "Kanarivogel" not in text
    answer = Client().post(link_in(text))
    assert answer.status_code == 302
    assert state_of(sender, sent) == _STATES.OPENED
    with scope_of(sender, read_only=False):
        actions.withdraw_referral(by=sender.user, membership=sender, referral=sent)
    assert letters_sent() == []
    assert "a repris son accord" in sms.outbox[-1][1]


def test_a_mobile_is_no_address_without_a_gateway(world, sender, nowhere, settings):
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    give_address(world, nowhere, "+33612345678")
    settings.SMS_BACKEND = ""
    with pytest.raises(ActionRefused, match="ni compte ni adresse"):
        send(sender, nowhere)
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    assert send(sender, nowhere).pk


def test_the_secret_is_stored_nowhere(sender, silent, letters_sent):
    sent = send(sender, silent)
    secret = link_in(letters_sent()[0]).split("/")[2]
    assert len(secret) == 43  # 256 bits
    (link,) = links_of(sent)
    assert secret.encode() not in bytes(link.fingerprint)
    assert link.expires_at - link.sent_at == timedelta(days=10)


def test_a_server_that_refuses_is_asked_again_later(sender, silent, box, letters_sent):
    box.refuses = True
    sent = send(sender, silent)
    assert letters_sent() == []
    (link,) = links_of(sent)
    assert (link.sent_at, link.fingerprint) == (None, None)
    box.refuses = False
    assert letters_sent() == []
    rewrite(link, due_at=timezone.now())
    assert len(letters_sent()) == 1


def test_reminded_at_five_days_by_a_new_link(sender, silent, letters_sent):
    with scope_of(sender, read_only=False):
        sent = factories.referral(sender, silent, sent_on=periods.today() - timedelta(days=5))
    assert actions.follow_referrals() == (1, 0)
    assert actions.follow_referrals() == (0, 0)
    (text,) = letters_sent()
    assert sent.number in text
    assert Client().get(link_in(text)).status_code == 200


# ── The road of a fiche ──────────────────────────────────────────────────────────────────────


def test_opened_accepted_and_received_without_account(sender, silent, letters_sent):
    sent = send(sender, silent)
    (text,) = letters_sent()
    browser = Client()
    for _ in range(3):  # as scanners of mail do
        page = browser.get(link_in(text))
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store"
    shown = page.content.decode()
    assert sent.number in shown
    assert "Mission locale de Marseille" in shown
    assert "KANARIVOGEL" not in shown.upper()
    assert state_of(sender, sent) == _STATES.SENT

    answer = browser.post(link_in(text))
    assert answer.status_code == 302
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["max-age"]) == (True, 1800)
    assert cookie["path"] == answer["Location"]
    address = answer["Location"]
    assert state_of(sender, sent) == _STATES.OPENED
    page = browser.get(address)
    assert page["Cache-Control"] == "no-store"
    assert "KANARIVOGEL" in page.content.decode().upper()
    assert "06 12 34 56 78" in page.content.decode()

    assert browser.post(f"{address}accueil/").status_code == 302
    assert "Acceptez d’abord" in browser.get(address).content.decode()
    assert browser.post(f"{address}accord/").status_code == 302
    assert state_of(sender, sent) == _STATES.ACCEPTED
    assert browser.post(f"{address}accueil/").status_code == 302
    assert browser.post(f"{address}accueil/").status_code == 302
    with scope_of(sender, read_only=False):
        now = Referral.objects.get(pk=sent.pk)
        assert (now.state, now.received_by_link) == (_STATES.RECEIVED, True)
        events = ReferralEvent.objects.filter(referral=sent).order_by("pk")
        assert [event.state for event in events] == ["sent", "opened", "accepted", "received"]
    with tenancy.scope(regions=["93"], read_only=True):
        done = AuditEvent.objects.filter(structure=silent.structure_id).order_by("pk")
        assert [(event.action, event.by, event.fields) for event in done] == [
            (action, None, "by_link")
            for action in ("open_link", "open_referral", "accept_referral", "receive_by_link")
        ]
    with tenancy.scope(regions=[NATION]):
        assert Letter.objects.filter(key__startswith="referral_answered").count() == 1


def test_who_did_not_come_is_said_by_the_link_and_may_still_be_received(sender, silent, opened):
    sent = send(sender, silent)
    browser, address = opened()
    browser.post(f"{address}accord/")
    assert "La personne n’est pas venue" in browser.get(address).content.decode()
    assert browser.post(f"{address}absence/").status_code == 302
    assert state_of(sender, sent) == _STATES.MISSED
    shown = browser.get(address).content.decode()
    assert "La personne n’est pas venue" not in shown
    assert "La personne a été reçue" in shown
    browser.post(f"{address}accueil/")
    assert state_of(sender, sent) == _STATES.RECEIVED


def test_who_comes_late_is_received_by_another_link(monkeypatch, sender, silent, letters_sent):
    sent = send(sender, silent)
    (text,) = letters_sent()
    browser = Client()
    address = browser.post(link_in(text))["Location"]
    for act in ("accord", "absence"):
        browser.post(f"{address}{act}/")
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert browser.get(address).status_code == 404
    browser.post(f"{link_in(text)}nouveau/")
    (text,) = letters_sent()
    assert "Dites si elle a été reçue" in text
    address = browser.post(link_in(text))["Location"]
    browser.post(f"{address}accueil/")
    assert state_of(sender, sent) == _STATES.RECEIVED


def test_fifteen_days_after_it_accepted_it_is_asked_who_came(sender, silent, letters_sent):
    with scope_of(sender, read_only=False):
        sent = factories.referral(
            sender,
            silent,
            state=_STATES.ACCEPTED,
            state_since=timezone.now() - timedelta(days=15),
        )
    assert actions.ask_who_came() == 1
    (text,) = letters_sent()
    assert sent.number in text
    assert "Dites si elle a été reçue" in text
    assert Client().post(link_in(text)).status_code == 302


def test_what_waits_for_a_replaced_address_leaves_to_the_new_one(
    world, sender, nowhere, letters_sent, settings
):
    """One that nothing reaches any more holds up neither this fiche nor the others."""
    settings.SMS_BACKEND = "sprocep.sms.in_memory"
    give_address(world, nowhere, "+33612345678")
    sent = send(sender, nowhere)
    settings.SMS_BACKEND = ""  # the gateway is taken away
    assert letters_sent() == []
    give_address(world, nowhere, ADDRESS)
    with tenancy.scope(regions=national_regions()):
        write_links([sent])
    (text,) = letters_sent()
    assert sent.number in text
    give_address(world, nowhere, "autre@sans-compte.example")
    with tenancy.scope(regions=[NATION]):
        assert not ReferralLink.objects.filter(sent_at=None).exists()
    give_address(world, nowhere, ADDRESS)
    other = send(sender, nowhere)
    give_address(world, nowhere, "autre@sans-compte.example")
    assert letters_sent() == []  # closed, and written again
    (text,) = letters_sent()
    assert other.number in text


def test_declined_with_its_reason(sender, silent, opened):
    sent = send(sender, silent)
    browser, address = opened()
    refused = browser.post(f"{address}refus/", {})
    assert "Choisissez le motif du refus" in refused.content.decode()
    assert state_of(sender, sent) == _STATES.OPENED
    assert browser.post(f"{address}refus/", {"reason": "D03"})["Location"] == address
    with scope_of(sender, read_only=False):
        assert Referral.objects.get(pk=sent.pk).decline_reason_id == "D03"


def test_traces_say_the_structure_and_by_a_link(world, logged_in, sender, silent, opened):
    send(sender, silent)
    opened()
    page = logged_in(world["auditor"]).get("/traces/").content.decode()
    assert "lien vers une fiche de liaison utilisé" in page
    assert "la structure, sans compte" in page
    assert "par lien" in page


# ── What opens nothing ───────────────────────────────────────────────────────────────────────


def test_a_used_link_shows_nothing(sender, silent, letters_sent):
    sent = send(sender, silent)
    address = link_in(letters_sent()[0])
    assert Client().post(address).status_code == 302
    assert shows_nothing(sent, address)


def test_an_expired_link_shows_nothing(sender, silent, letters_sent):
    sent = send(sender, silent)
    address = link_in(letters_sent()[0])
    assert Client().get(address).status_code == 200
    (link,) = links_of(sent)
    past = timezone.now() - timedelta(days=11)
    rewrite(link, sent_at=past, expires_at=past + timedelta(days=10))
    assert shows_nothing(sent, address)


def test_an_unknown_link_is_an_expired_one(sender, silent, letters_sent):
    send(sender, silent)
    used = link_in(letters_sent()[0])
    Client().post(used)
    unknown = "/lien/of-nobody/"
    pages = [
        Client().get(address).content.decode().replace(address.split("/")[2], "")
        for address in (used, unknown)
    ]
    assert without_tokens(pages[0]) == without_tokens(pages[1])
    renewed = [Client().post(f"{a}nouveau/").content.decode() for a in (used, unknown)]
    assert without_tokens(renewed[0]) == without_tokens(renewed[1])
    assert len(letters_sent()) == 1


def test_withdrawn_it_shows_nothing_and_the_structure_is_told(sender, silent, letters_sent):
    sent = send(sender, silent)
    address = link_in(letters_sent()[0])
    browser = Client()
    with scope_of(sender, read_only=False):
        actions.withdraw_referral(by=sender.user, membership=sender, referral=sent)
    assert shows_nothing(sent, address)
    (text,) = letters_sent()
    assert "retirée" in text
    assert "/lien/" not in text
    browser.post(f"{address}nouveau/")
    assert letters_sent() == []


def test_withdrawn_while_it_is_open_it_closes(sender, silent, opened):
    sent = send(sender, silent)
    browser, address = opened()
    assert browser.get(address).status_code == 200
    with scope_of(sender, read_only=False):
        actions.withdraw_referral(by=sender.user, membership=sender, referral=sent)
    assert browser.get(address).status_code == 404
    assert browser.post(f"{address}accord/").status_code == 404


def test_once_a_manager_has_an_account_links_open_nothing(sender, silent, letters_sent):
    sent = send(sender, silent)
    (text,) = letters_sent()
    browser = Client()
    address = browser.post(link_in(text))["Location"]
    assert browser.get(address).status_code == 200
    manager = account_at(silent.site)
    assert shows_nothing(sent, link_in(text))
    assert browser.get(address).status_code == 404
    browser.post(f"{link_in(text)}nouveau/")
    assert letters_sent() == []
    with tenancy.scope(regions=[NATION]):
        assert Letter.objects.filter(recipient=manager.user).count() == 1


def test_a_link_sent_to_a_mistyped_address_dies_with_it(world, sender, silent, letters_sent):
    sent = send(sender, silent)
    address = link_in(letters_sent()[0])
    give_address(world, silent, "accueil@autre.example")
    assert shows_nothing(sent, address)
    Client().post(f"{address}nouveau/")
    (text,) = letters_sent()
    assert Client().get(link_in(text)).status_code == 200


def test_half_an_hour_later_the_fiche_is_closed(monkeypatch, sender, silent, opened):
    sent = send(sender, silent)
    browser, address = opened()
    (link,) = links_of(sent)
    assert browser.get(address).status_code == 200
    with pytest.raises(IntegrityError, match="used once"), transaction.atomic():
        rewrite(link, used_at=timezone.now())
    with monkeypatch.context() as clock:
        clock.setattr(timezone, "now", lambda: link.used_at + timedelta(minutes=31))
        assert browser.get(address).status_code == 404
        assert browser.post(f"{address}accord/").status_code == 404
    assert state_of(sender, sent) == _STATES.OPENED
    assert browser.post(f"{address}accord/").status_code == 302


def test_the_cookie_of_a_fiche_opens_no_other(sender, silent, opened):
    sent = send(sender, silent)
    browser, address = opened()
    cookie = browser.cookies[COOKIE].value
    other = send(sender, silent)
    browser_of_other, address_of_other = opened()
    assert browser_of_other.get(address_of_other).status_code == 200
    thief = Client()
    for value in (cookie, "", "00", f"{'0' * 64}:x:y"):
        thief.cookies[COOKIE] = value
        assert thief.get(address_of_other).status_code == 404, value
        assert thief.post(f"{address_of_other}accord/").status_code == 404, value
    thief.cookies[COOKIE] = cookie
    assert thief.get(address).status_code == 200
    assert thief.get(f"/fiches/{sent.public_id}/").status_code == 302  # to the login
    assert state_of(sender, other) == _STATES.OPENED


def test_a_new_link_three_times_an_hour(sender, silent, letters_sent):
    sent = send(sender, silent)
    address = link_in(letters_sent()[0])
    Client().post(address)
    left = []
    for _ in range(5):
        page = Client().post(f"{address}nouveau/")
        assert page.status_code == 200
        assert ADDRESS not in page.content.decode()
        left.append(len(letters_sent()))
    assert left == [1, 1, 0, 0, 0]
    assert len(links_of(sent)) == 3
    with tenancy.scope(regions=["93"], read_only=True):
        asked = AuditEvent.objects.filter(action="renew_link")
        assert [event.by for event in asked] == [None, None]


# ── What PostgreSQL refuses ──────────────────────────────────────────────────────────────────


def test_links_are_in_nobodys_scope(world, sender, silent, letters_sent):
    sent = send(sender, silent)
    letters_sent()
    assert links_of(sent)
    for name in ("adviser marseille", "regional_coordinator 93"):
        with scope_of(world[name], read_only=False):
            assert not ReferralLink.objects.exists()
    (link,) = links_of(sent)
    with tenancy.presenting(bytes(link.fingerprint)):
        assert ReferralLink.objects.get().pk == link.pk
        assert not Referral.objects.exists()
        assert not ReferralPerson.objects.exists()


def test_nobody_is_received_without_journey_but_by_a_link(sender, silent, world):
    with scope_of(sender, read_only=False):
        sent = factories.referral(sender, world["adviser aix"])
        Referral.objects.filter(pk=sent.pk).update(state="accepted")
        with pytest.raises(IntegrityError, match="no link was used"), transaction.atomic():
            Referral.objects.filter(pk=sent.pk).update(state="received", received_by_link=True)
        with pytest.raises(IntegrityError, match="received_in_a_journey"), transaction.atomic():
            Referral.objects.filter(pk=sent.pk).update(state="received")


# ── Instruments ──────────────────────────────────────────────────────────────────────────────


def rewrite(link: ReferralLink, **values) -> None:
    """Another hour, as no request writes it."""
    with tenancy.scope(regions=[NATION]):
        ReferralLink.objects.filter(pk=link.pk).update(**values)


def account_at(site: Site) -> Membership:
    """Of a manager, opened while a link is on its way."""
    with tenancy.scope(regions=[NATION]):
        return Membership.objects.create(
            user=User.objects.create(email="direction@sans-compte.example"),
            name="Camille Direction",
            role="structure_manager",
            region_id="93",
            structure_id=site.structure_id,
            site=site,
            starts_on=periods.today(),
        )


def without_tokens(page: str) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub(r"hx-headers='[^']*'", "", page)


# ── Where nothing arrives ────────────────────────────────────────────────────────────────────


def come_back(address: str) -> None:
    """As the mailbox of reports is read."""
    returned_mail.note([mail.refusal_in(report(address=address).encode())])


def letters_to(user: User) -> list[str]:
    with tenancy.scope(regions=[NATION]):
        return list(Letter.objects.filter(recipient=user).values_list("subject", flat=True))


def marked(browser) -> int:
    """Of the fiches sent, how many the list says came back."""
    page = browser.get("/fiches/?cote=envoyees").content.decode()
    return page.count("son courriel est revenu")


def change_address(world, silent, address: str, **said) -> None:
    coordinator = world["regional_coordinator 93"]
    with scope_of(coordinator, read_only=False):
        set_capacity(
            by=coordinator.user,
            region="93",
            structure=silent.site.structure,
            weekly=None,
            full_until=None,
            address=address,
            **said,
        )
    confirm_address(silent)


def confirm_address(silent) -> None:
    """As who holds the new address, then who holds the former one."""
    with tenancy.scope(regions=["93"]):
        capacity = Capacity.objects.get(structure=silent.site.structure, region="93")
        if wanted_at := capacity.wanted_at:
            capacity = prove_address(by=None, capacity=capacity, wanted_at=wanted_at)
        if capacity.proven_at:
            accept_address(by=None, capacity=capacity, wanted_at=wanted_at)


def test_who_sent_is_told_once_that_nothing_arrives(logged_in, sender, silent, letters_sent):
    sent, page = send(sender, silent), logged_in(sender)
    (text,) = letters_sent()
    assert actions.follow_lost_links() == 0
    assert letters_to(sender.user) == []
    come_back(ADDRESS)
    assert [actions.follow_lost_links() for _ in range(2)] == [1, 0]
    assert letters_to(sender.user) == [f"sprocep : fiche de liaison {sent.number}, non remise"]
    told = page.get(f"/fiches/{sent.public_id}/").content.decode()
    assert "n’est pas arrivée" in told
    assert "Bernard" not in Client().get(link_in(text)).content.decode()
    assert marked(page) == 1
    (link,) = links_of(sent)  # what a report holds opens nothing
    assert (link.fingerprint, link.expires_at) == (None, None)


def test_what_arrived_is_not_said_lost(sender, silent, letters_sent):
    """Opened by its link, long before the address closed, or answered; nor a failed redirection."""
    opened, old, withdrawn = (send(sender, silent) for _ in range(3))
    texts = letters_sent()
    link = next(link_in(text) for text in texts if opened.number in text)
    Client().post(link)
    with tenancy.scope(regions=[NATION]):
        week_ago = timezone.now() - timedelta(days=7)
        ReferralLink.objects.filter(referral=old).update(sent_at=week_ago)
    with scope_of(sender, read_only=False):
        actions.withdraw_referral(by=sender.user, membership=sender, referral=withdrawn)
    come_back(ADDRESS)
    assert actions.follow_lost_links() == 0
    sent = send_again(sender, silent)
    letters_sent()
    refusal = mail.Refusal(mail.fingerprint(ADDRESS), mail.UNSAID, timezone.now())
    returned_mail.note([refusal])
    assert actions.follow_lost_links() == 0
    come_back(ADDRESS)
    assert actions.follow_lost_links() == 1
    assert links_of(sent)[0].lost_at is not None


def test_a_report_of_an_earlier_mail_closes_no_later_link(sender, silent, letters_sent):
    """Who kept an old letter to this address forges the report of its loss."""
    old = report(address=ADDRESS)
    sent = send(sender, silent)
    (text,) = letters_sent()
    returned_mail.note([mail.refusal_in(old.encode())])
    assert actions.follow_lost_links() == 0
    assert Client().get(link_in(text)).status_code == 200
    assert links_of(sent)[0].fingerprint is not None
    come_back(ADDRESS)
    assert actions.follow_lost_links() == 1
    assert links_of(sent)[0].fingerprint is None


def send_again(sender, silent) -> Referral:
    returned_mail.forget(ADDRESS)
    return send(sender, silent)


def test_a_mended_address_is_written_to_and_one_that_is_wrong_again_is_told(
    world, sender, silent, letters_sent, logged_in
):
    sent, page = send(sender, silent), logged_in(sender)
    letters_sent()
    come_back(ADDRESS)
    actions.follow_lost_links()
    assert marked(page) == 1
    change_address(world, silent, "autre@sans-compte.example")
    assert actions.follow_lost_links() == 0
    (text,) = letters_sent()
    assert sent.number in text
    assert marked(page) == 0
    come_back("autre@sans-compte.example")
    assert actions.follow_lost_links() == 1
    assert len(letters_to(sender.user)) == 2
    change_address(world, silent, ADDRESS)  # known to be wrong
    actions.follow_lost_links()
    assert letters_sent() == []
    change_address(world, silent, ADDRESS, writes_again=True)
    actions.follow_lost_links()
    assert len(letters_sent()) == 1
    actions.follow_lost_links()
    assert letters_sent() == []


def test_a_direction_that_has_an_account_meanwhile_is_no_lost_fiche(
    sender, silent, letters_sent, logged_in
):
    sent = send(sender, silent)
    letters_sent()
    come_back(ADDRESS)
    with tenancy.scope(regions=national_regions()):
        Membership.objects.create(
            user=User.objects.create(email="direction@sans-compte.example"),
            name="Dominique Direction",
            role=Membership.Role.STRUCTURE_MANAGER,
            region_id="93",
            structure_id=silent.structure_id,
            site=silent.site,
            starts_on=periods.today(),
        )
    actions.follow_lost_links()
    assert letters_to(sender.user) == []
    page = logged_in(sender).get(f"/fiches/{sent.public_id}/").content.decode()
    assert "n’est pas arrivée" not in page
    assert marked(logged_in(sender)) == 0


def test_no_other_fiche_goes_there_until_the_address_is_said_to_receive(
    world, sender, silent, letters_sent, logged_in
):
    send(sender, silent)
    letters_sent()
    come_back(ADDRESS)
    with pytest.raises(ActionRefused, match="ni compte ni adresse"):
        send(sender, silent)
    browser = logged_in(world["regional_coordinator 93"])
    page = f"/structures/{silent.site.structure.public_id}/"
    assert "Un courriel en est revenu" in browser.get(page).content.decode()
    browser.post(f"{page}capacite/", {"weekly": "3", "address": ADDRESS})
    assert "Un courriel en est revenu" in browser.get(page).content.decode()
    browser.post(f"{page}capacite/", {"address": ADDRESS, "writes_again": "on"})
    assert "Un courriel en est revenu" not in browser.get(page).content.decode()
    assert send(sender, silent).pk


def test_a_server_that_refuses_us_takes_no_structure_away(sender, silent, letters_sent):
    sent = send(sender, silent)
    letters_sent()
    returned_mail.note([mail.Refusal(mail.fingerprint(ADDRESS), "5.7.1", timezone.now())])
    assert actions.follow_lost_links() == 1  # this letter did not arrive
    assert links_of(sent)[-1].lost_at is not None
    assert send(sender, silent).pk  # others may


@pytest.mark.parametrize(("wrong", "found"), [("75", False), ("72", True)])
def test_the_address_of_the_region_of_today_is_the_one_that_counts(nowhere, wrong, found):
    """That of before the merger is not written to any more."""
    merged = ["72", "75"]
    with tenancy.scope(regions=merged):
        for region in merged:
            Capacity.objects.create(
                structure=nowhere.site.structure, region_id=region, address=f"a@{region}.example"
            )
        come_back(f"a@{wrong}.example")
        assert address_of(nowhere.structure_id, "75") == "a@75.example"
        assert (nowhere.structure_id in reached([nowhere.structure_id], merged)) is found


def test_refused_at_once_it_holds_up_no_other_and_is_not_tried_again(
    sender, silent, letters_sent, box
):
    box.unknown = {ADDRESS}
    sent = send(sender, silent)
    assert letters_sent() == []
    (link,) = links_of(sent)
    assert (link.sent_at is not None, link.fingerprint) == (True, None)
    assert actions.follow_lost_links() == 1
    box.unknown = set()
    assert letters_sent() == []
