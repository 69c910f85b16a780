"""revm and py-evm are the same chain to a state machine: one life on both, compared call by call."""

from __future__ import annotations

from random import Random

import pytest

from harness.chain.evm import Evm, Outcome
from tests.contracts.swift_evm import AVAILABLE, CannotSend, SwiftEvm
from tests.invariants.hostile.exits import Exits
from tests.invariants.hostile.ground import HostileEconomy, ground, readings
from tests.invariants.hostile.moves import Scene
from tests.invariants.test_hostile import CHOOSERS

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="pyrevm is not installed")

MOVES = 100
MODES = (0, 0, 1, 2, 3, 5, 6, 7, 8, 10, 11)


def life(economy: HostileEconomy, seed: int) -> list[object]:
    """What every call answered, and the numbers in the end."""
    economy.fresh()
    scene, dice = Scene(economy), Random(seed)
    seen: list[object] = []
    for _ in range(MOVES):
        if dice.random() < 0.2:
            for token in economy.tokens:
                token.send("setMode", dice.choice(MODES), sender=scene.people[0])
        if dice.random() < 0.2:
            economy.later(dice.choice((61, 3_601, 86_401)))
        move = CHOOSERS[dice.choice(sorted(CHOOSERS))](scene, dice)
        if move is None:
            continue
        data = getattr(economy, move.facet).data(move.name, *move.args)
        to, sender = economy.diamond, move.sender
        if sender == economy.trap.address:
            to, sender = sender, scene.people[0]
            data = economy.trap.data("act", economy.diamond, data)
        seen.append((move, essence(economy.evm.call(to, data, sender=sender))))
    seen.append(economy.read(economy.diamond, readings(economy)))
    seen.append(economy.trap.call("report"))
    Exits(scene).run()
    return seen


def essence(outcome: Outcome) -> tuple[object, ...]:
    """All but gas."""
    return outcome.success, outcome.output, outcome.logs, outcome.created


@pytest.mark.parametrize("seed", range(1))
def test_both_tell_the_same_life(seed: int) -> None:
    assert life(ground(SwiftEvm), seed) == life(ground(Evm), seed)


def test_a_mark_brings_back_state_and_clock_any_number_of_times() -> None:
    economy = ground(SwiftEvm)
    economy.fresh()
    count = economy.bounty.call("bountyCount")
    for _ in range(3):
        economy.later(10)
        economy.bounty.send("postBounty", b"", 1, 3_600, sender=economy.address("alice"))
        inner = economy.evm.snapshot()
        economy.bounty.send("postBounty", b"", 1, 3_600, sender=economy.address("alice"))
        economy.evm.revert(inner)
        assert economy.bounty.call("bountyCount") == count + 1
        economy.fresh()
        assert (economy.bounty.call("bountyCount"), economy.now) == (count, economy.base.timestamp)


def test_a_contract_cannot_send_but_a_holder_can_through_its_account() -> None:
    economy = ground(SwiftEvm)
    economy.fresh()
    with pytest.raises(CannotSend):
        economy.evm.call(economy.diamond, sender=economy.trap.address)
    id_ = economy.names[0]
    alice = economy.address("alice")
    account = economy.tba.send("createTokenBoundAccount", id_, sender=alice).value
    economy.session.send("setSessionPrice", 0, sender=economy.owner.address)
    economy.session.send("openSession", sender=account)
    assert economy.session.call("sessionExpiryOf", account) > economy.now
