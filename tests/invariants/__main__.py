"""The state machines for long: `python -m tests.invariants --steps 1000000`, two processes at a time.

A step is a call sent to the chain. Machines take turns, every turn with a fresh seed; each process stops
at its share of the steps. A failure stops its process and prints the command that repeats it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import subprocess
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.invariants.chain import EVM
from tests.invariants.machine import ChainMachine

# By weight: how often a machine's turn comes.
MACHINES = {
    "test_hostile:HostileMachine": 3,
    "test_economy:EconomyMachine": 3,
    "test_bounty:BountyRules": 1,
    "test_schedule:ScheduleRules": 1,
    "test_party:PartyRules": 1,
    "test_validation:ValidationRules": 1,
    "test_vault:VaultRules": 1,
    "test_meter:MeterRules": 1,
    "test_codes:CodeRules": 1,
    "test_voting:VotingRules": 1,
    "test_x402:X402Rules": 1,
    "test_ledger:LedgerMachine": 1,
}
EXAMPLES, STEPS = 6, 60
PROCESSES = 2
REPORT_EVERY = 60  # seconds
# Sets of addresses are walked in the order of their hashes.
REPEAT = "PYTHONHASHSEED=0 python -m tests.invariants"


def turn(name: str, number: int) -> Counter[str]:
    """A few examples of one machine under one seed; what they sent and what was refused."""
    module, _, kind = name.partition(":")
    machine: type[ChainMachine] = getattr(
        importlib.import_module(f"tests.invariants.{module}"), kind
    )
    machine.calls, machine.failures = Counter(), Counter()
    run_state_machine_as_test(
        seed(number)(machine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Counter(calls=machine.calls.total(), failures=machine.failures.total())


def work(steps: int, first_seed: int, only: str | None) -> int:
    """One process's share."""
    names = [name for name, weight in MACHINES.items() for _ in range(weight)]
    if only:
        names = [name for name in MACHINES if name.endswith(f":{only}")]
    began, number, totals = time.monotonic(), first_seed, Counter[str]()
    by_machine: dict[str, Counter[str]] = {name: Counter() for name in MACHINES}
    report = began + REPORT_EVERY
    while totals["calls"] < steps:
        name = names[number % len(names)]
        try:
            done = turn(name, number)
        except Exception:
            kind = name.partition(":")[2]
            print(f"\nFAILED; repeat with: {REPEAT} --machine {kind} --seed {number}", flush=True)
            raise
        number += 1
        totals += done
        by_machine[name] += done
        if time.monotonic() > report:
            report += REPORT_EVERY
            spent = time.monotonic() - began
            print(
                f"  {totals['calls']} of {steps} steps, {totals['calls'] / spent:.0f} a second",
                flush=True,
            )
    seconds = time.monotonic() - began
    for name, count in by_machine.items():
        if count["calls"]:
            share = count["failures"] / count["calls"]
            print(
                f"  {name.partition(':')[2]:<18} {count['calls']:>8} steps  {share:>5.1%} reverted"
            )
    print(
        f"seeds {first_seed} to {number - 1}: {totals['calls']} steps, "
        f"{totals['failures'] / max(1, totals['calls']):.1%} reverted, {seconds:.0f} s, "
        f"{totals['calls'] / seconds:.0f} steps/s on {EVM.__name__}",
        flush=True,
    )
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.invariants")
    parser.add_argument("--steps", type=int, default=100_000, help="calls sent, over all machines")
    parser.add_argument("--seed", type=int, help="the first seed; random without")
    kinds = [name.partition(":")[2] for name in MACHINES]
    parser.add_argument(
        "--machine", choices=kinds, metavar="NAME", help="only this one, e.g. EconomyMachine"
    )
    parser.add_argument("--processes", type=int, default=PROCESSES)
    options = parser.parse_args()
    if options.machine and options.seed is not None and options.processes != 1:
        return work(1, options.seed, options.machine)
    start = random.SystemRandom().randrange(10**8) if options.seed is None else options.seed
    if options.processes == 1:
        return work(options.steps, start, options.machine)
    # Seeds of the processes never meet.
    commands = [
        [sys.executable, "-m", "tests.invariants", "--processes", "1"]
        + ["--steps", str(-(-options.steps // options.processes))]
        + ["--seed", str(start + 10**9 * place)]
        + (["--machine", options.machine] if options.machine else [])
        for place in range(options.processes)
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    running = [subprocess.Popen(command, env=environment) for command in commands]
    try:
        ended = [process.wait() for process in running]
    except KeyboardInterrupt:
        for process in running:
            process.terminate()
        return 130
    return 1 if any(ended) else 0  # a killed one has a negative status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
