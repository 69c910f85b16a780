"""ReleaseFacet: giving names back, and the owner's power to burn them until it is sealed."""

from __future__ import annotations

from collections.abc import Sequence

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient

INTERFACE = Interface.of(
    """
function adminBurnNames(uint256[] ids)
function adminResetAll() returns (bool done)
function isAdminSealed() view returns (bool)
function releaseName(uint256 id)
function resetCursor() view returns (uint256)
function sealAdmin()
event AdminBurnSealed()
event MainCleared(address indexed account, uint256 indexed id)
event MainRegistered(address indexed account, uint256 indexed id)
event NameReleased(uint256 indexed id, string name, address indexed owner)
event ResetProgress(uint256 fromId, uint256 toId, bool done)
event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)
error AdminSealed()
error CannotReleaseGuild()
error CannotReleaseMain()
"""
)


class Release(ContractClient):
    """A burned name is free; its old id is gone for good, and so is what its account holds."""

    INTERFACE = INTERFACE

    def admin_burn_names(self, identities: Sequence[int], *, key: str | None = None) -> Receipt:
        """Diamond owner only, at most 200 at once."""
        return self.write("adminBurnNames", list(identities), key=key)

    def admin_reset_all(self, *, key: str | None = None) -> bool:
        """Diamond owner only: the next 200 ids. True when none remain; call until then."""
        receipt = self.write("adminResetAll", key=key)
        found = self.INTERFACE.event("ResetProgress").find(receipt.logs, self.address)
        return all(bool(progress["done"]) for progress in found)

    def is_admin_sealed(self) -> bool:
        return bool(self.read("isAdminSealed"))

    def release_name(self, identity: int, *, key: str | None = None) -> Receipt:
        """Holder only, not the main identity."""
        return self.write("releaseName", identity, key=key)

    def reset_cursor(self) -> int:
        return int(self.read("resetCursor"))

    def seal_admin(self, *, key: str | None = None) -> Receipt:
        """Diamond owner only, for good."""
        return self.write("sealAdmin", key=key)
