"""AG-I1 to AG-I3, AF-I1 to AF-I4, AV-I1 and AV-I2 over random lives of agents."""

from __future__ import annotations

from tests.invariants.agent_rules import AgentRules
from tests.invariants.machine import run


def test_agents() -> None:
    run(AgentRules, examples=12, steps=50)
