pragma solidity ^0.8.24;

abstract contract Plan {
    function run() external virtual;
}

interface IPlan {
    function run() external;
}

contract Factory {
    function make() external returns (Plan) {
        return new Plan();
    }

    function makeOther() external returns (address) {
        return address(new IPlan());
    }
}
