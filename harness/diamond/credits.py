"""CreditsFacet: which token $LH is, and the daily allowance."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function canClaim(address account) view returns (bool)
function claimDaily() returns (uint256 amount)
function creditsToken() view returns (address)
function dailyAllowance() view returns (uint256)
function lastClaimDay(address account) view returns (uint256 day)
function setCreditsToken(address token)
function setDailyAllowance(uint256 amount)
event CreditsTokenSet(address indexed token)
event DailyAllowanceSet(uint256 amount)
event DailyClaimed(address indexed account, uint256 indexed day, uint256 amount)
error AlreadyClaimedToday(uint256 day)
error BucketsNotEmpty()
"""
)


class Credits(ContractClient):
    """Amounts in wei of $LH; days count from the epoch."""

    INTERFACE = INTERFACE

    def can_claim(self, account: Address) -> bool:
        return bool(self.read("canClaim", account))

    def claim_daily(self, *, key: str | None = None) -> Receipt:
        """Mint the daily allowance to the sender."""
        return self.write("claimDaily", key=key)

    def credits_token(self) -> Address:
        return str(self.read("creditsToken"))

    def daily_allowance(self) -> int:
        return int(self.read("dailyAllowance"))

    def last_claim_day(self, account: Address) -> int:
        return int(self.read("lastClaimDay", account))

    def set_credits_token(self, token: Address, *, key: str | None = None) -> Receipt:
        return self.write("setCreditsToken", token, key=key)

    def set_daily_allowance(self, amount: int, *, key: str | None = None) -> Receipt:
        return self.write("setDailyAllowance", amount, key=key)
