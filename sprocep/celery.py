import logging.config
import os

from celery import Celery
from celery.signals import after_task_publish, heartbeat_sent, setup_logging
from django.conf import settings

from sprocep import health

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprocep.settings")

app = Celery("sprocep")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_site_does(**_) -> None:
    """Celery's own set-up would write values: arguments, results, messages of errors."""
    logging.config.dictConfig(settings.LOGGING)


@heartbeat_sent.connect
def worker_lives(**_) -> None:
    health.give_sign(health.WORKER)


@after_task_publish.connect(sender="indicators.tasks.sweep")
def beat_lives(**_) -> None:
    """Nobody but the beat rings for a sweep."""
    health.give_sign(health.BEAT)
