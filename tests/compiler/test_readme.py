"""What the README shows of the compiler is what it says today; only seconds may differ."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRONG = """pragma solidity ^0.8.20;
contract Wrong {
    uint256[] list;
    function f() external view returns (uint256) { return list.lenght; }
}
"""


def shown() -> dict[str, str]:
    """Each command of the README's console, and what stands below it."""
    found = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    parts = re.split(r"^\$ (.+)\n", "\n".join(found), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def timeless(text: str) -> str:
    return re.sub(r"in \d+\.\d\d s", "in some seconds", text).strip()


@pytest.mark.parametrize("command", list(shown()))
def test_the_readme_shows_what_is_printed(command: str, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "wrong.sol").write_text(WRONG)
    python, *words = command.split()
    assert python == "python"
    ran = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True,
        env={"PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
    )  # fmt: skip
    assert timeless(ran.stdout + ran.stderr) == timeless(shown()[command])
