// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Many numbers of one contract in one call
contract Lens {
    /// @dev The first word of every answer.
    function words(address target, bytes[] calldata calls) external view returns (uint256[] memory numbers) {
        numbers = new uint256[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok, bytes memory answer) = target.staticcall(calls[i]);
            require(ok && answer.length > 31, "no number");
            numbers[i] = abi.decode(answer, (uint256));
        }
    }
}
