// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Bitset, LibBitset} from "./LibBitset.sol";

/// @dev Four bits for every id, 64 ids to a word: a state from 0 to 7 and a mark. `pages` holds the words in which an
/// id is in state 0.
struct States {
    mapping(uint256 page => uint256 word) words;
    Bitset pages;
}

/// @title States of consecutively numbered things, and the next one in state 0
/// @dev A change of state writes one word that its neighbours keep warm-priced, and nothing when a thing begins in
/// state 0. Numbers not yet given out count as being in state 0, so a word leaves `pages` only when all of its ids have
/// left that state.
library LibStates {
    uint256 private constant ONES = 0x1111111111111111111111111111111111111111111111111111111111111111;

    function get(States storage self, uint256 id) internal view returns (uint8 state, bool marked) {
        uint256 four = self.words[id >> 6] >> ((id & 63) << 2);
        return (uint8(four & 7), four & 8 != 0);
    }

    /// @dev Takes up `id`, in state 0. Ids come one after the other, from 1.
    function admit(States storage self, uint256 id, bool marked) internal {
        uint256 page = id >> 6;
        if (id == 1 || id & 63 == 0) LibBitset.set(self.pages, page);
        if (marked) self.words[page] |= 8 << ((id & 63) << 2);
    }

    function set(States storage self, uint256 id, uint8 state) internal {
        uint256 page = id >> 6;
        uint256 shift = (id & 63) << 2;
        uint256 before = self.words[page];
        uint256 afterwards = (before & ~(7 << shift)) | (uint256(state & 7) << shift);
        self.words[page] = afterwards;
        bool had = _zeros(before) != 0;
        bool has = _zeros(afterwards) != 0;
        if (had && !has) LibBitset.clear(self.pages, page);
        if (has && !had) LibBitset.set(self.pages, page);
    }

    /// @dev The smallest id in state 0 that is at least `from`; it may be one that was not given out yet.
    function next(States storage self, uint256 from) internal view returns (bool found, uint256 id) {
        (bool more, uint256 page) = LibBitset.next(self.pages, from >> 6);
        if (!more) return (false, 0);
        uint256 zeros = _zeros(self.words[page]);
        if (page == from >> 6) {
            uint256 shift = (from & 63) << 2;
            zeros = (zeros >> shift) << shift;
            if (zeros == 0) {
                (more, page) = LibBitset.next(self.pages, page + 1);
                if (!more) return (false, 0);
                zeros = _zeros(self.words[page]);
            }
        }
        return (true, (page << 6) + (LibBitset.lowestBit(zeros) >> 2));
    }

    /// @dev The lowest bit of every four whose state is 0.
    function _zeros(uint256 word) private pure returns (uint256) {
        return ~(word | (word >> 1) | (word >> 2)) & ONES;
    }
}
