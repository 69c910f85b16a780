// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// Functions that differ in types which are one type in the ABI, and zero literals for bytes.

type Metres is uint256;
type Seconds is uint256;

function double(Metres m) pure returns (uint256) {
    return 2 * Metres.unwrap(m);
}

function double(Seconds s) pure returns (uint256) {
    return 3 * Seconds.unwrap(s);
}

library Bag {
    struct Item {
        uint256 id;
    }

    function weight(Item memory item) internal pure returns (uint256) {
        return item.id + 100;
    }
}

library Box {
    struct Item {
        uint256 id;
    }

    function weight(Item memory item) internal pure returns (uint256) {
        return item.id + 200;
    }
}

contract Overloads {
    using Bag for Bag.Item;
    using Box for Box.Item;

    bytes32 public constant ADMIN = 0x00;
    bytes4 public tag = 0x0;
    bytes1 public one = 0x0000;
    bytes public text;
    mapping(bytes32 => uint256) public seen;

    function weigh(Bag.Item memory item) internal pure returns (uint256) {
        return item.weight();
    }

    function weigh(Box.Item memory item) internal pure returns (uint256) {
        return item.weight();
    }

    function both(uint128 a, uint128 b) external pure returns (uint256, uint256, uint256, uint256) {
        return (
            weigh(Bag.Item(a)),
            weigh(Box.Item(b)),
            double(Metres.wrap(a)),
            double(Seconds.wrap(b))
        );
    }

    function zeros(bytes32 given) external returns (bool, uint256) {
        seen[0x00]++;
        seen[given] += 2;
        tag = bytes4(given) == 0x00 ? bytes4(0x00) : tag;
        return (given == 0x00, seen[0x0]);
    }
}

// Attached functions that are called like members the type has anyway.
library Lists {
    function push(uint8[] storage list, uint8[] memory more) internal returns (uint256) {
        for (uint256 i; i < more.length; i++) list.push(more[i]);
        return list.length;
    }

    function pop(uint8[] storage list, uint256 count) internal returns (uint8 last) {
        for (; count > 0; --count) {
            last = list[list.length - 1];
            list.pop();
        }
    }

    function next(Listed at, uint8 value, uint8 step) internal view returns (uint256) {
        return at.next(value) + step;
    }
}

contract Listed {
    using Lists for *;

    uint8[] internal list;

    function add(uint8 one, uint8[] calldata more) external returns (uint256) {
        list.push(one);
        list.push() = one / 2;
        return list.push(more);
    }

    function drop(uint8 count) external returns (uint8 last, uint256 left) {
        last = list.pop(count % 5);
        list.pop();
        left = list.length;
    }

    function next(uint8 value) external pure returns (uint256) {
        return uint256(value) + 1;
    }

    function both(uint8 value) external view returns (uint256, uint256) {
        return (this.next(value), this.next(value, 7));
    }
}
