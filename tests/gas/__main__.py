"""`python -m tests.gas`: measure, say what changed, write `.gas-snapshot`, compare with public systems.

`--check` only compares with the snapshot; exit status 1 when something changed.
"""

from __future__ import annotations

import sys

from tests.gas.peers import DEARER, HEADINGS, PEERS, anatomies, table
from tests.gas.snapshot import PATH, changes, snapshot
from tests.gas.table import render


def main(arguments: list[str]) -> int:
    new = snapshot()
    old = PATH.read_text() if PATH.exists() else ""
    found = changes(old, new)
    print("\n".join(found) or "no change")
    if "--check" in arguments:
        return 1 if found else 0
    PATH.write_text(new)
    measured = anatomies()
    print(render("\nWhole transactions beside public systems", HEADINGS, table(measured)))
    for name, (label, public) in PEERS.items():
        if measured[name].total > public:
            print(f"  {label}: {DEARER[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
