import logging.config
import os
from datetime import datetime, timedelta

from celery.schedules import schedule
from celery.signals import after_task_publish, heartbeat_sent, setup_logging
from django.conf import settings

from sprocep import health
from sprocep.messages import signing_app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprocep.settings")


class Every(schedule):
    """Each so many seconds, whatever happens to the clock.

    Celery waits for an instant after the last run: a clock set back by an hour in between would be
    an hour of silence.
    """

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        left = super().remaining_estimate(last_run_at)
        return left if left <= self.run_every else timedelta(0)


app = signing_app("sprocep")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    "sweep": {"task": "indicators.tasks.sweep", "schedule": Every(5.0)},
    "send_letters": {"task": "regions.tasks.send_letters", "schedule": Every(30.0)},
    "read_returned_mail": {
        "task": "regions.tasks.read_returned_mail",
        "schedule": Every(600.0),
    },
    "follow_lost_links": {
        "task": "beneficiaries.tasks.follow_lost_links",
        "schedule": Every(600.0),
    },
    "follow_referrals": {"task": "beneficiaries.tasks.follow_referrals", "schedule": Every(3600.0)},
    "settle_contacts": {"task": "beneficiaries.tasks.settle_contacts", "schedule": Every(3600.0)},
    "ask_after_exit": {"task": "beneficiaries.tasks.ask_after_exit", "schedule": Every(3600.0)},
    "adopt_addresses": {"task": "operators.tasks.adopt_addresses", "schedule": Every(3600.0)},
    "send_links": {"task": "beneficiaries.tasks.send_links", "schedule": Every(60.0)},
    "send_webhooks": {"task": "beneficiaries.tasks.send_webhooks", "schedule": Every(60.0)},
    "publish_surveys": {"task": "indicators.tasks.publish_surveys", "schedule": Every(3600.0)},
    "clear_logins": {"task": "regions.tasks.clear_logins", "schedule": Every(86400.0)},
    "run_campaigns": {"task": "indicators.tasks.run_campaigns", "schedule": Every(3600.0)},
    "open_calendar": {
        "task": "indicators.tasks.launch_due_compilations",
        "schedule": Every(3600.0),
    },
}
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
