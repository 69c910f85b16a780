"""CreditMeterFacet: deposited credits, debited per request by the meter key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function creditOf(address user) view returns (uint256)
function depositCredits(uint256 amount)
function meter(address user, uint256 amount)
function meterAddress() view returns (address)
function meterBatch(address[] users, uint256[] amounts, bytes32[] refs) returns (uint256[] debited)
function meterPolicyOf(address user) view returns (uint128 dailyCap, uint128 debited)
function meterRef(address user, uint256 amount, bytes32 ref)
function meterRefUsed(bytes32 ref) view returns (bool)
function meterUpTo(address user, uint256 amount) returns (uint256 debited)
function setMeter(address meter_)
function setMeterCap(uint128 dailyCap)
function withdrawCredits(uint256 amount)
function withdrawableOf(address user) view returns (uint256)
event CreditsDeposited(address indexed user, uint256 amount, uint256 newBalance)
event CreditsWithdrawn(address indexed user, uint256 amount, uint256 newBalance)
event MeterCapSet(address indexed user, uint128 dailyCap)
event MeterUpdated(address indexed meter)
event Metered(address indexed user, uint256 amount, uint256 newBalance)
event MeteredRef(address indexed user, bytes32 indexed ref, uint256 amount, uint256 newBalance)
error InsufficientCredits()
error MeterCapExceeded()
error NotMeter()
error RefUsed()
"""
)

MAX_BATCH = 128


class MeterPolicy(NamedTuple):
    """Wei of $LH; a cap of zero is none, and then nothing is counted."""

    daily_cap: int
    debited_today: int


class Charge(NamedTuple):
    """One entry of a batch; `ref` is 32 bytes and charges once, ever."""

    user: Address
    amount: int
    ref: bytes


class CreditMeter(ContractClient):
    """Amounts in wei of $LH. A deposit needs an allowance to the Diamond."""

    INTERFACE = INTERFACE

    def credit_of(self, user: Address) -> int:
        """What can be debited."""
        return int(self.read("creditOf", user))

    def withdrawable_of(self, user: Address) -> int:
        """What can be withdrawn: the credits without what is still locked."""
        return int(self.read("withdrawableOf", user))

    def deposit_credits(self, amount: int, *, key: str | None = None) -> int:
        """Add to the sender's credits; the new balance."""
        receipt = self.write("depositCredits", amount, key=key)
        return int(self.event(receipt, "CreditsDeposited")["newBalance"])

    def withdraw_credits(self, amount: int, *, key: str | None = None) -> int:
        """Back to the sender's wallet; the balance that is left."""
        receipt = self.write("withdrawCredits", amount, key=key)
        return int(self.event(receipt, "CreditsWithdrawn")["newBalance"])

    def meter(self, user: Address, amount: int, *, key: str | None = None) -> int:
        """Meter key only: debit all of it or nothing; the balance that is left."""
        receipt = self.write("meter", user, amount, key=key)
        return int(self.event(receipt, "Metered")["newBalance"])

    def meter_up_to(self, user: Address, amount: int, *, key: str | None = None) -> int:
        """Meter key only: debit what credits and cap admit; how much that was."""
        receipt = self.write("meterUpTo", user, amount, key=key)
        found = self.INTERFACE.event("Metered").find(receipt.logs, self.address)
        return sum(int(event["amount"]) for event in found)

    def meter_ref(self, user: Address, amount: int, ref: bytes, *, key: str | None = None) -> int:
        """Meter key only: as meter, once per 32-byte reference; the balance that is left."""
        receipt = self.write("meterRef", user, amount, ref, key=key)
        return int(self.event(receipt, "MeteredRef")["newBalance"])

    def meter_batch(self, charges: Sequence[Charge], *, key: str | None = None) -> Receipt:
        """Meter key only, at most 128; what could not be charged is passed over and may be sent again."""
        users, amounts, refs = (list(column) for column in zip(*charges, strict=True))
        return self.write("meterBatch", users, amounts, refs, key=key)

    def charged(self, receipt: Receipt) -> dict[bytes, int]:
        """What a batch debited, by reference; those passed over are missing."""
        found = self.INTERFACE.event("MeteredRef").find(receipt.logs, self.address)
        return {bytes(event["ref"]): int(event["amount"]) for event in found}

    def meter_ref_used(self, ref: bytes) -> bool:
        return bool(self.read("meterRefUsed", ref))

    def set_meter_cap(self, daily_cap: int, *, key: str | None = None) -> Receipt:
        """Most that may be debited from the sender in a day; zero for no cap."""
        return self.write("setMeterCap", daily_cap, key=key)

    def meter_policy_of(self, user: Address) -> MeterPolicy:
        return MeterPolicy(*self.read("meterPolicyOf", user))

    def meter_address(self) -> Address:
        return str(self.read("meterAddress"))

    def set_meter(self, meter: Address, *, key: str | None = None) -> Receipt:
        """Diamond owner only."""
        return self.write("setMeter", meter, key=key)
