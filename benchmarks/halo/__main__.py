"""`python -m benchmarks.halo [NAME...]`: sidecar, exact, relay, settling, rail_gas, signing; all without a name."""

from __future__ import annotations

import sys

from benchmarks.halo import exact, rail_gas, relay, settling, sidecar, signing

ALL = {
    "sidecar": sidecar,
    "exact": exact,
    "relay": relay,
    "settling": settling,
    "rail_gas": rail_gas,
    "signing": signing,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; choose from {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in names or ALL:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        print(ALL[name].main(), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
