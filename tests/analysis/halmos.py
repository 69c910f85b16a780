"""Properties proved by halmos, on the code that our own compiler makes.

Halmos reads what forge leaves in `out/`. This writes the same files from our compiler's artifacts, and
puts a `forge` that does nothing in its way, so no foundry is needed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from compiler import compile_files
from compiler.artifact import CompiledContract

ROOT = Path(__file__).resolve().parents[2]
PROPERTIES = ROOT / "tests" / "analysis" / "properties"
RESULT = re.compile(r"\[(PASS|FAIL|ERROR|TIMEOUT)\] (\w+)\(")
WARNING = re.compile(r"^WARNING +(\w+)\(", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SOLVER_OPTIONS = ("--smt2-model-format", "--bvconst-in-decimal")  # as halmos itself calls it
CONTROL = "check_control"  # wrong on purpose; must not be proved


def prove(halmos: Path, only: str = "", seconds: int = 40) -> dict[str, str]:
    """Outcome by property, as `outcomes` reads it. What halmos prints is printed."""
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
        # The solver of the lock, not one that an earlier run left in the home folder.
        solver = shlex.join([str(halmos.parent / "yices-smt2"), *SOLVER_OPTIONS])
        command = [
            str(halmos), "--root", str(root), "--function", f"check_{only}", "--loop", "34",
            "--solver-timeout-assertion", f"{seconds}s", "--solver-command", solver, "--no-status",
        ]  # fmt: skip
        run = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root)
    told = COLOUR.sub("", run.stdout + run.stderr)
    print(told)
    return outcomes(told)


def outcomes(told: str) -> dict[str, str]:
    """PASS, FAIL, ERROR, TIMEOUT or WARNING by property.

    Halmos says PASS also where a loop was not followed to its end, and warns: that is no proof.
    """
    found = {name: state for state, name in RESULT.findall(told)}
    warned = {name: "WARNING" for name in WARNING.findall(told) if found.get(name) == "PASS"}
    return found | warned


def wanted(only: str = "") -> set[str]:
    """Every property that halmos must speak of."""
    text = "".join(path.read_text() for path in PROPERTIES.glob("*.sol"))
    return set(re.findall(rf"function (check_{only}\w*)\(", text))


def unproved(outcome: dict[str, str], all_of: set[str]) -> list[str]:
    """Properties that were not proved or never tried; the control, if it was proved."""
    wrong = {n for n, state in outcome.items() if (state == "PASS") == (n == CONTROL)}
    return sorted(wrong | (all_of - outcome.keys()))


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
    missed = unproved(prove(Path(sys.argv[1]), *sys.argv[2:3]), wanted(*sys.argv[2:3]))
    print(f"halmos: not as wanted: {', '.join(missed) or 'nothing'}")
    sys.exit(1 if missed else 0)
