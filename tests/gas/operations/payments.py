"""Payments by signature."""

from __future__ import annotations

from tests.contracts.economy import Economy
from tests.contracts.payments.rail import FOREVER, Rail
from tests.contracts.signing import TRANSFER, Auth, auth_digest, nonce, separator
from tests.gas.measure import Call
from tests.gas.operations.catalogue import BATCH, FOUR, of, operation


@operation("X402Facet")
def settle(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    auths = [rail.auth(n) for n in FOUR]
    return [of(rail.x402, rail.carol.address, "settle", *a, rail.sign(a)) for a in auths]


@operation("X402Facet")
def settle_random_nonce(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    auths = [rail.auth(n << 8) for n in FOUR]
    return [of(rail.x402, rail.carol.address, "settle", *a, rail.sign(a)) for a in auths]


@operation("X402Facet")
def settle_from_account(economy: Economy) -> list[Call]:
    """The payer is an ERC-6551 account; its holder signs (ERC-1271)."""
    rail = Rail(economy)
    id_ = rail.account()
    account = rail.deploy_account(id_)
    auths = [rail.auth(n, sender=account.address) for n in FOUR]
    return [of(rail.x402, rail.carol.address, "settle", *a, rail.sign(a)) for a in auths]


@operation("X402Facet")
def settle_upto(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    rail.x402.send("setFacilitator", rail.carol.address, True, sender=rail.bob.address)
    calls = []
    for auth in map(rail.auth, FOUR):
        arguments = (*auth[:3], auth.value // 2, *auth[3:], rail.sign(auth))
        calls.append(of(rail.x402, rail.carol.address, "settleUpto", *arguments))
    return calls


@operation("X402Facet")
def settle_batch_of_32(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    calls = []
    for n in FOUR:
        auths = [rail.auth(n * BATCH + i) for i in range(BATCH)]
        signatures = [rail.sign(auth) for auth in auths]
        batch = ([tuple(auth) for auth in auths], signatures, True)
        calls.append(of(rail.x402, rail.carol.address, "settleBatch", *batch))
    return calls


@operation("X402Facet")
def settle_3009(economy: Economy) -> list[Call]:
    alice = economy.keys["alice"]
    domain = separator("USD Coin", "2", economy.evm.chain_id, economy.usd.address)
    calls = []
    for n in FOUR:
        auth = Auth(alice.address, b"\x57" * 20, 1, 0, FOREVER, nonce(n))
        parts = alice.sign_parts(auth_digest(domain, TRANSFER, auth))
        arguments = (economy.usd.address, *auth, *parts)
        calls.append(of(economy.x402, economy.address("carol"), "settle3009", *arguments))
    return calls
