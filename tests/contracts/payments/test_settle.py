"""settle, settleForAgent, cancelAuthorization: what they move, emit and refuse."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from tests.contracts import signing
from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_currency
from tests.contracts.economy import ETHER, ZERO, Economy, bare
from tests.contracts.payments.rail import Rail
from tests.contracts.signing import CANCEL_PAYMENT, nonce

currency = each_currency

PRICE = keccak(text="localharness.x402_price")


def test_the_published_type_hashes() -> None:
    """Deployed clients sign these."""
    assert keccak(text=signing.PAYMENT).hex().startswith("2bf07b601a3e0300")
    assert keccak(text=CANCEL_PAYMENT).hex().startswith("e10054be8abeffb5")


def test_separator(rail: Rail) -> None:
    assert rail.x402.call("x402DomainSeparator") == rail.separator


def test_settle_moves_exactly_the_value_x_i2_x_i3(rail: Rail) -> None:
    auth = rail.auth(value=3 * ETHER)
    assert not rail.used(auth)
    before = [rail.balance(a) for a in (auth.sender, auth.to, rail.economy.diamond)]
    receipt = rail.settle(auth)
    after = [rail.balance(a) for a in (auth.sender, auth.to, rail.economy.diamond)]
    assert [y - x for x, y in zip(before, after, strict=True)] == [-3 * ETHER, 3 * ETHER, 0]
    assert rail.used(auth)
    expected = {"from": auth.sender, "to": auth.to, "value": 3 * ETHER, "nonce": auth.nonce}
    assert receipt.only("PaymentSettled") == expected
    assert receipt.names() == ["PaymentSettled"]


def test_settle_of_nothing_still_spends_the_nonce(rail: Rail) -> None:
    auth = rail.auth(value=0)
    assert rail.settle(auth).only("PaymentSettled")["value"] == 0
    with reverts("AuthAlreadyUsed"):
        rail.settle(auth)


def test_payer_is_payee_x_a14(rail: Rail) -> None:
    auth = rail.auth(to=rail.alice.address)
    before = rail.balance(rail.alice.address)
    rail.settle(auth)
    assert rail.balance(rail.alice.address) == before
    with reverts("AuthAlreadyUsed"):
        rail.settle(auth)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_window_edges_x_a6(rail: Rail, offset: int) -> None:
    now = rail.economy.now
    early = rail.auth(1, valid_after=now + offset)
    late = rail.auth(2, valid_before=now + offset)
    if offset < 0:
        rail.settle(early)
        with reverts("AuthExpired"):
            rail.settle(late)
    elif offset == 0:
        with reverts("AuthNotYetValid"):
            rail.settle(early)
        with reverts("AuthExpired"):
            rail.settle(late)
    else:
        with reverts("AuthNotYetValid"):
            rail.settle(early)
        rail.settle(late)


def test_the_first_failing_check_names_the_error(rail: Rail) -> None:
    now = rail.economy.now
    auth = rail.auth()
    rail.settle(auth)
    wrong = {"valid_after": now, "valid_before": now, "to": ZERO}
    with reverts("AuthAlreadyUsed"):
        rail.settle(auth._replace(**wrong), b"")
    fresh = rail.auth(1)
    with reverts("AuthNotYetValid"):
        rail.settle(fresh._replace(**wrong), b"")
    with reverts("AuthExpired"):
        rail.settle(fresh._replace(valid_before=now, to=ZERO), b"")
    for payee in (ZERO, rail.economy.diamond):
        with reverts("BadPayee"):
            rail.settle(fresh._replace(to=payee), b"")
    with reverts("BadSignature"):
        rail.settle(fresh, b"")


def test_without_a_token_nothing_settles() -> None:
    rail = Rail(bare())
    with reverts("NotConfigured"):
        rail.settle(rail.auth())
    for name in ("settleBatch", "settleUptoBatch"):
        args = ([], [], False) if name == "settleBatch" else ([], [], [], False)
        with reverts("NotConfigured"):
            rail.x402.send(name, *args, sender=rail.carol.address)


def test_what_the_payer_cannot_cover_stays_unused_x_a15(rail: Rail) -> None:
    economy, alice = rail.economy, rail.alice.address
    token = economy.credits.address
    auth = rail.auth(value=5 * ETHER)
    economy.credits.send("approve", economy.diamond, 5 * ETHER - 1, sender=alice)
    with reverts("TokenCallFailed", token):
        rail.settle(auth)
    assert not rail.used(auth)
    economy.credits.send("approve", economy.diamond, 2**256 - 1, sender=alice)
    funds = rail.balance(alice)
    economy.credits.send("transfer", rail.carol.address, funds, sender=alice)
    with reverts("TokenCallFailed", token):
        rail.settle(auth)
    assert not rail.used(auth)
    economy.credits.send("transfer", alice, funds, sender=rail.carol.address)
    rail.settle(auth)


# -- settleForAgent ------------------------------------------------------------------------------


def agent_auth(rail: Rail, id_: int, value: int, number: int = 0):
    return rail.auth(number, value=value, to=rail.economy.account_of(id_))


def settle_for(rail: Rail, id_: int, auth, signature: bytes | None = None):
    signature = rail.sign(auth) if signature is None else signature
    return rail.x402.send("settleForAgent", id_, *auth, signature, sender=rail.carol.address)


@pytest.mark.parametrize("price", [None, 0, 1, 10, 19, 12_345])
def test_the_price_band(rail: Rail, price: int | None) -> None:
    economy = rail.economy
    id_ = economy.register("bob", "agent")
    if price is not None:
        economy.registry.send("setMetadata", id_, PRICE, nonce(price), sender=rail.bob.address)
    actual = 10**16 if price is None else price
    ceiling = actual * 110 // 100
    for number, (value, works) in enumerate(
        [(actual - 1, False), (actual, True), (ceiling, True), (ceiling + 1, False)]
    ):
        if value < 0:
            continue
        auth = agent_auth(rail, id_, value, number)
        if works:
            receipt = settle_for(rail, id_, auth)
            assert receipt.only("PaymentSettled")["value"] == value
        else:
            with reverts("PriceChanged", actual):
                settle_for(rail, id_, auth)
            assert not rail.used(auth)


def test_an_enormous_price_does_not_overflow(rail: Rail) -> None:
    economy = rail.economy
    id_ = economy.register("bob", "agent")
    economy.registry.send("setMetadata", id_, PRICE, b"\xff" * 32, sender=rail.bob.address)
    with reverts("PriceChanged", 2**256 - 1):
        settle_for(rail, id_, agent_auth(rail, id_, 1))
    with reverts("TokenCallFailed"):
        settle_for(rail, id_, agent_auth(rail, id_, 2**256 - 1))


def test_only_to_the_agents_account(rail: Rail) -> None:
    id_, other = rail.economy.register("bob", "agent"), rail.economy.register("bob", "other")
    with reverts("BadPayee"):
        settle_for(rail, id_, rail.auth(value=10**16))
    with reverts("BadPayee"):
        settle_for(rail, other, agent_auth(rail, id_, 10**16))
    with reverts("BadPayee"):
        settle_for(rail, 99, agent_auth(rail, id_, 10**16))
    with reverts("BadSignature"):
        settle_for(rail, id_, agent_auth(rail, id_, 10**16), b"")
    auth = agent_auth(rail, id_, 10**16)
    settle_for(rail, id_, auth)
    with reverts("AuthAlreadyUsed"):
        rail.settle(auth)


def test_agent_accounts_must_be_configured() -> None:
    economy = bare()
    rail = Rail(economy)
    economy.registry.send("register", "agent", sender=rail.bob.address)
    with reverts("NotConfigured"):
        settle_for(rail, 1, rail.auth(value=10**16))


# -- cancelAuthorization -------------------------------------------------------------------------


def test_the_payer_cancels_without_a_signature(rail: Rail) -> None:
    auth = rail.auth()
    for sender in (rail.bob.address, rail.carol.address):
        with reverts("BadSignature"):
            rail.x402.send("cancelAuthorization", auth.sender, auth.nonce, b"", sender=sender)
    receipt = rail.x402.send(
        "cancelAuthorization", auth.sender, auth.nonce, b"", sender=auth.sender
    )
    assert receipt.only("PaymentCancelled") == {"from": auth.sender, "nonce": auth.nonce}
    with reverts("AuthAlreadyUsed"):
        rail.settle(auth)
    with reverts("AuthAlreadyUsed"):
        rail.x402.send("cancelAuthorization", auth.sender, auth.nonce, b"", sender=auth.sender)


def test_anyone_cancels_with_the_payers_signature(rail: Rail) -> None:
    auth = rail.auth()
    digest = signing.cancel_digest(rail.separator, CANCEL_PAYMENT, auth.sender, auth.nonce)
    name, sender = "cancelAuthorization", rail.carol.address
    for wrong in (rail.bob.sign(digest), rail.sign(auth)):
        with reverts("BadSignature"):
            rail.x402.send(name, auth.sender, auth.nonce, wrong, sender=sender)
    assert not rail.used(auth)
    with reverts("BadSignature"):  # for another nonce
        rail.x402.send(name, auth.sender, nonce(9), rail.alice.sign(digest), sender=sender)
    rail.x402.send(name, auth.sender, auth.nonce, rail.alice.sign(digest), sender=sender)
    assert rail.used(auth)


def test_a_settled_nonce_cannot_be_cancelled_x_i4(rail: Rail) -> None:
    auth = rail.auth()
    rail.settle(auth)
    with reverts("AuthAlreadyUsed"):
        rail.x402.send("cancelAuthorization", auth.sender, auth.nonce, b"", sender=auth.sender)
    assert rail.used(auth)


def test_neighbouring_nonces_are_independent(rail: Rail) -> None:
    numbers = [0, 1, 254, 255, 256, 257, 511, 512, 2**64, 2**255, 2**256 - 1]
    for number in numbers[::2]:
        rail.settle(rail.auth(number, value=1))
    for index, number in enumerate(numbers):
        assert rail.used(rail.auth(number)) is (index % 2 == 0)
    for number in numbers[1::2]:
        rail.settle(rail.auth(number, value=1))


def test_configuration_is_the_owners(rail: Rail, economy: Economy) -> None:
    alice, owner, usd = rail.alice.address, economy.owner.address, economy.usd.address
    with reverts("NotOwner"):
        rail.x402.send("setPayToken", usd, True, sender=alice)
    with reverts("ZeroAddress"):
        rail.x402.send("setPayToken", ZERO, True, sender=owner)
    receipt = rail.x402.send("setPayToken", usd, False, sender=owner)
    assert receipt.only("PayTokenSet") == {"token": usd, "allowed": False}
    assert not rail.x402.call("isPayToken", usd)
    with reverts("NotOwner"):
        rail.x402.send("setSigDeployer", alice, sender=alice)
    with reverts("AlreadyInitialised"):
        rail.x402.send("setSigDeployer", alice, sender=owner)
    unset = bare()
    with reverts("ZeroAddress"):
        unset.x402.send("setSigDeployer", ZERO, sender=owner)
    receipt = unset.x402.send("setSigDeployer", unset.sig_deployer, sender=owner)
    assert receipt.only("SigDeployerSet") == {"deployer": unset.sig_deployer}
    assert unset.x402.call("sigDeployer") == unset.sig_deployer
