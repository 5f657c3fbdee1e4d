"""The bootstrap refuses with the line to type, and installs only when it may."""

import importlib.util
from pathlib import Path

import pytest

SETUP = Path(__file__).parent.parent / "bin" / "setup.py"


@pytest.fixture
def setup():
    spec = importlib.util.spec_from_file_location("setup_of_sprocep", SETUP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        ("apt-get", "sudo apt-get install --yes libpango-1.0-0"),
        ("dnf", "sudo dnf install --assumeyes pango"),
    ],
)
def test_missing_package_leaves_with_the_line_to_type(setup, monkeypatch, capsys, tool, line):
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup.shutil, "which", lambda name: name if name == tool else None)
    with pytest.raises(SystemExit) as left:
        setup.require(lambda: False, "Pango", ["libpango-1.0-0"], ["pango"])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert "Il manque Pango" in said
    assert f"\n    {line}\n" in said


def test_root_on_debian_installs(setup, monkeypatch, capsys):
    there = []
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0)
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(setup, "apt_install", there.extend)
    setup.require(lambda: there, "Chromium", ["chromium"], ["chromium"])
    assert there == ["chromium"]
    assert "installation par apt" in capsys.readouterr().out


def test_environment_of_another_project_is_left_out(setup, monkeypatch):
    for name in setup.STRANGERS:
        monkeypatch.setenv(name, "/another/project")
    assert "/another/project" not in setup.clean_environment().values()


def test_stamp_follows_the_lock(setup, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("uv.lock", "pyproject.toml", "bin/setup.py"):
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path)
    assert not setup.is_installed("demo")
    setup.stamp("test").write_text(setup.content_of_stamp())
    assert setup.is_installed("demo")
    assert setup.is_installed("test")
    (tmp_path / "uv.lock").write_text("two")
    assert not setup.is_installed("demo")
