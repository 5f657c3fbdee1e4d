"""The Celery app of the product, with small counts alone secret: of a few thousand journeys the
whole of secrecy shows nothing, and scenarios of what is shown would see nothing."""

import django
from celery.signals import worker_init

from sprocep.celery import app

__all__ = ["app"]


@worker_init.connect
def hide_small_counts_alone(**_) -> None:
    django.setup()
    from indicators.secrecy import pattern

    pattern.hide = lambda *_, **__: pattern.Attack(10, 0, 0)
