// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// What is rarely written and still allowed: storage handed to the constructor of an abstract base,
// pointers to mappings that move, immutables set more than once, names that stand alone, code of a
// base or of a contract that only an unreachable function would embed in a circle.

abstract contract Filled {
    uint256 public seen;

    constructor(uint256[] storage list, mapping(uint256 => uint256) storage map) {
        list.push(7);
        seen = list.length + map[1];
        map[2] = 9;
    }
}

contract Filling is Filled {
    uint256[] public list;
    mapping(uint256 => uint256) public map;
    mapping(uint256 => uint256) internal other;

    constructor() Filled(list, map) {
        list.push(8);
    }

    function moves(bool second, uint256 key, uint256 value) external returns (uint256, uint256) {
        mapping(uint256 => uint256) storage pointer = map;
        pointer[key] = value;
        if (second) pointer = other;
        unchecked {
            pointer[key] += value;
        }
        pointer = chosen(!second);
        return (pointer[key], map[key]);
    }

    function chosen(bool second) internal view returns (mapping(uint256 => uint256) storage pointer) {
        if (second) {
            pointer = other;
        } else {
            pointer = map;
        }
    }

    function assigned(uint256 way, uint256 value) external returns (uint256) {
        uint256[] storage pointer;
        if (way == 0) {
            revert("none");
        } else {
            pointer = list;
        }
        pointer.push(value);
        uint256[] storage late;
        uint256 i = 0;
        do {
            late = pointer;
            if (i >= way % 5) break;
            ++i;
        } while (i < 4);
        return late.length + late[late.length - 1] / 2;
    }

    function first(uint256[] calldata a, uint256[] calldata b, bool second) external pure returns (uint256) {
        uint256[] calldata pointer;
        second ? pointer = b : pointer = a;
        return pointer.length == 0 ? 0 : pointer[0];
    }
}

contract Fixed {
    uint256 public immutable a;
    uint256 public immutable b = 3;

    constructor(uint256 start) {
        for (uint256 i = 0; i < 3; ++i) {
            a = start % 100 + i;
        }
    }
}

contract FixedTwice is Fixed {
    uint256 public immutable c = b + 1;
    uint256 public immutable d;

    constructor() Fixed(4) {
        b = c * 2;
        d = a + b;
    }

    // Its base's code, and a circle that no call can enter.
    function base(uint256 start) external returns (uint256) {
        return new Fixed(start).a();
    }

    function unreachable() internal returns (address) {
        return address(new FixedTwice());
    }
}

contract Names {
    uint256 public count;

    function bump() internal returns (address payable) {
        count += 1;
        return payable(address(this));
    }

    function alone() external returns (uint256) {
        keccak256;
        abi.encode;
        uint256;
        uint256[3];
        uint256[0];
        (Names[0], string[][0]);
        type(uint8);
        Names;
        new Fixed;
        bump().call;
        bump().call{value: count + 1};
        return count;
    }

    function selector() external pure returns (bytes4, uint8) {
        return (this.alone.selector, (type(uint8)).max);
    }

    function decoded(bytes calldata data) external pure returns (address payable who) {
        who = abi.decode(data, (address));
    }

    function zeros() external pure returns (bytes4, bytes32) {
        return (0x0, 0x000);
    }

    function array(uint256 value) external returns (uint256) {
        store.push(value);
        uint256[] storage same = store;
        same = uint256[](store);
        return same.length;
    }

    uint256[] internal store;

    uint256 internal constant A = 12;
    int256 internal constant B = -7;

    function lengths() external pure returns (uint256, uint256, int16) {
        uint256[(A / 10) * 10] memory x;
        uint256[-(B / 3) + B % 3 + 3] memory y;
        int16[4] memory z = [int16(-1), 300, 0, -300];
        return (x.length, y.length, z[1] + z[3] - z[0]);
    }
}
