// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Bitset, LibBitset} from "../libraries/LibBitset.sol";
import {IErrors} from "../interfaces/IErrors.sol";

/// @title LibBitset as a contract
contract BitsetProbe is IErrors {
    Bitset private _bits;

    function set(uint256 key) external {
        LibBitset.set(_bits, key);
    }

    function clear(uint256 key) external {
        LibBitset.clear(_bits, key);
    }

    function has(uint256 key) external view returns (bool) {
        return LibBitset.has(_bits, key);
    }

    function next(uint256 key) external view returns (bool found, uint256 member) {
        return LibBitset.next(_bits, key);
    }
}
