"""PostgreSQL and Valkey of one test run, before Django reads its settings.

Every run has its own, so that any number of people test on the same machine; xdist workers are
children of the run and inherit its environment.
"""

import atexit
import os
import sys

from sprocep.embedded import EmbeddedServers, are_given
from tests import template

# Signs and queues of one test process are not those of another: each has its own of Valkey's bases.
BROKER_BASES, BASES_OF_A_PROCESS = 16, 4


def broker(further: int) -> str:
    """The address of this process' broker, or of a further base of its own."""
    address, _, base = os.environ["BROKER_URL"].rpartition("/")
    return f"{address}/{int(base) + further}"


def start() -> None:
    if "sprocep.settings" in sys.modules:
        sys.exit("Les réglages Django sont déjà lus : unset DJANGO_SETTINGS_MODULE, sans --ds.")
    if are_given(os.environ):
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker:
            rank = int(worker.removeprefix("gw")) % (BROKER_BASES // BASES_OF_A_PROCESS)
            os.environ["BROKER_URL"] = broker(rank * BASES_OF_A_PROCESS)
        else:
            template.prepare(os.environ)
        return
    servers = EmbeddedServers.for_one_run()
    template.lay_under(servers.root)
    os.environ.update(servers.start())
    os.environ["SERVERS_LOGS"] = str(servers.root / "log")
    atexit.register(servers.stop)
