#!/usr/bin/env python3
"""Make the secrets of an installation, once: `python3 deploy/make_secrets.py deploy/secrets`.

One file each, in a folder that only its owner enters. Inside a container each file is readable by
whichever account runs there: that is what its mode is for. A second call changes nothing.
"""

import os
import secrets
import sys
from pathlib import Path

ROLES = ("owner", "app", "compiler")


def write(path: Path, content: str) -> None:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
            file.write(content)


def main(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("postgres", *ROLES, "broker"):
        write(folder / f"{name}_password", secrets.token_urlsafe(32))
    for role in ROLES:
        password = (folder / f"{role}_password").read_text()
        address = f"postgresql://sprocep_{role}:{password}@db:5432/sprocep"
        write(folder / f"{role}_url", address)
    password = (folder / "broker_password").read_text()
    write(folder / "broker_url", f"redis://:{password}@broker:6379/0")
    write(folder / "valkey.conf", f"requirepass {password}\n")
    write(folder / "email_url", "")  # smtp://account:password@host:587, by hand; none: to files
    write(folder / "secret_key", secrets.token_urlsafe(64))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
