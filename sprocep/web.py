"""How gunicorn serves, here and in production: `gunicorn --config python:sprocep.web`."""

import gc
import os

os.environ.setdefault("ANSWERS_REQUESTS", "1")  # limits of a request: before the settings are read

from sprocep.settings import LOGGING

wsgi_app = "sprocep.wsgi"
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "sprocep.patience.PatientWorker"
worker_connections = 500  # below the 1,024 files of a process
# Many processes of few threads: a connection stays with the process that took it, and those of one
# process wait for each other.
workers = int(os.environ.get("WEB_WORKERS", "4"))
threads = 2
timeout = 60
graceful_timeout = 3
# It would lie in the home folder.
control_socket_disable = True
# Each request writes its own line (sprocep.logs): an access log holds what was searched for.
accesslog = None
logconfig_dict = LOGGING


def post_worker_init(worker) -> None:
    """What is loaded by now stays: the collector need not go through it again, page after page.

    A page makes some ten thousand objects: looked through once, not fourteen times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
