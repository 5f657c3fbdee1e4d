#!/usr/bin/env python
import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line
from django.db import OperationalError

from sprocep import running

VAR = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent / "var")

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprocep.settings")
    running.join(os.environ, VAR)
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        if running.names_servers(os.environ):
            raise
        sys.exit(running.NOTHING_RUNS)
