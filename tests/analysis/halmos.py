"""Properties proved by halmos, on the code that our own compiler makes.

Halmos reads what forge leaves in `out/`. This writes the same files from our compiler's artifacts, and
puts a `forge` that does nothing in its way, so no foundry is needed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from compiler import compile_files
from compiler.artifact import CompiledContract

ROOT = Path(__file__).resolve().parents[2]
PROPERTIES = ROOT / "tests" / "analysis" / "properties"
RESULT = re.compile(r"\[(PASS|FAIL|ERROR|TIMEOUT)\] (\w+)\(")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = "check_control"  # wrong on purpose; must not be proved


def prove(halmos: Path, only: str = "", seconds: int = 40) -> dict[str, str]:
    """Outcome by property: PASS, FAIL, ERROR or TIMEOUT. What halmos prints is printed."""
    halmos = halmos.absolute()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_artifacts(root / "out")
        forge = root / "bin" / "forge"
        forge.parent.mkdir()
        forge.write_text("#!/bin/sh\nexit 0\n")
        forge.chmod(0o755)
        (root / "foundry.toml").write_text("[profile.default]\n")
        environment = {**os.environ, "PATH": f"{forge.parent}:{halmos.parent}:{os.environ['PATH']}"}
        command = [
            str(halmos), "--root", str(root), "--function", f"check_{only}", "--loop", "34",
            "--solver-timeout-assertion", f"{seconds}s", "--no-status",
        ]  # fmt: skip
        run = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root)
    told = COLOUR.sub("", run.stdout)
    print(told + run.stderr)
    return {name: state for state, name in RESULT.findall(told)}


def unproved(outcome: dict[str, str]) -> list[str]:
    """Properties that were not proved; the control, if it was; and a run without any."""
    wrong = [n for n, state in outcome.items() if (state == "PASS") == (n == CONTROL)]
    return wrong if outcome else ["nothing was checked"]


def write_artifacts(out: Path) -> None:
    """Every property contract as forge would have built it."""
    compiled = compile_files([p.relative_to(ROOT) for p in sorted(PROPERTIES.glob("*.sol"))])
    for contract in compiled.contracts.values():
        folder = out / f"{contract.name}.sol"
        folder.mkdir(parents=True)
        (folder / f"{contract.name}.json").write_text(json.dumps(artifact(contract)))


def artifact(contract: CompiledContract) -> dict[str, object]:
    """The part of forge's JSON that halmos reads."""
    node = {
        "nodeType": "ContractDefinition",
        "name": contract.name,
        "contractKind": contract.kind,
        "abstract": False,
        "nodes": [],
    }
    return {
        "abi": contract.abi,
        "bytecode": {"object": "0x" + contract.bytecode.hex(), "linkReferences": {}},
        "deployedBytecode": {"object": "0x" + contract.runtime.hex(), "linkReferences": {}},
        "methodIdentifiers": contract.selectors,
        "metadata": {"compiler": {"version": "0.8.37"}, "output": {"devdoc": {"methods": {}}}},
        "ast": {"absolutePath": f"{contract.name}.sol", "nodeType": "SourceUnit", "nodes": [node]},
        "id": 0,
    }


if __name__ == "__main__":
    outcome = prove(Path(sys.argv[1]), *sys.argv[2:3])
    sys.exit(1 if unproved(outcome) else 0)
