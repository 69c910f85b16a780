"""`python -m tests.crash [--kills N] [--seed S] [--log FILE]`: the market, killed N times.

Exit status 1 when the books do not balance, 130 when interrupted (or told to end, as what runs in the background
is), after the summary in both cases.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.campaign import Campaign
from tests.crash.theatre import theatre

TOLD = 30  # seconds


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.crash")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--keep", type=Path, help="keep journals and logs there")
    parser.add_argument(
        "--no-wait", action="store_true", help="do not wait for authorisations to expire at the end"
    )
    options = parser.parse_args(arguments)
    if options.kills < 1:
        parser.error("--kills is at least 1")
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    began = told = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, theatre(options.keep or Path(folder)) as stage:
        campaign = Campaign(stage, seed)
        interrupted = False
        try:
            campaign.open()
            while stage.kills < options.kills:
                campaign.trial()
                if time.monotonic() - told > TOLD:
                    told = time.monotonic()
                    print(f"  {told - began:.0f} s: {campaign.summary()}", flush=True)
        except KeyboardInterrupt:
            interrupted = True
        found = campaign.balance(wait=not (interrupted or options.no_wait))
        print(f"{time.monotonic() - began:.0f} s: {campaign.summary()}")
        print(", ".join(f"{name} {value}" for name, value in found.figures.items()))
        missed = [f"{r} {p}" for r, p in campaign.all_points if not campaign.covered[f"{r} {p}"]]
        print(f"not reached: {', '.join(missed) or 'none'}")
        for violation in found.violations:
            print(f"VIOLATION {violation}")
        return 130 if interrupted else int(bool(found.violations))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
