"""A virtual environment for each counterpart, from its lock, kept under .cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
KEPT = ROOT / ".cache" / "interop"
UV = Path(sys.executable).parent / "uv"


class NoPython(Exception):
    """No interpreter is new enough for the counterpart."""


def environment(lock: str, least: tuple[int, int]) -> Path:
    """The environment's folder of programs; made when the lock has changed. Raises NoPython."""
    text = (HERE / lock).read_bytes()
    folder = KEPT / lock.removesuffix(".lock")
    mark, digest = folder / "lock.sha256", hashlib.sha256(text).hexdigest()
    programs = folder / "bin"
    if mark.is_file() and mark.read_text() == digest:
        return programs
    base = interpreter(least)
    shutil.rmtree(folder, ignore_errors=True)
    _run([str(UV), "venv", "--quiet", "--no-python-downloads", "--python", base, str(folder)])
    python = str(programs / "python")
    _run(
        [str(UV), "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", str(HERE / lock)]
    )  # fmt: skip
    mark.write_text(digest)
    return programs


def interpreter(least: tuple[int, int]) -> str:
    """This Python when it is new enough, or one on the PATH that starts. Raises NoPython."""
    if sys.version_info >= least:
        return sys.executable
    for minor in range(least[1], least[1] + 3):
        found = shutil.which(f"python{least[0]}.{minor}")
        if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
            return found
    raise NoPython(f"needs Python {least[0]}.{least[1]}; put one on the PATH")


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:3])} failed:\n{done.stderr}")
