// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Assembly that makes no promise may find in scratch memory what it left there: an event must not change it.
contract ScratchBesideUnmarked {
    event One(uint256 a);
    event Two(uint256 a, address indexed who, uint256 b);

    function kept(uint256 x) external returns (uint256 first, uint256 second) {
        assembly {
            mstore(0, x)
            mstore(32, not(x))
        }
        emit One(x ^ 5);
        emit Two(7, msg.sender, x ^ 9);
        assembly {
            first := mload(0)
            second := mload(32)
        }
    }
}

/// Slots that are hashed in scratch memory are done before an event's words are there.
contract ScratchEvents {
    mapping(uint256 => mapping(uint256 => uint256)) table;
    uint256[] list;

    event Two(uint256 a, uint256 b);
    event Narrow(uint8 indexed a, bool b, bytes4 c);

    function hashed(uint256 x, uint256 y) external returns (uint256) {
        table[x][y] += x ^ y;
        list.push(x);
        emit Two(table[x][y], list[list.length - 1]);
        emit Two(list[0], table[y][x]++);
        emit Narrow(uint8(table[x][y]), list.length > 2, bytes4(bytes32(x)));
        return table[x][y] + list[list.length - 1];
    }
}

/// Events of more than scratch memory holds, or of what is no word.
contract LargerEvents {
    event Three(uint256 a, uint256 b, uint256 c);
    event Bytes(bytes data);
    event Both(uint256 a, string text);

    function three(uint256 x, uint256 y, uint256 z) external returns (bytes memory) {
        emit Three(x, y, z);
        return abi.encode(x, y, z);
    }

    function texts(bytes memory data, string calldata text) external returns (bytes memory) {
        emit Bytes(data);
        emit Both(data.length, text);
        return bytes.concat(data, bytes(text));
    }
}
