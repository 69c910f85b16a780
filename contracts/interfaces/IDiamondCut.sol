// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "./IErrors.sol";

/// @title Changing what a diamond does (ERC-2535)
interface IDiamondCut is IErrors {
    /// @dev `action`: 0 add, 1 replace, 2 remove. A plain integer, so that an unknown action has a named error.
    struct FacetCut {
        address facetAddress;
        uint8 action;
        bytes4[] functionSelectors;
    }

    event DiamondCut(FacetCut[] _diamondCut, address _init, bytes _calldata);

    error EmptySelectors();
    error ZeroFacet();
    error FacetHasNoCode();
    /// @notice Adding a selector that is routed already.
    error SelectorExists(bytes4 selector);
    /// @notice Replacing or removing a selector that is not routed.
    error SelectorMissing(bytes4 selector);
    /// @notice Replacing a selector with the facet it already has.
    error SameFacet(bytes4 selector);
    error RemoveFacetMustBeZero();
    error BadAction();
    /// @notice The selector is answered by the diamond's own code, or would be.
    error ImmutableSelector(bytes4 selector);
    /// @notice `init` has no code, failed without a reason, or calldata came without an `init`.
    error InitFailed();

    /// @notice Adds, replaces and removes functions, then runs `data` on `init` by delegatecall when `init` is not
    /// zero. Owner only (`NotOwner`). A reason `init` gives is passed on unchanged; any failure undoes the whole
    /// cut.
    function diamondCut(FacetCut[] calldata cuts, address init, bytes calldata data) external;
}
