"""Letters to persons six months after an exit (docs/adr/0034)."""

from django.conf import settings
from django.urls import reverse

from beneficiaries.actions.secret_letters import secret_mail, send_waiting
from beneficiaries.links import link_fingerprint, new_secret
from beneficiaries.models import ExitLetter, ExitQuestion
from beneficiaries.queries import BY_SMS, exit_letters_to_send, waiting_questions, way_to
from operators.queries import operator_structures
from regions.queries import national_regions, structure_name
from sprocep import periods, sms

SHORT_TEXT = "Six mois après votre conseil en évolution professionnelle, trois questions : {link}"
SUBJECT = "Six mois après votre conseil en évolution professionnelle : trois questions"


def send_exit_letters() -> None:
    everywhere = {"regions": national_regions(), "structures": operator_structures()}
    send_waiting(exit_letters_to_send, _leave, **everywhere)


def _leave(letter: ExitLetter) -> list[str]:
    """Of what was answered, reopened or is over meanwhile, nothing leaves; nor without address."""
    asked = waiting_questions(periods.today()).select_related("journey__beneficiary")
    question = asked.filter(pk=letter.question_id).first()
    way = way_to(question.journey.beneficiary) if question else None
    if way is None:
        return []
    secret = new_secret()
    _send(*way, secret, letter, question)
    letter.fingerprint = link_fingerprint(secret)
    return ["fingerprint"]


def _send(way: str, address: str, secret: str, letter: ExitLetter, question: ExitQuestion) -> None:
    if way == BY_SMS:
        link = settings.SITE_URL + reverse("beneficiaries:answer_exit", args=[secret])
        sms.send_sms(address, SHORT_TEXT.format(link=link))
        return
    context = {
        "structure": structure_name(question.structure_id, question.exit_on),
        "last_day": periods.days_after(question.closes_on, -1),
        "is_reminder": letter.is_reminder,
    }
    secret_mail(address, SUBJECT, "exit_question", secret, **context).send()
