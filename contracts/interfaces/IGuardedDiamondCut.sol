// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondCut} from "./IDiamondCut.sol";

/// @title Changing what a guarded diamond does
/// @notice `diamondCut` as ERC-2535 has it, with no initialiser and without the eight selectors that a guarded diamond
/// answers itself. Refusals in text are those that deployed guards give.
/// @dev Texts, in order: "Guarded: init delegatecall forbidden", "Guarded: init calldata forbidden", "Guarded: reserved
/// selector" for any action on `diamondCut`, `owner`, `transferOwnership`, the loupe or `supportsInterface`. At most 32
/// facets of 64 selectors (`BatchTooLarge`). A facet may be neither this diamond nor the one it was made by
/// (`ImmutableSelector`).
interface IGuardedDiamondCut is IDiamondCut {
    /// @notice In strict mode: the facet's code can run other code on the diamond's storage, or destroy it.
    error UnsafeFacet(address facet);

    /// @return parent The diamond whose address no facet may have.
    function parentDiamond() external view returns (address parent);
    /// @return strict Whether facets with reachable DELEGATECALL, CALLCODE or SELFDESTRUCT are refused.
    function isStrict() external view returns (bool strict);
}
