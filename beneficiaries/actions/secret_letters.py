"""Letters whose link is a secret: drawn as each leaves, and kept by nobody.

The outbox keeps the text of what it sends (`regions.letters`); the text of these is a secret.
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from regions import returned_mail
from sprocep import mail, tenancy

# A server that refuses is asked again after this.
REST = timedelta(minutes=15)


def send_waiting(
    waiting: Callable[[], QuerySet], leave: Callable[[Model], list[str]], **everywhere
) -> None:
    """What waits to leave in this scope, each in a transaction of its own; of two workers, one
    sends it.

    A refusal ends the round, as the server may be down; what was refused rests, and the others are
    of the next round. Refused for good, it is dated and not tried again, and the others go on.

    Args:
        leave: sends one and gives the columns that it changed, or raises `OSError`, as smtplib.
    """
    with tenancy.scope(**everywhere, read_only=True):
        due = list(waiting().filter(due_at__lte=timezone.now()).values_list("pk", flat=True))
    for key in due:
        with tenancy.scope(**everywhere):
            is_over = _send(waiting(), leave, key)
        if not is_over:
            return


def _send(waiting: QuerySet, leave: Callable[[Model], list[str]], key: int) -> bool:
    """Whether it is over with this one, by whichever worker."""
    held = waiting.select_for_update(of=("self",), skip_locked=True)
    letter = held.filter(pk=key).first()
    if letter is None:
        return True
    letter.sent_at = timezone.now()
    try:
        changed = leave(letter)
    except OSError as exc:
        if returned_mail.note_refusal(exc):
            letter.save(update_fields=["sent_at"])
            return True
        letter.due_at = timezone.now() + REST
        letter.save(update_fields=["due_at"])
        return False
    letter.save(update_fields=["sent_at", *changed])
    return True


def secret_mail(to: str, subject: str, template: str, secret: str, **context) -> EmailMessage:
    """Of the person, nothing: who asks, a link, until when."""
    context |= {"secret": secret, "site": settings.SITE_URL}
    return mail.mail(to, subject, render_to_string(f"mail/{template}.txt", context).strip())
