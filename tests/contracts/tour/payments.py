"""Payments by signature and the vault."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.economy import ETHER
from tests.contracts.payments.tab import Tab, compact
from tests.contracts.signing import (
    PAYMENT,
    TRANSFER,
    Auth,
    auth_digest,
    nonce,
    separator,
)
from tests.contracts.tour.walk import FOREVER, Walk


class Payments(Walk):
    def signed(self, auth: Auth) -> bytes:
        domain = self.economy.x402.call("x402DomainSeparator")
        return self.economy.keys["alice"].sign(auth_digest(domain, PAYMENT, auth))

    def auth(self, to: bytes, value: int = ETHER) -> Auth:
        self._nonce += 1
        alice = self.economy.address("alice")
        return Auth(alice, to, value, 0, FOREVER, nonce(self._nonce))

    def payments(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")

        def x402(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("X402Facet", e.x402, name, *args, sender=sender)

        auth = self.auth(bob)
        x402("settle", *auth, self.signed(auth))
        x402("setFacilitator", e.address("carol"), True)
        x402("setFacilitatorFor", 1, bob, True, sender=alice)
        auth = self.auth(bob)
        x402("settleUpto", *auth[:3], 5, *auth[3:], self.signed(auth))
        batch = [self.auth(bob), self.auth(bob), self.auth(e.address("erin"))]
        x402("settleBatch", batch, [self.signed(item) for item in batch], True)
        batch = [self.auth(bob), self.auth(bob)]
        x402("settleUptoBatch", batch, [1, 2], [self.signed(item) for item in batch], True)
        agent = self.auth(e.account_of(1), 10**16)
        x402("settleForAgent", 1, *agent, self.signed(agent))
        x402("cancelAuthorization", alice, nonce(999), b"", sender=alice)
        x402("setPayToken", e.usd.address, True, sender=owner)
        usd = Auth(alice, bob, 5, 0, FOREVER, nonce(1))
        domain = separator("USD Coin", "2", e.evm.chain_id, e.usd.address)
        parts = e.keys["alice"].sign_parts(auth_digest(domain, TRANSFER, usd))
        x402("settle3009", e.usd.address, *usd, *parts)

    def tabs(self) -> None:
        """A consumer of the vault with one operator."""
        e = self.economy
        tab = Tab(e)
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def vault(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("VaultFacet", e.vault, name, *args, sender=sender)

        tab.set_fee(1_000)
        vault("deposit", 1_000, tab.key.address)
        vault("depositFor", alice, 50, sender=carol)
        vault("depositWithAuthorization", *tab.authorization(70), sender=carol)
        vault("setSpendPolicy", 900, 900)
        vault("setReservesFrozen", True)
        vault("setReservesFrozen", False)
        vault("requestWithdraw")
        vault("reserve", *tab.reservation(500, e.now + 86_400, 0), sender=carol)
        vault("reserve", *tab.reservation(100, e.now + 90_000, 1), sender=carol)
        vault("redeem", alice, bob, 200, tab.receipt(200), sender=carol)
        r, vs = compact(tab.receipt(333))
        vault("redeemBatch", bob, [alice, carol], [333, 1], [r, r], [vs, vs], sender=bob)
        vault("releaseByOperator", alice, 7, sender=bob)
        e.later(3 * 86_400)
        vault("withdraw(uint256)", 10)
        vault("withdraw(uint256,address)", 20, bob)
        vault("cancelWithdraw")
        vault("releaseExpired", alice, bob, sender=carol)
        vault("reserve", *tab.reservation(5, e.now + 60, 2), sender=carol)
        e.later(2 * 86_400)
        vault("releaseExpiredBatch", [alice, alice], [bob, carol], sender=carol)
        vault("setSessionKey", carol)

    def vault_roles(self) -> None:
        e = self.economy
        bob, carol, fee_admin = e.address("bob"), e.address("carol"), e.fee_admin.address

        def admin(name: str, *args: Any, sender: bytes = fee_admin) -> Receipt:
            return self.send("VaultAdminFacet", e.vault_admin, name, *args, sender=sender)

        admin("collectFees", sender=carol)
        admin("proposeFee", 5)
        admin("cancelPendingFee")
        admin("proposeFee", 6)
        admin("proposeFeeRecipient", bob)
        admin("cancelPendingFeeRecipient")
        admin("proposeFeeRecipient", carol)
        e.later(2 * 86_400)
        admin("applyFee", sender=bob)
        admin("applyFeeRecipient", sender=bob)
        admin("transferFeeAdmin", bob)
        admin("acceptFeeAdmin", sender=bob)
        admin("setPaused", True, sender=e.guardian.address)
        admin("setPaused", False, sender=e.guardian.address)
