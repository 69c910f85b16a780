pragma solidity ^0.8.24;

contract Shop {
    uint256 public total;
    function a() public pure returns (uint256) {
        return total;
    }
    function b() public view returns (uint256) {
        return ++total;
    }
    function c() public constant returns (uint256) {
        return total;
    }
    function d() public returns (uint256) view {
        return total;
    }
    function e() public view pure returns (uint256) {
        return total;
    }
    function g() public external {}
    function g() internal public {}
}
