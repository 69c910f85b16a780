"""LibCast and LibBitset at their edges; random use of the bitset is in tests/invariants."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import Economy


@pytest.mark.parametrize("bits", [32, 40, 64, 88, 128])
def test_casts_refuse_what_does_not_fit(economy: Economy, bits: int) -> None:
    probe = economy.bound("CastProbe", economy.create("CastProbe"))
    name = f"toUint{bits}"
    for value in (0, 1, 2**bits - 1):
        assert probe.call(name, value) == value
    for value in (2**bits, 2**256 - 1):
        with reverts("CastOverflow"):
            probe.call(name, value)


@pytest.fixture
def bits(economy: Economy) -> Bound:
    return economy.bound("BitsetProbe", economy.create("BitsetProbe"))


def test_bitset_edges(economy: Economy, bits: Bound) -> None:
    alice = economy.address("alice")
    assert bits.call("next", 0) == (False, 0)
    bits.send("set", 2**32 - 1, sender=alice)
    assert bits.call("next", 0) == (True, 2**32 - 1)
    assert bits.call("next", 2**32 - 1) == (True, 2**32 - 1)
    for key in (2**32, 2**256 - 1):
        assert bits.call("next", key) == (False, 0)
        for name in ("set", "clear"):
            with reverts("CastOverflow"):
                bits.send(name, key, sender=alice)
    bits.send("clear", 5, sender=alice)  # clearing what is not there changes nothing
    assert bits.call("next", 0) == (True, 2**32 - 1)


def test_a_bitset_writes_little(economy: Economy, bits: Bound) -> None:
    """One word when neighbours are there, one per level when the key is alone."""
    evm, alice = economy.evm, economy.address("alice")

    def changed(name: str, key: int) -> int:
        before = evm.storage(bits.address)
        bits.send(name, key, sender=alice)
        after = evm.storage(bits.address)
        return len({s for s in before | after if before.get(s) != after.get(s)})

    assert changed("set", 1_000) == 4
    assert changed("set", 1_001) == 1
    assert changed("set", 1_024) == 2  # another word under the same summary
    assert changed("clear", 1_000) == 1
    assert changed("clear", 1_001) == 2
    assert changed("clear", 1_024) == 4
