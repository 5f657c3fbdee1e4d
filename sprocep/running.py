"""The demonstration that runs on this machine, for who types `manage.py …` beside it.

`make demo` writes the settings of its processes to `var/environment.json`, for its own account
alone. A command that was given no server reads them there, as long as PostgreSQL answers at that
address: a file that a killed demonstration left behind leads nowhere.
"""

import json
import os
import socket
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sprocep.embedded.processes import write_secret

NAME = "environment.json"
NOTHING_RUNS = (
    "Aucune base ne répond : la démonstration ne tourne pas. Lancez-la par « make demo » dans un "
    "autre terminal, puis recommencez ; ou nommez vos serveurs (DATABASE_URL…, voir "
    "docs/operations.md)."
)


def publish(folder: Path, environment: Mapping[str, str]) -> None:
    """Say where the servers are: those of `environment` that this process was not given."""
    own = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    write_secret(folder / NAME, json.dumps(own, indent=2))


def withdraw(folder: Path) -> None:
    (folder / NAME).unlink(missing_ok=True)


def names_servers(environment: Mapping[str, str]) -> bool:
    """Somebody has said which servers are meant, as an installation does."""
    return any(environment.get(name) for name in ("DATABASE_URL", "DATABASE_URL_FILE"))


def join(environment: MutableMapping[str, str], folder: Path) -> bool:
    """Take the settings of the demonstration that runs. What was set before stays.

    Returns:
        whether there is one.
    """
    if names_servers(environment):
        return False
    settings = _published(folder / NAME)
    if not _answers(settings.get("DATABASE_URL", "")):
        return False
    for name, value in settings.items():
        environment.setdefault(name, value)
    return True


def _published(path: Path) -> dict[str, str]:
    """Nothing where the file is not there, or could be read or laid by somebody else."""
    try:
        with path.open(encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                return {}
            return json.load(file)
    except FileNotFoundError:
        return {}


def _answers(url: str) -> bool:
    """Whether a server listens at the socket that this address names."""
    query = parse_qs(urlsplit(url).query)
    if not query.get("host"):
        return False
    address = f"{query['host'][0]}/.s.PGSQL.{query.get('port', ['5432'])[0]}"
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
