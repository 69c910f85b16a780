"""TbaFacet and the token-bound accounts (ERC-6551): each identity is an account that can hold and spend."""

from __future__ import annotations

from collections.abc import Sequence

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

TBA_INTERFACE = Interface.of(
    """
function createTokenBoundAccount(uint256 tokenId) returns (address account)
function setTbaConfig(address registry, address accountImpl)
function tbaAccountImpl() view returns (address)
function tbaRegistry() view returns (address)
function tokenBoundAccount(uint256 tokenId) view returns (address)
function tokenBoundAccountByName(string name) view returns (address)
event TbaConfigSet(address indexed registry, address indexed implementation)
event TokenBoundAccountCreated(uint256 indexed tokenId, address indexed account)
error NonexistentToken()
error RegistryMismatch()
"""
)


class Tba(ContractClient):
    """Where the accounts are. An address is fixed before its account is deployed."""

    INTERFACE = TBA_INTERFACE

    def create_token_bound_account(self, identity: int, *, key: str | None = None) -> Receipt:
        """Deploy an account; does nothing when it is there."""
        return self.write("createTokenBoundAccount", identity, key=key)

    def set_tba_config(
        self, registry: Address, account_impl: Address, *, key: str | None = None
    ) -> Receipt:
        """Diamond owner only, once."""
        return self.write("setTbaConfig", registry, account_impl, key=key)

    def tba_account_impl(self) -> Address:
        return str(self.read("tbaAccountImpl"))

    def tba_registry(self) -> Address:
        return str(self.read("tbaRegistry"))

    def token_bound_account(self, identity: int) -> Address:
        return str(self.read("tokenBoundAccount", identity))

    def token_bound_account_by_name(self, name: str) -> Address:
        return str(self.read("tokenBoundAccountByName", name))


TOKEN_BOUND_ACCOUNT_INTERFACE = Interface.of(
    """
function addSigner(address signer)
function execute(address to, uint256 value, bytes data, uint8 operation) returns (bytes result)
function executeBatch(address[] targets, uint256[] values, bytes[] data)
function isAuthorizedSigner(address signer) view returns (bool)
function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)
function isValidSigner(address signer, bytes) view returns (bytes4)
function onERC721Received(address, address, uint256 tokenId, bytes) view returns (bytes4)
function owner() view returns (address)
function removeSigner(address signer)
function state() view returns (uint256)
function supportsInterface(bytes4 interfaceId) view returns (bool)
function token() view returns (uint256 chainId, address tokenContract, uint256 tokenId)
event SignerAdded(address indexed holder, address indexed signer)
event SignerRemoved(address indexed holder, address indexed signer)
error NotAuthorised()
error OnlyCall()
error OnlyOwner()
error OwnershipCycle()
"""
)


class TokenBoundAccount(ContractClient):
    """One account. Value in wei."""

    INTERFACE = TOKEN_BOUND_ACCOUNT_INTERFACE

    def add_signer(self, signer: Address, *, key: str | None = None) -> Receipt:
        return self.write("addSigner", signer, key=key)

    def execute(
        self, to: Address, value: int, data: bytes, operation: int, *, key: str | None = None
    ) -> Receipt:
        """Send a message from the account; `operation` must be 0 (a call). Holder or enrolled signer."""
        return self.write("execute", to, value, data, operation, key=key)

    def execute_batch(
        self,
        targets: Sequence[Address],
        values: Sequence[int],
        data: Sequence[bytes],
        *,
        key: str | None = None,
    ) -> Receipt:
        """Up to 16 messages in one transaction."""
        return self.write("executeBatch", targets, values, data, key=key)

    def is_authorized_signer(self, signer: Address) -> bool:
        return bool(self.read("isAuthorizedSigner", signer))

    def is_valid_signature(self, hash: bytes, signature: bytes) -> bytes:
        """ERC-1271: 0x1626ba7e when an authorised signer made the signature."""
        return bytes(self.read("isValidSignature", hash, signature))

    def owner(self) -> Address:
        return str(self.read("owner"))

    def remove_signer(self, signer: Address, *, key: str | None = None) -> Receipt:
        return self.write("removeSigner", signer, key=key)

    def state(self) -> int:
        """Rises with each execution; a buyer compares it."""
        return int(self.read("state"))

    def supports_interface(self, interface_id: bytes) -> bool:
        return bool(self.read("supportsInterface", interface_id))

    def token(self) -> tuple[int, Address, int]:
        """Chain id, token contract and identity that hold this account."""
        chain_id, token_contract, token_id = self.read("token")
        return chain_id, token_contract, token_id
