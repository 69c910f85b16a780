// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract Texts {
    string private fallbackText;

    function numbers(uint256 a, int256 b, address c) external pure returns (string memory, string memory, string memory) {
        return (Strings.toString(a), Strings.toStringSigned(b), Strings.toChecksumHexString(c));
    }

    function hexes(uint256 a, bytes calldata b) external pure returns (string memory, string memory) {
        return (Strings.toHexString(a), Strings.toHexString(b));
    }

    function parsed(uint256 a, string calldata text) external pure returns (uint256, bool, uint256) {
        (bool ok, uint256 value) = Strings.tryParseUint(text);
        return (Strings.parseUint(Strings.toString(a)), ok, value);
    }

    function escaped(string calldata text) external pure returns (string memory) {
        return Strings.escapeJSON(text);
    }

    function encoded(bytes calldata data) external pure returns (string memory, string memory, bytes memory) {
        string memory url = Base64.encodeURL(data);
        return (Base64.encode(data), url, Base64.decode(url));
    }

    function found(bytes calldata data, bytes1 what, uint8 from, uint8 to) external pure returns (uint256, uint256, bytes memory) {
        return (Bytes.indexOf(data, what), Bytes.lastIndexOf(data, what, from), Bytes.slice(data, from, to));
    }

    function short(string memory text) external returns (ShortString, string memory, uint256) {
        ShortString kept = ShortStrings.toShortStringWithFallback(text, fallbackText);
        return (
            kept,
            ShortStrings.toStringWithFallback(kept, fallbackText),
            ShortStrings.byteLengthWithFallback(kept, fallbackText)
        );
    }
}
