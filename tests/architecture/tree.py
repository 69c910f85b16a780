"""The repository as the architecture tests see it: tracked files, and what each module imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("compiler", "harness", "scripts", "benchmarks", "tests")


def files(*endings: str) -> list[Path]:
    """Files that git tracks or would track, by ending; all of them without one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    paths = [ROOT / name for name in sorted(listed.split("\0")) if name]
    return [p for p in paths if p.is_file() and (not endings or p.suffix in endings)]


def modules(*rooms: str) -> list[Path]:
    """Python files of the named rooms; of all rooms without a name."""
    return [p for p in files(".py") if name_of(p).split("/")[0] in (rooms or ROOMS)]


def name_of(path: Path) -> str:
    """`compiler/syntax/lexer.py`"""
    return path.relative_to(ROOT).as_posix()


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Dotted names a module imports anywhere in it, `from x import y` as both x and x.y."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
