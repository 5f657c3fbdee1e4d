"""PostgreSQL and Valkey of one test run, before Django reads its settings.

Every run has its own, so that any number of people test on the same machine; xdist workers are
children of the run and inherit its environment.
"""

import atexit
import os
import sys

from sprocep.embedded import EmbeddedServers, are_given


def start() -> None:
    if "sprocep.settings" in sys.modules:
        sys.exit("Les réglages Django sont déjà lus : unset DJANGO_SETTINGS_MODULE, sans --ds.")
    if are_given(os.environ):
        return
    servers = EmbeddedServers.for_one_run()
    os.environ.update(servers.start())
    os.environ["SERVERS_LOGS"] = str(servers.root / "log")
    atexit.register(servers.stop)
