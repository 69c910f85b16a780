"""`python -m tests.interop [NAME...]`: counterparts against a market of ours, as a table; all without a name.

Exit status 0 when none failed, 1 when one did, 2 for an unknown name. One that cannot run here, for want of
its Python, says so and is no failure.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from harness.devnet.options import DevnetOptions, Ports
from tests.devnet.running import RunningMarket
from tests.interop.counterparts import COUNTERPARTS, Counterpart, Target
from tests.interop.environments import NoPython
from tests.interop.x402_shop import paid_route


def main(names: list[str]) -> int:
    unknown = set(names) - {each.name for each in COUNTERPARTS}
    if unknown:
        known = ", ".join(each.name for each in COUNTERPARTS)
        print(f"unknown counterpart {sorted(unknown)[0]!r}; choose from {known}", file=sys.stderr)
        return 2
    chosen = [each for each in COUNTERPARTS if not names or each.name in names]
    with tempfile.TemporaryDirectory() as folder:
        options = DevnetOptions(ports=Ports.free(), state=Path(folder) / "devnet")
        with RunningMarket(options) as market, paid_route(market) as url:
            failures = table(chosen, Target(market, url))
    for failure in failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures else 0


def table(chosen: list[Counterpart], target: Target) -> list[str]:
    """A line for each as it ends; what went wrong."""
    failures = []
    print(f"{'counterpart':<18}{'version':<10}{'covers':<54}result", flush=True)
    for each in chosen:
        version, result, words = attempted(each, target)
        print(f"{each.name:<18}{version:<10}{each.covers:<54}{result}", flush=True)
        if words:
            failures.append(f"{each.name}: {words}")
    return failures


def attempted(counterpart: Counterpart, target: Target) -> tuple[str, str, str]:
    """Version, result, and what went wrong."""
    try:
        return counterpart.attempt(target), "ok", ""
    except NoPython as missing:
        return "", f"not run: {missing}", ""
    except Exception as failure:
        return "", "FAILED", str(failure) or type(failure).__name__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
