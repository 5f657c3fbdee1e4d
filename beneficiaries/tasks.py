"""Celery wrappers on fiches de liaison."""

from celery import shared_task

from beneficiaries import actions


@shared_task
def follow_referrals() -> None:
    actions.follow_referrals()


@shared_task
def send_links() -> None:
    """Rung with each letter that holds a link, and by the beat for what was lost or has rested."""
    actions.send_links()
