// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibMintWindow, MintWindow} from "../../../contracts/libraries/LibMintWindow.sol";

interface Clock {
    function warp(uint256 time) external;
}

/// @title What may be minted in a day
contract WindowProperties {
    // Where halmos, as forge, listens for orders to the chain.
    Clock private constant CLOCK = Clock(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint64 private constant DAY = 1 days;
    uint256 private constant START = 20_000 days;
    MintWindow private _window;

    /// @dev Two mints less than a day apart never pass the cap together; after a day and an hour the first is forgotten.
    /// Any amounts, on the first and the last seconds of 27 hours: which hour it is must be a number for halmos.
    function check_windowHolds(uint128 cap, uint256 first, uint256 second, uint8 hour, bool late, bool later) external {
        if (cap == 0) return;
        for (uint256 i = 0; i < 27; i++) {
            if (hour == i) _hold(cap, first, second, late ? 3_599 : 0, i * 1 hours + (later ? 3_599 : 0));
        }
    }

    function _hold(uint128 cap, uint256 first, uint256 second, uint256 from, uint256 to) private {
        if (to < from) return;
        CLOCK.warp(START + from);
        LibMintWindow.configure(_window, cap, DAY);
        bool one = LibMintWindow.record(_window, first);
        assert(one == (first <= cap));
        CLOCK.warp(START + to);
        bool two = LibMintWindow.record(_window, second);
        uint256 counted = one ? first : 0;
        if (to - from < DAY) assert(two == (second <= cap && counted <= cap - second));
        if (to - from >= DAY + 1 hours) assert(two == (second <= cap));
        assert(LibMintWindow.used(_window) <= cap);
    }
}
