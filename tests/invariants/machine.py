"""What every state machine here shares: predicted calls, counted reverts, bounded runs.

A rule asks the model what a call must do and then makes it: `attempt` fails when the chain and the
model disagree on success or on the name of the error. How many calls reverted is printed and capped:
a machine that mostly bounces off its checks proves little.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    run_state_machine_as_test,
)

from tests.contracts.calls import Bound, Receipt, Reverted

MAX_REVERT_SHARE = 0.30
# More examples than the default, drawn at random: FACETWORKS_INVARIANT_SCALE=20.
SCALE = float(os.environ.get("FACETWORKS_INVARIANT_SCALE", "1"))


# One seed per rule instead of one draw per decision: decisions stay uniform and cost nothing.
DICE = st.randoms(use_true_random=True)
CHECK_EVERY = 12


class ChainMachine(RuleBasedStateMachine):
    """A state machine whose rules send transactions.

    Every prediction is checked at once. Reading the whole state back costs more than changing it, so
    `check` runs every few steps and at the end.
    """

    calls: ClassVar[Counter[str]]
    failures: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def check(self) -> None:
        """Compare the whole chain state with the model."""

    @invariant()
    def _periodically(self) -> None:
        self._steps += 1
        if self._steps % CHECK_EVERY == 0:
            self.check()

    def teardown(self) -> None:
        self.check()

    def attempt(
        self, handle: Bound, name: str, *args: Any, sender: bytes, expect: str | None = None
    ) -> Receipt | None:
        """Send; the outcome must be `expect`: an error's name, or None for success."""
        cls = type(self)
        cls.calls[name] += 1
        try:
            receipt = handle.send(name, *args, sender=sender)
        except Reverted as failure:
            cls.failures[name] += 1
            assert failure.error == expect, f"{name}: model says {expect}, chain says {failure}"
            return None
        assert expect is None, f"{name} succeeded, model says {expect}"
        return receipt


def drive(machine: type[ChainMachine], examples: int, steps: int) -> None:
    """Run a machine; `calls` and `failures` say what it did."""
    machine.calls, machine.failures = Counter(), Counter()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, int(examples * SCALE)),
            stateful_step_count=steps,
            deadline=None,
            derandomize=SCALE <= 1,
            suppress_health_check=list(HealthCheck),
        ),
    )


def run(machine: type[ChainMachine], examples: int, steps: int) -> None:
    """Run a machine, print what it did, and hold it to the revert share."""
    drive(machine, examples, steps)
    calls, failures = sum(machine.calls.values()), sum(machine.failures.values())
    share = failures / max(1, calls)
    print(f"\n{machine.__name__}: {calls} calls, {failures} reverted ({share:.1%})")
    for name, count in machine.calls.most_common():
        print(f"  {name}: {count}, {machine.failures[name]} reverted")
    assert calls > 0
    assert share < MAX_REVERT_SHARE
