"""TitheFacet: an account gives a guild a share of its income."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function collectTithe(address account) returns (uint256 amount)
function revokeTithe()
function setTithe(uint256 guildId, uint256 bps)
function setTitheCap(uint256 perPeriodMax)
function titheDetailsOf(address account) view returns ((uint256 checkpoint, uint256 perPeriodMax, uint64 lastAt) details)
function titheOf(address account) view returns (uint256 guildId, uint256 bps)
event TitheCapSet(address indexed account, uint256 perPeriodMax)
event TitheCollected(address indexed account, uint256 indexed guildId, uint256 amount, uint256 checkpoint)
event TitheRevoked(address indexed account, uint256 indexed guildId)
event TitheSet(address indexed account, uint256 indexed guildId, uint256 bps, uint256 checkpoint)
error InvalidBps()
error NoTithe()
error NothingToCollect()
error TooSoon()
error UnknownGuild()
"""
)


@dataclass(frozen=True)
class TitheDetails:
    """The balance income is measured from, the cap (0 for none), and the last look, all as of now."""

    checkpoint: int
    per_period_max: int
    last_at: int


class Tithes(ContractClient):
    """Amounts in wei of $LH, shares in basis points, times in seconds."""

    INTERFACE = INTERFACE

    def collect_tithe(self, account: Address, *, key: str | None = None) -> int:
        """For anybody, once in 24 hours; what went to the guild."""
        receipt = self.write("collectTithe", account, key=key)
        return int(self.event(receipt, "TitheCollected")["amount"])

    def revoke_tithe(self, *, key: str | None = None) -> Receipt:
        return self.write("revokeTithe", key=key)

    def set_tithe(self, guild: int, bps: int, *, key: str | None = None) -> Receipt:
        """The sender's own income from now on; collecting needs an allowance."""
        return self.write("setTithe", guild, bps, key=key)

    def set_tithe_cap(self, per_period_max: int, *, key: str | None = None) -> Receipt:
        """The most one collection takes; 0 for no limit."""
        return self.write("setTitheCap", per_period_max, key=key)

    def tithe_details_of(self, account: Address) -> TitheDetails:
        return TitheDetails(*self.read("titheDetailsOf", account))

    def tithe_of(self, account: Address) -> tuple[int, int]:
        """The guild and the share; zeros for none."""
        guild, bps = self.read("titheOf", account)
        return int(guild), int(bps)
