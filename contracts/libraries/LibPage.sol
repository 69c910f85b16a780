// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What all paged views agree on
library LibPage {
    uint256 internal constant MAX_LIMIT = 200;
    /// @dev Where opaque cursors end.
    uint256 internal constant END = type(uint256).max;

    function clamp(uint256 limit) internal pure returns (uint256) {
        return limit > MAX_LIMIT ? MAX_LIMIT : limit;
    }

    /// @dev How many entries a page from index `start` of a list of `length` has; none at or past the end.
    function sizeOf(uint256 length, uint256 start, uint256 limit) internal pure returns (uint256 size) {
        if (start >= length) return 0;
        size = clamp(limit);
        if (size > length - start) size = length - start;
    }

    /// @dev The first `length` of `ids`.
    function shorten(uint256[] memory ids, uint256 length) internal pure returns (uint256[] memory page) {
        if (length == ids.length) return ids;
        page = new uint256[](length);
        for (uint256 i = 0; i < length; i++) {
            page[i] = ids[i];
        }
    }
}
