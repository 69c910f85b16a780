"""Transfers of the two tokens."""

from __future__ import annotations

from tests.contracts.calls import Bound
from tests.contracts.economy import ETHER, Economy
from tests.contracts.payments.rail import FOREVER
from tests.contracts.signing import TRANSFER, Auth, auth_digest, nonce
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, of, operation


@operation("FwCredits")
def transfer(economy: Economy) -> list[Call]:
    alice, stranger = economy.address("alice"), b"\x57" * 20
    return [of(economy.credits, alice, "transfer", stranger, ETHER) for _ in FOUR]


@operation("FwCredits")
def transfer_with_authorization(economy: Economy) -> list[Call]:
    return _authorized(economy, economy.credits, "Localharness", "1")


@operation("FwUSD")
def transfer_with_authorization_usd(economy: Economy) -> list[Call]:
    return _authorized(economy, economy.usd, "USD Coin", "2")


def _authorized(economy: Economy, token: Bound, name: str, version: str) -> list[Call]:
    alice = economy.keys["alice"]
    domain = token.call("DOMAIN_SEPARATOR")
    calls = []
    for n in FOUR:
        auth = Auth(alice.address, b"\x57" * 20, 1, 0, FOREVER, nonce(n))
        v, r, s = alice.sign_parts(auth_digest(domain, TRANSFER, auth))
        function = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
        calls.append(of(token, economy.address("carol"), function, *auth, v, r, s))
    return calls
