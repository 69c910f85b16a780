"""What both tokens do as ERC-20, and EIP-3009 on top."""

from __future__ import annotations

import pytest

from tests.contracts import signing
from tests.contracts.calls import Bound, reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.signing import CANCEL, RECEIVE, TRANSFER, Auth, Key, nonce

MAX = 2**256 - 1
PARTS = "(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
BYTES = "(address,address,uint256,uint256,uint256,bytes32,bytes)"
DOMAINS = {"credits": ("Localharness Credits", "1"), "usd": ("USD Coin", "2")}


class Token:
    """One of the two tokens, with the people who use it."""

    def __init__(self, economy: Economy, which: str) -> None:
        self.economy = economy
        self.handle: Bound = getattr(economy, which)
        name, version = DOMAINS[which]
        self.separator = signing.separator(name, version, economy.evm.chain_id, self.handle.address)
        self.alice: Key = economy.keys["alice"]
        self.bob: Key = economy.keys["bob"]
        self.carol: Key = economy.keys["carol"]

    def balance(self, key: Key) -> int:
        return int(self.handle.call("balanceOf", key.address))

    def auth(self, value: int = 5, number: int = 1, **changes: object) -> Auth:
        auth = Auth(self.alice.address, self.bob.address, value, 0, 2**40, nonce(number))
        return auth._replace(**changes)

    def digest(self, type_string: str, auth: Auth) -> bytes:
        return signing.auth_digest(self.separator, type_string, auth)

    def send(self, name: str, *args: object, sender: Key | None = None):
        return self.handle.send(name, *args, sender=(sender or self.carol).address)


@pytest.fixture(params=sorted(DOMAINS))
def token(request: pytest.FixtureRequest, economy: Economy) -> Token:
    return Token(economy, request.param)


def test_domain_is_what_it_says(token: Token) -> None:
    fields, name, version, chain_id, contract, salt, extensions = token.handle.call("eip712Domain")
    assert (fields, salt, extensions) == (b"\x0f", b"\0" * 32, ())
    assert contract == token.handle.address
    assert token.handle.call("name") == name
    assert token.handle.call("version") == version
    rebuilt = signing.separator(name, version, chain_id, contract)
    assert token.handle.call("DOMAIN_SEPARATOR") == rebuilt == token.separator


def test_the_domain_follows_the_chain(token: Token) -> None:
    evm = token.economy.evm
    chain, evm.chain_id = evm.chain_id, 7
    evm.timestamp += 0
    try:
        assert token.handle.call("DOMAIN_SEPARATOR") != token.separator
    finally:
        evm.chain_id = chain
        evm.timestamp += 0


def test_transfer_and_its_refusals(token: Token) -> None:
    before = token.balance(token.alice)
    receipt = token.send("transfer", token.bob.address, 7, sender=token.alice)
    assert receipt.value is True
    expected = {"from": token.alice.address, "to": token.bob.address, "value": 7}
    assert receipt.only("Transfer") == expected
    assert token.balance(token.alice) == before - 7
    with reverts("InsufficientBalance", before - 7, before, token.alice.address):
        token.send("transfer", token.bob.address, before, sender=token.alice)
    for nowhere in (ZERO, token.handle.address):
        with reverts("InvalidRecipient"):
            token.send("transfer", nowhere, 1, sender=token.alice)
    token.send("transfer", token.bob.address, 0, sender=token.alice)
    rest = token.balance(token.alice)
    token.send("transfer", token.alice.address, rest, sender=token.alice)
    assert token.balance(token.alice) == rest


def test_allowances(token: Token) -> None:
    alice, bob, carol = token.alice, token.bob, token.carol
    receipt = token.send("approve", carol.address, 10, sender=alice)
    expected = {"owner": alice.address, "spender": carol.address, "value": 10}
    assert receipt.only("Approval") == expected
    token.send("transferFrom", alice.address, bob.address, 4, sender=carol)
    assert token.handle.call("allowance", alice.address, carol.address) == 6
    with reverts("InsufficientAllowance"):
        token.send("transferFrom", alice.address, bob.address, 7, sender=carol)
    token.send("approve", carol.address, MAX, sender=alice)
    token.send("transferFrom", alice.address, bob.address, 4, sender=carol)
    assert token.handle.call("allowance", alice.address, carol.address) == MAX


