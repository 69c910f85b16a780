// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibCast} from "./LibCast.sol";

/// @dev `sum` is always the total of `ring`. Sub-bucket number n (n = time / (duration / 24)) sits at `ring[n % 25]`.
struct MintWindow {
    uint128 cap;
    uint64 duration;
    uint128 sum;
    uint64 lastIndex;
    uint128[25] ring;
}

/// @title A strict rolling cap over the last `duration` seconds
/// @notice The window is cut into 24 sub-buckets. A window of any phase touches at most 25 of them, so the 24
/// before the current one and the current one are all counted: never more than `cap` in any `duration` seconds, and
/// at worst a 24th of the window stricter than that. The token and the fiat gate raise errors of their own.
library LibMintWindow {
    uint64 internal constant SUB_BUCKETS = 24;
    uint64 internal constant RING = 25;
    uint64 internal constant MAX_DURATION = 365 days;

    /// @dev A window is 24 seconds to 365 days and divisible by 24; no window is cap 0 with 0 seconds.
    function isValid(uint256 cap, uint64 duration) internal pure returns (bool) {
        if (cap == 0) return duration == 0;
        return cap <= type(uint128).max && duration != 0 && duration <= MAX_DURATION && duration % SUB_BUCKETS == 0;
    }

    /// @dev No proposal of what is allowed now grows under this change.
    function isTightening(MintWindow storage window, uint256 cap, uint64 duration) internal view returns (bool) {
        if (cap == 0) return window.cap == 0;
        return window.cap == 0 || (cap <= window.cap && duration >= window.duration);
    }

    /// @dev Counts `amount`, or answers false when it does not fit; the caller reverts then.
    function record(MintWindow storage window, uint256 amount) internal returns (bool) {
        uint256 cap = window.cap;
        if (cap == 0) return true;
        uint64 index = _index(window.duration);
        uint256 sum = _expire(window, index);
        if (amount > cap || sum + amount > cap) return false;
        sum += amount;
        // `sum <= cap` fits 128 bits, hence so does `amount`.
        window.sum = uint128(sum);
        window.lastIndex = index;
        window.ring[index % RING] += uint128(amount);
        return true;
    }

    /// @dev A different duration means different sub-buckets; everything still counted then counts as minted now, which
    /// errs on the strict side.
    function configure(MintWindow storage window, uint256 cap, uint64 duration) internal {
        if (duration != window.duration) {
            uint256 carried = window.cap == 0 ? 0 : _expire(window, _index(window.duration));
            for (uint256 i = 0; i < RING; i++) {
                window.ring[i] = 0;
            }
            window.sum = uint128(carried);
            if (cap != 0) {
                uint64 index = _index(duration);
                window.lastIndex = index;
                window.ring[index % RING] = uint128(carried);
            } else {
                window.sum = 0;
            }
            window.duration = duration;
        }
        window.cap = LibCast.toUint128(cap);
    }

    function used(MintWindow storage window) internal view returns (uint256 sum) {
        if (window.cap == 0) return 0;
        uint64 last = window.lastIndex;
        uint64 steps = _steps(last, _index(window.duration));
        sum = window.sum;
        for (uint64 i = 1; i <= steps; i++) {
            sum -= window.ring[(last + i) % RING];
        }
    }

    /// @dev Since when mints count; zero without a window.
    function start(MintWindow storage window) internal view returns (uint256) {
        if (window.cap == 0) return 0;
        return uint256(_index(window.duration) - SUB_BUCKETS) * (window.duration / SUB_BUCKETS);
    }

    /// @dev Empties the sub-buckets that left the window and returns what the remaining ones add up to.
    function _expire(MintWindow storage window, uint64 index) private returns (uint256 sum) {
        uint64 last = window.lastIndex;
        uint64 steps = _steps(last, index);
        sum = window.sum;
        for (uint64 i = 1; i <= steps; i++) {
            uint64 place = (last + i) % RING;
            uint256 expired = window.ring[place];
            if (expired != 0) {
                sum -= expired;
                window.ring[place] = 0;
            }
        }
    }

    function _steps(uint64 last, uint64 index) private pure returns (uint64) {
        return index - last < RING ? index - last : RING;
    }

    function _index(uint64 duration) private view returns (uint64) {
        // `requireValid` admits no duration below SUB_BUCKETS, so the divisor is never zero.
        return uint64(block.timestamp) / (duration / SUB_BUCKETS);
    }
}
