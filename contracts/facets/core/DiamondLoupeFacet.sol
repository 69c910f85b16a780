// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondLoupe} from "../../interfaces/IDiamondLoupe.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibLoupe, Routes} from "../../libraries/LibLoupe.sol";
import {LibNs} from "../../libraries/LibNs.sol";

/// @title DiamondLoupeFacet: documented at IDiamondLoupe
/// @dev Everything is derived from the selector list and the routes, so the loupe cannot disagree with the routing.
contract DiamondLoupeFacet is IDiamondLoupe {
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
        return LibDiamond.facetOf(selector);
    }

    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        return LibNs.diamond().interfaces[interfaceId];
    }

    function _routes() private view returns (Routes memory routes) {
        (routes,) = LibLoupe.stored(0);
    }
}
