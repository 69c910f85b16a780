"""Every contract of `contracts/`, compiled by both, alone and as one economy.

Alone, each contract meets random messages. Together, a whole deployment runs through an Evm with a
mirror: a tour of every function, random messages to every facet of the living diamond, and the state
machines of `tests/invariants`. Status, return and revert data, logs and each touched slot are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contracts import economy as economies
from tests.contracts.build import build
from tests.contracts.economy import ACTORS, FACETS, Economy
from tests.contracts.tour import Tour
from tests.differential.builds import Pair
from tests.differential.explore import EXAMPLES, TOTALS, explore
from tests.differential.messages import messages
from tests.differential.mirror import MirroredEvm
from tests.differential.twins import Difference, Message
from tests.invariants.agent_rules import AgentRules
from tests.invariants.bounty_rules import BountyRules
from tests.invariants.chain import EVM
from tests.invariants.code_rules import CodeRules
from tests.invariants.guild_rules import GuildRules
from tests.invariants.machine import ChainMachine, drive
from tests.invariants.meter_rules import MeterRules
from tests.invariants.party_rules import PartyRules
from tests.invariants.reputation_rules import ReputationRules
from tests.invariants.schedule_rules import ScheduleRules
from tests.invariants.session_rules import SessionRules
from tests.invariants.test_credits import CreditsMachine
from tests.invariants.test_economy import EconomyMachine
from tests.invariants.test_identity import IdentityMachine
from tests.invariants.test_social import SocialMachine
from tests.invariants.tithe_rules import TitheRules
from tests.invariants.validation_rules import ValidationRules
from tests.invariants.vault_rules import VaultRules
from tests.invariants.voting_rules import VotingRules
from tests.invariants.weighted_rules import WeightedRules
from tests.invariants.x402_rules import X402Rules
from tests.rotation import todays

MACHINES = (
    X402Rules,
    BountyRules,
    ScheduleRules,
    ReputationRules,
    GuildRules,
    VotingRules,
    WeightedRules,
    TitheRules,
    SessionRules,
    SocialMachine,
    CodeRules,
    MeterRules,
    VaultRules,
    PartyRules,
    ValidationRules,
    IdentityMachine,
    AgentRules,
    CreditsMachine,
    EconomyMachine,
)
CORE = ("DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet")
COSTLY = (
    "DiamondLoupeFacet",
)  # four functions without state of their own, each reading all selectors


def names() -> list[str]:
    return sorted(build("facetworks"))


@pytest.mark.parametrize("name", todays(names(), 2))
def test_contract_alone(name: str) -> None:
    ours, theirs = build("facetworks")[name], build("solc")[name]
    assert ours.abi == theirs.abi
    pair = Pair(
        name, ours.abi, ours.init_code, theirs.init_code, ours.runtime, theirs.runtime
    )  # fmt: skip
    explore(pair)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Economy]:
    """One economy on both builds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(economies, "build", lambda: build("facetworks"))
        evm = MirroredEvm(build("facetworks"), build("solc"))
        yield Economy(evm)


@pytest.fixture(scope="module")
def living(deployed: Economy) -> Any:
    """The state in which the tour leaves the economy."""
    Tour(deployed.fresh()).run()
    return deployed.evm.snapshot()


@pytest.fixture
def economy(deployed: Economy) -> Iterator[Economy]:
    """The deployed economy at its start; what it compared is counted."""
    evm = deployed.evm
    assert isinstance(evm, MirroredEvm)
    evm.messages = evm.reverted = 0
    try:
        yield deployed.fresh()
    except Difference:
        TOTALS.mismatches += 1
        raise
    finally:
        TOTALS.messages += evm.messages
        TOTALS.reverted += evm.reverted


def test_tour_of_every_function(economy: Economy) -> None:
    TOTALS.sequences += 1
    Tour(economy).run()


@pytest.mark.parametrize("facet", todays([*CORE, *FACETS], 2))
def test_random_messages_to_a_living_diamond(economy: Economy, living: Any, facet: str) -> None:
    economy.evm.revert(living)
    people = [economy.address(actor) for actor in ACTORS]
    roles = [economy.owner, economy.scheduler, economy.guardian, economy.fee_admin]
    roles += [economy.meter_key, economy.clawbacker]
    senders = [*people, *(role.address for role in roles)]
    places = [economy.diamond, economy.credits.address, economy.usd.address, economy.account_of(1)]
    strategy = messages(economy.artifacts[facet].abi, senders, [*senders, *places, b"\0" * 20])

    @settings(
        max_examples=min(EXAMPLES, 3) if facet in COSTLY else EXAMPLES,
        deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(st.lists(strategy, min_size=1, max_size=20))
    def run(sequence: list[Message]) -> None:
        economy.evm.revert(living)
        TOTALS.sequences += 1
        for message in sequence:
            economy.later(message.seconds)
            economy.evm.fund(message.sender, 10**20)
            economy.evm.call(
                economy.diamond, message.data, sender=message.sender, value=message.value
            )

    run()


@pytest.mark.parametrize(
    "machine", [*todays(MACHINES[:-1], 3), EconomyMachine], ids=lambda m: m.__name__
)
def test_state_machine_on_both(
    economy: Economy, machine: type[ChainMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(economies, "_shared", {(EVM, None): economy})
    # Few and long: EconomyMachine combines the rules of most others, `tests/invariants` runs each for longer.
    examples = max(2, EXAMPLES // 4)
    TOTALS.sequences += examples
    drive(machine, examples=examples, steps=40)


def test_both_chains_keep_one_clock(deployed: Economy) -> None:
    """However time passes here, it passes in the mirror."""
    evm = deployed.fresh().evm
    assert isinstance(evm, MirroredEvm)
    evm.mine(2, 30)
    evm.timestamp += 7
    mark = evm.snapshot()
    evm.mine()
    evm.revert(mark)
    evm.mine(1, 3_601)
    clocks = [(e.timestamp, e.block_number) for e in (evm, evm.mirror)]
    assert clocks[0] == clocks[1]
