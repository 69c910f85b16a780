"""FwCredits: memos, the issuing role, caps that tighten at once and loosen after two days."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, Reverted, encode, reverts
from tests.contracts.economy import ETHER, SUPPLY_CAP, ZERO, Economy

DAY = 86_400
TIMELOCK = 2 * DAY
MEMO = b"LH-REDEEM".ljust(32, b"\0")
ISSUER = bytes.fromhex("6a079e44f782d01ff85df174a9bb4a143c3e08961e858757a033b8e0ffa8f5a7")


@pytest.fixture
def token(economy: Economy) -> Bound:
    return economy.credits


@pytest.fixture
def owner(economy: Economy) -> bytes:
    """Owner and issuer."""
    return economy.owner.address


def test_identity(token: Bound) -> None:
    assert (token.call("symbol"), token.call("decimals")) == ("LH", 18)
    assert token.call("currency") == "credits"
    assert token.call("ISSUER_ROLE") == ISSUER
    assert token.call("CAP_LOOSEN_TIMELOCK") == TIMELOCK


def test_construction(economy: Economy) -> None:
    def build(*args: object):
        types = ["address", "uint256", "uint256", "uint64"]
        data = economy.artifacts["FwCredits"].init_code + encode(types, list(args))
        return economy.evm.deploy(data)

    error = economy.credits.interface.error
    someone = economy.address("alice")
    assert error(build(ZERO, 1, 0, 0).output)[0] == "ZeroAddress"
    assert error(build(someone, 2**128, 0, 0).output)[0] == "CastOverflow"
    for cap, window in ((0, 24), (5, 0), (5, 25), (5, 366 * DAY), (2**128, 24)):
        assert error(build(someone, 1, cap, window).output)[0] == "InvalidWindow"
    made = build(someone, 10, 5, 24)
    assert made.created is not None
    handle = economy.bound("FwCredits", made.created)
    events = {e.name: e.args for e in handle.events(made)}
    assert events["OwnershipTransferred"] == {"previousOwner": ZERO, "newOwner": someone}
    assert events["SupplyCapChanged"] == {"oldCap": 0, "newCap": 10}
    assert events["MintWindowChanged"] == {"cap": 5, "windowSecs": 24}
    assert (handle.call("owner"), handle.call("supplyCap")) == (someone, 10)
    assert handle.call("mintWindow") == (5, 24, 0)


def test_memos(economy: Economy, token: Bound, owner: bytes) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    receipt = token.send("transferWithMemo", bob, 3, MEMO, sender=alice)
    assert receipt.only("TransferWithMemo") == {"from": alice, "to": bob, "amount": 3, "memo": MEMO}
    assert receipt.only("Transfer") == {"from": alice, "to": bob, "value": 3}
    token.send("approve", bob, 3, sender=alice)
    receipt = token.send("transferFromWithMemo", alice, bob, 3, MEMO, sender=bob)
    assert receipt.names() == ["Transfer", "TransferWithMemo"]
    with reverts("InsufficientAllowance"):
        token.send("transferFromWithMemo", alice, bob, 1, MEMO, sender=bob)
    receipt = token.send("mintWithMemo", alice, 4, MEMO, sender=owner)
    assert receipt.only("TransferWithMemo")["from"] == ZERO
    assert receipt.only("Mint") == {"to": alice, "amount": 4}
    receipt = token.send("burnWithMemo", 4, MEMO, sender=alice)
    assert receipt.only("TransferWithMemo")["to"] == ZERO
    assert receipt.only("Burn") == {"from": alice, "amount": 4}


def test_minting_and_its_refusals_l_i3(economy: Economy, token: Bound, owner: bytes) -> None:
    alice = economy.address("alice")
    for name, args in (("mint", (alice, 1)), ("mintWithMemo", (alice, 1, MEMO))):
        with reverts("Unauthorized"):
            token.send(name, *args, sender=alice)
    for nowhere in (ZERO, token.address):
        with reverts("InvalidRecipient"):
            token.send("mint", nowhere, 1, sender=owner)
    with reverts("InvalidAmount"):
        token.send("mint", alice, 0, sender=owner)
    room = SUPPLY_CAP - token.call("totalSupply")
    with reverts("SupplyCapExceeded"):
        token.send("mint", alice, room + 1, sender=owner)
    receipt = token.send("mint", alice, room, sender=owner)
    assert receipt.only("Mint") == {"to": alice, "amount": room}
    assert receipt.only("Transfer") == {"from": ZERO, "to": alice, "value": room}
    assert token.call("totalSupply") == SUPPLY_CAP
    with reverts("SupplyCapExceeded"):
        token.send("mint", alice, 1, sender=owner)


def test_burning_ones_own(economy: Economy, token: Bound) -> None:
    alice = economy.address("alice")
    supply, balance = token.call("totalSupply"), economy.balance(alice)
    receipt = token.send("burn", 5, sender=alice)
    assert receipt.only("Transfer") == {"from": alice, "to": ZERO, "value": 5}
    assert (token.call("totalSupply"), economy.balance(alice)) == (supply - 5, balance - 5)
    with reverts("InvalidAmount"):
        token.send("burn", 0, sender=alice)
    with reverts("InsufficientBalance", balance - 5, balance, alice):
        token.send("burn", balance, sender=alice)


def test_roles(economy: Economy, token: Bound, owner: bytes) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    for name, args in {"grantRole": (ISSUER, alice), "revokeRole": (ISSUER, owner)}.items():
        with reverts("Unauthorized"):
            token.send(name, *args, sender=alice)
    receipt = token.send("grantRole", ISSUER, alice, sender=owner)
    expected = {"role": ISSUER, "account": alice, "sender": owner}
    assert receipt.only("RoleGranted") == expected
    assert token.send("grantRole", ISSUER, alice, sender=owner).events == []
    assert token.call("hasRole", ISSUER, alice)
    token.send("mint", bob, 1, sender=alice)
    assert token.send("revokeRole", ISSUER, alice, sender=owner).only("RoleRevoked") == expected
    assert token.send("revokeRole", ISSUER, alice, sender=owner).events == []
    with reverts("Unauthorized"):
        token.send("mint", bob, 1, sender=alice)
    token.send("grantRole", ISSUER, alice, sender=owner)
    receipt = token.send("renounceRole", ISSUER, sender=alice)
    assert receipt.only("RoleRevoked")["sender"] == alice
    assert not token.call("hasRole", ISSUER, alice)


def test_ownership(economy: Economy, token: Bound, owner: bytes) -> None:
    alice = economy.address("alice")
    with reverts("Unauthorized"):
        token.send("transferOwnership", alice, sender=alice)
    with reverts("ZeroAddress"):
        token.send("transferOwnership", ZERO, sender=owner)
    receipt = token.send("transferOwnership", alice, sender=owner)
    assert receipt.only("OwnershipTransferred") == {"previousOwner": owner, "newOwner": alice}
    with reverts("Unauthorized"):
        token.send("grantRole", ISSUER, owner, sender=owner)


def test_every_limit_is_the_owners(economy: Economy, token: Bound) -> None:
    alice = economy.address("alice")
    for name, args in {
        "lowerSupplyCap": (1,),
        "proposeSupplyCap": (1,),
        "applySupplyCap": (),
        "cancelSupplyCap": (),
        "tightenMintWindow": (1, 24),
        "proposeMintWindow": (1, 24),
        "applyMintWindow": (),
        "cancelMintWindow": (),
    }.items():
        with reverts("Unauthorized"):
            token.send(name, *args, sender=alice)


def test_supply_cap_down_at_once_up_after_two_days(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    supply = token.call("totalSupply")
    with reverts("NotTightening"):
        token.send("lowerSupplyCap", SUPPLY_CAP + 1, sender=owner)
    with reverts("InvalidSupplyCap"):
        token.send("lowerSupplyCap", supply - 1, sender=owner)
    receipt = token.send("lowerSupplyCap", supply, sender=owner)
    assert receipt.only("SupplyCapChanged") == {"oldCap": SUPPLY_CAP, "newCap": supply}
    for bad in (supply, 2**128):
        with reverts("InvalidSupplyCap"):
            token.send("proposeSupplyCap", bad, sender=owner)
    for name in ("applySupplyCap", "cancelSupplyCap"):
        with reverts("NothingPending"):
            token.send(name, sender=owner)
    receipt = token.send("proposeSupplyCap", supply + 5, sender=owner)
    ready = economy.now + TIMELOCK
    assert receipt.only("SupplyCapProposed") == {"newCap": supply + 5, "readyAt": ready}
    assert token.call("pendingSupplyCap") == (supply + 5, ready)
    with reverts("ChangePending"):
        token.send("proposeSupplyCap", supply + 9, sender=owner)
    economy.later(TIMELOCK - 1)
    with reverts("TimelockNotElapsed"):
        token.send("applySupplyCap", sender=owner)
    with reverts("SupplyCapExceeded"):
        token.send("mint", owner, 1, sender=owner)
    economy.later(1)
    receipt = token.send("applySupplyCap", sender=owner)
    assert receipt.only("SupplyCapChanged") == {"oldCap": supply, "newCap": supply + 5}
    token.send("mint", owner, 5, sender=owner)
    with reverts("NothingPending"):
        token.send("applySupplyCap", sender=owner)


def test_a_raise_can_be_cancelled_and_a_cut_cancels_it(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    token.send("proposeSupplyCap", SUPPLY_CAP + 5, sender=owner)
    receipt = token.send("cancelSupplyCap", sender=owner)
    assert receipt.only("SupplyCapCancelled") == {"newCap": SUPPLY_CAP + 5}
    token.send("proposeSupplyCap", SUPPLY_CAP + 5, sender=owner)
    receipt = token.send("lowerSupplyCap", SUPPLY_CAP - 1, sender=owner)
    assert receipt.names() == ["SupplyCapCancelled", "SupplyCapChanged"]
    economy.later(TIMELOCK)
    with reverts("NothingPending"):
        token.send("applySupplyCap", sender=owner)


def test_window_tightens_at_once_and_loosens_after_two_days(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    receipt = token.send("tightenMintWindow", 100, 240, sender=owner)
    assert receipt.only("MintWindowChanged") == {"cap": 100, "windowSecs": 240}
    for cap, window in ((101, 240), (100, 216), (50, 216), (0, 0)):
        with reverts("NotTightening"):
            token.send("tightenMintWindow", cap, window, sender=owner)
    for cap, window in ((0, 24), (1, 0), (1, 23), (1, 25), (1, 366 * DAY), (2**128, 240)):
        for name in ("tightenMintWindow", "proposeMintWindow"):
            with reverts("InvalidWindow"):
                token.send(name, cap, window, sender=owner)
    token.send("tightenMintWindow", 99, 264, sender=owner)
    for name in ("applyMintWindow", "cancelMintWindow"):
        with reverts("NothingPending"):
            token.send(name, sender=owner)
    receipt = token.send("proposeMintWindow", 0, 0, sender=owner)
    ready = economy.now + TIMELOCK
    assert receipt.only("MintWindowProposed") == {"cap": 0, "windowSecs": 0, "readyAt": ready}
    assert token.call("pendingMintWindow") == (0, 0, ready)
    with reverts("ChangePending"):
        token.send("proposeMintWindow", 500, 240, sender=owner)
    economy.later(TIMELOCK - 1)
    with reverts("TimelockNotElapsed"):
        token.send("applyMintWindow", sender=owner)
    with reverts("MintWindowCapExceeded"):
        token.send("mint", owner, 100, sender=owner)
    economy.later(1)
    receipt = token.send("applyMintWindow", sender=owner)
    assert receipt.only("MintWindowChanged") == {"cap": 0, "windowSecs": 0}
    token.send("mint", owner, 100 * ETHER, sender=owner)
    # What was waited for once cannot be applied again.
    assert token.call("pendingMintWindow") == (0, 0, 0)
    with reverts("NothingPending"):
        token.send("applyMintWindow", sender=owner)


def test_tightening_cancels_a_pending_loosening(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    token.send("tightenMintWindow", 100, 240, sender=owner)
    token.send("proposeMintWindow", 500, 240, sender=owner)
    receipt = token.send("cancelMintWindow", sender=owner)
    assert receipt.only("MintWindowCancelled") == {"cap": 500, "windowSecs": 240}
    token.send("proposeMintWindow", 500, 240, sender=owner)
    receipt = token.send("tightenMintWindow", 100, 240, sender=owner)
    assert receipt.names() == ["MintWindowCancelled", "MintWindowChanged"]
    economy.later(TIMELOCK)
    with reverts("NothingPending"):
        token.send("applyMintWindow", sender=owner)


def test_another_window_carries_over_what_still_counts_and_no_more(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    """What had left the old window by then would otherwise narrow the new one for good."""
    token.send("tightenMintWindow", 100, 240, sender=owner)
    token.send("mint", owner, 40, sender=owner)
    economy.later(150)
    token.send("mint", owner, 30, sender=owner)
    economy.later(110)  # the forty have left
    assert token.call("mintWindow")[2] == 30
    token.send("tightenMintWindow", 100, 2_400, sender=owner)
    assert token.call("mintWindow") == (100, 2_400, 30)
    with reverts("MintWindowCapExceeded"):
        token.send("mint", owner, 71, sender=owner)
    token.send("mint", owner, 70, sender=owner)
    economy.later(2_500 + 100)
    assert token.call("mintWindow")[2] == 0


def test_the_window_rolls_instead_of_tumbling_l_i2(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    """Everything at the end of one period and again at the start of the next must not pass."""
    token.send("tightenMintWindow", 100, 240, sender=owner)
    economy.evm.timestamp = economy.now // 240 * 240 + 239
    token.send("mint", owner, 100, sender=owner)
    assert token.call("mintWindow") == (100, 240, 100)
    economy.later(1)
    with reverts("MintWindowCapExceeded"):
        token.send("mint", owner, 1, sender=owner)
    economy.later(239)  # 240 seconds after the mint it has left the window, give or take a 24th
    with reverts("MintWindowCapExceeded"):
        token.send("mint", owner, 1, sender=owner)
    economy.later(10)
    assert token.call("mintWindow") == (100, 240, 0)
    token.send("mint", owner, 100, sender=owner)


def test_a_new_window_length_keeps_counting_what_was_minted(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    token.send("tightenMintWindow", 100, 240, sender=owner)
    token.send("mint", owner, 60, sender=owner)
    economy.later(200)
    token.send("tightenMintWindow", 80, 2_400, sender=owner)
    assert token.call("mintWindow") == (80, 2_400, 60)
    with reverts("MintWindowCapExceeded"):
        token.send("mint", owner, 21, sender=owner)
    token.send("mint", owner, 20, sender=owner)
    economy.later(2_500)
    assert token.call("mintWindow")[2] == 0


def test_a_second_malicious_issuer_is_bounded_by_the_window_l_a1(
    economy: Economy, token: Bound, owner: bytes
) -> None:
    token.send("tightenMintWindow", 1_000, DAY, sender=owner)
    thief = economy.address("erin")
    token.send("grantRole", ISSUER, thief, sender=owner)
    start, stolen = economy.now, 0
    while economy.now < start + 3 * DAY:
        for amount in (1_000, 300, 7):
            try:
                token.send("mint", thief, amount, sender=thief)
                stolen += amount
            except Reverted as failure:
                assert failure.error == "MintWindowCapExceeded"
        economy.later(DAY // 24)
    assert 0 < stolen <= 1_000 * 4


def test_a_thief_of_the_owner_key_has_to_wait(economy: Economy, token: Bound, owner: bytes) -> None:
    """Caps survive two days whatever sequence the owner key signs."""
    token.send("tightenMintWindow", 10, 240, sender=owner)
    token.send("proposeMintWindow", 0, 0, sender=owner)
    token.send("cancelMintWindow", sender=owner)
    token.send("proposeMintWindow", 0, 0, sender=owner)  # starts over
    economy.later(TIMELOCK - 1)
    token.send("cancelMintWindow", sender=owner)
    token.send("proposeMintWindow", 0, 0, sender=owner)
    economy.later(TIMELOCK - 1)
    with reverts("TimelockNotElapsed"):
        token.send("applyMintWindow", sender=owner)
