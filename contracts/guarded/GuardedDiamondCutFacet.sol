// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuardedDiamondCut} from "../interfaces/IGuardedDiamondCut.sol";
import {LibCodeScan} from "../libraries/LibCodeScan.sol";
import {LibDiamond} from "../libraries/LibDiamond.sol";
import {LibReserved} from "../libraries/LibReserved.sol";

/// @title GuardedDiamondCutFacet: documented at IGuardedDiamondCut
/// @dev One deployment serves every guarded diamond of a parent; its settings are in its code, where no facet reaches
/// them.
contract GuardedDiamondCutFacet is IGuardedDiamondCut {
    uint8 private constant ADD = 0;
    uint8 private constant REPLACE = 1;
    uint8 private constant REMOVE = 2;
    uint256 private constant MAX_FACETS = 32;
    uint256 private constant MAX_SELECTORS = 64;

    address private immutable _parent;
    bool private immutable _strict;

    constructor(address parent, bool strict) {
        _parent = parent;
        _strict = strict;
    }

    function parentDiamond() external view returns (address parent) {
        return _parent;
    }

    function isStrict() external view returns (bool strict) {
        return _strict;
    }

    function diamondCut(FacetCut[] calldata cuts, address init, bytes calldata data) external {
        // Check
        LibDiamond.requireOwner();
        require(init == address(0), "Guarded: init delegatecall forbidden");
        require(data.length == 0, "Guarded: init calldata forbidden");
        if (cuts.length > MAX_FACETS) revert BatchTooLarge(MAX_FACETS);
        for (uint256 i = 0; i < cuts.length; i++) {
            _requireAllowed(cuts[i].facetAddress, cuts[i].action, cuts[i].functionSelectors);
        }
        // Effect
        for (uint256 i = 0; i < cuts.length; i++) {
            bytes4[] calldata selectors = cuts[i].functionSelectors;
            uint8 action = cuts[i].action;
            if (action == ADD) LibDiamond.add(cuts[i].facetAddress, selectors);
            else if (action == REPLACE) LibDiamond.replace(cuts[i].facetAddress, selectors);
            else LibDiamond.remove(cuts[i].facetAddress, selectors);
        }
        emit DiamondCut(cuts, init, data);
    }

    function _requireAllowed(address facet, uint8 action, bytes4[] calldata selectors) private view {
        if (selectors.length == 0) revert EmptySelectors();
        if (selectors.length > MAX_SELECTORS) revert BatchTooLarge(MAX_SELECTORS);
        if (action > REMOVE) revert BadAction();
        for (uint256 i = 0; i < selectors.length; i++) {
            require(!LibReserved.isReserved(selectors[i]), "Guarded: reserved selector");
        }
        if (action == REMOVE) return;
        LibDiamond.requireFacet(facet);
        if (facet == _parent) revert ImmutableSelector(selectors[0]);
        if (_strict && !LibCodeScan.isPlain(facet)) revert UnsafeFacet(facet);
    }
}
