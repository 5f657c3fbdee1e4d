"""Letters to persons six months after an exit: their link is drawn as they leave, and kept by
nobody (docs/adr/0029, 0034)."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from beneficiaries.links import link_fingerprint, new_secret
from beneficiaries.models import ExitLetter, ExitQuestion
from beneficiaries.queries import exit_letters_to_send, waiting_questions
from operators.queries import operator_structures
from regions.queries import national_regions, structure_name
from sprocep import periods, tenancy

SUBJECT = "Six mois après votre conseil en évolution professionnelle : trois questions"
# A server that refuses is asked again after this.
REST = timedelta(minutes=15)


def send_exit_letters() -> None:
    """What waits to leave, each in a transaction of its own; of two workers, one sends it.

    A refusal ends the round, as the server may be down.
    """
    everywhere = {"regions": national_regions(), "structures": operator_structures()}
    with tenancy.scope(**everywhere, read_only=True):
        waiting = exit_letters_to_send().filter(due_at__lte=timezone.now())
        due = list(waiting.values_list("pk", flat=True))
    for key in due:
        with tenancy.scope(**everywhere):
            is_gone = _send(key)
        if not is_gone:
            return


def _send(key: int) -> bool:
    """Whether it left, by whichever worker."""
    held = exit_letters_to_send().select_for_update(of=("self",), skip_locked=True)
    letter = held.filter(pk=key).first()
    if letter is None:
        return True
    try:
        _leave(letter)
    except OSError:  # what smtplib raises too
        letter.due_at = timezone.now() + REST
    letter.save(update_fields=["due_at", "sent_at", "fingerprint"])
    return letter.sent_at is not None


def _leave(letter: ExitLetter) -> None:
    """Of what was answered, reopened or is over meanwhile, nothing leaves; nor without address."""
    asked = waiting_questions(periods.today()).select_related("journey__beneficiary")
    question = asked.filter(pk=letter.question_id).first()
    email = question.journey.beneficiary.email if question else ""
    secret = new_secret()
    if email:
        _mail(question, email, secret, is_reminder=letter.is_reminder).send()
        letter.fingerprint = link_fingerprint(secret)
    letter.sent_at = timezone.now()


def _mail(question: ExitQuestion, email: str, secret: str, *, is_reminder: bool) -> EmailMessage:
    """Of the person, nothing: who asks, a link, until when."""
    context = {
        "structure": structure_name(question.structure_id, question.exit_on),
        "secret": secret,
        "site": settings.SITE_URL,
        "last_day": periods.days_after(question.closes_on, -1),
        "is_reminder": is_reminder,
    }
    return EmailMessage(
        subject=SUBJECT,
        body=render_to_string("mail/exit_question.txt", context).strip(),
        to=[email],
        headers={"Auto-Submitted": "auto-generated"},
    )
