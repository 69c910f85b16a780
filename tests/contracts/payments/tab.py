"""A consumer's tab with an operator: deposits, reservations, receipts."""

from __future__ import annotations

from typing import Any, NamedTuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.contracts import signing
from tests.contracts.calls import Bound, Receipt
from tests.contracts.economy import DAY, VAULT, VAULT_FEES, Economy, bare
from tests.contracts.signing import (
    RECEIPT,
    RECEIVE,
    RESERVE,
    Auth,
    Key,
    auth_digest,
    nonce,
    struct_hash,
)

USD = 10**6
GRACE, TIMELOCK, TTL, PAUSE, FEE_TIMELOCK = DAY, 2 * DAY, 30 * DAY, 3 * DAY, 2 * DAY
DEPOSIT = "facetworks.vault.deposit"
FOREVER = 2**40
PAID, NO_KEY, BAD_SIGNATURE, STALE, NOTHING_LOCKED = range(5)


class Pair(NamedTuple):
    """What ops answers."""

    locked: int
    redeemed: int
    expiry: int
    created: int
    cycle: int


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """EIP-2098: r and vs of a 65-byte signature."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    return r, (s | (v - 27) << 255).to_bytes(32, "big")


class Tab:
    """Alice pays bob; her session key signs; carol relays; frank is a stranger."""

    def __init__(self, economy: Economy, token: Bound | None = None) -> None:
        self.economy = economy
        self.vault: Bound = economy.vault
        self.admin: Bound = economy.vault_admin
        self.token: Bound = token or economy.usd
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.carol, self.frank = economy.address("carol"), economy.address("frank")
        self.key = Key.named("session key")
        self.separator = self.domain()
        for owner in (self.alice, self.carol, self.frank):
            self.token.send("approve", economy.diamond, 2**256 - 1, sender=owner)

    def domain(self, chain_id: int | None = None, contract: bytes | None = None) -> bytes:
        economy = self.economy
        chain = chain_id or economy.evm.chain_id
        return signing.separator("Halo", "2", chain, contract or economy.diamond)

    @property
    def now(self) -> int:
        return self.economy.now

    # -- the consumer ----------------------------------------------------------------------

    def deposit(
        self, amount: int = 100 * USD, who: bytes | None = None, key: Key | None = None
    ) -> Receipt:
        address = (key or self.key).address
        return self.vault.send("deposit", amount, address, sender=who or self.alice)

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        """Any vault function, by alice unless said otherwise."""
        return self.vault.send(name, *args, sender=sender or self.alice)

    def read(self, name: str, *args: object) -> Any:
        return self.vault.call(name, *(args or (self.alice,)))

    def authorization(
        self, amount: int, key: bytes | None = None, salt: int = 0, payer: Key | None = None
    ) -> tuple[object, ...]:
        """Arguments of depositWithAuthorization, signed by the payer for `key`."""
        economy = self.economy
        payer, key = payer or economy.keys["alice"], key or self.key.address
        fields = [keccak(text=DEPOSIT), economy.evm.chain_id, economy.diamond]
        types = ["bytes32", "uint256", "address", "address", "address", "bytes32"]
        bound = keccak(encode(types, [*fields, payer.address, key, nonce(salt)]))
        auth = Auth(payer.address, economy.diamond, amount, 0, FOREVER, bound)
        domain = signing.separator("USD Coin", "2", economy.evm.chain_id, economy.usd.address)
        parts = payer.sign_parts(auth_digest(domain, RECEIVE, auth))
        return (payer.address, key, amount, 0, FOREVER, nonce(salt), *parts)

    # -- reservations ----------------------------------------------------------------------

    def reservation(
        self,
        amount: int,
        expiry: int,
        number: int,
        *,
        consumer: bytes | None = None,
        operator: bytes | None = None,
        epoch: int | None = None,
        key: Key | None = None,
        separator: bytes | None = None,
    ) -> tuple[object, ...]:
        """Arguments of reserve, signed."""
        consumer, operator = consumer or self.alice, operator or self.bob
        if epoch is None:
            epoch = int(self.vault.call("keyEpoch", consumer))
        hashed = struct_hash(RESERVE, consumer, operator, amount, expiry, number, epoch)
        signature = (key or self.key).sign(signing.digest(separator or self.separator, hashed))
        return consumer, operator, amount, expiry, number, signature

    def reserve(
        self, amount: int = 10 * USD, ttl: int = DAY, *, expiry: int | None = None, **options: Any
    ) -> Receipt:
        """With the next nonce."""
        consumer = options.get("consumer") or self.alice
        number = self.vault.call("reserveNonce", consumer)
        args = self.reservation(amount, expiry or self.now + ttl, number, **options)
        return self.vault.send("reserve", *args, sender=self.carol)

    def open(self, amount: int = 10 * USD, funds: int = 100 * USD, **options: Any) -> None:
        """A deposit and a reservation."""
        self.deposit(funds)
        self.reserve(amount, **options)

    # -- receipts --------------------------------------------------------------------------

    def receipt(
        self,
        cumulative: int,
        *,
        consumer: bytes | None = None,
        operator: bytes | None = None,
        epoch: int | None = None,
        cycle: int | None = None,
        key: Key | None = None,
        separator: bytes | None = None,
    ) -> bytes:
        """The session key's signature under a receipt."""
        consumer, operator = consumer or self.alice, operator or self.bob
        if epoch is None:
            epoch = int(self.vault.call("keyEpoch", consumer))
        if cycle is None:
            cycle = self.pair(consumer, operator).cycle
        hashed = struct_hash(RECEIPT, consumer, operator, cumulative, epoch, cycle)
        return (key or self.key).sign(signing.digest(separator or self.separator, hashed))

    def redeem(self, cumulative: int, signature: bytes | None = None, **options: Any) -> Receipt:
        signature = self.receipt(cumulative, **options) if signature is None else signature
        consumer = options.get("consumer") or self.alice
        operator = options.get("operator") or self.bob
        args = (consumer, operator, cumulative, signature)
        return self.vault.send("redeem", *args, sender=self.carol)

    def batch(
        self, items: list[tuple[bytes, int, bytes]], operator: bytes | None = None
    ) -> Receipt:
        """redeemBatch over (consumer, cumulative, 65-byte signature)."""
        args = self.batch_arguments(items, operator or self.bob)
        return self.vault.send("redeemBatch", *args, sender=self.carol)

    def batch_arguments(
        self, items: list[tuple[bytes, int, bytes]], operator: bytes
    ) -> tuple[object, ...]:
        parts = [compact(signature) for _, _, signature in items]
        consumers = [consumer for consumer, _, _ in items]
        cumulatives = [cumulative for _, cumulative, _ in items]
        return operator, consumers, cumulatives, [r for r, _ in parts], [vs for _, vs in parts]

    # -- reading ---------------------------------------------------------------------------

    def pair(self, consumer: bytes | None = None, operator: bytes | None = None) -> Pair:
        return Pair(*self.vault.call("ops", consumer or self.alice, operator or self.bob))

    def free(self, who: bytes | None = None) -> int:
        return int(self.vault.call("withdrawable", who or self.alice))

    def balance_of(self, account: bytes) -> int:
        """The token, outside the vault."""
        return int(self.token.call("balanceOf", account))

    def held(self) -> tuple[int, int]:
        """Buckets VAULT and VAULT_FEES."""
        held, token = self.economy.held, self.token.address
        return held(VAULT, token), held(VAULT_FEES, token)

    # -- roles -----------------------------------------------------------------------------

    def pause(self, on: bool = True) -> Receipt:
        return self.admin.send("setPaused", on, sender=self.economy.guardian.address)

    def set_fee(self, bps: int) -> None:
        """Proposed, waited for and applied."""
        self.admin.send("proposeFee", bps, sender=self.economy.fee_admin.address)
        self.economy.later(FEE_TIMELOCK)
        self.admin.send("applyFee", sender=self.frank)


def elsewhere(token: str = "FwUSD", **terms: Any) -> Tab:
    """A tab at another vault: alice, carol and frank have money; `token` is FwUSD or HostileToken."""
    economy = bare()
    owner = economy.owner.address
    handle = economy.usd
    if token != "FwUSD":
        handle = economy.bound(token, economy.create(token))
    for name in ("alice", "carol", "frank"):
        handle.send("mint", economy.address(name), 1_000 * USD, sender=owner)
    economy.init_vault(token=handle.address, **terms)
    return Tab(economy, handle)
