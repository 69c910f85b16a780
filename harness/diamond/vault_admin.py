"""VaultAdminFacet: the vault's terms, its guardian and its fee admin."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import ZERO_ADDRESS, Address

DAY = 86_400

INTERFACE = Interface.of(
    """
function acceptFeeAdmin()
function applyFee()
function applyFeeRecipient()
function cancelPendingFee()
function cancelPendingFeeRecipient()
function collectFees()
function feeAdmin() view returns (address)
function feeBps() view returns (uint16)
function feeEffectiveAt() view returns (uint64)
function feeRecipient() view returns (address)
function feeRecipientEffectiveAt() view returns (uint64)
function feesAccrued() view returns (uint256)
function feeTimelock() view returns (uint64)
function initVault(address token, address guardian, uint64 redeemGrace, uint64 withdrawTimelock, uint64 maxReserveTtl, uint64 maxPauseDuration, address feeAdmin, address feeRecipient, uint16 feeBps, uint64 feeTimelock, address sequencerUptimeFeed)
function maxPauseDuration() view returns (uint64)
function maxReserveTtl() view returns (uint64)
function paused() view returns (bool)
function pausedUntil() view returns (uint64)
function pendingFeeAdmin() view returns (address)
function pendingFeeBps() view returns (uint16)
function pendingFeeRecipient() view returns (address)
function proposeFee(uint16 feeBps)
function proposeFeeRecipient(address recipient)
function redeemGrace() view returns (uint64)
function sequencerFeed() view returns (address)
function setPaused(bool paused)
function transferFeeAdmin(address newFeeAdmin)
function vaultGuardian() view returns (address)
function vaultToken() view returns (address)
function withdrawTimelock() view returns (uint64)
event FeeAdminTransferStarted(address indexed pendingFeeAdmin)
event FeeAdminTransferred(address indexed newFeeAdmin)
event FeeChangeCancelled()
event FeeProposed(uint16 feeBps, uint64 effectiveAt)
event FeeRecipientChangeCancelled()
event FeeRecipientProposed(address recipient, uint64 effectiveAt)
event FeeRecipientSet(address recipient)
event FeeSet(uint16 feeBps)
event FeesCollected(address indexed recipient, uint256 amount)
event PausedSet(uint64 pausedUntil)
event VaultInitialised(address indexed token, address indexed guardian, address indexed feeAdmin)
error BadAddress()
error BadConfig()
error BadDecimals()
error ChangePending()
error FeeTooHigh()
error NoFees()
error NotFeeAdmin()
error NotGuardian()
error NothingPending()
error PauseCooldown()
error TimelockActive()
"""
)


@dataclass(frozen=True)
class VaultTerms:
    """What a vault is initialised with; times in seconds, the fee of 10,000. All but the fee, its recipient and its
    admin are final. No feed, no sequencer gate."""

    guardian: Address
    fee_admin: Address
    fee_recipient: Address
    redeem_grace: int = DAY
    withdraw_timelock: int = 2 * DAY
    max_reserve_ttl: int = 30 * DAY
    max_pause_duration: int = 3 * DAY
    fee_bps: int = 0
    fee_timelock: int = 2 * DAY
    sequencer_uptime_feed: Address = ZERO_ADDRESS


class VaultAdmin(ContractClient):
    """Times in seconds, fees of 10,000."""

    INTERFACE = INTERFACE

    def init_vault(self, token: Address, terms: VaultTerms, *, key: str | None = None) -> Receipt:
        """Owner of the Diamond, once."""
        return self.write(
            "initVault",
            token,
            terms.guardian,
            terms.redeem_grace,
            terms.withdraw_timelock,
            terms.max_reserve_ttl,
            terms.max_pause_duration,
            terms.fee_admin,
            terms.fee_recipient,
            terms.fee_bps,
            terms.fee_timelock,
            terms.sequencer_uptime_feed,
            key=key,
        )

    def set_paused(self, paused: bool, *, key: str | None = None) -> Receipt:
        """Guardian only: halt deposits and reservations for a while, or lift that."""
        return self.write("setPaused", paused, key=key)

    def propose_fee(self, fee_bps: int, *, key: str | None = None) -> Receipt:
        """Fee admin only; applies after the timelock, to cycles opened from then on."""
        return self.write("proposeFee", fee_bps, key=key)

    def cancel_pending_fee(self, *, key: str | None = None) -> Receipt:
        return self.write("cancelPendingFee", key=key)

    def apply_fee(self, *, key: str | None = None) -> Receipt:
        """Anyone, once the timelock is over."""
        return self.write("applyFee", key=key)

    def propose_fee_recipient(self, recipient: Address, *, key: str | None = None) -> Receipt:
        return self.write("proposeFeeRecipient", recipient, key=key)

    def cancel_pending_fee_recipient(self, *, key: str | None = None) -> Receipt:
        return self.write("cancelPendingFeeRecipient", key=key)

    def apply_fee_recipient(self, *, key: str | None = None) -> Receipt:
        return self.write("applyFeeRecipient", key=key)

    def transfer_fee_admin(self, new_fee_admin: Address, *, key: str | None = None) -> Receipt:
        """Fee admin only: name a successor, who accepts."""
        return self.write("transferFeeAdmin", new_fee_admin, key=key)

    def accept_fee_admin(self, *, key: str | None = None) -> Receipt:
        return self.write("acceptFeeAdmin", key=key)

    def collect_fees(self, *, key: str | None = None) -> Receipt:
        """Anyone: everything accrued, to the recipient."""
        return self.write("collectFees", key=key)

    def vault_token(self) -> Address:
        """Zero until the vault is initialised."""
        return str(self.read("vaultToken"))

    def vault_guardian(self) -> Address:
        return str(self.read("vaultGuardian"))

    def sequencer_feed(self) -> Address:
        return str(self.read("sequencerFeed"))

    def redeem_grace(self) -> int:
        return int(self.read("redeemGrace"))

    def withdraw_timelock(self) -> int:
        return int(self.read("withdrawTimelock"))

    def max_reserve_ttl(self) -> int:
        return int(self.read("maxReserveTtl"))

    def max_pause_duration(self) -> int:
        return int(self.read("maxPauseDuration"))

    def paused(self) -> bool:
        return bool(self.read("paused"))

    def paused_until(self) -> int:
        return int(self.read("pausedUntil"))

    def fee_bps(self) -> int:
        """Of 10,000."""
        return int(self.read("feeBps"))

    def fees_accrued(self) -> int:
        """Base units of the vault's token."""
        return int(self.read("feesAccrued"))

    def fee_recipient(self) -> Address:
        return str(self.read("feeRecipient"))

    def fee_admin(self) -> Address:
        return str(self.read("feeAdmin"))

    def fee_timelock(self) -> int:
        return int(self.read("feeTimelock"))

    def pending_fee_bps(self) -> int:
        return int(self.read("pendingFeeBps"))

    def fee_effective_at(self) -> int:
        """Zero while no change is pending."""
        return int(self.read("feeEffectiveAt"))

    def pending_fee_recipient(self) -> Address:
        return str(self.read("pendingFeeRecipient"))

    def fee_recipient_effective_at(self) -> int:
        return int(self.read("feeRecipientEffectiveAt"))

    def pending_fee_admin(self) -> Address:
        return str(self.read("pendingFeeAdmin"))
