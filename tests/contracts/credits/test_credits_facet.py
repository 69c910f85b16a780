"""Which token is $LH, and the daily allowance."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import ETHER, ZERO, Economy, bare

DAY = 86_400


def test_setting_the_token_and_its_refusals() -> None:
    economy = bare()
    owner, alice = economy.owner.address, economy.address("alice")
    facet, token = economy.credits_facet, economy.credits.address
    assert facet.call("creditsToken") == ZERO
    with reverts("NotOwner"):
        facet.send("setCreditsToken", token, sender=alice)
    with reverts("ZeroAddress"):
        facet.send("setCreditsToken", ZERO, sender=owner)
    for fake in (alice, economy.diamond):
        with reverts("TokenCallFailed", fake):
            facet.send("setCreditsToken", fake, sender=owner)
    receipt = facet.send("setCreditsToken", token, sender=owner)
    assert receipt.only("CreditsTokenSet") == {"token": token}
    assert facet.call("creditsToken") == token


def test_the_token_stays_while_anything_is_escrowed(economy: Economy) -> None:
    owner, bob = economy.owner.address, economy.address("bob")
    other = economy.create("HostileToken")
    bounty = economy.bounty.send("postBounty", b"", 5, 3600, sender=bob).value
    with reverts("BucketsNotEmpty"):
        economy.credits_facet.send("setCreditsToken", other, sender=owner)
    economy.bounty.send("cancelBounty", bounty, sender=bob)
    # A donation is no escrow.
    economy.credits.send("transfer", economy.diamond, 1, sender=bob)
    economy.credits_facet.send("setCreditsToken", other, sender=owner)
    assert economy.credits_facet.call("creditsToken") == other


def test_daily_claim_is_off_by_default(economy: Economy) -> None:
    alice = economy.address("alice")
    assert economy.credits_facet.call("dailyAllowance") == 0
    assert not economy.credits_facet.call("canClaim", alice)
    with reverts("NotConfigured"):
        economy.credits_facet.send("claimDaily", sender=alice)
    unset = bare()
    unset.credits_facet.send("setDailyAllowance", 1, sender=unset.owner.address)
    assert not unset.credits_facet.call("canClaim", alice)
    with reverts("NotConfigured"):
        unset.credits_facet.send("claimDaily", sender=alice)


@pytest.mark.parametrize(("wait", "free"), [(-1, False), (0, True), (1, True)])
def test_once_a_day(economy: Economy, wait: int, free: bool) -> None:
    owner, alice, facet = economy.owner.address, economy.address("alice"), economy.credits_facet
    with reverts("NotOwner"):
        facet.send("setDailyAllowance", 1, sender=alice)
    receipt = facet.send("setDailyAllowance", 3 * ETHER, sender=owner)
    assert receipt.only("DailyAllowanceSet") == {"amount": 3 * ETHER}
    assert facet.call("canClaim", alice)
    before, supply = economy.balance(alice), economy.credits.call("totalSupply")
    day = economy.now // DAY
    receipt = facet.send("claimDaily", sender=alice)
    assert receipt.value == 3 * ETHER
    assert receipt.only("DailyClaimed") == {"account": alice, "day": day, "amount": 3 * ETHER}
    assert economy.balance(alice) - before == 3 * ETHER
    assert economy.credits.call("totalSupply") - supply == 3 * ETHER
    assert facet.call("lastClaimDay", alice) == day
    economy.evm.timestamp = (day + 1) * DAY + wait
    assert facet.call("canClaim", alice) is free
    if free:
        facet.send("claimDaily", sender=alice)
    else:
        with reverts("AlreadyClaimedToday", day):
            facet.send("claimDaily", sender=alice)
        facet.send("claimDaily", sender=economy.address("bob"))


def test_a_refused_mint_claims_nothing(economy: Economy) -> None:
    owner, alice, facet = economy.owner.address, economy.address("alice"), economy.credits_facet
    facet.send("setDailyAllowance", 5, sender=owner)
    economy.credits.send("tightenMintWindow", 7, 240, sender=owner)
    facet.send("claimDaily", sender=alice)
    with reverts("TokenCallFailed", economy.credits.address):
        facet.send("claimDaily", sender=economy.address("bob"))
    assert facet.call("canClaim", economy.address("bob"))
