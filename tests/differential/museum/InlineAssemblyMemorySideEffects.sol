// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// What an assembly block writes is there for the next one.

contract Exhibit {
    function twoBlocks(uint256 a, uint256 b) external pure returns (uint256 result) {
        assembly {
            mstore(0, a)
            mstore(32, b)
        }
        assembly {
            result := keccak256(0, 64)
        }
    }

    function returned(uint256 a) external pure {
        assembly {
            mstore(0, a)
        }
        assembly {
            return(0, 32)
        }
    }

    function thrown(uint256 a) external pure {
        assembly {
            mstore(0, a)
        }
        if (a > 9) {
            assembly {
                revert(0, 32)
            }
        }
    }
}
