pragma solidity ^0.8.24;

abstract contract Animal {
    function sound() public pure virtual returns (string memory);

    function legs() public pure returns (uint256) {
        return 4;
    }
}

contract Bird is Animal {
    function sound() public pure returns (string memory) {
        return "tweet";
    }

    function legs() public pure override returns (uint256) {
        return 2;
    }
}
