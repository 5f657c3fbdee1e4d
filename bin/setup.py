#!/usr/bin/env python3
"""Make `.venv` and its locked dependencies, and check the machine. Standard library only.

    python3 bin/setup.py demo    what the demonstration needs (Pango for the PDF)
    python3 bin/setup.py test    the same, with the development group and Chromium

Leaves with 2 and the exact line to type when something of the system is missing and this
account may not install it. A second call finds its stamp and does nothing.
"""

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
UV_VERSION = "0.13.9"
OLDEST = (3, 11)
PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
# Left in a shell by other projects: none of them may decide what is installed, nor where.
STRANGERS = (
    *("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX"),
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"),
    *("UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_NO_DEV", "UV_PROJECT"),
)


def clean_environment():
    kept = {name: value for name, value in os.environ.items() if name not in STRANGERS}
    return dict(kept, PYTHONNOUSERSITE="1", UV_PYTHON=str(PYTHON), UV_PYTHON_DOWNLOADS="never")


def leave(sentence, command=None):
    print(f"\n{sentence}", file=sys.stderr)
    if command:
        print(f"\n    {command}\n", file=sys.stderr)
    sys.exit(2)


def run(*command):
    done = subprocess.run(
        [str(part) for part in command], cwd=str(ROOT), env=clean_environment(), check=False
    )
    if done.returncode:
        line = " ".join(shlex.quote(str(part)) for part in command)
        leave(f"La commande a échoué (code {done.returncode}) :", line)


def may_use_apt():
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages):
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "update", "--quiet")
    run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages)


def line_to_type(debian, fedora):
    if shutil.which("apt-get"):
        return "sudo apt-get install --yes " + " ".join(debian)
    if shutil.which("dnf"):
        return "sudo dnf install --assumeyes " + " ".join(fedora)
    return None


def require(is_there, what, debian, fedora):
    if is_there():
        return
    if may_use_apt():
        print(f"{what} manque : installation par apt.")
        apt_install(debian)
    if not is_there():
        line = line_to_type(debian, fedora)
        ask = "Tapez :" if line else f"Installez {', '.join(fedora)} avec votre système, puis :"
        leave(f"Il manque {what}. {ask}", line or "make " + sys.argv[1])


def has_pango():
    for name in PANGO:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
    return True


def has_chromium():
    return any(shutil.which(name) for name in CHROMIUM)


def has_venv_module():
    check = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0


def use_recent_python():
    """Where `python3` is older, one of the named ones may be there."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(14, 10, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, *sys.argv])
    version = ".".join(map(str, sys.version_info[:2]))
    leave(
        f"sprocep demande Python 3.11 ou plus récent ; python3 est ici la version {version}.",
        line_to_type(["python3.11", "python3.11-venv"], ["python3.11"]),
    )


def python_runs():
    if not PYTHON.exists():
        return False
    check = [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(check, check=False).returncode == 0
    except OSError:
        return False


def make_environment():
    if not python_runs():
        venv_package = "python{}.{}-venv".format(*sys.version_info)
        require(has_venv_module, "le module venv", ["python3-venv", venv_package], ["python3"])
        print(f"Environnement virtuel {VENV}")
        run(sys.executable, "-m", "venv", "--clear", VENV)
    if not UV.exists():
        run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            f"uv=={UV_VERSION}")  # fmt: skip


def sync(purpose):
    # The demonstration leaves what the tests have installed where it is.
    groups = ["--group", "dev"] if purpose == "test" else ["--no-dev", "--inexact"]
    run(UV, "sync", "--frozen", "--quiet", *groups)


def stamp(purpose):
    return VENV / f".installed-for-{purpose}"


def content_of_stamp():
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("uv.lock", "pyproject.toml", "bin/setup.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_installed(purpose):
    wanted = content_of_stamp()
    stamps = [stamp("test")] if purpose == "test" else [stamp("test"), stamp("demo")]
    return python_runs() and any(s.exists() and s.read_text() == wanted for s in stamps)


def main():
    purpose = sys.argv[1] if len(sys.argv) > 1 else ""
    if purpose not in ("demo", "test"):
        sys.exit(__doc__)
    use_recent_python()
    require(has_pango, "Pango, qui met en page les PDF", DEBIAN_PANGO, ["pango", "harfbuzz"])
    if purpose == "test":
        require(has_chromium, "Chromium, que les tests conduisent", ["chromium"], ["chromium"])
    if is_installed(purpose):
        return
    make_environment()
    sync(purpose)
    stamp(purpose).write_text(content_of_stamp())


if __name__ == "__main__":
    main()
