// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Base64} from "solady/src/utils/Base64.sol";

contract Encodings {
    function encoded(bytes memory data, bool file, bool bare) external pure returns (string memory) {
        return Base64.encode(data, file, bare);
    }

    function decoded(string memory text) external pure returns (bytes memory) {
        return Base64.decode(text);
    }

    function round(bytes memory data) external pure returns (bool) {
        return keccak256(Base64.decode(Base64.encode(data))) == keccak256(data);
    }
}
