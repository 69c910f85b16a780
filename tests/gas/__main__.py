"""`python -m tests.gas`: measure, say what changed, write `.gas-snapshot`. `--check` only compares."""

from __future__ import annotations

import sys

from tests.gas.snapshot import PATH, changes, snapshot


def main(arguments: list[str]) -> int:
    new = snapshot()
    old = PATH.read_text() if PATH.exists() else ""
    found = changes(old, new)
    print("\n".join(found) or "no change")
    if "--check" in arguments:
        return 1 if found else 0
    PATH.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
