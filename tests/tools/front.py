"""Our compiler as one executable file, and copies of the sample projects."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent
BIN = Path(sys.executable).parent


def executable(folder: Path) -> Path:
    """What installing makes of the console script: an absolute interpreter, no activated environment."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts["facetworks-solc"].partition(":")
    path = folder / "facetworks-solc"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"from {module} import {function}\nsys.exit({function}())\n"
    )
    path.chmod(0o755)
    return path


def sample(tool: str, folder: Path) -> Path:
    """A copy of a sample project."""
    return Path(shutil.copytree(SAMPLES / tool, folder / tool))


def run(
    *words: str | Path, cwd: Path, home: Path, env: dict[str, str] | None = None, timeout: int = 300
) -> subprocess.CompletedProcess[str]:
    """A tool with a home of its own and nothing of ours on its path."""
    environment = {
        "HOME": str(home),
        "PATH": os.pathsep.join((str(ROOT / "node_modules" / ".bin"), "/usr/local/bin", "/usr/bin", "/bin")),
        "NO_COLOR": "1",
        **(env or {}),
    }  # fmt: skip
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
