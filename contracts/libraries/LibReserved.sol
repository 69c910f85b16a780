// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The selectors that a guarded diamond answers itself, whatever is cut into it
library LibReserved {
    bytes4 internal constant DIAMOND_CUT = 0x1f931c1c;
    bytes4 internal constant TRANSFER_OWNERSHIP = 0xf2fde38b;
    bytes4 internal constant OWNER = 0x8da5cb5b;
    bytes4 internal constant FACETS = 0x7a0ed627;
    bytes4 internal constant FACET_FUNCTION_SELECTORS = 0xadfca15e;
    bytes4 internal constant FACET_ADDRESSES = 0x52ef6b2c;
    bytes4 internal constant FACET_ADDRESS = 0xcdffacc6;
    bytes4 internal constant SUPPORTS_INTERFACE = 0x01ffc9a7;

    function isCut(bytes4 selector) internal pure returns (bool) {
        return selector == DIAMOND_CUT;
    }

    function isOwnership(bytes4 selector) internal pure returns (bool) {
        return selector == OWNER || selector == TRANSFER_OWNERSHIP;
    }

    function isLoupe(bytes4 selector) internal pure returns (bool) {
        return selector == FACETS || selector == FACET_FUNCTION_SELECTORS || selector == FACET_ADDRESSES
            || selector == FACET_ADDRESS || selector == SUPPORTS_INTERFACE;
    }

    function isReserved(bytes4 selector) internal pure returns (bool) {
        return isCut(selector) || isOwnership(selector) || isLoupe(selector);
    }
}
