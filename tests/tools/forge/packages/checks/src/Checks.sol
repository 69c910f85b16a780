// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// The part of forge's test interface that the sample needs.
interface Cheats {
    function prank(address sender) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit() external;
    function warp(uint256 time) external;
    function deal(address who, uint256 wei_) external;
    function assume(bool condition) external pure;
}

abstract contract Checks {
    Cheats internal constant vm = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    error NotEqual(uint256 left, uint256 right);

    function same(uint256 left, uint256 right) internal pure {
        if (left != right) revert NotEqual(left, right);
    }
}
