"""The Vyper dollar on its own, held to the EIPs, and against ours: the same digests, the same results."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.contracts import signing
from tests.contracts.calls import Bound, Reverted, reverts
from tests.contracts.counterparts.build import vyper
from tests.contracts.counterparts.dollars import DOLLARS, OURS, THEIRS
from tests.contracts.economy import ZERO, Economy
from tests.contracts.signing import CANCEL, PERMIT, RECEIVE, SECP256K1_N, TRANSFER, Auth, Key

WINDOW = "(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
CANCELLED = "cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)"
PERMITTED = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
MAX = 2**256 - 1


@pytest.fixture
def token(economy: Economy) -> Bound:
    """The Vyper dollar; alice has a thousand units of it."""
    economy.artifacts |= {THEIRS: vyper(THEIRS)}
    handle = economy.bound(THEIRS, economy.create(THEIRS, economy.owner.address))
    handle.send("mint", economy.address("alice"), 1_000, sender=economy.owner.address)
    return handle


def refused(word: str):
    return reverts("Error", word)


def test_money_moves_as_erc20_says(economy: Economy, token: Bound) -> None:
    alice, bob, carol = (economy.address(name) for name in ("alice", "bob", "carol"))
    receipt = token.send("transfer", bob, 10, sender=alice)
    assert receipt.value is True
    assert receipt.only("Transfer") == {"sender": alice, "receiver": bob, "value": 10}
    receipt = token.send("approve", carol, 7, sender=alice)
    assert receipt.only("Approval") == {"owner": alice, "spender": carol, "value": 7}
    assert token.send("transferFrom", alice, bob, 4, sender=carol).value is True
    assert token.call("allowance", alice, carol) == 3
    with refused("allowance"):
        token.send("transferFrom", alice, bob, 4, sender=carol)
    token.send("approve", carol, MAX, sender=alice)
    token.send("transferFrom", alice, bob, 4, sender=carol)
    assert token.call("allowance", alice, carol) == MAX
    assert [token.call("balanceOf", who) for who in (alice, bob)] == [982, 18]
    with refused("balance"):
        token.send("transfer", bob, 983, sender=alice)
    for nowhere in (ZERO, token.address):
        with refused("receiver"):
            token.send("transfer", nowhere, 1, sender=alice)
    with refused("minter"):
        token.send("mint", alice, 1, sender=alice)
    with refused("receiver"):
        token.send("mint", ZERO, 1, sender=economy.owner.address)
    assert token.call("totalSupply") == 1_000


def test_what_a_signature_needs(economy: Economy, token: Bound) -> None:
    alice, bob, evm = economy.keys["alice"], economy.address("bob"), economy.evm
    domain = signing.separator("USD Coin", "2", evm.chain_id, token.address)
    auth = Auth(alice.address, bob, 5, 0, 2**40, signing.nonce(1))
    name = f"transferWithAuthorization{WINDOW}"
    digest = signing.auth_digest(domain, TRANSFER, auth)
    v, r, s = alice.sign_parts(digest)
    high = (SECP256K1_N - int.from_bytes(s, "big")).to_bytes(32, "big")
    for word, parts in {
        "v": (v - 27, r, s),
        "s": (55 - v, r, high),
        "signature": (55 - v, r, s),
    }.items():
        with refused(word):
            token.send(name, *auth, *parts, sender=bob)
    with refused("signature"):  # nobody's signature is not the zero address's
        token.send(name, *auth._replace(sender=ZERO), 27, b"\0" * 32, s, sender=bob)
    for word, change in {
        "early": {"valid_after": economy.now},
        "late": {"valid_before": economy.now},
    }.items():
        late = auth._replace(**change)
        parts = alice.sign_parts(signing.auth_digest(domain, TRANSFER, late))
        with refused(word):
            token.send(name, *late, *parts, sender=bob)
    with refused("payee"):
        taken = alice.sign_parts(signing.auth_digest(domain, RECEIVE, auth))
        token.send(f"receiveWithAuthorization{WINDOW}", *auth, *taken, sender=alice.address)
    token.send(name, *auth, v, r, s, sender=bob)
    with refused("used"):
        token.send(name, *auth, v, r, s, sender=bob)
    with refused("late"):
        past = economy.now - 1
        token.send(PERMITTED, alice.address, bob, 5, past, v, r, s, sender=bob)


class Story(NamedTuple):
    """What a token said and did, without how it is written."""

    domain: bytes
    digests: tuple[bytes, ...]
    results: tuple[object, ...]


def tell(economy: Economy, dollar: str) -> Story:
    """The same things done and tried at a dollar of this kind, at the same address on the same chain."""
    mark = economy.evm.snapshot()
    owner, alice = economy.owner.address, economy.keys["alice"]
    bob, carol = economy.address("bob"), economy.address("carol")
    if dollar == THEIRS:
        economy.artifacts |= {THEIRS: vyper(THEIRS)}
    token = economy.bound(dollar, economy.create(dollar, owner))
    token.send("mint", alice.address, 1_000, sender=owner)
    domain = token.call("DOMAIN_SEPARATOR")
    digests: list[bytes] = []
    results: list[object] = [token.address, token.call("name"), token.call("version")]

    def attempt(name: str, *args: object, sender: bytes = carol) -> None:
        try:
            token.send(name, *args, sender=sender)
            done = True
        except Reverted:
            done = False
        balances = [token.call("balanceOf", who) for who in (alice.address, bob, carol)]
        results.append((name, done, *balances, token.call("allowance", alice.address, bob)))

    def signed(digest: bytes, key: Key = alice) -> tuple[int, bytes, bytes]:
        digests.append(digest)
        return key.sign_parts(digest)

    for number, (kind, name, sender) in enumerate(
        (
            (TRANSFER, "transferWithAuthorization", carol),
            (RECEIVE, "receiveWithAuthorization", bob),
            (TRANSFER, "receiveWithAuthorization", bob),
            (RECEIVE, "transferWithAuthorization", carol),
        )
    ):
        auth = Auth(alice.address, bob, 25, 0, 2**40, signing.nonce(number))
        parts = signed(signing.auth_digest(domain, kind, auth))
        attempt(name + WINDOW, *auth._replace(value=26), *parts, sender=sender)
        attempt(name + WINDOW, *auth, *parts, sender=alice.address)
        attempt(name + WINDOW, *auth, *parts, sender=sender)
        attempt(name + WINDOW, *auth, *parts, sender=sender)  # once
        results.append(token.call("authorizationState", alice.address, auth.nonce))
    for key in (economy.keys["bob"], alice):
        parts = signed(signing.cancel_digest(domain, CANCEL, alice.address, signing.nonce(9)), key)
        attempt(CANCELLED, alice.address, signing.nonce(9), *parts)
        attempt(CANCELLED, alice.address, signing.nonce(9), *parts)
    results.append(token.call("authorizationState", alice.address, signing.nonce(9)))
    for number in (0, 0, 1, 3):
        fields = (alice.address, bob, 40 + number, number, economy.now)
        parts = signed(signing.digest(domain, signing.struct_hash(PERMIT, *fields)))
        attempt(PERMITTED, *fields[:3], economy.now, *parts)
    results.append(token.call("nonces", alice.address))
    for amount in (41, 1, 10**9):
        attempt("transferFrom", alice.address, carol, amount, sender=bob)
    economy.evm.revert(mark)
    return Story(domain, tuple(digests), tuple(results))


def test_both_dollars_tell_the_same_story(economy: Economy) -> None:
    """Deployed at one address, they name one domain: each digest is the same, and so is what comes of it."""
    ours, theirs = (tell(economy, dollar) for dollar in DOLLARS)
    assert ours == theirs
    address = ours.results[0]
    assert isinstance(address, bytes)
    assert ours.domain == signing.separator("USD Coin", "2", economy.evm.chain_id, address)
    outcomes = [row[1] for row in ours.results if isinstance(row, tuple)]
    assert outcomes.count(True) == 6 and len(outcomes) == 27
    assert OURS != THEIRS
