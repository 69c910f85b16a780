"""settle3009: an EIP-3009 authorisation run at a listed token."""

from __future__ import annotations

import pytest

from tests.contracts import signing
from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import OURS, each_dollar
from tests.contracts.economy import ZERO, Economy
from tests.contracts.payments.rail import Rail
from tests.contracts.signing import TRANSFER, Auth, nonce

dollar = each_dollar

FEE, WRONG_AMOUNT = 5, 10  # of HostileToken
PARTS = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"


def parts(rail: Rail, auth: Auth) -> tuple[int, bytes, bytes]:
    economy = rail.economy
    domain = signing.separator("USD Coin", "2", economy.evm.chain_id, economy.usd.address)
    return rail.alice.sign_parts(signing.auth_digest(domain, TRANSFER, auth))


def settle(rail: Rail, token: bytes, auth: Auth):
    args = (token, *auth, *parts(rail, auth))
    return rail.x402.send("settle3009", *args, sender=rail.carol.address)


def test_moves_the_dollars_without_approval_or_custody(rail: Rail, economy: Economy) -> None:
    usd = economy.usd
    auth = rail.auth(1, value=25)
    before = usd.call("balanceOf", auth.to)
    receipt = settle(rail, usd.address, auth)
    assert receipt.value is True
    assert receipt.only("PaymentSettled3009") == {
        "token": usd.address,
        "from": auth.sender,
        "to": auth.to,
        "value": 25,
        "nonce": auth.nonce,
    }
    assert usd.call("balanceOf", auth.to) - before == 25
    assert usd.call("allowance", auth.sender, economy.diamond) == 0
    assert usd.call("balanceOf", economy.diamond) == 0
    # The nonce is the token's, not the rail's.
    assert not rail.used(auth)


def test_run_directly_at_the_token_first_x_a12(rail: Rail, economy: Economy) -> None:
    auth = rail.auth(1, value=25)
    economy.usd.send(PARTS, *auth, *parts(rail, auth), sender=rail.bob.address)
    before = economy.usd.call("balanceOf", auth.to)
    receipt = settle(rail, economy.usd.address, auth)
    assert (receipt.value, receipt.events) == (False, [])
    assert economy.usd.call("balanceOf", auth.to) == before


def test_refusals(rail: Rail, economy: Economy) -> None:
    usd, now = economy.usd.address, economy.now
    auth = rail.auth(1, value=25)
    with reverts("TokenNotAllowed"):
        settle(rail, economy.credits.address, auth)
    for payee in (ZERO, economy.diamond):
        with reverts("BadPayee"):
            settle(rail, usd, auth._replace(to=payee))
    for bad in (
        auth._replace(valid_after=now),
        auth._replace(valid_before=now),
        auth._replace(value=10**30),
    ):
        with reverts("TokenCallFailed", usd):
            settle(rail, usd, bad)
    with reverts("TokenCallFailed", usd):
        args = (usd, *auth._replace(value=26), *parts(rail, auth))
        rail.x402.send("settle3009", *args, sender=rail.carol.address)


@pytest.mark.parametrize("dollar", [OURS])  # theirs has no list
def test_a_listed_payee_is_refused_by_the_token(rail: Rail, economy: Economy) -> None:
    usd, auth = economy.usd, rail.auth(1, value=25)
    usd.send("blacklist", auth.to, sender=economy.owner.address)
    with reverts("TokenCallFailed", usd.address):
        settle(rail, usd.address, auth)


def test_a_listed_token_without_eip3009_fails_cleanly(rail: Rail, economy: Economy) -> None:
    token = economy.create("HostileToken")
    economy.x402.send("setPayToken", token, True, sender=economy.owner.address)
    with reverts("TokenCallFailed", token):
        settle(rail, token, rail.auth(1))
    plain = economy.address("frank")
    economy.x402.send("setPayToken", plain, True, sender=economy.owner.address)
    with reverts("TokenCallFailed", plain):
        settle(rail, plain, rail.auth(1))


@pytest.mark.parametrize("dollar", [OURS])
@pytest.mark.parametrize(("mode", "arrives"), [(FEE, 90), (WRONG_AMOUNT, 99)])
def test_what_arrives_is_what_was_signed(
    rail: Rail, economy: Economy, mode: int, arrives: int
) -> None:
    """A listed token that says yes and moves another amount has settled nothing."""
    token, anyone = (
        economy.bound("HostileToken", economy.create("HostileToken")),
        rail.carol.address,
    )
    economy.x402.send("setPayToken", token.address, True, sender=economy.owner.address)
    token.send("mint", rail.alice.address, 1_000, sender=anyone)
    token.send("setFee", 1_000, sender=anyone)
    token.send("setMode", mode, sender=anyone)
    with reverts("TokenDelta", 100, arrives):
        settle(rail, token.address, rail.auth(1, value=100))
    # To oneself there is nothing to gain.
    assert settle(rail, token.address, rail.auth(2, value=100, to=rail.alice.address)).value is True


def test_payer_is_payee(rail: Rail, economy: Economy) -> None:
    auth = rail.auth(1, value=25, to=rail.alice.address)
    assert settle(rail, economy.usd.address, auth).value is True


def test_credits_speak_eip3009_too(rail: Rail, economy: Economy) -> None:
    token = economy.credits
    economy.x402.send("setPayToken", token.address, True, sender=economy.owner.address)
    domain = signing.separator("Localharness Credits", "1", economy.evm.chain_id, token.address)
    auth = Auth(rail.alice.address, rail.bob.address, 9, 0, 2**40, nonce(3))
    signature = rail.alice.sign_parts(signing.auth_digest(domain, TRANSFER, auth))
    receipt = rail.x402.send(
        "settle3009", token.address, *auth, *signature, sender=rail.carol.address
    )
    assert receipt.value is True
