"""Mails that do not arrive: refused at once by real SMTP, or told of in a mailbox by real POP3."""

import poplib
import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone

from regions import letters, returned_mail
from regions.models import Letter, RefusedAddress
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

Final-Recipient: rfc822; somebody-else@elsewhere.example
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
# As Exchange and others do: headers alone, and the status of a mailbox that is full.
HEADERS_ALONE = POSTFIX.replace("message/rfc822", "text/rfc822-headers")
# Without the mail itself, named where an answer names what it answers.
NAMED_ABOVE = POSTFIX.replace("Message-ID: {name}\n", "").replace(
    "Subject: Und", "In-Reply-To: {name}\nSubject: Und"
)


def name_of(address: str) -> str:
    return mail.mail(address, "sprocep", "texte").message()["Message-ID"]


def report(text: str = POSTFIX, *, address: str = ADDRESS, **values: str) -> str:
    said = {"action": "failed", "status": "5.1.1", "name": name_of(address)} | values
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


@pytest.mark.parametrize("text", [POSTFIX, HEADERS_ALONE, NAMED_ABOVE])
def test_a_report_says_of_which_mail_it_is(text):
    found = mail.refusal_in(report(text).encode())
    assert found == mail.Refusal(mail.fingerprint(ADDRESS), "5.1.1")


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
    name, of_whom, proof = re.search("<(.+?)@", mine)[1].split(".")
    _, whom, _ = re.search("<(.+?)@", other)[1].split(".")
    assert mail.refusal_in(report(name=f"<{name}.{of_whom}.{proof}@x>").encode()) is not None
    assert mail.refusal_in(report(name=f"<{name}.{whom}.{proof}@x>").encode()) is None
    assert mail.refusal_in(report(name=f"<{'0' * 24}.{of_whom}.{proof}@x>").encode()) is None


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


def test_an_invitation_to_an_unknown_address_says_so(logged_in, world, box):
    box.unknown = {"nobody@sprocep.example"}
    page = logged_in(world["platform_administrator"]).post(
        "/comptes/nouveau/", {"email": "nobody@sprocep.example"}, follow=True
    )
    assert "refuse l&#x27;adresse nobody@sprocep.example" in page.content.decode()
