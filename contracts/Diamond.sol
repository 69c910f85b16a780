// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamond} from "./interfaces/IDiamond.sol";
import {LibDiamond} from "./libraries/LibDiamond.sol";
import {LibRevert} from "./libraries/LibRevert.sol";

/// @title The diamond (ERC-2535): looks up who answers a selector and lets it answer
/// @notice Takes no native value, by calldata or without: no facet uses it.
contract Diamond is IDiamond {
    /// @param owner_ Owner once construction is over.
    /// @param cutFacet The contract whose `diamondCut` installs the first facets, itself among them.
    /// @param firstCut Calldata of that call, exactly as an owner would send it later, initialiser included.
    constructor(address owner_, address cutFacet, bytes memory firstCut) {
        if (owner_ == address(0) || cutFacet == address(0)) revert ZeroAddress();
        if (cutFacet.code.length == 0) revert InitFailed();
        // The cut is owner-only, so the deployer owns the diamond while its constructor runs.
        LibDiamond.setOwner(msg.sender);
        (bool ok, bytes memory reason) = cutFacet.delegatecall(firstCut);
        if (!ok) {
            if (reason.length == 0) revert InitFailed();
            LibRevert.bubble(reason);
        }
        if (owner_ != msg.sender) LibDiamond.setOwner(owner_);
    }

    fallback() external {
        address facet = LibDiamond.facetOf(msg.sig);
        if (facet == address(0)) revert FunctionNotFound(msg.sig);
        // Memory from 0 on, over the free memory pointer and all: nothing of Solidity's runs after this.
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), facet, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}
