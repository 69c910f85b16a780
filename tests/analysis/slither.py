"""Slither over every contract: what it finds must be what `slither.txt` explains.

A line there is a detector, a place and, per detector, a heading that says why it is no fault. A finding
without a line fails the run, and so does a line without a finding.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
EXPLAINED = HERE / "slither.txt"
OUTPUTS = [
    "abi", "metadata", "devdoc", "userdoc", "evm.bytecode", "evm.deployedBytecode",
    "evm.methodIdentifiers",
]  # fmt: skip


def request() -> dict[str, object]:
    """All contracts but the mocks, as one request in standard JSON."""
    files = sorted((ROOT / "contracts").rglob("*.sol"))
    chosen = [f for f in files if "mocks" not in f.relative_to(ROOT).parts]
    return {
        "language": "Solidity",
        "sources": {str(f.relative_to(ROOT)): {"content": f.read_text()} for f in chosen},
        "settings": {
            "optimizer": {"enabled": True, "runs": 200},
            "viaIR": True,
            "evmVersion": "cancun",
            "outputSelection": {"*": {"*": OUTPUTS, "": ["ast"]}},
        },
    }


def find(slither: Path) -> set[str]:
    """`detector place` of every finding that is more than a remark on style."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "request.json", Path(folder) / "findings.json"
        asked.write_text(json.dumps(request()))
        command = [
            str(slither.absolute()), str(asked), "--compile-force-framework", "solc-json",
            "--solc", str(HERE / "solc.js"), "--json", str(answered),
            "--exclude-informational", "--exclude-optimization",
        ]  # fmt: skip
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if not answered.exists():
            sys.exit(run.stdout + run.stderr)
        return places(json.loads(answered.read_text()))


def places(report: dict[str, dict[str, list[dict[str, object]]]]) -> set[str]:
    """Findings without line numbers, so that an edit elsewhere does not move them."""
    found = set()
    for finding in report["results"]["detectors"]:
        text = str(finding["description"]).removeprefix("Reentrancy in ")
        found.add(f"{finding['check']} {text.split(' (contracts/')[0]}")
    return found


def explained() -> set[str]:
    lines = EXPLAINED.read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def main(slither: Path) -> int:
    found, known = find(slither), explained()
    for line in sorted(found - known):
        print(f"new: {line}")
    for line in sorted(known - found):
        print(f"gone: {line}")
    print(f"slither: {len(found)} findings, {len(found & known)} explained")
    return 0 if found == known else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
