"""TreasuryFacet: the ledger over what the Diamond holds, and payouts that had to wait."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function bucketOf(address token, uint8 bucket) view returns (uint256)
function claimOwed(address token) returns (uint256 amount)
function claimOwedTo(address token, address to)
function owedOf(address token, address account) view returns (uint256)
function skim(address token) returns (uint256 amount)
function treasuryBalance() view returns (uint256)
function withdrawTreasury(address to, uint256 amount)
function withdrawTreasuryOf(address token, address to, uint256 amount)
event Owed(address indexed token, address indexed to, uint256 amount)
event OwedClaimed(address indexed token, address indexed account, address indexed to, uint256 amount)
event Skimmed(address indexed token, uint256 amount)
event TreasuryTokenWithdrawn(address indexed token, address indexed to, uint256 amount)
event TreasuryWithdrawn(address indexed to, uint256 amount)
"""
)


class Treasury(ContractClient):
    """Amounts in base units of the token."""

    INTERFACE = INTERFACE

    def bucket_of(self, token: Address, bucket: int) -> int:
        """What one bucket of a token holds."""
        return int(self.read("bucketOf", token, bucket))

    def claim_owed(self, token: Address, *, key: str | None = None) -> Receipt:
        """Take what could not be paid out to the sender earlier."""
        return self.write("claimOwed", token, key=key)

    def claim_owed_to(self, token: Address, to: Address, *, key: str | None = None) -> Receipt:
        return self.write("claimOwedTo", token, to, key=key)

    def owed_of(self, token: Address, account: Address) -> int:
        return int(self.read("owedOf", token, account))

    def skim(self, token: Address, *, key: str | None = None) -> Receipt:
        """Move what was sent without being booked into the treasury."""
        return self.write("skim", token, key=key)

    def treasury_balance(self) -> int:
        return int(self.read("treasuryBalance"))

    def withdraw_treasury(self, to: Address, amount: int, *, key: str | None = None) -> Receipt:
        return self.write("withdrawTreasury", to, amount, key=key)

    def withdraw_treasury_of(
        self, token: Address, to: Address, amount: int, *, key: str | None = None
    ) -> Receipt:
        return self.write("withdrawTreasuryOf", token, to, amount, key=key)
