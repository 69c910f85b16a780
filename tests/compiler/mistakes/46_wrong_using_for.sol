pragma solidity ^0.8.24;

library Strings {
    function upper(string memory s) internal pure returns (string memory) {
        return s;
    }
}

contract Names {
    using Missing for uint256;
    using upper for string;

    function f(uint256 x) external pure returns (string memory) {
        return x.upper();
    }
}
