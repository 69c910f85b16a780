"""LibSig on its own: what no door shows, EIP-2098 and ERC-6492."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import Bound
from tests.contracts.economy import ZERO, Economy
from tests.contracts.payments.rail import wrap

HASH = keccak(b"digest")


@pytest.fixture
def probe(economy: Economy) -> Bound:
    return economy.bound("SigProbe", economy.create("SigProbe"))


def test_ecdsa(economy: Economy, probe: Bound) -> None:
    alice, bob = economy.keys["alice"], economy.keys["bob"]
    assert probe.call("check", alice.address, HASH, alice.sign(HASH))
    assert not probe.call("check", bob.address, HASH, alice.sign(HASH))
    assert not probe.call("check", ZERO, HASH, b"\0" * 65)
    assert not probe.call("check", ZERO, HASH, b"\x01" * 64 + b"\x1b")


def test_compact_form(economy: Economy, probe: Bound) -> None:
    for name in ("alice", "bob", "carol", "dave", "erin", "frank"):
        key = economy.keys[name]
        v, r, s = key.sign_parts(HASH)
        vs = ((v - 27) << 255 | int.from_bytes(s, "big")).to_bytes(32, "big")
        assert probe.call("recoverCompact", HASH, r, vs) == key.address
        flipped = (int.from_bytes(vs, "big") ^ 1 << 255).to_bytes(32, "big")
        assert probe.call("recoverCompact", HASH, r, flipped) != key.address
    assert probe.call("recoverCompact", HASH, b"\0" * 32, b"\xff" * 32) == ZERO


def test_wrapped_needs_a_contract_in_the_end(economy: Economy, probe: Bound) -> None:
    alice = economy.keys["alice"]
    signature = wrap(economy.diamond, b"", alice.sign(HASH))
    args = (economy.sig_deployer, alice.address, HASH, signature)
    assert not probe.call("checkWrapped", *args)
    wallet = economy.create("HostileSigner")
    assert probe.call("checkWrapped", economy.sig_deployer, wallet, HASH, signature)
    assert not probe.call("checkWrapped", ZERO, wallet, HASH, signature)
    assert not probe.call("checkWrapped", economy.sig_deployer, wallet, HASH, alice.sign(HASH))
    # A deployer without code or one that reverts deploys nothing.
    assert not probe.call(
        "checkWrapped", economy.create("OneFacet"), alice.address, HASH, signature
    )


def test_a_wrapper_that_cannot_be_read_is_shown_to_no_wallet(
    economy: Economy, probe: Bound
) -> None:
    """A wallet that would take anything is not asked what it thinks of garbage."""
    wallet, suffix = economy.create("HostileSigner"), bytes.fromhex("6492" * 16)
    good = wrap(economy.diamond, b"data", b"inner")
    assert probe.call("checkWrapped", economy.sig_deployer, wallet, HASH, good)
    beyond = len(good).to_bytes(32, "big")
    for bad in (
        suffix,
        b"\0" * 95 + suffix,
        b"\xff" * 32 + good[32:],  # a factory that is no address
        good[:32] + beyond + good[64:],  # offsets beyond the end
        good[:64] + beyond + good[96:],
        good[:96] + beyond + good[128:],  # a length beyond the end
    ):
        assert not probe.call("checkWrapped", economy.sig_deployer, wallet, HASH, bad)


def test_the_deployer_swallows_answers_and_failures(economy: Economy) -> None:
    deployer = economy.bound("SigDeployer", economy.sig_deployer)
    anyone = economy.address("dave")
    token = economy.credits
    good = deployer.send("deploy", token.address, token.data("totalSupply"), sender=anyone)
    assert good.value is True
    bad = deployer.send("deploy", token.address, b"\xde\xad\xbe\xef", sender=anyone)
    assert bad.value is False
    assert economy.evm.storage(economy.sig_deployer) == {}
    economy.evm.fund(anyone, 1)
    data = deployer.data("deploy", anyone, b"")
    assert not economy.evm.call(deployer.address, data, sender=anyone, value=1).success
