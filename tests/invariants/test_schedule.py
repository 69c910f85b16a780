"""S-I1 to S-I9 over random schedules, fires, trees and exits."""

from __future__ import annotations

from tests.invariants.machine import run
from tests.invariants.schedule_rules import ScheduleRules


def test_schedule() -> None:
    run(ScheduleRules, examples=16, steps=50)
