// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The names of identities that were registered without one: "id-" and the id
/// @notice Nobody can take such a name, so nobody can be in the way of the next nameless registration, and none has to
/// be stored: it follows from the id.
library LibAgentName {
    bytes3 private constant PREFIX = "id-";
    uint256 private constant PREFIX_LENGTH = 3;
    /// @dev Ids have 32 bits, ten digits.
    uint256 private constant MAX_LENGTH = 13;
    uint256 private constant ZERO = 0x30;

    /// @dev Whether `name`, a valid one, is "id-" followed by digits only; leading zeros included, so that no name
    /// looks like another.
    function isReserved(bytes calldata name) internal pure returns (bool) {
        uint256 length = name.length;
        if (length <= PREFIX_LENGTH || bytes3(name[:PREFIX_LENGTH]) != PREFIX) return false;
        for (uint256 i = PREFIX_LENGTH; i < length; i++) {
            if (!_isDigit(uint8(name[i]))) return false;
        }
        return true;
    }

    /// @dev The id whose generated name this is; zero for any other text.
    function idIn(bytes calldata name) internal pure returns (uint256 id) {
        uint256 length = name.length;
        if (length <= PREFIX_LENGTH || length > MAX_LENGTH) return 0;
        if (bytes3(name[:PREFIX_LENGTH]) != PREFIX || uint8(name[PREFIX_LENGTH]) == ZERO) return 0;
        for (uint256 i = PREFIX_LENGTH; i < length; i++) {
            uint256 c = uint8(name[i]);
            if (!_isDigit(c)) return 0;
            id = id * 10 + c - ZERO;
        }
    }

    function ofId(uint256 id) internal pure returns (string memory) {
        uint256 digits = 1;
        for (uint256 rest = id / 10; rest != 0; rest /= 10) {
            digits += 1;
        }
        bytes memory number = new bytes(digits);
        for (uint256 i = digits; i != 0; i--) {
            number[i - 1] = bytes1(uint8(ZERO + id % 10));
            id /= 10;
        }
        return string.concat("id-", string(number));
    }

    function _isDigit(uint256 c) private pure returns (bool) {
        return c >= ZERO && c <= ZERO + 9;
    }
}
