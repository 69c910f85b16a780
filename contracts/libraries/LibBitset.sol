// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IErrors} from "../interfaces/IErrors.sol";

/// @dev Four levels of 256-bit words; the word of level L for a key is numbered `key >> 8 * (L + 1)`. A bit of
/// level L+1 is set exactly when the word of level L below it is not zero. Levels share one mapping: a word's key
/// is its number with the level in the bits above.
struct Bitset {
    mapping(uint256 place => uint256 word) words;
}

/// @title A sorted set of keys below 2^32 with next-key search
/// @notice `set` and `clear` write one word, and one more per level only where a word stops or starts being empty;
/// `next` reads at most eight.
library LibBitset {
    uint256 internal constant TOP = 3;
    uint256 internal constant LIMIT = 1 << 32;
    uint256 private constant LEVEL = 1 << 64;

    function has(Bitset storage bits, uint256 key) internal view returns (bool) {
        return key < LIMIT && ((bits.words[key >> 8] >> (key & 0xff)) & 1) == 1;
    }

    function set(Bitset storage bits, uint256 key) internal {
        if (key >= LIMIT) revert IErrors.CastOverflow();
        for (uint256 level = 0; level <= TOP; level++) {
            uint256 place = level * LEVEL + (key >> 8);
            uint256 word = bits.words[place];
            bits.words[place] = word | (1 << (key & 0xff));
            // Somebody in this word was there before, so every level above knows already.
            if (word != 0) return;
            key >>= 8;
        }
    }

    function clear(Bitset storage bits, uint256 key) internal {
        if (key >= LIMIT) revert IErrors.CastOverflow();
        for (uint256 level = 0; level <= TOP; level++) {
            uint256 place = level * LEVEL + (key >> 8);
            uint256 word = bits.words[place];
            uint256 rest = word & ~(1 << (key & 0xff));
            if (rest == word) return;
            bits.words[place] = rest;
            if (rest != 0) return;
            key >>= 8;
        }
    }

    /// @dev The smallest member that is at least `key`. One word per level on the way up, one on the way down.
    function next(Bitset storage bits, uint256 key) internal view returns (bool found, uint256 member) {
        if (key >= LIMIT) return (false, 0);
        for (uint256 level = 0; level <= TOP; level++) {
            uint256 word = bits.words[level * LEVEL + (key >> 8)] >> (key & 0xff);
            if (word != 0) return (true, _first(bits, level, key + lowestBit(word)));
            // Everything up to the end of this word is empty: one level up, go on behind it.
            key = (key >> 8) + 1;
        }
    }

    /// @dev The smallest member below the bit at `place` of `level`.
    function _first(Bitset storage bits, uint256 level, uint256 place) private view returns (uint256) {
        while (level > 0) {
            level -= 1;
            place = (place << 8) + lowestBit(bits.words[level * LEVEL + place]);
        }
        return place;
    }

    /// @dev Position of the lowest set bit of a word that is not zero.
    function lowestBit(uint256 word) internal pure returns (uint256 position) {
        unchecked {
            word &= ~word + 1;
        }
        if (word >> 128 != 0) {
            position = 128;
            word >>= 128;
        }
        if (word >> 64 != 0) {
            position += 64;
            word >>= 64;
        }
        if (word >> 32 != 0) {
            position += 32;
            word >>= 32;
        }
        if (word >> 16 != 0) {
            position += 16;
            word >>= 16;
        }
        if (word >> 8 != 0) {
            position += 8;
            word >>= 8;
        }
        if (word >> 4 != 0) {
            position += 4;
            word >>= 4;
        }
        if (word >> 2 != 0) {
            position += 2;
            word >>= 2;
        }
        if (word >> 1 != 0) position += 1;
    }
}
