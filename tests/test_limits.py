"""The limits of time and locks that each kind of process asks PostgreSQL for."""

import json
import os
import subprocess
import sys

import pytest

from sprocep.settings import BASE_DIR

LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
SHOW = f"""
import json
from django.db import connections
shown = {{}}
for alias in ("default", "owner", "compiler"):
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting(name) FROM unnest(%s::text[]) name", [{LIMITS}])
        shown[alias] = [value for (value,) in cursor.fetchall()]
print(json.dumps(shown))
"""
WEB = "import sprocep.web, sprocep.wsgi"  # what gunicorn reads, in its order
ANOTHER_SERVER = "import sprocep.wsgi"
WORKER = "import django, sprocep.celery; django.setup()"


def shown(imports: str) -> dict[str, list[str]]:
    environment = {name: v for name, v in os.environ.items() if name != "ANSWERS_REQUESTS"}
    done = subprocess.run(
        [sys.executable, "-c", imports + SHOW],
        cwd=BASE_DIR,
        env=environment | {"DJANGO_SETTINGS_MODULE": "sprocep.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("imports", [WEB, ANOTHER_SERVER])
def test_a_request_is_short(imports):
    assert shown(imports)["default"] == ["10s", "5s", "1min"]


def test_a_task_may_last(world):
    limits = shown(WORKER)
    assert limits["default"] == ["5min", "5s", "5min"]
    # It waits for the cells that another worker builds.
    assert limits["compiler"] == ["5min", "0", "5min"]
    # A migration that waits holds everybody behind it up.
    assert limits["owner"][1] == "5s"
