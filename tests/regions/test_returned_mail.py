"""Mails that do not arrive: refused at once by real SMTP, or told of in a mailbox by real POP3."""

import poplib
import re
import ssl
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from regions import letters, returned_mail, tasks
from regions.models import Letter, RefusedAddress, User
from sprocep import mail
from sprocep.tenancy import NATION, scope
from tests.postbox import postbox
from tests.regions.test_letters import MANAGER, rows, send_all, words, write

__all__ = ["words"]  # a fixture

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ADDRESS = "accueil@sans-compte.example"

POSTFIX = """\
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ne-pas-repondre@sprocep.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Fri, 27 Nov 2026 08:00:00 +0100

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown

--b
Content-Type: message/rfc822

Message-ID: {name}
Subject: sprocep
Content-Type: text/plain

text of the letter

--b--
"""
# As Exchange and others do: headers alone, some written so that seven bits hold them.
HEADERS_ALONE = POSTFIX.replace("message/rfc822", "text/rfc822-headers")
QUOTED = HEADERS_ALONE.replace(
    "text/rfc822-headers", "text/rfc822-headers\nContent-Transfer-Encoding: quoted-printable"
).replace("Message-ID: {name}", "Message-ID: {name}=20")
GLOBAL = POSTFIX.replace("message/delivery-status", "message/global-delivery-status")
COMMENTED = POSTFIX.replace("{action}", "{action} (no such mailbox)")
# Without the mail itself, named where an answer names what it answers.
NAMED_ABOVE = POSTFIX.replace("Message-ID: {name}\n", "").replace(
    "Subject: Und", "In-Reply-To: {name}\nSubject: Und"
)


def name_of(address: str) -> str:
    return mail.mail(address, "sprocep", "texte").message()["Message-ID"]


def report(text: str = POSTFIX, *, address: str = ADDRESS, **values: str) -> str:
    said = {"action": "failed", "status": "5.1.1", "name": name_of(address), "recipient": address}
    said |= values
    return text.format(**said)


@pytest.fixture
def returns(settings):
    with postbox() as held:
        settings.RETURNED_MAIL_URL = held.url
        yield held


def unreached(address: str = ADDRESS) -> str | None:
    found = returned_mail.unreached([address, "", "autre@sprocep.example"]).get(address)
    return found and found.words


# ── What a report says ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", [POSTFIX, HEADERS_ALONE, QUOTED, GLOBAL, COMMENTED, NAMED_ABOVE])
def test_a_report_says_of_which_mail_it_is(text):
    before = timezone.now()
    found = mail.refusal_in(report(text).encode())
    assert (found.fingerprint, found.status) == (mail.fingerprint(ADDRESS), "5.1.1")
    assert before <= found.made_at <= timezone.now() + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "values",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.0.0"},
        {"name": "<0123456789abcdef@sprocep.example>"},
        {"name": ""},
    ],
)
def test_other_reports_say_nothing(values):
    assert mail.refusal_in(report().encode()) is not None
    assert mail.refusal_in(report(**values).encode()) is None


def test_nobody_makes_an_address_refuse():
    """A report is ours by its proof: of another address, or of another mail, it proves nothing."""
    mine, other = name_of("mien@sprocep.example"), name_of(ADDRESS)
    name, of_whom, at, proof = re.search("<(.+?)@", mine)[1].split(".")
    _, whom, _, _ = re.search("<(.+?)@", other)[1].split(".")
    later = f"{int(at, 16) + 1:011x}"
    assert mail.refusal_in(report(name=f"<{name}.{of_whom}.{at}.{proof}@x>").encode()) is not None
    for forged in (
        f"{name}.{whom}.{at}.{proof}",
        f"{'0' * 12}.{of_whom}.{at}.{proof}",
        f"{name}.{of_whom}.{later}.{proof}",
    ):
        assert mail.refusal_in(report(name=f"<{forged}@x>").encode()) is None


def test_an_old_mail_proves_nothing_of_today():
    """Whoever kept one of our mails may send its report again, and again."""
    of_whom, now = mail.fingerprint(ADDRESS), timezone.now()
    returned_mail.note([mail.Refusal(of_whom, "5.1.1", now - timedelta(days=7))])
    assert unreached() is None
    returned_mail.note([mail.Refusal(of_whom, "5.1.1", now - timedelta(days=5))])
    assert unreached() == "adresse inconnue"


def test_what_left_before_the_holder_said_that_it_receives_proves_nothing(returns):
    former = report()
    returns.mails = [former]
    returned_mail.read_returned_mail()
    assert unreached() is not None
    returned_mail.forget(ADDRESS)
    returns.mails = [former]
    returned_mail.read_returned_mail()
    assert unreached() is None
    returns.mails = [report(), former]
    returned_mail.read_returned_mail()
    assert unreached() is not None


def test_a_redirection_that_fails_says_nothing_sure():
    """Others may have received it: the address is told of, and goes on being written to."""
    found = mail.refusal_in(report(recipient="who-left@elsewhere.example").encode())
    assert (found.fingerprint, found.status) == (mail.fingerprint(ADDRESS), mail.UNSAID)
    returned_mail.note([found])
    assert not returned_mail.unreached([ADDRESS])[ADDRESS].is_of_the_mailbox
    written = report(recipient=f"RFC822;{ADDRESS.upper()}")
    assert mail.refusal_in(written.encode()).status == "5.1.1"


