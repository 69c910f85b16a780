"""What the fiat issuer signs: so many credits for this account against that receipt."""

from __future__ import annotations

from dataclasses import dataclass

from harness.protocol.addresses import Address
from harness.protocol.authorization import DigestSigner
from harness.protocol.typed_data import Domain, StructType

FIAT_MINT = StructType("FiatMint(address to,uint256 amount,bytes32 receiptId,uint256 validBefore)")

DOMAIN_NAME = "localharness-mintgate"
DOMAIN_VERSION = "1"


@dataclass(frozen=True)
class FiatMint:
    """Amount in wei of $LH; `receipt_id` is 32 bytes, derived from the payment; good before `valid_before` seconds."""

    to: Address
    amount: int
    receipt_id: bytes
    valid_before: int

    def sign(self, issuer: DigestSigner, separator: bytes) -> SignedFiatMint:
        """As anyone may bring it to the gate."""
        values = self.to, self.amount, self.receipt_id, self.valid_before
        return SignedFiatMint(self, issuer.sign_digest(FIAT_MINT.digest(separator, values)))


@dataclass(frozen=True)
class SignedFiatMint:
    """What `mintFromFiat` takes; a contract as issuer may have a signature of any length."""

    mint: FiatMint
    signature: bytes


def mint_gate_domain(chain_id: int, diamond: Address) -> Domain:
    """The domain of fiat mints."""
    return Domain(DOMAIN_NAME, DOMAIN_VERSION, chain_id, diamond)
