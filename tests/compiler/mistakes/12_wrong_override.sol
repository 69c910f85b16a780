pragma solidity ^0.8.24;

contract Base {
    function rate() public view virtual returns (uint256) {
        return block.number;
    }
}

contract Derived is Base {
    function rates() public view override returns (uint256) {
        return 1;
    }

    function rate() external override returns (uint128) {
        return 1;
    }
}
