// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IGuardedDiamond} from "../interfaces/IGuardedDiamond.sol";
import {LibDiamond} from "../libraries/LibDiamond.sol";
import {LibReserved} from "../libraries/LibReserved.sol";

/// @title GuardedDiamond: documented at IGuardedDiamond
/// @dev A facet runs on this diamond's storage and can write any of it. So the core is not routed by storage: three
/// addresses in this code answer the reserved selectors. The owner is in storage; it is read before a facet runs and
/// must be the same afterwards. A facet that makes somebody owner for a moment gains nothing: whatever a cut could do,
/// it can do to storage itself.
contract GuardedDiamond is IGuardedDiamond {
    address private immutable _cut;
    address private immutable _loupe;
    address private immutable _ownership;

    constructor(address owner_, address cutFacet, address loupeFacet, address ownershipFacet) {
        if (owner_ == address(0)) revert ZeroAddress();
        if (cutFacet.code.length == 0 || loupeFacet.code.length == 0 || ownershipFacet.code.length == 0) {
            revert InitFailed();
        }
        _cut = cutFacet;
        _loupe = loupeFacet;
        _ownership = ownershipFacet;
        LibDiamond.setOwner(owner_);
    }

    fallback() external {
        address core = _core(msg.sig);
        address facet = core == address(0) ? LibDiamond.facetOf(msg.sig) : core;
        if (facet == address(0)) revert FunctionNotFound(msg.sig);
        address owner = LibDiamond.owner();
        bool ok;
        assembly ("memory-safe") {
            let data := mload(0x40)
            calldatacopy(data, 0, calldatasize())
            ok := delegatecall(gas(), facet, data, calldatasize(), 0, 0)
        }
        if (core == address(0) && LibDiamond.owner() != owner) revert CoreTampered();
        assembly ("memory-safe") {
            let data := mload(0x40)
            returndatacopy(data, 0, returndatasize())
            if iszero(ok) { revert(data, returndatasize()) }
            return(data, returndatasize())
        }
    }

    function _core(bytes4 selector) private view returns (address) {
        if (LibReserved.isCut(selector)) return _cut;
        if (LibReserved.isOwnership(selector)) return _ownership;
        if (LibReserved.isLoupe(selector)) return _loupe;
        return address(0);
    }
}
