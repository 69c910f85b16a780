"""A payer's side of the x402 rail: authorisations and their signatures."""

from __future__ import annotations

from typing import Any

from tests.contracts import signing
from tests.contracts.calls import Bound, Receipt, encode
from tests.contracts.economy import ETHER, Economy
from tests.contracts.signing import Auth, Key, nonce

WRAPPED = bytes.fromhex("6492" * 16)
FOREVER = 2**40


class Rail:
    """Alice pays bob, carol submits; every field can be changed."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.x402: Bound = economy.x402
        self.alice: Key = economy.keys["alice"]
        self.bob: Key = economy.keys["bob"]
        self.carol: Key = economy.keys["carol"]
        self.separator = signing.separator(
            "localharness-x402", "1", economy.evm.chain_id, economy.diamond
        )

    def auth(self, number: int = 0, value: int = ETHER, **changes: Any) -> Auth:
        auth = Auth(self.alice.address, self.bob.address, value, 0, FOREVER, nonce(number))
        return auth._replace(**changes)

    def digest(self, auth: Auth) -> bytes:
        return signing.auth_digest(self.separator, signing.PAYMENT, auth)

    def sign(self, auth: Auth, key: Key | None = None) -> bytes:
        return (key or self.alice).sign(self.digest(auth))

    def settle(self, auth: Auth, signature: bytes | None = None) -> Receipt:
        signature = self.sign(auth) if signature is None else signature
        return self.x402.send("settle", *auth, signature, sender=self.carol.address)

    def settle_upto(
        self, auth: Auth, actual: int, signature: bytes | None = None, sender: bytes | None = None
    ) -> Receipt:
        signature = self.sign(auth) if signature is None else signature
        args = (*auth[:3], actual, *auth[3:], signature)
        return self.x402.send("settleUpto", *args, sender=sender or self.carol.address)

    def batch(self, auths: list[Auth], signatures: list[bytes], strict: bool = False) -> Receipt:
        args = ([tuple(auth) for auth in auths], signatures, strict)
        return self.x402.send("settleBatch", *args, sender=self.carol.address)

    def used(self, auth: Auth) -> bool:
        return bool(self.x402.call("authorizationState", auth.sender, auth.nonce))

    def balance(self, account: bytes) -> int:
        return self.economy.balance(account)

    def wallet(self, funds: int = 10 * ETHER) -> Bound:
        """A contract payer that has approved the diamond and accepts any signature."""
        economy = self.economy
        wallet = economy.bound("HostileSigner", economy.create("HostileSigner"))
        approve = economy.credits.data("approve", economy.diamond, 2**256 - 1)
        wallet.send("act", economy.credits.address, approve, sender=self.bob.address)
        economy.credits.send("transfer", wallet.address, funds, sender=self.alice.address)
        return wallet

    def account(self, name: str = "payer", holder: str = "alice", funds: int = 10 * ETHER) -> int:
        """An identity whose undeployed account has funds; returns the id."""
        id_ = self.economy.register(holder, name)
        account = self.economy.account_of(id_)
        self.economy.credits.send("transfer", account, funds, sender=self.alice.address)
        return id_

    def deploy_account(self, id_: int, holder: str = "alice") -> Bound:
        """Deploys an identity's account and approves the diamond from it."""
        economy = self.economy
        sender = economy.address(holder)
        created = economy.tba.send("createTokenBoundAccount", id_, sender=sender).value
        account = economy.bound("TokenBoundAccount", created)
        approve = economy.credits.data("approve", economy.diamond, 2**256 - 1)
        account.send("execute", economy.credits.address, 0, approve, 0, sender=sender)
        return account


def wrap(factory: bytes, data: bytes, inner: bytes) -> bytes:
    """An ERC-6492 signature."""
    return encode(["address", "bytes", "bytes"], [factory, data, inner]) + WRAPPED
