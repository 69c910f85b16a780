"""The Diamond itself (ERC-2535): who answers which selector, who may change that, who owns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import ZERO_ADDRESS, Address

LOUPE_INTERFACE = Interface.of(
    """
function facetAddress(bytes4 selector) view returns (address facet)
function facetAddresses() view returns (address[] addresses)
function facetFunctionSelectors(address facet) view returns (bytes4[] selectors)
function facets() view returns ((address facetAddress, bytes4[] functionSelectors)[] facets_)
function supportsInterface(bytes4 interfaceId) view returns (bool)
"""
)


class Loupe(ContractClient):
    """Reading the routes."""

    INTERFACE = LOUPE_INTERFACE

    def facets(self) -> dict[Address, tuple[bytes, ...]]:
        """Selectors by facet address."""
        return dict(self.read("facets"))

    def facet_address(self, selector: bytes) -> Address:
        """Zero when nobody answers."""
        return str(self.read("facetAddress", selector))

    def facet_addresses(self) -> tuple[Address, ...]:
        return tuple(self.read("facetAddresses"))

    def facet_function_selectors(self, facet: Address) -> tuple[bytes, ...]:
        return tuple(self.read("facetFunctionSelectors", facet))

    def supports_interface(self, interface_id: bytes) -> bool:
        return bool(self.read("supportsInterface", interface_id))


CUT_INTERFACE = Interface.of(
    """
function diamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] cuts, address init, bytes data)
event DiamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] _diamondCut, address _init, bytes _calldata)
error BadAction()
error EmptySelectors()
error FacetHasNoCode()
error ImmutableSelector(bytes4 selector)
error InitFailed()
error RemoveFacetMustBeZero()
error SameFacet(bytes4 selector)
error SelectorExists(bytes4 selector)
error SelectorMissing(bytes4 selector)
error ZeroFacet()
"""
)


class Action(IntEnum):
    """What a cut does with selectors."""

    ADD = 0
    REPLACE = 1
    REMOVE = 2


@dataclass(frozen=True)
class FacetCut:
    """One entry of a cut; the facet is the zero address when selectors are removed."""

    facet: Address
    action: Action
    selectors: tuple[bytes, ...]

    @property
    def values(self) -> tuple[Address, int, list[bytes]]:
        return self.facet, int(self.action), list(self.selectors)


class Cut(ContractClient):
    """Changing the routes. Owner only."""

    INTERFACE = CUT_INTERFACE

    def diamond_cut(
        self,
        cuts: Sequence[FacetCut],
        init: Address = ZERO_ADDRESS,
        data: bytes = b"",
        *,
        key: str | None = None,
    ) -> Receipt:
        """Change routes, then run `data` on `init` in the Diamond's storage when `init` is given."""
        return self.write("diamondCut", [cut.values for cut in cuts], init, data, key=key)

    def try_cut(
        self, cuts: Sequence[FacetCut], init: Address = ZERO_ADDRESS, data: bytes = b""
    ) -> None:
        """The same as a dry run: raises what the transaction would raise."""
        self.simulate("diamondCut", [cut.values for cut in cuts], init, data)


OWNERSHIP_INTERFACE = Interface.of(
    """
function acceptOwnership()
function nominateOwner(address nominee)
function owner() view returns (address)
function pendingOwner() view returns (address)
function transferOwnership(address newOwner)
event OwnershipNominated(address indexed owner, address indexed nominee)
event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)
error NotNominee()
"""
)


class Ownership(ContractClient):
    """The owner (EIP-173), with a two-step hand-over."""

    INTERFACE = OWNERSHIP_INTERFACE

    def accept_ownership(self, *, key: str | None = None) -> Receipt:
        return self.write("acceptOwnership", key=key)

    def nominate_owner(self, nominee: Address, *, key: str | None = None) -> Receipt:
        """First of two steps; the nominee accepts."""
        return self.write("nominateOwner", nominee, key=key)

    def owner(self) -> Address:
        return str(self.read("owner"))

    def pending_owner(self) -> Address:
        return str(self.read("pendingOwner"))

    def transfer_ownership(self, new_owner: Address, *, key: str | None = None) -> Receipt:
        return self.write("transferOwnership", new_owner, key=key)
