"""Rooms of the harness import downward only, stay small, and keep heavy libraries where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.contracts import ROOT

HARNESS = ROOT / "harness"
MOST_LINES = 600

# Each room may import the rooms before it, and itself.
ORDER = [
    ("errors", "faults"),
    ("protocol",),
    ("settings", "logs"),
    ("chain",),
    ("store",),
    ("diamond",),
    ("x402",),
    ("services",),
    ("demo",),
    ("cli",),
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
# Entry points of a lower room may call the command line that runs them.
ALLOWED = {("harness/demo/__main__.py", "cli")}
FORBIDDEN = {
    "web3": (),
    "ape": (),
    "tests": (),
    "scripts": (),
    "sqlalchemy": ("store",),
    "x402": ("x402", "services"),
    "starlette": ("services",),
    "eth": ("chain",),
}


def modules() -> list[Path]:
    return sorted(HARNESS.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "harness":
            yield from (f"harness.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def room_of(path: Path) -> str:
    return path.relative_to(HARNESS).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downward(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "harness":
            target = rest.partition(".")[0]
            if (str(path.relative_to(ROOT)), target) in ALLOWED:
                continue
            assert LEVEL[target] < LEVEL[room] or target == room, f"{room} imports {name}"
        if top in FORBIDDEN:
            assert room in FORBIDDEN[top], f"{room} imports {name}"


def test_services_do_not_import_each_other() -> None:
    for path in (HARNESS / "services").rglob("*.py"):
        parts = path.relative_to(HARNESS / "services").parts
        if len(parts) == 1:
            continue
        for name in imports(path):
            if name.startswith("harness.services."):
                assert name.split(".")[2] == parts[0], f"{path.name} imports {name}"


def test_files_are_small_and_no_room_is_for_leftovers() -> None:
    for path in modules():
        assert len(path.read_text().splitlines()) <= MOST_LINES, path
        assert not {"utils", "helpers", "misc", "common"} & {*path.parts, path.stem}, path


def test_every_module_says_what_it_is_for() -> None:
    for path in modules():
        assert ast.get_docstring(ast.parse(path.read_text())), path
