"""An economy with a vault on anvil: consumers with deposits and session keys, operators, receipts."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.anvil import AnvilChain
from harness.chain.journal import MemoryJournal
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.diamond.economy import Economy
from harness.diamond.tokens import FwUsd
from harness.diamond.vault import Vault
from harness.diamond.vault_admin import VaultTerms
from harness.protocol.vault import Receipt, Reservation, SignedReceipt

WEI = 10**18
USD = 10**6
HOUR = 3_600
ROLES = ("guardian", "fee admin", "fee recipient")


def terms() -> VaultTerms:
    """A vault whose grace is an hour, so that tests need not travel far."""
    roles = (LocalSigner.from_phrase(who).address for who in ROLES)
    return VaultTerms(*roles, redeem_grace=HOUR)


@dataclass
class Consumer:
    """Somebody with a deposit; `session` signs reservations and receipts."""

    chain: AnvilChain
    economy: Economy
    wallet: LocalSigner
    session: LocalSigner

    @property
    def vault(self) -> Vault:
        return self.economy.diamond.vault

    @property
    def address(self) -> str:
        return self.wallet.address

    def reservation(
        self, operator: str, amount: int = 10 * USD, ttl: int = 2 * HOUR, nonce: int | None = None
    ) -> tuple[Reservation, bytes]:
        reservation = Reservation(
            self.address,
            operator,
            amount,
            self.chain.block().timestamp + ttl,
            self.vault.reserve_nonce(self.address) if nonce is None else nonce,
            self.vault.key_epoch(self.address),
        )
        return reservation, reservation.sign(self.session, self.vault.vault_domain_separator())

    def receipt(self, operator: str, cumulative: int, cycle: int | None = None) -> SignedReceipt:
        if cycle is None:
            cycle = self.vault.ops(self.address, operator).cycle
        unsigned = Receipt(
            self.address, operator, cumulative, self.vault.key_epoch(self.address), cycle
        )
        return unsigned.sign(self.session, self.vault.vault_domain_separator())


def new_consumer(chain: AnvilChain, economy: Economy, deposit: int = 50 * USD) -> Consumer:
    wallet, session = LocalSigner.generate(), LocalSigner.generate()
    chain.set_balance(wallet.address, WEI)
    economy.dollar.mint(wallet.address, deposit)
    outbox = Outbox(chain, wallet, MemoryJournal())
    FwUsd(chain, economy.dollar.address, outbox).approve(economy.diamond.address, 2**256 - 1)
    economy.diamond.by(outbox).vault.deposit(deposit, session.address)
    return Consumer(chain, economy, wallet, session)


def reserve_body(reservation: Reservation, signature: bytes) -> dict[str, str]:
    return {
        "consumer": reservation.consumer,
        "operator": reservation.operator,
        "amount": str(reservation.amount),
        "expiry": str(reservation.expiry),
        "nonce": str(reservation.nonce),
        "signature": "0x" + signature.hex(),
    }


def redeem_body(signed: SignedReceipt) -> dict[str, str]:
    receipt = signed.receipt
    return {
        "consumer": receipt.consumer,
        "operator": receipt.operator,
        "cumulative": str(receipt.cumulative),
        "cycle": str(receipt.cycle),
        "signature": "0x" + signed.signature.hex(),
    }
