// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev Used nonces as bits: word `nonce >> 8`, bit `nonce & 0xff`. Consecutive nonces share a word and cost 5,000 gas
/// after the first; random 32-byte nonces work as well and cost one fresh word each.
struct NonceBitmap {
    mapping(address account => mapping(uint256 index => uint256 bits)) words;
}

/// @title One-shot nonces per account
library LibNonces {
    function isUsed(NonceBitmap storage bitmap, address account, bytes32 nonce) internal view returns (bool) {
        return bitmap.words[account][uint256(nonce) >> 8] & _bit(nonce) != 0;
    }

    /// @return fresh False, and nothing is written, when the nonce was used before.
    function use(NonceBitmap storage bitmap, address account, bytes32 nonce) internal returns (bool fresh) {
        mapping(uint256 => uint256) storage words = bitmap.words[account];
        uint256 index = uint256(nonce) >> 8;
        uint256 word = words[index];
        uint256 bit = _bit(nonce);
        if (word & bit != 0) return false;
        words[index] = word | bit;
        return true;
    }

    /// @dev Gives a nonce back; only for an attempt that fails inside the same call.
    function restore(NonceBitmap storage bitmap, address account, bytes32 nonce) internal {
        bitmap.words[account][uint256(nonce) >> 8] &= ~_bit(nonce);
    }

    function _bit(bytes32 nonce) private pure returns (uint256) {
        return 1 << (uint256(nonce) & 0xff);
    }
}
