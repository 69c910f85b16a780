// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondCut} from "../../interfaces/IDiamondCut.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibRevert} from "../../libraries/LibRevert.sol";

/// @title DiamondCutFacet: documented at IDiamondCut
contract DiamondCutFacet is IDiamondCut {
    uint8 private constant ADD = 0;
    uint8 private constant REPLACE = 1;
    uint8 private constant REMOVE = 2;

    function diamondCut(FacetCut[] calldata cuts, address init, bytes calldata data) external {
        // Check
        LibDiamond.requireOwner();
        // Effect
        for (uint256 i = 0; i < cuts.length; i++) {
            bytes4[] calldata selectors = cuts[i].functionSelectors;
            uint8 action = cuts[i].action;
            if (selectors.length == 0) revert EmptySelectors();
            if (action == ADD) LibDiamond.add(cuts[i].facetAddress, selectors);
            else if (action == REPLACE) LibDiamond.replace(cuts[i].facetAddress, selectors);
            else if (action == REMOVE) LibDiamond.remove(cuts[i].facetAddress, selectors);
            else revert BadAction();
        }
        emit DiamondCut(cuts, init, data);
        // Interaction
        _initialise(init, data);
    }

    function _initialise(address init, bytes calldata data) private {
        if (init == address(0)) {
            if (data.length != 0) revert InitFailed();
            return;
        }
        if (init.code.length == 0) revert InitFailed();
        (bool ok, bytes memory reason) = init.delegatecall(data);
        if (ok) return;
        if (reason.length == 0) revert InitFailed();
        LibRevert.bubble(reason);
    }
}
