// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Arguments are evaluated once each and in order, whether or not the function called is inlined.

contract Exhibit {
    uint256 public trace;

    function note(uint256 digit) internal returns (uint256) {
        trace = (trace % 10**30) * 10 + digit;
        return digit;
    }

    function first(uint256 a, uint256 b, uint256 c) internal pure returns (uint256) {
        return b == 0 ? a : c;
    }

    function fold(uint256 a, uint256 b) internal returns (uint256) {
        return first(note(a % 10), note(b % 10), note(7)) + first(trace % 10, note(1), trace % 100);
    }

    function nested(uint256 a, uint256 b) external returns (uint256) {
        return fold(fold(a, note(2)), note(b % 10)) + trace;
    }

    function inAssembly(uint256 a) external returns (uint256 result) {
        assembly {
            function seen(x) -> y {
                sstore(0, add(mul(mod(sload(0), 0xffffffff), 16), and(x, 15)))
                y := sload(0)
            }
            function pick(x, y, z) -> r { r := sub(mul(x, 3), add(y, mul(z, 5))) }
            result := pick(seen(a), seen(2), add(seen(3), seen(4)))
        }
    }
}
