pragma solidity ^0.8.24;

library Sums {
    function sum(uint256 a, uint256 b) external pure returns (uint256) {
        return a + b;
    }
}

interface Shop {}

contract Caller {
    error Failed();

    function size() external view returns (uint256 bytes_) {
        assembly {
            bytes_ := extcodesize(Sums)
        }
        assembly {
            bytes_ := extcodesize(Shop)
        }
        assembly {
            bytes_ := extcodesize(this)
        }
        assembly {
            bytes_ := Failed
        }
    }
}
