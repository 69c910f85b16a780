pragma solidity ^0.8.24;

contract Child {
    uint256 public x;

    constructor(uint256 start) {
        x = start;
    }
}

contract Parent {
    function make() external returns (Child) {
        Child child = Child(5);
        return child;
    }

    function other() external returns (Child) {
        return new Child();
    }
}
