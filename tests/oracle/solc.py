"""A client for the reference compiler: sources in, standard-JSON output out, answers kept on disk."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("FACETWORKS_SOLC_CACHE", ROOT / ".cache" / "solc"))
NODE = ["node"]  # a long run adds what makes better code at the price of a slower start
OUTPUTS = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.methodIdentifiers",
    "storageLayout",
    "evm.deployedBytecode.immutableReferences",
]


class SolcError(Exception):
    """The reference compiler rejected the sources; `errors` holds its messages."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        self.errors = errors
        super().__init__("\n".join(e.get("formattedMessage", e.get("message", "")) for e in errors))


def available() -> bool:
    """Node and the npm package are both here."""
    return shutil.which("node") is not None and (ROOT / "node_modules" / "solc").is_dir()


class _Process:
    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def ask(self, request: str) -> str:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [*NODE, str(ROOT / "tests" / "oracle" / "solc.js")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
            atexit.register(self._child.kill)
        assert self._child.stdin and self._child.stdout
        self._child.stdin.write(request + "\n")
        self._child.stdin.flush()
        return self._child.stdout.readline()


_process = _Process()


def compile_standard(request: Mapping[str, Any], *, keep: bool = True) -> dict[str, Any]:
    """One standard-JSON request; identical requests are answered from disk unless `keep` says no."""
    text = json.dumps(request, sort_keys=True)
    if not keep:
        return dict(json.loads(_process.ask(text)))
    key = hashlib.sha256(text.encode()).hexdigest()
    kept = CACHE / f"{key}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    answer = _process.ask(text)
    CACHE.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text(answer)
    partial.replace(kept)
    return dict(json.loads(answer))


def compile_sources(
    sources: Mapping[str, str],
    *,
    via_ir: bool = True,
    optimize: bool = True,
    runs: int = 200,
    evm_version: str = "cancun",
    outputs: list[str] | None = None,
    metadata: bool = False,
    libraries: Mapping[str, bytes] | None = None,
    revert_strings: str | None = None,
) -> dict[str, dict[str, Any]]:
    """Compile and return {"path:Name": contract output}; raises SolcError on any error.

    `libraries` maps "path:Name" to an address."""
    request: dict[str, Any] = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in sources.items()},
        "settings": {
            "viaIR": via_ir,
            "optimizer": {"enabled": optimize, "runs": runs},
            "evmVersion": evm_version,
            "metadata": {"appendCBOR": metadata},
            "outputSelection": {"*": {"*": outputs or OUTPUTS}},
        },
    }
    if revert_strings is not None:
        request["settings"]["debug"] = {"revertStrings": revert_strings}
    for name, address in (libraries or {}).items():
        path, _, library = name.rpartition(":")
        by_file = request["settings"].setdefault("libraries", {})
        by_file.setdefault(path, {})[library] = "0x" + address.hex()
    answer = compile_standard(request)
    errors = [e for e in answer.get("errors", []) if e["severity"] == "error"]
    if errors:
        raise SolcError(errors)
    return {
        f"{path}:{name}": output
        for path, contracts in answer.get("contracts", {}).items()
        for name, output in contracts.items()
    }
