"""Push subscriptions: set, read, replaced, cleared."""

from __future__ import annotations

import pytest
import rlp  # type: ignore[import-untyped]
from eth_utils.crypto import keccak

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import Economy

SIZES = (1, 11, 31, 32, 33, 255, 256, 4_095, 4_096)


@pytest.fixture
def push(economy: Economy) -> Bound:
    return economy.push


@pytest.mark.parametrize("size", SIZES)
def test_what_is_set_is_read(economy: Economy, push: Bound, size: int) -> None:
    alice, sub = economy.address("alice"), bytes((n * 7 + size) % 256 for n in range(size))
    assert (push.call("hasPushSub", alice), push.call("pushSubOf", alice)) == (False, b"")
    receipt = push.send("setPushSub", sub, sender=alice)
    assert receipt.only("PushSubSet") == {"account": alice, "sub": sub}
    assert (push.call("hasPushSub", alice), push.call("pushSubOf", alice)) == (True, sub)
    assert push.call("pushSubOf", economy.address("bob")) == b""


def test_limits(economy: Economy, push: Bound) -> None:
    alice = economy.address("alice")
    with reverts("EmptyPushSub"):
        push.send("setPushSub", b"", sender=alice)
    with reverts("PushSubTooLong", 4_097):
        push.send("setPushSub", b"x" * 4_097, sender=alice)


def test_everybody_has_their_own(economy: Economy, push: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    push.send("setPushSub", b"hers", sender=alice)
    push.send("setPushSub", b"his", sender=bob)
    push.send("setPushSub", b"hers now", sender=alice)
    assert (push.call("pushSubOf", alice), push.call("pushSubOf", bob)) == (b"hers now", b"his")
    receipt = push.send("clearPushSub", sender=alice)
    assert receipt.only("PushSubCleared") == {"account": alice}
    assert push.send("clearPushSub", sender=alice).events == []
    assert (push.call("hasPushSub", alice), push.call("pushSubOf", alice)) == (False, b"")
    assert push.call("pushSubOf", bob) == b"his"
    push.send("setPushSub", b"again", sender=alice)
    assert push.call("pushSubOf", alice) == b"again"


def test_a_text_is_code_that_does_nothing(economy: Economy, push: Bound) -> None:
    """Bytes that would destroy, return or call if they ran: the code starts with STOP."""
    alice = economy.address("alice")
    for number, evil in enumerate(
        (b"\xff" * 40, b"\x60\x01\x60\x00\xf3", b"\xef\x00", b"\x5b" * 9)
    ):
        before = economy.evm.state.get_nonce(economy.diamond)
        push.send("setPushSub", evil, sender=alice)
        assert economy.evm.state.get_nonce(economy.diamond) == before + 1, number
        text = created_by(economy.diamond, before)
        assert economy.evm.state.get_code(text) == b"\x00" + alice + evil
        outcome = economy.evm.call(text, b"\x01" * 36, sender=alice)
        assert (outcome.success, outcome.output, outcome.logs) == (True, b"", ())
        assert economy.evm.state.get_code(text) == b"\x00" + alice + evil


def created_by(creator: bytes, nonce: int) -> bytes:
    """The address of the `nonce`-th contract of `creator` (CREATE)."""
    return keccak(rlp.encode([creator, nonce]))[12:]


@pytest.mark.parametrize("gas", [60_000, 120_000, 400_000, 700_000])
def test_too_little_gas_leaves_nothing_behind(economy: Economy, push: Bound, gas: int) -> None:
    alice, data = economy.address("alice"), push.data("setPushSub", b"\x01" * 4_096)
    push.send("setPushSub", b"before", sender=alice)
    outcome = economy.evm.call(push.address, data, sender=alice, gas=gas)
    assert not outcome.success
    assert push.call("pushSubOf", alice) == b"before"
