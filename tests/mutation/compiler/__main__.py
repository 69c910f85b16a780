"""`python -m tests.mutation.compiler [--only WORD] [--log FILE] [--stages N]`: is every seeded mistake noticed?

`--only` takes mistakes whose file or description has the word. Verdicts in `--log` are kept: what was killed
is not tried again. `--stages` stops after the quickest ones. Exit status 1 when a mistake survived, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tests.mutation.compiler.campaign import try_seed
from tests.mutation.compiler.seeds import SEEDS


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.mutation.compiler")
    parser.add_argument("--only", default="")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--stages", type=int, default=6)
    options = parser.parse_args(arguments)
    chosen = [s for s in SEEDS if options.only in s.file or options.only in s.why]
    known = _killed(options.log)
    killed, survivors, began = 0, [], time.monotonic()
    try:
        for number, seed in enumerate(chosen, 1):
            by = known.get(seed.why, "")
            if not by:
                verdict = try_seed(seed, options.stages)
                by = verdict.by
                if options.log:
                    with options.log.open("a") as log:
                        log.write(
                            json.dumps(
                                {"why": seed.why, "by": by, "seconds": round(verdict.seconds)}
                            )
                            + "\n"
                        )
            killed += bool(by)
            if not by:
                survivors.append(seed)
            print(
                f"[{number:>2}/{len(chosen)}] {seed.file}: {seed.why}: {by or 'SURVIVED'}",
                flush=True,
            )
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    done = killed + len(survivors)
    print(
        f"{killed} of {done} mistakes noticed ({100 * killed / max(done, 1):.1f} %), {time.monotonic() - began:.0f} s"
    )
    for seed in survivors:
        print(f"  survived: {seed.file}: {seed.why}")
    return 1 if survivors else 0


def _killed(log: Path | None) -> dict[str, str]:
    if log is None or not log.exists():
        return {}
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    return {e["why"]: e["by"] for e in entries if e["by"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