@pytest.mark.parametrize(
    ("status", "words", "is_of_the_mailbox"),
    [
        ("5.1.1", "adresse inconnue", True),
        ("4.2.2", "boîte pleine", True),
        ("5.2.1", "boîte fermée", True),
        ("4.4.7", "serveur injoignable", True),
        ("5.1.8", "courriel refusé par son serveur", False),
        ("5.7.1", "courriel refusé par son serveur", False),
        ("5.3.4", "courriel refusé", False),
        (mail.UNSAID, "courriel refusé", False),
    ],
)
def test_a_status_says_whose_fault_it_is(status, words, is_of_the_mailbox):
    found = RefusedAddress(status=status)
    assert (found.words, found.is_of_the_mailbox) == (words, is_of_the_mailbox)


def test_a_torn_report_breaks_nothing():
    """Wherever it is cut: what is left of it says of its mail what it said, or nothing."""
    whole = report().encode()
    said = {mail.refusal_in(whole[:cut]) for cut in range(len(whole))}
    said |= {mail.refusal_in(b"\xff\x00" + whole[cut:]) for cut in range(len(whole))}
    assert {found.fingerprint for found in said if found} == {mail.fingerprint(ADDRESS)}


# ── Read in the mailbox ──────────────────────────────────────────────────────────────────────


def test_reports_are_read_and_what_a_person_wrote_stays(returns):
    written = EmailMessage()
    written["Subject"] = "Bonjour"
    written.set_content("Je n'arrive pas à ouvrir ma fiche.\n.\n")
    returns.mails = [report(), written.as_string(), report(address="plein@sprocep.example",
                     status="4.2.2"), report(action="delayed")]  # fmt: skip
    assert unreached() is None
    assert returned_mail.read_returned_mail() == 2
    assert unreached() == unreached(ADDRESS.upper()) == "adresse inconnue"
    assert unreached("plein@sprocep.example") == "boîte pleine"
    assert returns.mails == [written.as_string()]
    assert returns.read == 3
    assert returned_mail.read_returned_mail() == 0