@pytest.mark.parametrize("form", [PARTS, BYTES])
def test_transfer_with_authorization(token: Token, form: str) -> None:
    auth = token.auth()
    digest = token.digest(TRANSFER, auth)
    signature = token.alice.sign_parts(digest) if form == PARTS else (token.alice.sign(digest),)
    before = token.balance(token.bob)
    receipt = token.send(f"transferWithAuthorization{form}", *auth, *signature)
    assert token.balance(token.bob) - before == 5
    used = {"authorizer": token.alice.address, "nonce": auth.nonce}
    assert receipt.only("AuthorizationUsed") == used
    assert token.handle.call("authorizationState", token.alice.address, auth.nonce)
    with reverts("AuthAlreadyUsed"):
        token.send(f"transferWithAuthorization{form}", *auth, *signature)


@pytest.mark.parametrize("form", [PARTS, BYTES])
def test_only_the_payee_receives_with_authorization(token: Token, form: str) -> None:
    auth = token.auth()
    digest = token.digest(RECEIVE, auth)
    signature = token.alice.sign_parts(digest) if form == PARTS else (token.alice.sign(digest),)
    with reverts("CallerNotPayee"):
        token.send(f"receiveWithAuthorization{form}", *auth, *signature, sender=token.carol)
    # The two types do not stand in for each other.
    with reverts("BadSignature"):
        token.send(f"transferWithAuthorization{form}", *auth, *signature)
    before = token.balance(token.bob)
    token.send(f"receiveWithAuthorization{form}", *auth, *signature, sender=token.bob)
    assert token.balance(token.bob) - before == 5
    with reverts("AuthAlreadyUsed"):
        token.send(f"receiveWithAuthorization{form}", *auth, *signature, sender=token.bob)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_authorisations_hold_strictly_inside_their_window(token: Token, offset: int) -> None:
    now = token.economy.now
    name = f"transferWithAuthorization{BYTES}"
    early = token.auth(number=1, valid_after=now + offset)
    late = token.auth(number=2, valid_before=now + offset)
    for auth, error, bad in (
        (early, "AuthNotYetValid", offset >= 0),
        (late, "AuthExpired", offset <= 0),
    ):
        signature = token.alice.sign(token.digest(TRANSFER, auth))
        if bad:
            with reverts(error):
                token.send(name, *auth, signature)
            assert not token.handle.call("authorizationState", auth.sender, auth.nonce)
        else:
            token.send(name, *auth, signature)


@pytest.mark.parametrize(
    "form", ["(address,bytes32,uint8,bytes32,bytes32)", "(address,bytes32,bytes)"]
)
def test_cancelled_authorisations_are_spent(token: Token, form: str) -> None:
    auth = token.auth()
    digest = signing.cancel_digest(token.separator, CANCEL, auth.sender, auth.nonce)

    def signature(key: Key) -> tuple[object, ...]:
        return key.sign_parts(digest) if "uint8" in form else (key.sign(digest),)

    name = f"cancelAuthorization{form}"
    with reverts("BadSignature"):
        token.send(name, auth.sender, auth.nonce, *signature(token.bob))
    receipt = token.send(name, auth.sender, auth.nonce, *signature(token.alice))
    used = {"authorizer": auth.sender, "nonce": auth.nonce}
    assert receipt.only("AuthorizationCanceled") == used
    with reverts("AuthAlreadyUsed"):
        token.send(name, auth.sender, auth.nonce, *signature(token.alice))
    with reverts("AuthAlreadyUsed"):
        paid = token.alice.sign(token.digest(TRANSFER, auth))
        token.send(f"transferWithAuthorization{BYTES}", *auth, paid)


def test_an_uncovered_authorisation_stays_unused(token: Token) -> None:
    rich = token.balance(token.alice) + 1
    auth = token.auth(value=rich)
    signature = token.alice.sign(token.digest(TRANSFER, auth))
    with reverts("InsufficientBalance"):
        token.send(f"transferWithAuthorization{BYTES}", *auth, signature)
    assert not token.handle.call("authorizationState", auth.sender, auth.nonce)
