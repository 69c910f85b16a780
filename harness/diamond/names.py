"""ERC721Facet, MainIdentityFacet and OwnedTokensFacet: identities as tokens and who holds which."""

from __future__ import annotations

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

NAMES_INTERFACE = Interface.of(
    """
function approve(address spender, uint256 tokenId)
function balanceOf(address owner) view returns (uint256)
function getApproved(uint256 tokenId) view returns (address)
function initERC721(string collectionName, string uriSuffix)
function isApprovedForAll(address owner, address operator) view returns (bool)
function name() view returns (string)
function ownerOf(uint256 tokenId) view returns (address)
function safeTransferFrom(address from, address to, uint256 tokenId)
function safeTransferFrom(address from, address to, uint256 tokenId, bytes data)
function setApprovalForAll(address operator, bool approved)
function symbol() view returns (string)
function tokenURI(uint256 tokenId) view returns (string uri)
function transferFrom(address from, address to, uint256 tokenId)
event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)
event ApprovalForAll(address indexed owner, address indexed operator, bool approved)
event CollectionSet(string name, string uriSuffix)
event MainCleared(address indexed account, uint256 indexed id)
event MainRegistered(address indexed account, uint256 indexed id)
event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)
error NonexistentToken()
error NotApproved()
error OwnershipCycle()
error ReceiverRejected()
error WrongFrom()
"""
)


class Names(ContractClient):
    """ERC-721 of the identities."""

    INTERFACE = NAMES_INTERFACE

    def approve(self, spender: Address, token_id: int, *, key: str | None = None) -> Receipt:
        return self.write("approve", spender, token_id, key=key)

    def balance_of(self, owner: Address) -> int:
        return int(self.read("balanceOf", owner))

    def get_approved(self, token_id: int) -> Address:
        return str(self.read("getApproved", token_id))

    def init_erc721(
        self, collection_name: str, uri_suffix: str, *, key: str | None = None
    ) -> Receipt:
        """Diamond owner only, once: collection name and the suffix of token URIs."""
        return self.write("initERC721", collection_name, uri_suffix, key=key)

    def is_approved_for_all(self, owner: Address, operator: Address) -> bool:
        return bool(self.read("isApprovedForAll", owner, operator))

    def name(self) -> str:
        return str(self.read("name"))

    def owner_of(self, token_id: int) -> Address:
        return str(self.read("ownerOf", token_id))

    def safe_transfer_from(
        self,
        holder: Address,
        to: Address,
        token_id: int,
        data: bytes = b"",
        *,
        key: str | None = None,
    ) -> Receipt:
        """As transfer_from, but a contract at `to` must accept the token."""
        signature = "safeTransferFrom(address,address,uint256,bytes)"
        return self.write(signature, holder, to, token_id, data, key=key)

    def set_approval_for_all(
        self, operator: Address, approved: bool, *, key: str | None = None
    ) -> Receipt:
        return self.write("setApprovalForAll", operator, approved, key=key)

    def symbol(self) -> str:
        return str(self.read("symbol"))

    def token_uri(self, token_id: int) -> str:
        return str(self.read("tokenURI", token_id))

    def transfer_from(
        self, holder: Address, to: Address, token_id: int, *, key: str | None = None
    ) -> Receipt:
        return self.write("transferFrom", holder, to, token_id, key=key)


MAIN_IDENTITY_INTERFACE = Interface.of(
    """
function clearMain()
function isMain(uint256 id) view returns (bool)
function mainCost() view returns (uint256)
function mainNameOf(address account) view returns (string name)
function mainOf(address account) view returns (uint256 id)
function registerMain(uint256 id)
function setMainCost(uint256 cost)
event MainCleared(address indexed account, uint256 indexed id)
event MainCostUpdated(uint256 oldCost, uint256 newCost)
event MainRegistered(address indexed account, uint256 indexed id)
error UnknownToken()
"""
)


class MainIdentity(ContractClient):
    """Which identity speaks for an account."""

    INTERFACE = MAIN_IDENTITY_INTERFACE

    def clear_main(self, *, key: str | None = None) -> Receipt:
        return self.write("clearMain", key=key)

    def is_main(self, identity: int) -> bool:
        return bool(self.read("isMain", identity))

    def main_cost(self) -> int:
        return int(self.read("mainCost"))

    def main_name_of(self, account: Address) -> str:
        return str(self.read("mainNameOf", account))

    def main_of(self, account: Address) -> int:
        return int(self.read("mainOf", account))

    def register_main(self, identity: int, *, key: str | None = None) -> Receipt:
        return self.write("registerMain", identity, key=key)

    def set_main_cost(self, cost: int, *, key: str | None = None) -> Receipt:
        return self.write("setMainCost", cost, key=key)


OWNED_TOKENS_INTERFACE = Interface.of(
    """
function ownedCount(address owner) view returns (uint256)
function tokensOfOwner(address owner) view returns (uint256[] ids)
function tokensOfOwnerPage(address owner, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
"""
)


class OwnedTokens(ContractClient):
    """Enumeration by holder."""

    INTERFACE = OWNED_TOKENS_INTERFACE

    def owned_count(self, owner: Address) -> int:
        return int(self.read("ownedCount", owner))

    def tokens_of_owner(self, owner: Address) -> tuple[int, ...]:
        return tuple(self.read("tokensOfOwner", owner))

    def tokens_of_owner_page(
        self, owner: Address, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("tokensOfOwnerPage", owner, start_after, limit)
        return ids, next_cursor
