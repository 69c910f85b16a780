"""What is altered: self-contained sources of one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
CORPUS = [_TESTS / "differential/corpus", _TESTS / "differential/museum", _TESTS / "fuzz/found"]
_OTHERS = ("abicoder v1", "SMTChecker", "==== Source", "==== External")
_PRAGMA = "pragma solidity >=0.8.0;\n"


def sources(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Name and text of each, with a pragma; those of several files, or for another ABI coder, are left out."""
    found = []
    for path in paths:
        for file in sorted(path.rglob("*.sol")) if path.is_dir() else [path]:
            text = file.read_text(errors="replace").split("\n// ----")[0].split("\n// ====")[0]
            if not any(word in text for word in _OTHERS):
                found.append((file.name, text if "pragma solidity" in text else _PRAGMA + text))
    return found
