"""Celery wrappers on fiches de liaison, on letters to persons and on what is asked of them."""

from celery import shared_task

from beneficiaries import actions


@shared_task
def follow_referrals() -> None:
    actions.follow_referrals()
    actions.ask_who_came()


@shared_task
def settle_contacts() -> None:
    actions.settle_contacts()


@shared_task
def send_links() -> None:
    """Rung with each letter that holds a link, and by the beat for what was lost or has rested."""
    actions.send_links()


@shared_task
def follow_lost_links() -> None:
    """Rung by the beat, after the mailbox of reports is read."""
    actions.follow_lost_links()


@shared_task
def send_webhooks() -> None:
    """Rung with each move that is told, and by the beat for what was lost or has rested."""
    actions.send_webhooks()


@shared_task
def ask_after_exit() -> None:
    actions.ask_after_exit()
    actions.send_exit_letters()


@shared_task(expires=600, autoretry_for=(OSError,), max_retries=5, retry_backoff=30)
def send_factor(fingerprint: str) -> None:
    """Rung for every code that is typed, whether it opens something or not; left where a worker
    comes later than its digits would serve."""
    actions.send_factor(fingerprint=bytes.fromhex(fingerprint))
