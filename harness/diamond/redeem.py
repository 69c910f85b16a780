"""RedeemFacet: one-time codes that mint credits."""

from __future__ import annotations

from collections.abc import Sequence

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function addGuardedRedeemCodes(bytes32[] codeHashes, address[] claimKeys, uint256 amountWei)
function addRedeemCodes(bytes32[] codeHashes, uint256 amountWei)
function disableRedeemCodes(bytes32[] codeHashes)
function isRedeemed(bytes32 codeHash) view returns (bool)
function redeem(string code) returns (uint256 amount)
function redeemAmountOf(bytes32 codeHash) view returns (uint256)
function redeemClaimKeyOf(bytes32 codeHash) view returns (address)
function redeemFor(bytes32 codeHash, address recipient, uint256 deadline, bytes sig) returns (uint256 amount)
function redeemRequiresIdentity() view returns (bool)
function setRedeemRequiresIdentity(bool required)
event RedeemCodeAdded(bytes32 indexed codeHash, uint256 amountWei, address indexed claimKey)
event RedeemCodeDisabled(bytes32 indexed codeHash)
event RedeemRequiresIdentitySet(bool required)
event Redeemed(address indexed user, uint256 amount, bytes32 indexed codeHash)
error ClaimKeyRequired()
error CodeAlreadyUsed()
error CodeExists()
error InvalidCode()
error NoIdentity()
error NotGuarded()
"""
)


class Redeem(ContractClient):
    """Amounts in wei of $LH; codes are added by the keccak256 of their bytes."""

    INTERFACE = INTERFACE

    def add_guarded_redeem_codes(
        self,
        code_hashes: Sequence[bytes],
        claim_keys: Sequence[Address],
        amount_wei: int,
        *,
        key: str | None = None,
    ) -> Receipt:
        """Diamond owner only, at most 500; each is claimed by its key's signature."""
        return self.write(
            "addGuardedRedeemCodes", list(code_hashes), list(claim_keys), amount_wei, key=key
        )

    def add_redeem_codes(
        self, code_hashes: Sequence[bytes], amount_wei: int, *, key: str | None = None
    ) -> Receipt:
        """Diamond owner only, at most 500."""
        return self.write("addRedeemCodes", list(code_hashes), amount_wei, key=key)

    def disable_redeem_codes(
        self, code_hashes: Sequence[bytes], *, key: str | None = None
    ) -> Receipt:
        """Diamond owner only, at most 500."""
        return self.write("disableRedeemCodes", list(code_hashes), key=key)

    def is_redeemed(self, code_hash: bytes) -> bool:
        return bool(self.read("isRedeemed", code_hash))

    def redeem(self, code: str, *, key: str | None = None) -> int:
        """Mint to the sender; the amount."""
        receipt = self.write("redeem", code, key=key)
        return int(self.event(receipt, "Redeemed")["amount"])

    def redeem_amount_of(self, code_hash: bytes) -> int:
        """Zero for no such code."""
        return int(self.read("redeemAmountOf", code_hash))

    def redeem_claim_key_of(self, code_hash: bytes) -> Address:
        return str(self.read("redeemClaimKeyOf", code_hash))

    def redeem_for(
        self,
        code_hash: bytes,
        recipient: Address,
        deadline: int,
        signature: bytes,
        *,
        key: str | None = None,
    ) -> int:
        """Mint to whom the claim key signed for; the amount."""
        receipt = self.write("redeemFor", code_hash, recipient, deadline, signature, key=key)
        return int(self.event(receipt, "Redeemed")["amount"])

    def redeem_requires_identity(self) -> bool:
        return bool(self.read("redeemRequiresIdentity"))

    def set_redeem_requires_identity(self, required: bool, *, key: str | None = None) -> Receipt:
        """Diamond owner only."""
        return self.write("setRedeemRequiresIdentity", required, key=key)
