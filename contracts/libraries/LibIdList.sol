// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IdPages, LibIdPages} from "./LibIdPages.sol";

/// @title A packed list of ids that knows its own length
/// @notice The length is entry 0, so a short list is one word. Positions start at 1; whoever removes keeps them.
library LibIdList {
    function length(IdPages storage list) internal view returns (uint256) {
        return LibIdPages.get(list, 0);
    }

    function append(IdPages storage list, uint256 id) internal returns (uint256 position) {
        position = length(list) + 1;
        LibIdPages.set(list, position, id);
        LibIdPages.set(list, 0, position);
    }

    /// @dev The last entry takes the free place; `moved` is it, or zero when nothing had to move.
    function remove(IdPages storage list, uint256 position) internal returns (uint256 moved) {
        uint256 last = length(list);
        if (position != last) {
            moved = LibIdPages.get(list, last);
            LibIdPages.set(list, position, moved);
        }
        LibIdPages.set(list, 0, last - 1);
    }

    /// @dev At most `limit` ids from index `start`, counted from 0; the cursor is the index to go on from.
    function slice(IdPages storage list, uint256 start, uint256 limit)
        internal
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        uint256 size = length(list);
        if (start >= size || limit == 0) return (new uint256[](0), size);
        uint256 count = size - start;
        if (count > limit) count = limit;
        ids = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            ids[i] = LibIdPages.get(list, start + i + 1);
        }
        nextCursor = start + count;
    }
}
