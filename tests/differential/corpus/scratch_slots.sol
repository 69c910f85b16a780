// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Slots of mapping entries that assembly computes beside the language's own, and hashes that look like them.
contract ScratchSlots {
    mapping(uint256 => uint256) private a;
    mapping(uint256 => uint256) private b;

    function same(uint8 key, uint256 value) external returns (uint256 before, uint256 after_) {
        before = a[key];
        assembly {
            mstore(0x20, a.slot)
            mstore(0x00, key)
            let slot := keccak256(0x00, 0x40)
            sstore(slot, add(sload(slot), value))
        }
        after_ = a[key];
    }

    function turned(uint8 key) external returns (uint256 first, uint256 second) {
        first = a[1] + b[key];
        assembly {
            mstore(0x00, b.slot)
            mstore(0x20, 1) // a hash of (slot of b, 1): the entry of a at 1 has it where a is slot 1 of b
            second := sload(keccak256(0x00, 0x40))
            sstore(keccak256(0x00, 0x40), add(second, first))
        }
    }

    function overwritten(uint8 key, uint256 value) external returns (uint256 before, uint256 found) {
        a[key] = value;
        b[key] = value + 1;
        before = a[key] + b[key];
        assembly {
            mstore(0x00, key)
            mstore(0x20, a.slot)
            mstore(0x20, b.slot)
            found := sload(keccak256(0x00, 0x40))
        }
    }

    function torn(uint8 key, uint256 value) external returns (uint256 before, uint256 found, uint256 other, uint256 third) {
        a[key] = value;
        before = a[key];
        assembly {
            mstore(0x00, key)
            mstore(0x20, a.slot)
            mstore8(0x3f, 1)
            found := sload(keccak256(0x00, 0x40))
            mstore(0x00, key)
            mstore(0x20, a.slot)
            mstore(0x10, key)
            other := sload(keccak256(0x00, 0x40))
            mstore(0x00, key)
            mstore(0x20, a.slot)
            calldatacopy(0x04, 0x04, 0x20)
            third := sload(keccak256(0x00, 0x40))
        }
    }

    function shorter(uint8 key, uint256 value) external returns (uint256 found, uint256 other) {
        a[key] = value;
        assembly {
            mstore(0x00, key)
            mstore(0x20, a.slot)
            found := sload(keccak256(0x00, 0x20))
            other := sload(keccak256(0x20, 0x20))
        }
    }

    function between(uint8 key, uint8 at, uint256 value) external returns (uint256 before, uint256 found) {
        a[key] = value;
        before = a[key];
        assembly {
            mstore(0x00, key)
            mstore(0x20, a.slot)
        }
        before += b[at];
        assembly {
            mstore(0x20, b.slot)
            found := sload(keccak256(0x00, 0x40))
        }
    }

    function branched(uint8 key, bool on, uint256 value) external returns (uint256 found) {
        if (on) a[key] = value;
        assembly {
            mstore(0x00, key)
            mstore(0x20, a.slot)
            found := sload(keccak256(0x00, 0x40))
        }
        if (!on) found += a[key];
    }

    function changed(uint8 key, uint256 value) external returns (uint256 before, uint256 found) {
        before = a[key];
        assembly {
            mstore(0x00, key)
            mstore(0x20, a.slot)
            let slot := keccak256(0x00, 0x40)
            sstore(slot, value)
        }
        b[before] = value;
        found = a[key] + b[before];
    }
}
