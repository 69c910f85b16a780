"""settleUpto and the facilitators a payee names."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_currency
from tests.contracts.economy import ETHER, ZERO
from tests.contracts.payments.rail import Rail

currency = each_currency


def test_moves_the_actual_amount_and_spends_the_nonce(rail: Rail) -> None:
    for number, actual in enumerate((0, 1, ETHER)):
        auth = rail.auth(number, value=ETHER)
        before = rail.balance(auth.to)
        receipt = rail.settle_upto(auth, actual)
        assert rail.balance(auth.to) - before == actual
        assert receipt.only("PaymentSettled")["value"] == actual
        with reverts("AuthAlreadyUsed"):
            rail.settle_upto(auth, actual)
        with reverts("AuthAlreadyUsed"):  # one nonce space with settle
            rail.settle(auth)


def test_above_the_maximum_comes_first(rail: Rail) -> None:
    auth = rail.auth(value=5, to=ZERO)
    with reverts("AmountExceedsMax"):
        rail.settle_upto(auth, 6, b"")
    with reverts("BadPayee"):
        rail.settle_upto(auth, 5, b"")


def test_the_signature_is_over_the_maximum(rail: Rail) -> None:
    auth = rail.auth(value=10)
    over_actual = rail.sign(auth._replace(value=4))
    with reverts("BadSignature"):
        rail.settle_upto(auth, 4, over_actual)
    rail.settle_upto(auth, 4)


def test_a_stranger_cannot_burn_an_upto_payment_x_a11(rail: Rail) -> None:
    bob, carol, x402 = rail.bob.address, rail.carol.address, rail.x402
    relayer = rail.economy.address("dave")
    # Open until the payee says otherwise.
    rail.settle_upto(rail.auth(0), 0, sender=carol)
    receipt = x402.send("setFacilitator", relayer, True, sender=bob)
    assert receipt.only("FacilitatorSet") == {
        "payee": bob,
        "facilitator": relayer,
        "allowed": True,
    }
    assert x402.call("isFacilitator", bob, relayer)
    assert x402.call("facilitatorCount", bob) == 1
    auth = rail.auth(1)
    for stranger in (carol, rail.alice.address, rail.economy.owner.address):
        with reverts("NotFacilitator"):
            rail.settle_upto(auth, 0, sender=stranger)
    assert not rail.used(auth)
    rail.settle_upto(auth, 7, sender=relayer)
    rail.settle_upto(rail.auth(2), 7, sender=bob)
    # The exact scheme stays open: its amount is fixed by the signature.
    rail.settle(rail.auth(3))
    # With the last one dropped the payee is open again.
    x402.send("setFacilitator", relayer, False, sender=bob)
    assert x402.call("facilitatorCount", bob) == 0
    rail.settle_upto(rail.auth(4), 0, sender=carol)


def test_facilitators_are_counted_exactly(rail: Rail) -> None:
    bob, x402 = rail.bob.address, rail.x402
    first, second = rail.economy.address("dave"), rail.economy.address("erin")
    with reverts("ZeroAddress"):
        x402.send("setFacilitator", ZERO, True, sender=bob)
    assert x402.send("setFacilitator", first, False, sender=bob).events == []
    x402.send("setFacilitator", first, True, sender=bob)
    assert x402.send("setFacilitator", first, True, sender=bob).events == []
    x402.send("setFacilitator", second, True, sender=bob)
    x402.send("setFacilitator", first, False, sender=bob)
    assert x402.call("facilitatorCount", bob) == 1
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(), 0, sender=first)
    rail.settle_upto(rail.auth(), 0, sender=second)


def test_each_of_several_facilitators_captures_until_dropped(rail: Rail) -> None:
    bob, x402 = rail.bob.address, rail.x402
    first, second, third = (rail.economy.address(name) for name in ("dave", "erin", "frank"))
    for facilitator in (first, second, third):
        x402.send("setFacilitator", facilitator, True, sender=bob)
    for number, facilitator in enumerate((first, second, third)):
        rail.settle_upto(rail.auth(number), 1, sender=facilitator)
    x402.send("setFacilitator", third, False, sender=bob)  # the latest
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(3), 0, sender=third)
    x402.send("setFacilitator", first, False, sender=bob)
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(3), 0, sender=first)
    rail.settle_upto(rail.auth(3), 1, sender=second)


def test_the_holder_speaks_for_an_agents_account(rail: Rail) -> None:
    economy, x402 = rail.economy, rail.x402
    bob, carol = rail.bob.address, rail.carol.address
    id_ = economy.register("bob", "agent")
    account = economy.account_of(id_)
    for who in (carol, economy.owner.address):
        with reverts("NotOwner"):
            x402.send("setFacilitatorFor", id_, carol, True, sender=who)
    with reverts("NotOwner"):
        x402.send("setFacilitatorFor", 99, carol, True, sender=bob)
    with reverts("ZeroAddress"):
        x402.send("setFacilitatorFor", id_, ZERO, True, sender=bob)
    relayer = economy.address("dave")
    receipt = x402.send("setFacilitatorFor", id_, relayer, True, sender=bob)
    assert receipt.only("FacilitatorSet")["payee"] == account
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(0, to=account), 0, sender=carol)
    rail.settle_upto(rail.auth(0, to=account), 1, sender=relayer)
    rail.settle_upto(rail.auth(1, to=account), 1, sender=bob)
    # The right follows the identity.
    economy.erc721.send("transferFrom", bob, carol, id_, sender=bob)
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(2, to=account), 1, sender=bob)
    rail.settle_upto(rail.auth(2, to=account), 1, sender=carol)
    x402.send("setFacilitatorFor", id_, relayer, False, sender=carol)
    assert x402.call("facilitatorCount", account) == 0


def test_an_account_that_acts_for_itself_is_recognised(rail: Rail) -> None:
    economy, x402 = rail.economy, rail.x402
    bob, carol, relayer = rail.bob.address, rail.carol.address, economy.address("dave")
    id_ = economy.register("bob", "agent")
    account = rail.deploy_account(id_, "bob")
    call = x402.data("setFacilitator", relayer, True)
    account.send("execute", economy.diamond, 0, call, 0, sender=bob)
    assert x402.call("isFacilitator", account.address, relayer)
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(0, to=account.address), 1, sender=carol)
    for number, sender in enumerate((relayer, bob)):
        rail.settle_upto(rail.auth(number, to=account.address), 1, sender=sender)
    # The account itself, through its holder.
    auth = rail.auth(5, to=account.address)
    call = x402.data("settleUpto", *auth[:3], 1, *auth[3:], rail.sign(auth))
    account.send("execute", economy.diamond, 0, call, 0, sender=bob)


def test_a_look_alike_account_is_nobodys(rail: Rail) -> None:
    """Code with the right shape bound to an identity it is not the account of."""
    economy, x402 = rail.economy, rail.x402
    bob = rail.bob.address
    id_ = economy.register("bob", "agent")
    fake = economy.registry6551.send(
        "createAccount",
        economy.account_impl,
        b"\x01".ljust(32, b"\0"),  # another salt
        economy.evm.chain_id,
        economy.diamond,
        id_,
        sender=bob,
    ).value
    account = economy.bound("TokenBoundAccount", fake)
    call = x402.data("setFacilitator", economy.address("dave"), True)
    account.send("execute", economy.diamond, 0, call, 0, sender=bob)
    with reverts("NotFacilitator"):
        rail.settle_upto(rail.auth(0, to=fake), 1, sender=bob)
