"""Deposited credits and the fiat gate in front of them: what the meter, the issuer and the clawbacker do."""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.contracts.calls import Receipt
from tests.contracts.economy import ETHER, Economy
from tests.contracts.signing import Key, fiat_digest, separator

FOREVER = 2**40
DAY = 86_400
LOCK = 90 * DAY
STEP = LOCK // 7 + 1

Mint = tuple[bytes, int, bytes, int, bytes]


class Gate:
    """Alice buys and is metered; carol is a stranger who sends what others signed."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.facet, self.meter_facet = economy.mint_gate, economy.credit_meter
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.carol = economy.address("carol")
        self.owner, self.meter = economy.owner.address, economy.meter_key.address
        self.clawbacker = economy.clawbacker.address

    # -- buying --------------------------------------------------------------------------------

    def receipt_id(self, name: str) -> bytes:
        return keccak(text=f"receipt {name}")

    def signed(
        self,
        name: str = "r",
        amount: int = 10 * ETHER,
        to: bytes | None = None,
        *,
        until: int = FOREVER,
        key: Key | None = None,
        domain: bytes | None = None,
    ) -> Mint:
        """Arguments of `mintFromFiat`."""
        to = self.alice if to is None else to
        digest = self.digest(name, amount, to, until=until, domain=domain)
        signature = (key or self.economy.fiat_issuer).sign(digest)
        return to, amount, self.receipt_id(name), until, signature

    def digest(
        self, name: str, amount: int, to: bytes, *, until: int, domain: bytes | None = None
    ) -> bytes:
        e = self.economy
        if domain is None:
            domain = separator("localharness-mintgate", "1", e.evm.chain_id, e.diamond)
        return fiat_digest(domain, to, amount, self.receipt_id(name), until)

    def mint(self, name: str = "r", amount: int = 10 * ETHER, to: bytes | None = None) -> Receipt:
        return self.send("mintFromFiat", *self.signed(name, amount, to), sender=self.carol)

    def claw(self, name: str = "r", most: int | None = None, sender: bytes | None = None) -> int:
        """What a clawback recovered."""
        sender = sender or self.clawbacker
        if most is None:
            receipt = self.send("clawbackFiatMint", self.receipt_id(name), sender=sender)
        else:
            receipt = self.send("clawbackFiatMintUpTo", self.receipt_id(name), most, sender=sender)
        return int(receipt.value)

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        """To the gate, by the owner unless somebody else is named."""
        return self.facet.send(name, *args, sender=sender or self.owner)

    # -- metering ------------------------------------------------------------------------------

    def act(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        """To the meter facet, by alice unless somebody else is named."""
        return self.meter_facet.send(name, *args, sender=sender or self.alice)

    def deposit(self, amount: int = 10 * ETHER, who: bytes | None = None) -> Receipt:
        return self.act("depositCredits", amount, sender=who)

    def debit(self, amount: int, who: bytes | None = None) -> Receipt:
        return self.act("meter", who or self.alice, amount, sender=self.meter)

    # -- reading -------------------------------------------------------------------------------

    def credit(self, who: bytes | None = None) -> int:
        return int(self.meter_facet.call("creditOf", who or self.alice))

    def withdrawable(self, who: bytes | None = None) -> int:
        return int(self.meter_facet.call("withdrawableOf", who or self.alice))

    def locked(self, who: bytes | None = None) -> tuple[int, int]:
        amount, unlock_at = self.facet.call("fiatLockedOf", who or self.alice)
        return int(amount), int(unlock_at)

    def lots(self, who: bytes | None = None) -> list[tuple[int, int]]:
        """(left, unlock time), oldest first."""
        amounts, times = self.facet.call("lotsOf", who or self.alice)
        return list(zip(amounts, times, strict=True))

    def info(self, name: str = "r") -> tuple[bytes, int, bool, bool, int]:
        return tuple(self.facet.call("receiptInfo", self.receipt_id(name)))  # type: ignore[return-value]

    def recoverable(self, name: str = "r") -> int:
        return int(self.facet.call("recoverableOf", self.receipt_id(name)))
