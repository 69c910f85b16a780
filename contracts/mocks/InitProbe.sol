// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {DiamondStorage} from "../storage/DiamondStorage.sol";
import {LibNs} from "../libraries/LibNs.sol";

/// @title Initialisers that succeed, fail with a reason and fail without one
contract InitProbe {
    error InitProbeFailed(uint256 number);

    function mark(bytes4 interfaceId) external {
        DiamondStorage storage s = LibNs.diamond();
        s.interfaces[interfaceId] = true;
    }

    function failWith(uint256 number) external pure {
        revert InitProbeFailed(number);
    }

    function failEmpty() external pure {
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }
}
