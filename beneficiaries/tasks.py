"""Celery wrappers on fiches de liaison."""

from celery import shared_task

from beneficiaries import actions


@shared_task
def follow_referrals() -> None:
    actions.follow_referrals()
