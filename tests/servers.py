"""PostgreSQL and Valkey of one test run, before Django reads its settings.

Every run has its own, so that any number of people test on the same machine; xdist workers are
children of the run and inherit its environment.
"""

import atexit
import os
import sys

from sprocep.embedded import EmbeddedServers, are_given
from tests import template


def start() -> None:
    if "sprocep.settings" in sys.modules:
        sys.exit("Les réglages Django sont déjà lus : unset DJANGO_SETTINGS_MODULE, sans --ds.")
    if are_given(os.environ):
        if "PYTEST_XDIST_WORKER" not in os.environ:
            template.migrate(os.environ)
        return
    servers = EmbeddedServers.for_one_run()
    template.lay_under(servers.root)
    os.environ.update(servers.start())
    os.environ["SERVERS_LOGS"] = str(servers.root / "log")
    atexit.register(servers.stop)
