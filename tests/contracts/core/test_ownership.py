"""EIP-173 and the two-step hand-over."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.economy import ZERO, Economy


def test_owner_after_construction(economy: Economy) -> None:
    assert economy.ownership.call("owner") == economy.owner.address
    assert economy.ownership.call("pendingOwner") == ZERO


def test_transfer_at_once(economy: Economy) -> None:
    alice, owner = economy.address("alice"), economy.owner.address
    with reverts("NotOwner"):
        economy.ownership.send("transferOwnership", alice, sender=alice)
    with reverts("ZeroAddress"):
        economy.ownership.send("transferOwnership", ZERO, sender=owner)
    economy.ownership.send("nominateOwner", economy.address("bob"), sender=owner)
    receipt = economy.ownership.send("transferOwnership", alice, sender=owner)
    assert receipt.only("OwnershipTransferred") == {"previousOwner": owner, "newOwner": alice}
    assert economy.ownership.call("owner") == alice
    # The nomination was the old owner's.
    with reverts("NotNominee"):
        economy.ownership.send("acceptOwnership", sender=economy.address("bob"))
    with reverts("NotOwner"):
        economy.ownership.send("transferOwnership", owner, sender=owner)


def test_transfer_in_two_steps(economy: Economy) -> None:
    alice, bob, owner = economy.address("alice"), economy.address("bob"), economy.owner.address
    with reverts("NotOwner"):
        economy.ownership.send("nominateOwner", alice, sender=alice)
    receipt = economy.ownership.send("nominateOwner", alice, sender=owner)
    assert receipt.only("OwnershipNominated") == {"owner": owner, "nominee": alice}
    assert economy.ownership.call("owner") == owner
    with reverts("NotNominee"):
        economy.ownership.send("acceptOwnership", sender=bob)
    receipt = economy.ownership.send("acceptOwnership", sender=alice)
    assert receipt.only("OwnershipTransferred") == {"previousOwner": owner, "newOwner": alice}
    assert economy.ownership.call("pendingOwner") == ZERO
    with reverts("NotNominee"):
        economy.ownership.send("acceptOwnership", sender=alice)


def test_a_nomination_can_be_withdrawn(economy: Economy) -> None:
    alice, owner = economy.address("alice"), economy.owner.address
    economy.ownership.send("nominateOwner", alice, sender=owner)
    economy.ownership.send("nominateOwner", ZERO, sender=owner)
    with reverts("NotNominee"):
        economy.ownership.send("acceptOwnership", sender=alice)
    # Nobody is the zero address, so a withdrawn nomination cannot be accepted by anyone.
    with reverts("NotNominee"):
        economy.ownership.send("acceptOwnership", sender=economy.address("bob"))
