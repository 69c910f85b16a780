"""`python -m tests.fuzz_http [--cases N] [--seed S]`: every endpoint of every service, asked at random.

Exit status 1 with the findings; the seed and a case's number repeat it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz_http.campaign import Campaign
from tests.fuzz_http.targets import staged

SHOWN = 40


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.fuzz_http")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--keep", type=Path, help="keep journals and logs there")
    options = parser.parse_args(arguments)
    if options.cases < 1:
        parser.error("--cases is at least 1")
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, staged(options.keep or Path(folder)) as stage:
        campaign = Campaign(stage, seed)
        campaign.run(options.cases)
    print("\n".join(campaign.summary()))
    for finding in campaign.findings[:SHOWN]:
        print(f"FINDING {finding}")
    print(f"{time.monotonic() - began:.0f} s, {len(campaign.findings)} findings")
    return int(bool(campaign.findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
