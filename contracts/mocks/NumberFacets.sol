// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Two facets with the same functions and different answers, to be added, replaced and removed
contract OneFacet {
    function number() external pure returns (uint256) {
        return 1;
    }

    function otherNumber() external pure returns (uint256) {
        return 1;
    }
}

contract TwoFacet {
    function number() external pure returns (uint256) {
        return 2;
    }

    function otherNumber() external pure returns (uint256) {
        return 2;
    }
}
