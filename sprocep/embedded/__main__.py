"""`python -m sprocep.embedded`: one command between the start and the stop of the servers."""

import argparse
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from sprocep.embedded import EmbeddedError, EmbeddedServers, are_given
from sprocep.embedded.processes import dies_with_parent, stop_process


def run(command: list[str], environment: Mapping[str, str]) -> int:
    child = subprocess.Popen(command, env=environment, preexec_fn=dies_with_parent(signal.SIGTERM))
    try:
        code = child.wait()
    except KeyboardInterrupt:  # the terminal told the child too: let it end
        code = child.wait()
    finally:
        stop_process(child, signal.SIGTERM)
    return code if code >= 0 else 128 - code


def leave_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sprocep.embedded",
        description="Lance PostgreSQL et Valkey privés, exécute la commande, puis les arrête.",
    )
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--root", type=Path, help="dossier des serveurs, gardé d’une fois à l’autre")
    place.add_argument("--ephemeral", action="store_true", help="dossier effacé à la fin")
    parser.add_argument("command", nargs="+", help="après --")
    arguments = parser.parse_args()
    if are_given(os.environ):
        return run(arguments.command, os.environ)
    signal.signal(signal.SIGTERM, leave_on_signal)
    servers = (
        EmbeddedServers.for_one_run() if arguments.ephemeral else EmbeddedServers(arguments.root)
    )
    try:
        with servers as environment:
            key = {} if arguments.root else {"SECRET_KEY": secrets.token_urlsafe(64)}
            return run(arguments.command, key | os.environ | environment)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
