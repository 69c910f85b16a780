"""The two tokens: FwUSD (6 decimals) and FwCredits ($LH, 18). Both ERC-20 and EIP-3009."""

from __future__ import annotations

from functools import cached_property

from harness.chain.abi import Interface
from harness.chain.interface import BlockTag
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address
from harness.protocol.authorization import SignedAuthorization
from harness.protocol.typed_data import Domain

_SHARED = """
function name() view returns (string)
function symbol() view returns (string)
function decimals() view returns (uint8)
function version() view returns (string)
function totalSupply() view returns (uint256)
function balanceOf(address account) view returns (uint256)
function allowance(address owner, address spender) view returns (uint256)
function approve(address spender, uint256 value) returns (bool)
function transfer(address to, uint256 value) returns (bool)
function transferFrom(address from, address to, uint256 value) returns (bool)
function mint(address to, uint256 value)
function owner() view returns (address)
function transferOwnership(address newOwner)
function DOMAIN_SEPARATOR() view returns (bytes32)
function authorizationState(address authorizer, bytes32 nonce) view returns (bool used)
function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)
event Transfer(address indexed from, address indexed to, uint256 value)
event Approval(address indexed owner, address indexed spender, uint256 value)
event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)
event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce)
error CallerNotPayee()
error InsufficientBalance(uint256 current, uint256 requested, address from)
error InsufficientAllowance()
error InvalidRecipient()
"""

DOLLAR_INTERFACE = Interface.of(
    _SHARED,
    """
function pause()
function unpause()
function paused() view returns (bool)
function blacklist(address account)
function unBlacklist(address account)
function isBlacklisted(address account) view returns (bool)
error AccountBlacklisted(address account)
error ContractPaused()
error PermitExpired(uint256 deadline)
""",
)

CREDITS_INTERFACE = Interface.of(
    _SHARED,
    """
function ISSUER_ROLE() view returns (bytes32)
function hasRole(bytes32 role, address account) view returns (bool)
function grantRole(bytes32 role, address account)
function supplyCap() view returns (uint256)
error Unauthorized()
error InvalidAmount()
error SupplyCapExceeded()
error MintWindowCapExceeded()
error InvalidWindow()
error NotTightening()
error NothingPending()
error TimelockNotElapsed()
error InvalidSupplyCap()
error ChangePending()
""",
)


class Token(ContractClient):
    """What both tokens answer. Values in base units."""

    INTERFACE = Interface.of(_SHARED)

    def balance_of(self, account: Address) -> int:
        return int(self.read("balanceOf", account))

    def allowance(self, owner: Address, spender: Address) -> int:
        return int(self.read("allowance", owner, spender))

    def total_supply(self) -> int:
        return int(self.read("totalSupply"))

    def owner(self) -> Address:
        return str(self.read("owner"))

    def authorization_state(
        self, authorizer: Address, nonce: bytes, block: BlockTag = "latest"
    ) -> bool:
        """Whether an EIP-3009 nonce is used or cancelled."""
        return bool(self.read("authorizationState", authorizer, nonce, block=block))

    @cached_property
    def domain(self) -> Domain:
        """The EIP-712 domain of EIP-3009 and permits."""
        return Domain(self.read("name"), self.read("version"), self.chain.chain_id, self.address)

    def approve(self, spender: Address, value: int, *, key: str | None = None) -> Receipt:
        return self.write("approve", spender, value, key=key)

    def transfer(self, to: Address, value: int, *, key: str | None = None) -> Receipt:
        return self.write("transfer", to, value, key=key)

    def mint(self, to: Address, value: int, *, key: str | None = None) -> Receipt:
        return self.write("mint", to, value, key=key)

    def transfer_with_authorization(
        self, signed: SignedAuthorization, *, key: str | None = None
    ) -> Receipt:
        """EIP-3009: move what the payer authorised."""
        values = signed.authorization.values
        return self.write("transferWithAuthorization", *values, signed.signature, key=key)


class FwUsd(Token):
    """The dollar of local networks."""

    INTERFACE = DOLLAR_INTERFACE


class FwCredits(Token):
    """The credits token, $LH."""

    INTERFACE = CREDITS_INTERFACE

    def issuer_role(self) -> bytes:
        return bytes(self.read("ISSUER_ROLE"))

    def has_role(self, role: bytes, account: Address) -> bool:
        return bool(self.read("hasRole", role, account))

    def grant_role(self, role: bytes, account: Address, *, key: str | None = None) -> Receipt:
        return self.write("grantRole", role, account, key=key)
