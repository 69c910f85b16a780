"""A diamond of one's own that no facet can take away (`contracts/guarded/`)."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chain.abi import Interface
from harness.chain.interface import Chain
from harness.chain.records import Call
from harness.diamond.artifacts import ContractArtifact
from harness.diamond.client import Sender
from harness.diamond.core import Action, Cut, FacetCut, Loupe, Ownership
from harness.protocol.addresses import Address, to_address


class GuardedCut(Cut):
    """`diamondCut` without initialisers and reserved selectors. Owner only."""

    INTERFACE = Interface.of(
        """
function diamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] cuts, address init, bytes data)
function isStrict() view returns (bool strict)
function parentDiamond() view returns (address parent)
event DiamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] _diamondCut, address _init, bytes _calldata)
error BadAction()
error BatchTooLarge(uint256 max)
error EmptySelectors()
error FacetHasNoCode()
error ImmutableSelector(bytes4 selector)
error InitFailed()
error RemoveFacetMustBeZero()
error SameFacet(bytes4 selector)
error SelectorExists(bytes4 selector)
error SelectorMissing(bytes4 selector)
error UnsafeFacet(address facet)
error ZeroFacet()
"""
    )


GUARDED_INTERFACE = Interface.of("error CoreTampered()\n")


class GuardedDiamond:
    """One agent's diamond: its routes, its cut, its owner."""

    def __init__(self, chain: Chain, address: Address, sender: Sender | None = None) -> None:
        self.chain = chain
        self.address = to_address(address)
        self.loupe = Loupe(chain, self.address, sender)
        self.cut = GuardedCut(chain, self.address, sender)
        self.ownership = Ownership(chain, self.address, sender)

    def add_facet(self, facet: Address, artifact: ContractArtifact) -> None:
        """Route everything that `artifact`, deployed at `facet`, answers."""
        selectors = tuple(f.selector for f in artifact.interface.functions)
        self.cut.diamond_cut([FacetCut(facet, Action.ADD, selectors)])


def deploy_guarded(
    chain: Chain,
    sender: Sender,
    artifacts: Mapping[str, ContractArtifact],
    parent: Address,
    *,
    strict: bool = True,
) -> GuardedDiamond:
    """A guarded diamond that belongs to `sender`, with core facets of its own (four transactions).

    `strict` refuses facets whose code can run other code. Raises ContractError.
    """

    def create(name: str, *arguments: object) -> Address:
        created = sender.execute(Call(None, artifacts[name].creation(*arguments))).created
        assert created is not None
        return created

    cut = create("GuardedDiamondCutFacet", parent, strict)
    ownership = create("OwnershipFacet")
    loupe = create("GuardedLoupeFacet", cut, ownership)
    diamond = create("GuardedDiamond", sender.address, cut, loupe, ownership)
    return GuardedDiamond(chain, diamond, sender)
