// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibStates, States} from "../libraries/LibStates.sol";

/// @title LibStates as a contract
contract StatesProbe {
    States private _states;
    uint256 public count;

    /// @dev Every third id is marked.
    function admit(uint256 many) external {
        for (uint256 i = 0; i < many; i++) {
            count += 1;
            LibStates.admit(_states, count, count % 3 == 0);
        }
    }

    function set(uint256 id, uint8 state) external {
        LibStates.set(_states, id, state);
    }

    function setRange(uint256 first, uint256 last, uint8 state) external {
        for (uint256 id = first; id <= last; id++) {
            LibStates.set(_states, id, state);
        }
    }

    function get(uint256 id) external view returns (uint8 state, bool marked) {
        return LibStates.get(_states, id);
    }

    function next(uint256 from) external view returns (bool found, uint256 id) {
        return LibStates.next(_states, from);
    }
}
