// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondLoupe} from "../interfaces/IDiamondLoupe.sol";
import {LibDiamond} from "./LibDiamond.sol";
import {LibNs} from "./LibNs.sol";

/// @dev `facets[i]` answers `selectors[i]`.
struct Routes {
    bytes4[] selectors;
    address[] facets;
}

/// @title A list of routes, sorted the ways ERC-2535 shows them
library LibLoupe {
    /// @dev What the diamond's storage says, with room for `extra` more behind it.
    function stored(uint256 extra) internal view returns (Routes memory routes, uint256 length) {
        bytes4[] storage selectors = LibNs.diamond().selectors;
        length = selectors.length;
        routes = Routes(new bytes4[](length + extra), new address[](length + extra));
        for (uint256 i = 0; i < length; i++) {
            bytes4 selector = selectors[i];
            routes.selectors[i] = selector;
            routes.facets[i] = LibDiamond.facetOf(selector);
        }
    }

    /// @dev Facets in the order of their first selector.
    function addresses(Routes memory routes) internal pure returns (address[] memory list) {
        address[] memory seen = new address[](routes.facets.length);
        uint256 count = 0;
        for (uint256 i = 0; i < routes.facets.length; i++) {
            if (_place(seen, count, routes.facets[i]) < count) continue;
            seen[count] = routes.facets[i];
            count += 1;
        }
        list = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            list[i] = seen[i];
        }
    }

    function selectorsOf(Routes memory routes, address facet) internal pure returns (bytes4[] memory list) {
        uint256 count = 0;
        for (uint256 i = 0; i < routes.facets.length; i++) {
            if (routes.facets[i] == facet) count += 1;
        }
        list = new bytes4[](count);
        uint256 filled = 0;
        for (uint256 i = 0; filled < count; i++) {
            if (routes.facets[i] != facet) continue;
            list[filled] = routes.selectors[i];
            filled += 1;
        }
    }

    function facets(Routes memory routes) internal pure returns (IDiamondLoupe.Facet[] memory list) {
        address[] memory all = addresses(routes);
        list = new IDiamondLoupe.Facet[](all.length);
        for (uint256 i = 0; i < all.length; i++) {
            list[i] = IDiamondLoupe.Facet(all[i], selectorsOf(routes, all[i]));
        }
    }

    function _place(address[] memory list, uint256 count, address wanted) private pure returns (uint256 place) {
        while (place < count && list[place] != wanted) place += 1;
    }
}
