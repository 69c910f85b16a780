// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondLoupe} from "../../interfaces/IDiamondLoupe.sol";
import {LibDiamond} from "../../libraries/LibDiamond.sol";
import {LibNs} from "../../libraries/LibNs.sol";

/// @title DiamondLoupeFacet: documented at IDiamondLoupe
/// @dev Everything is derived from the selector list and the routes, so the loupe cannot disagree with the routing.
contract DiamondLoupeFacet is IDiamondLoupe {
    /// @dev The selector list sorted into facets: `places[i]` is the facet of `selectors[i]` as an index into
    /// `addresses`, `sizes` counts them.
    struct Groups {
        bytes4[] selectors;
        uint256[] places;
        address[] addresses;
        uint256[] sizes;
        uint256 count;
    }

    function facets() external view returns (Facet[] memory facets_) {
        Groups memory groups = _groups();
        facets_ = new Facet[](groups.count);
        for (uint256 i = 0; i < groups.count; i++) {
            facets_[i].facetAddress = groups.addresses[i];
            facets_[i].functionSelectors = new bytes4[](groups.sizes[i]);
        }
        uint256[] memory filled = new uint256[](groups.count);
        for (uint256 i = 0; i < groups.selectors.length; i++) {
            uint256 place = groups.places[i];
            facets_[place].functionSelectors[filled[place]] = groups.selectors[i];
            filled[place] += 1;
        }
    }

    function facetFunctionSelectors(address facet) external view returns (bytes4[] memory selectors) {
        bytes4[] memory all = LibNs.diamond().selectors;
        uint256 found = 0;
        for (uint256 i = 0; i < all.length; i++) {
            if (LibDiamond.facetOf(all[i]) != facet) continue;
            all[found] = all[i];
            found += 1;
        }
        selectors = new bytes4[](found);
        for (uint256 i = 0; i < found; i++) {
            selectors[i] = all[i];
        }
    }

    function facetAddresses() external view returns (address[] memory addresses) {
        Groups memory groups = _groups();
        addresses = new address[](groups.count);
        for (uint256 i = 0; i < groups.count; i++) {
            addresses[i] = groups.addresses[i];
        }
    }

    function facetAddress(bytes4 selector) external view returns (address facet) {
        return LibDiamond.facetOf(selector);
    }

    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        return LibNs.diamond().interfaces[interfaceId];
    }

    function _groups() private view returns (Groups memory groups) {
        groups.selectors = LibNs.diamond().selectors;
        uint256 length = groups.selectors.length;
        groups.places = new uint256[](length);
        groups.addresses = new address[](length);
        groups.sizes = new uint256[](length);
        for (uint256 i = 0; i < length; i++) {
            address facet = LibDiamond.facetOf(groups.selectors[i]);
            uint256 place = 0;
            while (place < groups.count && groups.addresses[place] != facet) place += 1;
            if (place == groups.count) {
                groups.addresses[place] = facet;
                groups.count += 1;
            }
            groups.places[i] = place;
            groups.sizes[place] += 1;
        }
    }
}
