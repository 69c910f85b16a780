"""Identities as ERC-721 tokens."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, Interface, reverts
from tests.contracts.economy import ZERO, Economy

SAFE = "safeTransferFrom(address,address,uint256)"
SAFE_DATA = "safeTransferFrom(address,address,uint256,bytes)"


@pytest.fixture
def token(economy: Economy) -> Bound:
    """ERC-721 handle; alice holds identity 1."""
    economy.register("alice", "one")
    return economy.erc721


def test_collection_defaults_and_single_initialisation(economy: Economy, token: Bound) -> None:
    owner = economy.owner.address
    assert (token.call("name"), token.call("symbol")) == ("Localharness Names", "LH")
    assert token.call("tokenURI", 1) == "https://one.localharness.xyz/"
    with reverts("NotOwner"):
        token.send("initERC721", "x", "y", sender=economy.address("alice"))
    receipt = token.send("initERC721", "Names", ".example/", sender=owner)
    assert receipt.only("CollectionSet") == {"name": "Names", "uriSuffix": ".example/"}
    assert (token.call("name"), token.call("tokenURI", 1)) == ("Names", "https://one.example/")
    with reverts("AlreadyInitialised"):
        token.send("initERC721", "Again", "", sender=owner)


def test_what_does_not_exist(economy: Economy, token: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    for name in ("tokenURI", "ownerOf", "getApproved"):
        with reverts("NonexistentToken"):
            token.call(name, 2)
    with reverts("NonexistentToken"):
        token.send("approve", bob, 2, sender=alice)
    for name, args in ((SAFE, ()), (SAFE_DATA, (b"",)), ("transferFrom", ())):
        with reverts("NonexistentToken"):
            token.send(name, alice, bob, 2, *args, sender=alice)
    with reverts("ZeroAddress"):
        token.call("balanceOf", ZERO)


def test_transfer_moves_everything_that_hangs_on_it(economy: Economy, token: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    receipt = token.send("transferFrom", alice, bob, 1, sender=alice)
    assert receipt.only("Transfer") == {"from": alice, "to": bob, "tokenId": 1}
    assert receipt.only("MainCleared") == {"account": alice, "id": 1}
    assert token.call("ownerOf", 1) == bob
    assert (token.call("balanceOf", alice), token.call("balanceOf", bob)) == (0, 1)
    assert economy.registry.call("idOf", bob) == 1
    assert economy.main.call("mainOf", alice) == 0
    assert economy.main.call("mainOf", bob) == 0  # receiving is no choice of a main identity
    assert economy.owned.call("tokensOfOwner", bob) == (1,)


def test_wrong_from_zero_to_and_strangers(economy: Economy, token: Bound) -> None:
    alice, bob, carol = (economy.address(name) for name in ("alice", "bob", "carol"))
    for name, args in ((SAFE, ()), (SAFE_DATA, (b"",)), ("transferFrom", ())):
        with reverts("WrongFrom"):
            token.send(name, bob, carol, 1, *args, sender=alice)
        with reverts("ZeroAddress"):
            token.send(name, alice, ZERO, 1, *args, sender=alice)
        with reverts("NotApproved"):
            token.send(name, alice, carol, 1, *args, sender=carol)
    with reverts("NotApproved"):
        token.send("approve", carol, 1, sender=carol)
    with reverts("ZeroAddress"):
        token.send("setApprovalForAll", ZERO, True, sender=alice)


def test_an_approval_ends_with_the_transfer_e_i3(economy: Economy, token: Bound) -> None:
    alice, bob, carol = (economy.address(name) for name in ("alice", "bob", "carol"))
    receipt = token.send("approve", bob, 1, sender=alice)
    assert receipt.only("Approval") == {"owner": alice, "approved": bob, "tokenId": 1}
    assert token.call("getApproved", 1) == bob
    with reverts("NotApproved"):  # a spender approves nobody
        token.send("approve", carol, 1, sender=bob)
    token.send("transferFrom", alice, carol, 1, sender=bob)
    assert token.call("getApproved", 1) == ZERO
    with reverts("NotApproved"):
        token.send("transferFrom", carol, bob, 1, sender=bob)
    # Back with alice the old approval stays dead.
    token.send("transferFrom", carol, alice, 1, sender=carol)
    assert token.call("getApproved", 1) == ZERO
    with reverts("NotApproved"):
        token.send("transferFrom", alice, bob, 1, sender=bob)


def test_an_approval_can_be_withdrawn(economy: Economy, token: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    token.send("approve", bob, 1, sender=alice)
    token.send("approve", ZERO, 1, sender=alice)
    with reverts("NotApproved"):
        token.send("transferFrom", alice, bob, 1, sender=bob)


def test_operators_until_revoked(economy: Economy, token: Bound) -> None:
    alice, bob, carol = (economy.address(name) for name in ("alice", "bob", "carol"))
    receipt = token.send("setApprovalForAll", bob, True, sender=alice)
    assert receipt.only("ApprovalForAll") == {"owner": alice, "operator": bob, "approved": True}
    assert token.call("isApprovedForAll", alice, bob)
    token.send("approve", carol, 1, sender=bob)
    assert token.call("getApproved", 1) == carol
    economy.register("alice", "two")
    token.send("transferFrom", alice, carol, 2, sender=bob)
    token.send("setApprovalForAll", bob, False, sender=alice)
    with reverts("NotApproved"):
        token.send("transferFrom", alice, bob, 1, sender=bob)
    with reverts("NotApproved"):
        token.send("approve", bob, 1, sender=bob)


def test_an_identity_cannot_move_into_its_own_account(economy: Economy, token: Bound) -> None:
    alice = economy.address("alice")
    account = economy.account_of(1)
    for name, args in ((SAFE, ()), (SAFE_DATA, (b"",)), ("transferFrom", ())):
        with reverts("OwnershipCycle"):
            token.send(name, alice, account, 1, *args, sender=alice)
    economy.register("alice", "two")
    token.send("transferFrom", alice, account, 2, sender=alice)  # into another's is fine
    assert token.call("ownerOf", 2) == account


def test_transfer_to_oneself_keeps_the_list_exact_e_i2(economy: Economy, token: Bound) -> None:
    alice = economy.address("alice")
    for name in ("two", "three"):
        economy.register("alice", name)
    token.send("transferFrom", alice, alice, 1, sender=alice)
    assert sorted(economy.owned.call("tokensOfOwner", alice)) == [1, 2, 3]
    assert token.call("balanceOf", alice) == 3


def test_receivers_are_asked(economy: Economy, token: Bound) -> None:
    alice = economy.address("alice")
    receiver = economy.bound("HostileReceiver", economy.create("HostileReceiver"))
    codec = Interface(economy.artifacts["HostileReceiver"].abi)
    for mode in (1, 2):
        receiver.send("setMode", mode, sender=alice)
        with reverts("ReceiverRejected"):
            token.send(SAFE, alice, receiver.address, 1, sender=alice)
    receiver.send("setMode", 3, sender=alice)
    outcome = economy.evm.call(
        economy.diamond, token.data(SAFE_DATA, alice, receiver.address, 1, b"x"), sender=alice
    )
    assert codec.error(outcome.output) == ("Unwanted", (1,))
    with reverts("ReceiverRejected"):  # a contract that does not know the question
        token.send(SAFE, alice, economy.sig_deployer, 1, sender=alice)
    assert token.call("ownerOf", 1) == alice
    receiver.send("setMode", 0, sender=alice)
    token.send(SAFE, alice, receiver.address, 1, sender=alice)
    assert token.call("ownerOf", 1) == receiver.address


def test_plain_transfers_ask_nobody(economy: Economy, token: Bound) -> None:
    alice = economy.address("alice")
    token.send("transferFrom", alice, economy.sig_deployer, 1, sender=alice)
    assert token.call("ownerOf", 1) == economy.sig_deployer


def test_a_receiver_cannot_reenter_value_paths_but_may_pass_the_token_on(
    economy: Economy, token: Bound
) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    receiver = economy.bound("HostileReceiver", economy.create("HostileReceiver"))
    payload = token.data(SAFE, receiver.address, bob, 1)
    receiver.send("setCall", economy.diamond, payload, sender=alice)
    token.send(SAFE, alice, receiver.address, 1, sender=alice)
    called, ok, answer = receiver.call("lastCall")
    assert (called, ok, token.interface.error(answer)[0]) == (True, False, "Reentrancy")
    assert token.call("ownerOf", 1) == receiver.address

    economy.register("alice", "two")
    payload = token.data("transferFrom", receiver.address, bob, 2)
    receiver.send("setCall", economy.diamond, payload, sender=alice)
    token.send(SAFE, alice, receiver.address, 2, sender=alice)
    assert receiver.call("lastCall")[:2] == (True, True)
    assert token.call("ownerOf", 2) == bob
