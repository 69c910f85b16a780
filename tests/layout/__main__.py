"""`python -m tests.layout`: say what changed and record it, unless stored data would be misread.

`--force` records that too: right only while no deployed Diamond keeps the old layout.
"""

from __future__ import annotations

import sys

from compiler.layouts.document import dumps
from tests.layout.snapshot import PATH, current, since_recorded, unsafe


def main(arguments: list[str]) -> int:
    changes = since_recorded() if PATH.exists() else []
    for change in changes:
        print(f"{change.kind:<9} {change.root} {change.path}  ({change.detail})")
    if unsafe(changes) and "--force" not in arguments:
        print(
            "not recorded: an upgraded Diamond would misread what it stores; add --force if none exists"
        )
        return 1
    PATH.write_text(dumps(current()), encoding="utf-8")
    print(f"recorded in {PATH.name}: {len(changes)} changes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
