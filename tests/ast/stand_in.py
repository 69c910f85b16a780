"""The reference compiler as crytic-compile calls it: `--version`, and `FILE --combined-json …`, ABI and AST only.

Made into a command with `write_command`, since what npm brings has no command line of solc's shape."""

from __future__ import annotations

import json
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

from tests.oracle import solc

ROOT = Path(__file__).resolve().parents[2]
VERSION = "solc, the solidity compiler commandline interface\nVersion: 0.8.37+commit.00000000"
_IMPORT = re.compile(r"""^\s*import\b[^;]*?["']([^"']+)["']\s*;""", re.MULTILINE)


def write_command(path: Path) -> Path:
    """Such a command at `path`."""
    path.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"from tests.ast.stand_in import main\nmain(sys.argv[1:])\n"
    )
    path.chmod(0o755)
    return path


def main(arguments: list[str]) -> None:
    """Answer one call on standard output."""
    if "--version" in arguments:
        print(VERSION)
        return
    target = next(a for a in arguments if a.endswith(".sol"))
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sorted(_closure(target).items())},
        "settings": {
            "evmVersion": "cancun",
            "outputSelection": {"*": {"*": ["abi"], "": ["ast"]}},
        },
    }
    answer = solc.compile_standard(request)
    print(json.dumps(_combined(answer)))


def _closure(target: str) -> dict[str, str]:
    """A file and all it imports by relative paths."""
    found: dict[str, str] = {}
    todo = [posixpath.normpath(target)]
    while todo:
        path = todo.pop()
        if path not in found:
            found[path] = Path(path).read_text()
            folder = posixpath.dirname(path)
            todo += [
                posixpath.normpath(posixpath.join(folder, i)) for i in _IMPORT.findall(found[path])
            ]
    return found


def _combined(answer: dict[str, Any]) -> dict[str, Any]:
    errors = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] == "error"]
    if errors:
        sys.exit("\n".join(errors))
    contracts = {
        f"{path}:{name}": {
            "abi": output["abi"],
            **dict.fromkeys(("bin", "bin-runtime", "srcmap", "srcmap-runtime"), ""),
            "userdoc": {},
            "devdoc": {},
        }
        for path, by_name in answer["contracts"].items()
        for name, output in by_name.items()
    }
    sources = {path: {"AST": source["ast"]} for path, source in answer["sources"].items()}
    return {"contracts": contracts, "sources": sources, "version": "0.8.37"}