HOSTILE = {
    "charset": HEADERS_ALONE.replace("rfc822-headers", 'rfc822-headers; charset="idna"').replace(
        "text of the letter", "\u00e9"
    ),
    "depth": POSTFIX.replace(
        "text of the letter", "Content-Type: message/rfc822\n\n" * 1_500 + "deep"
    ),
    "long line": POSTFIX.replace("text of the letter", "x" * 50_000),
    "long header": POSTFIX.replace(
        "MIME-Version: 1.0", "X-Long: " + "y" * 9_000 + "\nMIME-Version: 1.0"
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_mail_keeps_the_others_from_being_read(returns, kind):
    returns.mails = [report(HOSTILE[kind], address="h@h.example"), report()]
    returned_mail.read_returned_mail()
    assert unreached() == "adresse inconnue"
    assert returns.mails == []


def test_a_mailbox_full_of_other_mails_lets_new_reports_pass(returns, monkeypatch, caplog):
    monkeypatch.setattr(returned_mail, "MOST_OF_A_ROUND", 3)
    others = [f"Subject: {rank}\n\nabsent" for rank in range(5)]
    huge = "Subject: huge\n\n" + "z" * (returned_mail.LARGEST + 1)
    returns.mails = [*others, huge, report()]
    assert returned_mail.read_returned_mail() == 1
    assert returns.mails == [*others, huge]
    assert "4 mails are left unread" in caplog.text


def test_a_complaint_and_a_receipt_stay(returns):
    returns.mails = [report().replace("report-type=delivery-status", f"report-type={kind}")
                     for kind in ("feedback-report", "disposition-notification")]  # fmt: skip
    assert returned_mail.read_returned_mail() == 0
    assert len(returns.mails) == 2


def test_a_secured_mailbox_is_verified(returns, settings):
    """Ours has no certificate: nothing is said to it."""
    returns.mails = [report()]
    settings.RETURNED_MAIL_URL = returns.url.replace("pop3:", "pop3s:")
    with pytest.raises(ssl.SSLError):
        returned_mail.read_returned_mail()
    assert len(returns.mails) == 1


def test_a_mailbox_that_fails_keeps_all(returns, settings):
    returns.mails = [report()]
    settings.RETURNED_MAIL_URL = returns.url.replace(":de", ":x")
    with pytest.raises(poplib.error_proto):
        returned_mail.read_returned_mail()
    assert len(returns.mails) == 1
    settings.RETURNED_MAIL_URL = returns.url
    assert returned_mail.read_returned_mail() == 1


def test_two_reports_of_one_address_are_one_row_that_says_the_last(returns):
    returns.mails = [report(status="4.4.1"), report(status="5.1.1")]
    returned_mail.read_returned_mail()
    with scope(regions=[NATION]):
        (row,) = RefusedAddress.objects.all()
    assert row.words == "adresse inconnue"
    assert ADDRESS not in row.fingerprint


def test_it_holds_for_a_month(returns):
    returns.mails = [report()]
    returned_mail.read_returned_mail()
    assert unreached() is not None
    with scope(regions=[NATION]):
        RefusedAddress.objects.update(noted_at=timezone.now() - timedelta(days=31))
    assert unreached() is None


# ── Refused at once ──────────────────────────────────────────────────────────────────────────


def test_an_unknown_address_is_noted_and_holds_up_nothing(world, box):
    """Not tried again every hour: the service is not ill because one address is wrong."""
    user = world[MANAGER].user
    box.unknown = {user.email}
    write(user)
    write(world["dgefp_officer"].user)
    assert send_all() == 2
    assert [letter["To"] for letter in box.letters] == [world["dgefp_officer"].user.email]
    refused, sent = rows()
    assert (refused.cause, sent.cause) == ("refusée (5.1.1)", "")
    assert unreached(user.email) == "adresse inconnue"
    assert not letters.are_any_due()
    with scope(regions=[NATION]):
        assert list(letters.kept_back()) == []
        assert Letter.objects.filter(sent_at=None).count() == 0


@pytest.mark.parametrize(
    "said", ["554 5.7.1 Relay access denied", "550 5.7.1 blocked", "530 authenticate", "552 quota"]
)
def test_a_server_that_refuses_us_says_nothing_of_an_address(world, box, said):
    """An hour on a list of blocked senders must not lose a letter, nor an address."""
    user = world[MANAGER].user
    box.unknown, box.says = {user.email}, said
    write(user)
    assert send_all() == 1
    (kept,) = rows()
    assert (kept.sent_at, kept.tries) == (None, 1)
    assert returned_mail.unreached([user.email]) == {}


@pytest.mark.parametrize("said", ["550 no such user", "551 gone", "550 5.1.10 null MX"])
def test_a_mailbox_that_does_not_exist_is_known_without_a_status_too(world, box, said):
    user = world[MANAGER].user
    box.unknown, box.says = {user.email}, said
    write(user)
    send_all()
    assert rows()[0].sent_at is not None
    assert returned_mail.unreached([user.email])[user.email].is_of_the_mailbox


def test_a_digest_that_is_refused_is_refused_whole(world, box):
    user = User.objects.get(pk=world[MANAGER].user_id)
    user.takes_digest = True
    box.unknown = {user.email}
    for key in ("one", "two"):
        write(user, key=key)
    with scope(regions=[NATION]):
        Letter.objects.update(due_at=timezone.now())
    send_all()
    assert [row.cause for row in rows()] == ["refusée (5.1.1)"] * 2


def test_a_reset_link_to_an_unknown_address_is_asked_once(world, box):
    user = world[MANAGER].user
    box.unknown = {user.email}
    tasks.send_reset_link(user.pk)
    assert unreached(user.email) == "adresse inconnue"


def test_however_an_address_is_written_it_is_the_same():
    asked = ["Accueil@Sans-Compte.example", ADDRESS, "a@été.example"]
    for address in (ADDRESS, "a@xn--t-9fab.example"):
        refusal = mail.Refusal(mail.fingerprint(address), "5.1.1", timezone.now())
        returned_mail.note([refusal])
    assert set(returned_mail.unreached(asked)) == set(asked)


def test_each_mail_names_its_address_and_no_two_are_alike(world, box):
    write(world[MANAGER].user)
    send_all()
    (letter,) = box.letters
    assert mail.refusal_in(report(name=letter["Message-ID"]).encode()).fingerprint == (
        mail.fingerprint(world[MANAGER].user.email)
    )
    assert name_of(ADDRESS) != name_of(ADDRESS)


# ── Shown to who can mend it ─────────────────────────────────────────────────────────────────


def test_it_is_shown_to_its_holder_and_to_who_manages_her(logged_in, world, returns):
    user = world[MANAGER].user
    pages = {
        "/lettres/": world[MANAGER],
        "/equipe/": world[MANAGER],
        "/habilitations/?q=" + user.email: world["platform_administrator"],
    }
    for path, member in pages.items():
        assert "adresse inconnue" not in logged_in(member).get(path).content.decode(), path
    returns.mails = [report(address=user.email)]
    returned_mail.read_returned_mail()
    for path, member in pages.items():
        assert logged_in(member).get(path).content.decode().count("adresse inconnue") == 1, path
    browser = logged_in(world[MANAGER])
    browser.post("/lettres/", {"rhythm": "at_once"})
    assert unreached(user.email) is not None
    browser.post("/lettres/", {"rhythm": "at_once", "writes_again": "on"})
    assert unreached(user.email) is None
    assert "reçoit de nouveau" not in browser.get("/lettres/").content.decode()


def test_an_invitation_to_an_unknown_address_says_so(logged_in, world, box):
    box.unknown = {"nobody@sprocep.example"}
    page = logged_in(world["platform_administrator"]).post(
        "/comptes/nouveau/", {"email": "nobody@sprocep.example"}, follow=True
    )
    assert "refuse l’adresse nobody@sprocep.example" in page.content.decode()
