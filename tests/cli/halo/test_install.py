"""install.sh with a stand-in for Python: what it makes, that it makes it whole or not at all, and only once."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.harness.contracts import ROOT

# Makes "environments" without a network; its `pip install` is a script that answers --version.
STAND_IN = """#!/bin/sh
case "$1 $2" in
  "-m venv")
    shift 2; for last; do :; done
    mkdir -p "$last/bin"; cp "$0" "$last/bin/python"; echo "made" >> "$LOG"; exit 0 ;;
  "-m pip")
    [ -z "$PIP_FAILS" ] || exit 1
    here="$(dirname "$0")"
    printf '#!%s/python\\necho halo 0.1.0\\n' "$here" > "$here/halo"; chmod +x "$here/halo"; exit 0 ;;
  "-m harness.cli.halo") echo "halo 0.1.0"; exit 0 ;;
  "--version "*) echo "Python 3.9.1"; exit 0 ;;
  "- ") [ -z "$OLD" ] || exit 1; exec "$REAL" "$@" ;;
esac
case "$1" in
  -) if [ -n "$OLD" ]; then exit 1; fi; exec "$REAL" "$@" ;;
  */halo) echo "halo 0.1.0"; exit 0 ;;
esac
exec "$REAL" "$@"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    stand_in = tmp_path / "python"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    return tmp_path


def install(place: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(ROOT / "install.sh")], capture_output=True, text=True, timeout=60, check=False,
        env={
            "PATH": os.environ["PATH"], "HOME": str(place), "PYTHON": str(place / "python"),
            "REAL": sys.executable, "LOG": str(place / "log"), **environ,
        },
    )  # fmt: skip


def made(place: Path) -> int:
    return len((place / "log").read_text().splitlines()) if (place / "log").exists() else 0


def leftovers(place: Path) -> list[Path]:
    share = place / ".local/share"
    return [p for p in share.glob("*") if p.name != "halo"] if share.exists() else []


def test_a_second_run_changes_nothing(place: Path) -> None:
    first = install(place)
    assert first.returncode == 0, first.stderr
    command = place / ".local/bin/halo"
    assert "halo 0.1.0" in first.stdout and command.is_symlink() and command.exists()
    assert (
        (place / ".local/share/halo/bin/halo")
        .read_text()
        .startswith(f"#!{place}/.local/share/halo/bin/python")
    )
    second = install(place)
    assert second.returncode == 0 and "already installed" in second.stdout and made(place) == 1
    (place / ".local/share/halo/installed").write_text("older")
    assert install(place).returncode == 0 and made(place) == 2
    assert not leftovers(place)


def test_a_failed_install_leaves_nothing_or_what_was_there(place: Path) -> None:
    failed = install(place, PIP_FAILS="1")
    assert failed.returncode == 1 and "nothing was changed" in failed.stderr
    assert not (place / ".local/share/halo").exists() and not (place / ".local/bin/halo").exists()
    assert not leftovers(place)
    assert install(place).returncode == 0
    (place / ".local/share/halo/installed").write_text("older")
    assert install(place, PIP_FAILS="1").returncode == 1
    assert (place / ".local/share/halo/installed").read_text() == "older" and not leftovers(place)


def test_an_old_python_is_refused(place: Path) -> None:
    old = install(place, OLD="1")
    assert old.returncode == 1 and "3.11" in old.stderr and "PYTHON" in old.stderr
    missing = install(place, PYTHON="/nonexistent/python")
    assert missing.returncode == 1 and "none was found" in missing.stderr
    assert not (place / ".local").exists()


def test_a_foreign_halo_is_not_replaced(place: Path) -> None:
    (place / ".local/bin").mkdir(parents=True)
    (place / ".local/bin/halo").write_text("mine")
    refused = install(place)
    assert refused.returncode == 1 and (place / ".local/bin/halo").read_text() == "mine"


def test_outside_a_checkout_it_says_what_it_needs(place: Path) -> None:
    script = (ROOT / "install.sh").read_text()
    alone = subprocess.run(
        ["bash", "-s"], input=script, capture_output=True, text=True, timeout=60, check=False, cwd=place,
        env={"PATH": os.environ["PATH"], "HOME": str(place), "PYTHON": sys.executable},
    )  # fmt: skip
    assert alone.returncode == 1 and "HALO_REPOSITORY" in alone.stderr


def test_the_console_script_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"]["halo"] == "harness.cli.halo.main:cli"
