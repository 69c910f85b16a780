// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IDiamondCut} from "../interfaces/IDiamondCut.sol";
import {IErrors} from "../interfaces/IErrors.sol";
import {IOwnership} from "../interfaces/IOwnership.sol";
import {DiamondStorage} from "../storage/DiamondStorage.sol";
import {LibNs} from "./LibNs.sol";

/// @title Owner and routes of a diamond
library LibDiamond {
    function owner() internal view returns (address) {
        return LibNs.diamond().owner;
    }

    function requireOwner() internal view {
        if (msg.sender != LibNs.diamond().owner) revert IErrors.NotOwner();
    }

    function setOwner(address newOwner) internal {
        DiamondStorage storage s = LibNs.diamond();
        emit IOwnership.OwnershipTransferred(s.owner, newOwner);
        s.owner = newOwner;
        if (s.pendingOwner != address(0)) s.pendingOwner = address(0);
    }

    function facetOf(bytes4 selector) internal view returns (address) {
        return address(uint160(LibNs.diamond().routes[selector]));
    }

    function add(address facet, bytes4[] calldata selectors) internal {
        requireFacet(facet);
        DiamondStorage storage s = LibNs.diamond();
        uint256 position = s.selectors.length;
        for (uint256 i = 0; i < selectors.length; i++) {
            bytes4 selector = selectors[i];
            if (facet == address(this)) revert IDiamondCut.ImmutableSelector(selector);
            if (s.routes[selector] != 0) revert IDiamondCut.SelectorExists(selector);
            s.routes[selector] = _route(facet, position + i);
            s.selectors.push(selector);
        }
    }

    function replace(address facet, bytes4[] calldata selectors) internal {
        requireFacet(facet);
        DiamondStorage storage s = LibNs.diamond();
        for (uint256 i = 0; i < selectors.length; i++) {
            bytes4 selector = selectors[i];
            uint256 route = _existing(s, selector);
            if (facet == address(this)) revert IDiamondCut.ImmutableSelector(selector);
            if (address(uint160(route)) == facet) revert IDiamondCut.SameFacet(selector);
            s.routes[selector] = _route(facet, route >> 160);
        }
    }

    function remove(address facet, bytes4[] calldata selectors) internal {
        if (facet != address(0)) revert IDiamondCut.RemoveFacetMustBeZero();
        DiamondStorage storage s = LibNs.diamond();
        for (uint256 i = 0; i < selectors.length; i++) {
            bytes4 selector = selectors[i];
            _unlist(s, selector, _existing(s, selector) >> 160);
            delete s.routes[selector];
        }
    }

    function requireFacet(address facet) internal view {
        if (facet == address(0)) revert IDiamondCut.ZeroFacet();
        if (facet.code.length == 0) revert IDiamondCut.FacetHasNoCode();
    }

    /// @dev The last selector takes the free place, so the list has no holes. A facet of a guarded diamond can have
    /// written anything into the list; what it did not leave where the route says stays, so that a selector can always
    /// be removed.
    function _unlist(DiamondStorage storage s, bytes4 selector, uint256 position) private {
        uint256 length = s.selectors.length;
        if (position >= length || s.selectors[position] != selector) return;
        bytes4 last = s.selectors[length - 1];
        if (last != selector) {
            s.selectors[position] = last;
            if (s.routes[last] != 0) s.routes[last] = _route(facetOf(last), position);
        }
        s.selectors.pop();
    }

    function _existing(DiamondStorage storage s, bytes4 selector) private view returns (uint256 route) {
        route = s.routes[selector];
        if (route == 0) revert IDiamondCut.SelectorMissing(selector);
    }

    function _route(address facet, uint256 position) private pure returns (uint256) {
        return uint256(uint160(facet)) | (position << 160);
    }
}
