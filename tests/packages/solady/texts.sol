// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibString} from "solady/src/utils/LibString.sol";

contract Texts {
    function numbers(uint256 a, int256 b) external pure returns (string memory, string memory, string memory) {
        return (LibString.toString(a), LibString.toString(b), LibString.toHexString(a));
    }

    function addresses(address a, bytes calldata b) external pure returns (string memory, string memory) {
        return (LibString.toHexStringChecksummed(a), LibString.toHexString(b));
    }

    function found(string memory a, string memory b, uint8 from) external pure returns (uint256, uint256, bool, bool) {
        return (LibString.indexOf(a, b, from), LibString.lastIndexOf(a, b), LibString.startsWith(a, b), LibString.endsWith(a, b));
    }

    function changed(string memory a, string memory b, string memory c) external pure returns (string memory, string memory) {
        return (LibString.replace(a, b, c), LibString.concat(LibString.upper(a), LibString.lower(b)));
    }

    function split(string memory a, string memory b) external pure returns (string[] memory, uint256[] memory) {
        return (LibString.split(a, b), LibString.indicesOf(a, b));
    }

    function cut(string memory a, uint8 from, uint8 to, uint8 times) external pure returns (string memory, string memory) {
        return (LibString.slice(a, from, to), LibString.repeat(a, times % 5));
    }

    function escaped(string memory a) external pure returns (string memory, string memory, uint256) {
        return (LibString.escapeJSON(a), LibString.escapeHTML(a), LibString.runeCount(a));
    }

    function small(bytes32 a, string memory b) external pure returns (string memory, bytes32) {
        return (LibString.fromSmallString(a), LibString.packOne(b));
    }
}
