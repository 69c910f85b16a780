// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// A write is kept if the call may end before the next write to the same place.

contract Exhibit {
    uint256 public x;
    uint256 public y;
    mapping(uint256 => uint256) public m;

    function mayStop(uint256 a) internal pure {
        assembly {
            if gt(a, 10) { stop() }
        }
    }

    function mayReturn(uint256 a) internal pure {
        assembly {
            if gt(a, 5) {
                mstore(0, 42)
                return(0, 32)
            }
        }
    }

    function overwritten(uint8 a) external returns (uint256) {
        x = 1;
        mayStop(a);
        x = 2;
        return x;
    }

    function inBranches(uint8 a, uint8 key) external returns (uint256) {
        m[key] = a;
        y = a;
        if (a % 2 == 0) mayReturn(a);
        else mayStop(a);
        m[key] = 3;
        y = m[key] + 1;
        mayReturn(a);
        y = 9;
        return y;
    }
}
