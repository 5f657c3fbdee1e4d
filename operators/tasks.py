"""Celery wrappers on the addresses to which fiches go."""

from celery import shared_task

from operators import actions, address_links


@shared_task(autoretry_for=(OSError,), max_retries=5, retry_backoff=30)
def send_address_link(region: str, capacity: int, to: str) -> None:
    address_links.send(region, capacity, to)


@shared_task
def adopt_addresses() -> None:
    """Rung by the beat: what nobody refused in time stands."""
    actions.adopt_addresses()
