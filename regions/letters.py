"""The outbox: a letter is written with the act that it announces, and leaves after it, once.

Nothing goes by mail but links and dates: no name of a beneficiary, no figure. A letter is a row of
the transaction of its act; a worker sends it under a lock, and dates it in the transaction in which
the server took it. A worker that dies between the two sends again, under the same `Message-ID`.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from regions import returned_mail
from regions.models import Letter, Membership, User
from regions.queries import heirs, in_force
from sprocep import mail, periods, tenancy
from sprocep.celery import app
from sprocep.tenancy import NATION

DIGEST_HOUR = 7
DIGEST_SUBJECT = "sprocep : vos courriels du jour"
# A server that refuses is asked again later and later, an hour apart at most.
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
STUCK_AFTER = timedelta(minutes=15)


# ── Written with the act ─────────────────────────────────────────────────────────────────────


def write(
    *,
    key: str,
    to: Iterable[User],
    subject: str,
    template: str,
    context: dict,
    is_formal: bool = False,
) -> None:
    """One letter to each of these accounts, in the present transaction; the same key writes none.

    Args:
        key: what is announced, as `edition.transmitted 2016-T1/93/1`.
        template: of `templates/mail/`, without `.txt`; it is given `site`, the address of ours.
        is_formal: leaves at once, whatever the account prefers.
    """
    body = render_to_string(f"mail/{template}.txt", {"site": settings.SITE_URL, **context}).strip()
    letters = [_letter(key, user, subject, body, is_formal) for user in to]
    with tenancy.scope(regions=[NATION]):
        Letter.objects.bulk_create(letters, ignore_conflicts=True)
    if letters:
        transaction.on_commit(lambda: app.send_task("regions.tasks.send_letters"), robust=True)


def _letter(key: str, user: User, subject: str, body: str, is_formal: bool) -> Letter:
    waits = user.takes_digest and not is_formal
    return Letter(
        key=f"{key} {user.pk}",
        recipient=user,
        subject=subject,
        body=body,
        in_digest=waits,
        due_at=_next_digest(timezone.now()) if waits else timezone.now(),
    )


def _next_digest(now: datetime) -> datetime:
    """The next morning in Paris."""
    local = timezone.localtime(now)
    morning = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if morning <= local:
        following = periods.days_after(local.date(), 1)
        morning = morning.replace(year=following.year, month=following.month, day=following.day)
    return morning


def holders(role: Membership.Role, **place: object) -> list[User]:
    """Open accounts that hold this role today, there where `place` says: fields of memberships."""
    with tenancy.scope(regions=[NATION]):
        accounts = User.objects.filter(
            is_active=True,
            pk__in=Membership.objects.filter(
                in_force(periods.today()), role=role, unconfirmed_since__isnull=True, **place
            ).values("user_id"),
        )
        return list(accounts.order_by("pk"))


def coordinators(territory: str) -> list[User]:
    """Of a Region, or of the one that it became today; of the nation, nobody."""
    return holders(Membership.Role.REGIONAL_COORDINATOR, region__in=heirs(territory))


def managers(structure: int, territory: str) -> list[User]:
    """Of a structure there, or in the Region that this became today."""
    return holders(
        Membership.Role.STRUCTURE_MANAGER, structure=structure, region__in=heirs(territory)
    )


def author(membership: int) -> list[User]:
    """Who did something under this membership, as long as it lasts; of a program, nobody."""
    with tenancy.scope(regions=[NATION]):
        mine = Membership.objects.filter(
            in_force(periods.today()), pk=membership, unconfirmed_since__isnull=True
        )
        mine = mine.exclude(role__in=Membership.PROGRAMS)
        return list(User.objects.filter(is_active=True, pk__in=mine.values("user_id")))


def administrators() -> list[User]:
    return holders(Membership.Role.PLATFORM_ADMINISTRATOR)


def officers() -> list[User]:
    return holders(Membership.Role.DGEFP_OFFICER)


# ── Sent after it ────────────────────────────────────────────────────────────────────────────


def _waiting() -> QuerySet[Letter]:
    return Letter.objects.filter(sent_at__isnull=True, recipient__is_active=True)


def are_any_due() -> bool:
    with tenancy.scope(regions=[NATION], read_only=True):
        return _waiting().filter(due_at__lte=timezone.now()).exists()


def send_next() -> bool:
    """Send the letter that waits for longest, with those of its digest; False when none is due.

    What the server refuses stays, with the cause, and is due again after a rest.
    """
    with tenancy.scope(regions=[NATION]):
        letters = _taken()
        if not letters:
            return False
        try:
            mail_of(letters).send()
        except OSError as exc:  # what smtplib raises too
            _keep_back(letters, exc)
        else:
            _rows(letters).update(sent_at=timezone.now(), cause="")
    return True


def _taken() -> list[Letter]:
    """Held until the end of the transaction: of two workers, the second takes the next one."""
    due = _waiting().select_for_update(of=("self",), skip_locked=True).select_related("recipient")
    first = due.filter(due_at__lte=timezone.now()).order_by("due_at", "pk").first()
    if first is None or not first.in_digest:
        return [first] if first else []
    same = due.filter(recipient=first.recipient, in_digest=True, due_at=first.due_at)
    return list(same.order_by("pk"))


def _rows(letters: list[Letter]) -> QuerySet[Letter]:
    return Letter.objects.filter(pk__in=[letter.pk for letter in letters])


def _keep_back(letters: list[Letter], exc: OSError) -> None:
    """Until the server takes them; an address that it will never take is known from now on."""
    if refusal := returned_mail.note_refusal(exc):
        _rows(letters).update(sent_at=timezone.now(), cause=f"refusée ({refusal[0].status})")
    else:
        _rest(letters, f"{type(exc).__name__}: {exc}"[:200])


def _rest(letters: list[Letter], cause: str) -> None:
    tries = letters[0].tries + 1
    rest = min(FIRST_REST * 2 ** (tries - 1), LONGEST_REST)
    _rows(letters).update(tries=tries, cause=cause, due_at=timezone.now() + rest)


def mail_of(letters: list[Letter]) -> EmailMessage:
    """One mail for these letters to one account; its `Message-ID` says which they are."""
    first, *others = letters
    keys = "\n".join(letter.key for letter in letters)
    return mail.mail(
        first.recipient.email,
        DIGEST_SUBJECT if others else first.subject,
        render_to_string("mail/letter.txt", {"letters": letters, "site": settings.SITE_URL}),
        name=hashlib.sha256(keys.encode()).hexdigest(),
        made_at=first.written_at,
    )


# ── Watched ──────────────────────────────────────────────────────────────────────────────────


def kept_back() -> QuerySet[Letter]:
    """Letters that the server refused at least once and that have not left; oldest first."""
    return _waiting().filter(tries__gt=0).order_by("written_at", "pk")


def is_stuck() -> bool:
    """A letter that was to leave is still there a quarter of an hour later."""
    with tenancy.scope(regions=[NATION], read_only=True):
        limit = timezone.now() - STUCK_AFTER
        refused = Q(tries__gt=0, written_at__lte=limit)
        return _waiting().filter(Q(due_at__lte=limit) | refused).exists()
