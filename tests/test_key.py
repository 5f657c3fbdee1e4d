"""Without a key of its own, nothing is served."""

import os
import secrets
import subprocess
import sys

from sprocep.settings import BASE_DIR


def run(*words: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=BASE_DIR,
        env=environment | {"DEBUG": "0", "DJANGO_SETTINGS_MODULE": "sprocep.settings"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_is_served_without_a_key_and_something_with_one():
    refused = run("-c", "import sprocep.wsgi")
    assert refused.returncode != 0
    assert "SECRET_KEY" in refused.stderr
    assert run("-c", "import sprocep.wsgi", SECRET_KEY=secrets.token_urlsafe(64)).returncode == 0
    assert run("-c", "import sprocep.wsgi", DEBUG="1").returncode == 0


def test_deployment_is_refused_without_a_key_or_with_that_of_a_screen():
    check = ("manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING")
    good = run(*check, SECRET_KEY=secrets.token_urlsafe(64), INSECURE_COOKIES="0")
    assert good.returncode == 0, good.stderr
    for key in ("", f"django-insecure-{BASE_DIR}"):
        refused = run(*check, SECRET_KEY=key, INSECURE_COOKIES="0")
        assert refused.returncode != 0
        assert "security.W009" in refused.stderr
