// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondLoupe} from "../interfaces/IDiamondLoupe.sol";
import {LibDiamond} from "../libraries/LibDiamond.sol";
import {LibLoupe, Routes} from "../libraries/LibLoupe.sol";
import {LibReserved} from "../libraries/LibReserved.sol";

/// @title What a guarded diamond can do: the core from this code, the rest from storage
/// @dev What it says of the reserved selectors is true whatever facets have written; of the others it says what the
/// diamond would do, since both read the same words.
contract GuardedLoupeFacet is IDiamondLoupe {
    address private immutable _cut;
    address private immutable _self;
    address private immutable _ownership;

    constructor(address cutFacet, address ownershipFacet) {
        _cut = cutFacet;
        _self = address(this);
        _ownership = ownershipFacet;
    }

    function facets() external view returns (Facet[] memory facets_) {
        return LibLoupe.facets(_routes());
    }

    function facetFunctionSelectors(address facet) external view returns (bytes4[] memory selectors) {
        return LibLoupe.selectorsOf(_routes(), facet);
    }

    function facetAddresses() external view returns (address[] memory addresses) {
        return LibLoupe.addresses(_routes());
    }

    function facetAddress(bytes4 selector) external view returns (address facet) {
        if (LibReserved.isCut(selector)) return _cut;
        if (LibReserved.isOwnership(selector)) return _ownership;
        if (LibReserved.isLoupe(selector)) return _self;
        return LibDiamond.facetOf(selector);
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        // ERC-165, the cut and the loupe of ERC-2535, EIP-173
        return interfaceId == 0x01ffc9a7 || interfaceId == 0x1f931c1c || interfaceId == 0x48e2b093
            || interfaceId == 0x7f5828d0;
    }

    function _routes() private view returns (Routes memory routes) {
        uint256 next;
        (routes, next) = LibLoupe.stored(8);
        _note(routes, next, LibReserved.DIAMOND_CUT, _cut);
        _note(routes, next + 1, LibReserved.OWNER, _ownership);
        _note(routes, next + 2, LibReserved.TRANSFER_OWNERSHIP, _ownership);
        _note(routes, next + 3, LibReserved.FACETS, _self);
        _note(routes, next + 4, LibReserved.FACET_FUNCTION_SELECTORS, _self);
        _note(routes, next + 5, LibReserved.FACET_ADDRESSES, _self);
        _note(routes, next + 6, LibReserved.FACET_ADDRESS, _self);
        _note(routes, next + 7, LibReserved.SUPPORTS_INTERFACE, _self);
    }

    function _note(Routes memory routes, uint256 place, bytes4 selector, address facet) private pure {
        routes.selectors[place] = selector;
        routes.facets[place] = facet;
    }
}
