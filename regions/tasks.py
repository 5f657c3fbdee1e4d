"""Celery wrappers on people and on their letters."""

from celery import shared_task
from django.conf import settings

from regions import actions, letters, returned_mail
from regions.login import SessionStore
from regions.models import User
from sprocep import tenancy


@shared_task(expires=600, autoretry_for=(OSError,), max_retries=5, retry_backoff=30)
def send_reset_link(user_id: int) -> None:
    """Rung for every address that is typed, known or not: 0 stands for an unknown one. Left where a
    worker comes ten minutes later: the person has asked again, or given up."""
    with tenancy.scope(regions=[tenancy.NATION]):
        user = User.objects.filter(pk=user_id).first()
    if user is None:
        return
    try:
        with tenancy.scope(regions=[tenancy.NATION]):
            actions.send_reset_link(by=None, user=user)
    except OSError as exc:
        if not returned_mail.note_refusal(exc):
            raise


@shared_task
def send_letters() -> None:
    """Rung with each letter, and by the beat for what was lost or has rested."""
    while letters.send_next():
        pass


@shared_task
def clear_logins() -> None:
    """Rung by the beat: logins that are over are erased."""
    SessionStore.clear_expired()


@shared_task
def read_returned_mail() -> None:
    """Rung by the beat; where no mailbox is named, reports go where they go."""
    if settings.RETURNED_MAIL_URL:
        returned_mail.read_returned_mail()
