"""The supervisor of the demonstration, over small processes in place of the real ones."""

import json
import signal
import stat
import subprocess
import sys
import time

import pytest

from sprocep import demo
from tests.waiting import is_running, wait_until

URLS = {
    "DATABASE_URL": "postgresql://app",
    "DATABASE_OWNER_URL": "postgresql://owner",
    "DATABASE_COMPILER_URL": "postgresql://compiler",
}
IGNORES_TERM = "trap '' TERM; echo up; while :; do sleep 0.1; done"


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    for name in ("VAR", "LOGS"):
        monkeypatch.setattr(demo, name, tmp_path)
    for name in ("ACCOUNTS", "DEMO_FILE", "STATIC_STAMP"):
        monkeypatch.setattr(demo, name, tmp_path / getattr(demo, name).name)
    monkeypatch.setattr(demo, "SECONDS_TO_STOP", 1)
    # The suite keeps its own signals: `stop` turns the supervisor's off.
    monkeypatch.setattr(demo.signal, "signal", lambda number, handler: None)
    demo.ACCOUNTS.write_text('[{"role": "adviser"}]')
    running = demo.Supervisor(servers=None, environment=dict(URLS))
    yield running
    running.stop()


def tend_until(supervisor, condition) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 20
        supervisor.tend()
    return time.monotonic() - began


def test_killed_worker_comes_back_and_the_file_follows(supervisor, capsys):
    worker = supervisor.serve("worker", ["sleep", "60"], signal.SIGTERM)
    supervisor.write_demo_file()
    first = worker.process
    assert json.loads(demo.DEMO_FILE.read_text()) == {
        "url": demo.URL,
        "databases": {
            "owner": "postgresql://owner",
            "app": "postgresql://app",
            "compiler": "postgresql://compiler",
        },
        "worker_pid": first.pid,
        "accounts": [{"role": "adviser"}],
    }
    assert stat.S_IMODE(demo.DEMO_FILE.stat().st_mode) == 0o600
    first.kill()
    seconds = tend_until(supervisor, lambda: worker.process is not first)
    assert demo.SECONDS_BEFORE_RESTART <= seconds < 3
    assert json.loads(demo.DEMO_FILE.read_text())["worker_pid"] == worker.process.pid
    assert "il est relancé" in capsys.readouterr().out


def test_stop_leaves_nothing_even_of_what_refuses(supervisor):
    stubborn = supervisor.serve("web", ["sh", "-c", IGNORES_TERM], signal.SIGTERM)
    tend_until(supervisor, lambda: "up" in stubborn.log.read_text())
    step = supervisor.begin(["sleep", "60"])
    supervisor.stop()
    assert stubborn.process.returncode == -signal.SIGKILL
    assert step.returncode == -signal.SIGTERM


def test_a_killed_supervisor_leaves_nothing_even_of_what_refuses(tmp_path):
    log = tmp_path / "log"
    code = (
        "import sys, time; from pathlib import Path; from sprocep import demo\n"
        f"spawned = demo.spawn({['sh', '-c', IGNORES_TERM]!r}, {{}}, Path({str(log)!r}))\n"
        "print(spawned.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=demo.ROOT, stdout=subprocess.PIPE)
    stubborn = int(parent.stdout.readline())
    wait_until(lambda: log.exists() and "up" in log.read_text())
    assert is_running(stubborn)
    parent.kill()
    parent.communicate()
    wait_until(lambda: not is_running(stubborn))


def test_failed_step_says_which(supervisor):
    with pytest.raises(demo.DemoError, match="« -c exit 3 » a échoué"):
        supervisor.step("Rien", ["sh", "-c", "exit 3"])


def test_step_says_its_time(supervisor, capsys):
    supervisor.step("Migrations", ["true"])
    assert capsys.readouterr().out.startswith("  Migrations ...")


def test_secret_key_is_kept_and_private(supervisor):
    key = demo.secret_key()
    assert len(key) >= 50
    assert demo.secret_key() == key
    assert stat.S_IMODE((demo.VAR / "secret_key").stat().st_mode) == 0o600


def test_static_files_are_collected_once(supervisor, monkeypatch):
    begun = []
    monkeypatch.setattr(
        supervisor,
        "begin",
        lambda words, log: begun.append(words) or demo.spawn(["true"], {}, None),
    )
    for _ in range(2):
        with demo.static_files(supervisor):
            pass
        (demo.VAR / "static").mkdir(exist_ok=True)
        (demo.VAR / "static" / "staticfiles.json").touch()
    assert len(begun) == 1


def test_taken_port_is_refused_with_the_line_to_type(monkeypatch):
    with demo.socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(demo, "PORT", taken.getsockname()[1])
        with pytest.raises(demo.DemoError, match=f"make demo PORT={demo.PORT + 1}"):
            demo.refuse_taken_port()
    demo.refuse_taken_port()
