// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

contract Guarded is Multicall, Nonces, Pausable, ReentrancyGuard {
    uint256 public entered;

    function enter(uint8 depth) public nonReentrant whenNotPaused returns (uint256) {
        if (depth % 3 == 2) this.enter(depth - 1);
        return ++entered;
    }

    function pause() external whenNotPaused {
        _pause();
    }

    function unpause() external whenPaused {
        _unpause();
    }

    function next(address who, uint256 expected) external returns (uint256) {
        if (expected % 2 == 1) _useCheckedNonce(who, expected / 2);
        return _useNonce(who);
    }
}

contract GuardedTransient is ReentrancyGuardTransient {
    uint256 public entered;

    function enter(uint8 depth) public nonReentrant returns (uint256) {
        if (depth % 3 == 2) this.enter(depth - 1);
        return ++entered;
    }
}
