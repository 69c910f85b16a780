"""FwUSD: owner, block list, pause, permit."""

from __future__ import annotations

import pytest

from tests.contracts import signing
from tests.contracts.calls import Bound, encode, reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.signing import permit_digest

PARTS = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
BYTES = "permit(address,address,uint256,uint256,bytes)"


@pytest.fixture
def usd(economy: Economy) -> Bound:
    return economy.usd


def test_units(usd: Bound) -> None:
    assert (usd.call("decimals"), usd.call("symbol"), usd.call("version")) == (6, "FwUSD", "2")


def test_owner_only_functions(economy: Economy, usd: Bound) -> None:
    alice, bob, owner = economy.address("alice"), economy.address("bob"), economy.owner.address
    for name, args in {
        "mint": (alice, 1),
        "blacklist": (bob,),
        "unBlacklist": (bob,),
        "pause": (),
        "unpause": (),
        "transferOwnership": (alice,),
    }.items():
        with reverts("NotOwner"):
            usd.send(name, *args, sender=alice)
    with reverts("ZeroAddress"):
        usd.send("transferOwnership", ZERO, sender=owner)
    receipt = usd.send("transferOwnership", alice, sender=owner)
    assert receipt.only("OwnershipTransferred") == {"previousOwner": owner, "newOwner": alice}
    assert usd.call("owner") == alice
    usd.send("mint", bob, 1, sender=alice)


def test_the_owner_cannot_be_nobody(economy: Economy) -> None:
    data = economy.artifacts["FwUSD"].init_code + encode(["address"], [ZERO])
    outcome = economy.evm.deploy(data)
    assert economy.usd.interface.error(outcome.output)[0] == "ZeroAddress"


def test_supply_follows_minting_and_burning(economy: Economy, usd: Bound) -> None:
    alice, owner = economy.address("alice"), economy.owner.address
    supply, balance = usd.call("totalSupply"), usd.call("balanceOf", alice)
    receipt = usd.send("mint", alice, 10, sender=owner)
    assert receipt.only("Transfer") == {"from": ZERO, "to": alice, "value": 10}
    receipt = usd.send("burn", 4, sender=alice)
    assert receipt.only("Transfer") == {"from": alice, "to": ZERO, "value": 4}
    assert usd.call("totalSupply") == supply + 6
    assert usd.call("balanceOf", alice) == balance + 6
    with reverts("InsufficientBalance", balance + 6, balance + 7, alice):
        usd.send("burn", balance + 7, sender=alice)
    with reverts("InvalidRecipient"):
        usd.send("mint", ZERO, 1, sender=owner)
    with reverts("CastOverflow"):
        usd.send("mint", economy.address("frank"), 2**248, sender=owner)


def test_the_block_list_stops_both_ends(economy: Economy, usd: Bound) -> None:
    alice, bob, owner = economy.address("alice"), economy.address("bob"), economy.owner.address
    carol = economy.address("carol")
    usd.send("approve", carol, 100, sender=alice)
    assert usd.send("blacklist", bob, sender=owner).only("Blacklisted") == {"account": bob}
    assert usd.call("isBlacklisted", bob)
    before = usd.call("balanceOf", bob)
    with reverts("AccountBlacklisted", bob):
        usd.send("transfer", bob, 1, sender=alice)
    with reverts("AccountBlacklisted", bob):
        usd.send("transfer", alice, 1, sender=bob)
    with reverts("AccountBlacklisted", bob):
        usd.send("approve", alice, 1, sender=bob)
    with reverts("AccountBlacklisted", bob):
        usd.send("approve", bob, 1, sender=alice)
    usd.send("blacklist", carol, sender=owner)
    with reverts("AccountBlacklisted", carol):
        usd.send("transferFrom", alice, economy.address("dave"), 1, sender=carol)
    assert usd.call("balanceOf", bob) == before  # the flag shares the balance's word
    assert usd.send("unBlacklist", bob, sender=owner).only("UnBlacklisted") == {"account": bob}
    usd.send("transfer", bob, 1, sender=alice)
    assert usd.call("balanceOf", bob) == before + 1


def test_pause_stops_everything(economy: Economy, usd: Bound) -> None:
    alice, bob, owner = economy.address("alice"), economy.address("bob"), economy.owner.address
    assert usd.send("pause", sender=owner).names() == ["Pause"]
    assert usd.call("paused")
    for name, args in {
        "transfer": (bob, 1),
        "approve": (bob, 1),
        "transferFrom": (alice, bob, 0),
    }.items():
        with reverts("ContractPaused"):
            usd.send(name, *args, sender=alice)
    assert usd.send("unpause", sender=owner).names() == ["Unpause"]
    usd.send("transfer", bob, 1, sender=alice)


def test_permit_both_forms(economy: Economy, usd: Bound) -> None:
    alice, bob = economy.keys["alice"], economy.keys["bob"]
    domain = signing.separator("USD Coin", "2", economy.evm.chain_id, usd.address)
    deadline = economy.now
    digest = permit_digest(domain, alice.address, bob.address, 5, 0, deadline)
    args = (alice.address, bob.address, 5, deadline)
    with reverts("BadSignature"):
        usd.send(BYTES, *args, bob.sign(digest), sender=bob.address)
    assert usd.call("nonces", alice.address) == 0
    receipt = usd.send(PARTS, *args, *alice.sign_parts(digest), sender=bob.address)
    expected = {"owner": alice.address, "spender": bob.address, "value": 5}
    assert receipt.only("Approval") == expected
    assert usd.call("nonces", alice.address) == 1
    with reverts("BadSignature"):  # the nonce has moved on
        usd.send(PARTS, *args, *alice.sign_parts(digest), sender=bob.address)
    digest = permit_digest(domain, alice.address, bob.address, 5, 1, deadline)
    usd.send(BYTES, *args, alice.sign(digest), sender=bob.address)
    economy.later(1)
    digest = permit_digest(domain, alice.address, bob.address, 5, 2, deadline)
    with reverts("PermitExpired", deadline):
        usd.send(BYTES, *args, alice.sign(digest), sender=bob.address)
