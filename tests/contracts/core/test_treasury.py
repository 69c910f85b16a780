"""The treasury bucket, surplus, and who may take what."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import BOUNTY, ETHER, TREASURY, ZERO, Economy


@pytest.fixture
def donated(economy: Economy) -> Economy:
    """The diamond was sent 3 $LH nobody accounted for, beside a bounty of 5."""
    alice = economy.address("alice")
    economy.bounty.send("postBounty", b"work", 5 * ETHER, 3600, sender=alice)
    economy.credits.send("transfer", economy.diamond, 3 * ETHER, sender=alice)
    return economy


def test_skim_takes_the_surplus_and_nothing_else(donated: Economy) -> None:
    token = donated.credits.address
    assert donated.treasury.call("treasuryBalance") == 0
    receipt = donated.treasury.send("skim", token, sender=donated.address("bob"))
    assert receipt.value == 3 * ETHER
    assert receipt.only("Skimmed") == {"token": token, "amount": 3 * ETHER}
    assert donated.treasury.call("treasuryBalance") == 3 * ETHER
    assert donated.held(BOUNTY) == 5 * ETHER
    again = donated.treasury.send("skim", token, sender=donated.address("bob"))
    assert (again.value, again.events) == (0, [])


def test_skim_of_no_token_is_refused(economy: Economy) -> None:
    bob = economy.address("bob")
    with reverts("TokenCallFailed", economy.diamond):
        economy.treasury.send("skim", economy.diamond, sender=bob)
    with reverts("TokenCallFailed", bob):
        economy.treasury.send("skim", bob, sender=bob)


def test_skim_after_a_negative_rebase_takes_nothing(economy: Economy) -> None:
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    probe = economy.add_facet("LedgerProbeFacet")
    alice = economy.address("alice")
    token.send("mint", alice, 100, sender=alice)
    token.send("approve", economy.diamond, 100, sender=alice)
    probe.send("probePullExact", token.address, alice, 100, BOUNTY, sender=alice)
    token.send("setBalance", economy.diamond, 60, sender=alice)
    assert economy.treasury.send("skim", token.address, sender=alice).value == 0
    token.send("setBalance", economy.diamond, 130, sender=alice)
    assert economy.treasury.send("skim", token.address, sender=alice).value == 30
    assert economy.held(TREASURY, token.address) == 30


def test_only_the_owner_withdraws_and_only_the_treasury(donated: Economy) -> None:
    owner, alice, carol = donated.owner.address, donated.address("alice"), donated.address("carol")
    token = donated.credits.address
    donated.treasury.send("skim", token, sender=alice)
    with reverts("NotOwner"):
        donated.treasury.send("withdrawTreasury", alice, 1, sender=alice)
    with reverts("ZeroAmount"):
        donated.treasury.send("withdrawTreasury", carol, 0, sender=owner)
    with reverts("ZeroAddress"):
        donated.treasury.send("withdrawTreasury", ZERO, 1, sender=owner)
    # Five are in escrow and stay out of the owner's reach.
    with reverts("BucketUnderflow", TREASURY):
        donated.treasury.send("withdrawTreasury", carol, 3 * ETHER + 1, sender=owner)
    before = donated.balance(carol)
    receipt = donated.treasury.send("withdrawTreasury", carol, 2 * ETHER, sender=owner)
    assert receipt.only("TreasuryWithdrawn") == {"to": carol, "amount": 2 * ETHER}
    assert donated.balance(carol) - before == 2 * ETHER
    assert donated.treasury.call("treasuryBalance") == ETHER


def test_other_tokens_can_be_withdrawn_too(economy: Economy) -> None:
    owner, alice = economy.owner.address, economy.address("alice")
    usd = economy.usd.address
    economy.usd.send("transfer", economy.diamond, 7, sender=alice)
    economy.treasury.send("skim", usd, sender=alice)
    with reverts("NotOwner"):
        economy.treasury.send("withdrawTreasuryOf", usd, alice, 7, sender=alice)
    with reverts("ZeroAmount"):
        economy.treasury.send("withdrawTreasuryOf", usd, alice, 0, sender=owner)
    with reverts("BucketUnderflow", TREASURY):
        economy.treasury.send("withdrawTreasuryOf", usd, alice, 8, sender=owner)
    receipt = economy.treasury.send("withdrawTreasuryOf", usd, alice, 7, sender=owner)
    assert receipt.only("TreasuryTokenWithdrawn") == {"token": usd, "to": alice, "amount": 7}
    assert economy.held(TREASURY, usd) == 0


def test_without_a_credits_token_there_is_no_treasury() -> None:
    economy = _unconfigured()
    assert economy.treasury.call("treasuryBalance") == 0
    with reverts("NotConfigured"):
        economy.treasury.send("withdrawTreasury", economy.diamond, 1, sender=economy.owner.address)


def _unconfigured() -> Economy:
    from tests.contracts.economy import bare

    return bare()
