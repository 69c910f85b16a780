// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IOwnedTokensFacet} from "../../interfaces/IOwnedTokensFacet.sol";
import {LibIdPages} from "../../libraries/LibIdPages.sol";
import {LibNs} from "../../libraries/LibNs.sol";
import {LibPage} from "../../libraries/LibPage.sol";
import {OwnedTokensStorage} from "../../storage/OwnedTokensStorage.sol";

/// @title OwnedTokensFacet: documented at IOwnedTokensFacet
contract OwnedTokensFacet is IOwnedTokensFacet {
    function tokensOfOwner(address owner) external view returns (uint256[] memory ids) {
        OwnedTokensStorage storage s = LibNs.ownedTokens();
        return LibIdPages.all(s.lists[owner], s.holders[owner].count);
    }

    /// @dev A removal fills the gap from the end of the list, where an iteration from the end has been already.
    function tokensOfOwnerPage(address owner, uint256 startAfter, uint256 limit)
        external
        view
        returns (uint256[] memory ids, uint256 nextCursor)
    {
        OwnedTokensStorage storage s = LibNs.ownedTokens();
        uint256 count = s.holders[owner].count;
        uint256 left = startAfter == 0 || startAfter > count ? count : startAfter;
        if (startAfter == LibPage.END) left = 0;
        uint256 size = LibPage.clamp(limit);
        if (size > left) size = left;
        ids = new uint256[](size);
        for (uint256 i = 0; i < size; i++) {
            ids[i] = LibIdPages.get(s.lists[owner], left - 1 - i);
        }
        nextCursor = size == 0 || size == left ? LibPage.END : left - size;
    }

    function ownedCount(address owner) external view returns (uint256) {
        return LibNs.ownedTokens().holders[owner].count;
    }
}
