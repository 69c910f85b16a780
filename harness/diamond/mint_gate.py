"""MintGateFacet: credits minted against receipts of fiat payments, locked while these can be disputed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address
from harness.protocol.fiat import SignedFiatMint

DAY = 86_400
LH = 10**18

INTERFACE = Interface.of(
    """
function circulatingSupply() view returns (uint256)
function clawbackFiatMint(bytes32 receiptId) returns (uint256 recovered)
function clawbackFiatMintUpTo(bytes32 receiptId, uint256 maxWei) returns (uint256 recovered)
function clawbacker() view returns (address)
function fiatIssuerSigner() view returns (address)
function fiatLockSecs() view returns (uint64)
function fiatLockedOf(address user) view returns (uint256 amount, uint256 unlockAt)
function fiatMintDomainSeparator() view returns (bytes32)
function fiatMintWindow() view returns (uint256 cap, uint64 windowSecs, uint256 start, uint256 minted)
function lotsOf(address user) view returns (uint256[] amounts, uint256[] unlockTimes)
function mintFromFiat(address to, uint256 amount, bytes32 receiptId, uint256 validBefore, bytes sig)
function perReceiptMaxWei() view returns (uint256)
function receiptInfo(bytes32 receiptId) view returns (address to, uint256 amount, bool used, bool clawed, uint256 clawedWei)
function receiptUsed(bytes32 receiptId) view returns (bool)
function recoverableOf(bytes32 receiptId) view returns (uint256)
function setClawbacker(address clawbacker_)
function setFiatIssuerSigner(address signer)
function setFiatLockSecs(uint64 lockSecs)
function setFiatMintWindow(uint256 cap, uint64 windowSecs)
function setPerReceiptMaxWei(uint256 maxWei)
event ClawbackerSet(address indexed clawbacker)
event FiatClawedBack(address indexed to, uint256 recovered, bytes32 indexed receiptId)
event FiatIssuerSignerSet(address indexed signer)
event FiatLockSecsSet(uint64 lockSecs)
event FiatMintWindowSet(uint256 cap, uint64 windowSecs)
event FiatMinted(address indexed to, uint256 amount, bytes32 indexed receiptId, uint256 unlockAt)
event PerReceiptMaxWeiSet(uint256 maxWei)
error AlreadyClawed()
error FiatWindowCapExceeded()
error InvalidAmount()
error InvalidRecipient()
error InvalidWindow()
error NotClawbacker()
error PerReceiptCapExceeded()
error ReceiptUsed()
error UnknownReceipt()
"""
)


@dataclass(frozen=True)
class FiatTerms:
    """What a gate is opened with; amounts in wei of $LH, times in seconds."""

    issuer: Address
    clawbacker: Address
    per_receipt_max: int = 1_000 * LH
    window_cap: int = 10_000 * LH
    window_secs: int = DAY


class FiatLock(NamedTuple):
    """What is locked in all, and when the last of it unlocks; zeros for nothing."""

    amount: int
    unlock_at: int


class Lot(NamedTuple):
    """What is left of purchases that unlock together."""

    amount: int
    unlock_at: int


class ReceiptInfo(NamedTuple):
    """`clawed` means closed: nothing more will be taken back. `clawed_wei` has been."""

    to: Address
    amount: int
    used: bool
    clawed: bool
    clawed_wei: int


class FiatWindow(NamedTuple):
    """`minted` since `start` counts against `cap`."""

    cap: int
    window_secs: int
    start: int
    minted: int


class MintGate(ContractClient):
    """Amounts in wei of $LH, times in seconds, receipts by 32 bytes."""

    INTERFACE = INTERFACE

    def mint_from_fiat(self, signed: SignedFiatMint, *, key: str | None = None) -> int:
        """Anyone may bring what the issuer signed; when the purchase unlocks."""
        mint = signed.mint
        receipt = self.write(
            "mintFromFiat",
            mint.to,
            mint.amount,
            mint.receipt_id,
            mint.valid_before,
            signed.signature,
            key=key,
        )
        return int(self.event(receipt, "FiatMinted")["unlockAt"])

    def clawback_fiat_mint(self, receipt_id: bytes, *, key: str | None = None) -> int:
        """Clawbacker or owner: burn what is left and locked, close the receipt; how much was burned."""
        receipt = self.write("clawbackFiatMint", receipt_id, key=key)
        return int(self.event(receipt, "FiatClawedBack")["recovered"])

    def clawback_fiat_mint_up_to(
        self, receipt_id: bytes, max_wei: int, *, key: str | None = None
    ) -> int:
        """As clawback_fiat_mint, at most so much, and the receipt stays open for more."""
        receipt = self.write("clawbackFiatMintUpTo", receipt_id, max_wei, key=key)
        found = self.INTERFACE.event("FiatClawedBack").find(receipt.logs, self.address)
        return sum(int(event["recovered"]) for event in found)

    def recoverable_of(self, receipt_id: bytes) -> int:
        """What a clawback would burn now."""
        return int(self.read("recoverableOf", receipt_id))

    def receipt_used(self, receipt_id: bytes) -> bool:
        return bool(self.read("receiptUsed", receipt_id))

    def receipt_info(self, receipt_id: bytes) -> ReceiptInfo:
        return ReceiptInfo(*self.read("receiptInfo", receipt_id))

    def fiat_locked_of(self, user: Address) -> FiatLock:
        return FiatLock(*self.read("fiatLockedOf", user))

    def lots_of(self, user: Address) -> tuple[Lot, ...]:
        """Oldest first; at most 16."""
        amounts, times = self.read("lotsOf", user)
        return tuple(Lot(*pair) for pair in zip(amounts, times, strict=True))

    def fiat_mint_window(self) -> FiatWindow:
        return FiatWindow(*self.read("fiatMintWindow"))

    def circulating_supply(self) -> int:
        """Supply without what the Diamond holds."""
        return int(self.read("circulatingSupply"))

    def fiat_mint_domain_separator(self) -> bytes:
        return bytes(self.read("fiatMintDomainSeparator"))

    def fiat_issuer_signer(self) -> Address:
        return str(self.read("fiatIssuerSigner"))

    def clawbacker(self) -> Address:
        return str(self.read("clawbacker"))

    def per_receipt_max_wei(self) -> int:
        return int(self.read("perReceiptMaxWei"))

    def fiat_lock_secs(self) -> int:
        return int(self.read("fiatLockSecs"))

    def set_fiat_issuer_signer(self, signer: Address, *, key: str | None = None) -> Receipt:
        """Diamond owner only, as all that follow; what an earlier issuer signed is void."""
        return self.write("setFiatIssuerSigner", signer, key=key)

    def set_clawbacker(self, clawbacker: Address, *, key: str | None = None) -> Receipt:
        """The zero address leaves clawbacks to the owner."""
        return self.write("setClawbacker", clawbacker, key=key)

    def set_per_receipt_max_wei(self, max_wei: int, *, key: str | None = None) -> Receipt:
        """Zero shuts the gate."""
        return self.write("setPerReceiptMaxWei", max_wei, key=key)

    def set_fiat_lock_secs(self, seconds: int, *, key: str | None = None) -> Receipt:
        """For purchases from now on; at most 365 days."""
        return self.write("setFiatLockSecs", seconds, key=key)

    def set_fiat_mint_window(
        self, cap: int, window_secs: int, *, key: str | None = None
    ) -> Receipt:
        """24 seconds to 365 days, divisible by 24; what was minted stays counted."""
        return self.write("setFiatMintWindow", cap, window_secs, key=key)
