// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

struct Pair {
    uint256 a;
    uint128 b;
}

struct Nested {
    Pair first;
    Pair second;
    uint256 sum;
}

struct Flags {
    bool on;
    address who;
    bytes4 tag;
    int64 level;
}

library Pairs {
    function pair_(uint256 a, uint128 b) internal pure returns (Pair memory pair) {
        pair.a = a;
        pair.b = b;
    }

    function swapped(Pair memory pair) internal pure returns (Pair memory) {
        return Pair(pair.b, uint128(pair.a));
    }

    function bump(Pair memory pair, uint256 by) internal pure {
        pair.a += by;
    }
}

contract PromotedStructs {
    using Pairs for Pair;

    Pair stored;
    uint256 public calls;

    event Seen(uint256 a, uint128 b);

    /// Written on one path only, and defaults on the other.
    function branches(uint256 x, bool second) external pure returns (uint256, uint128) {
        Pair memory pair;
        if (second) {
            pair.a = x;
        } else if (x > 7) {
            pair.b = uint128(x);
            if (x == 9) return (pair.b, uint128(pair.a));
        }
        return (pair.a, pair.b);
    }

    /// Words that a loop carries, with two ways on and two ways out.
    function loops(uint8 n, uint256 limit) external pure returns (uint256, uint128, uint256) {
        Pair memory pair = Pairs.pair_(1, 2);
        uint256 turns;
        for (uint256 i; i < n; i++) {
            if (i % 3 == 2) continue;
            pair.a += i;
            if (pair.a > limit) break;
            pair.b = uint128(pair.a) ^ pair.b;
            turns = i;
        }
        return (pair.a, pair.b, turns);
    }

    /// A new object each time round, and the one of the turn before.
    function fresh(uint8 n) external pure returns (uint256 total) {
        Pair memory last = Pair(3, 4);
        for (uint256 i; i < n; i++) {
            Pair memory pair = Pair(last.b, uint128(last.a + i));
            total += pair.a * 2 + pair.b;
            last = pair;
        }
        total += last.a;
    }

    /// Two names for one object.
    function shared(uint256 x) external pure returns (uint256, uint256) {
        Pair memory one = Pair(x, 1);
        Pair memory other = one;
        unchecked {
            other.a += 5;
        }
        one.b = 9;
        return (one.a, other.b);
    }

    /// One name for two objects.
    function chosen(uint256 x, bool left) external pure returns (uint256, uint256, uint256) {
        Pair memory one = Pair(x, 1);
        Pair memory other = Pair(2, 3);
        Pair memory either = left ? one : other;
        either.a = 77;
        return (one.a, other.a, either.b);
    }

    function nested(uint256 x, bool swap) external pure returns (Nested memory whole, uint256) {
        Nested memory part;
        part.first = Pairs.pair_(x, 6);
        part.second.b = 8;
        if (swap) part.second = part.first.swapped();
        unchecked {
            part.sum = part.first.a + part.second.b;
        }
        part.first.bump(1);
        whole.first = part.second;
        whole.sum = part.sum;
        delete part.second;
        return (whole, part.second.b + part.first.b);
    }

    /// Narrow words are clean, whatever they were made of.
    function narrow(uint256 x) external pure returns (bool, address, bytes4, int64) {
        Flags memory flags;
        flags.on = x % 3 == 1;
        flags.who = address(uint160(x));
        flags.tag = bytes4(bytes32(x));
        unchecked {
            flags.level = int64(uint64(x)) * 3;
        }
        if (flags.level < 0) flags.level = ~flags.level;
        return (flags.on, flags.who, flags.tag, flags.level);
    }

    /// Through storage and back, and into a log.
    function kept(uint256 a, uint128 b) external returns (uint256) {
        Pair memory pair = stored;
        if (pair.b > b) (pair.a, pair.b) = (a, b);
        else pair.b = b;
        stored = pair;
        emit Seen(pair.a, pair.b);
        Pair memory again = stored;
        again.a ^= 1;
        calls += again.a == pair.a ? 100 : 1;
        return again.a;
    }

    /// A failure half way leaves what was written before it unseen.
    function failing(uint256 x) external pure returns (uint256) {
        Pair memory pair = Pair(x, 0);
        pair.b = uint128(100 / x);
        pair.a -= 5;
        require(pair.a < 1000, "large");
        return pair.a + pair.b;
    }

    /// The address of one of them is looked at.
    function looked(uint256 x) external pure returns (uint256 word, uint256 other) {
        Pair memory seen = Pair(x, 7);
        Pair memory unseen = Pair(x, 8);
        unseen.b += 1;
        assembly ("memory-safe") {
            word := mload(add(seen, 32))
            mstore(seen, 5)
        }
        return (word + seen.a, unseen.b);
    }

    function encoded(uint256 x) external pure returns (bytes memory, bytes32) {
        Pair memory pair = Pair(x, 7);
        Pair memory other = Pair(1, 2);
        other.b = uint128(x);
        bytes memory data = abi.encode(pair, other.b);
        pair.a = other.a;
        return (data, keccak256(abi.encode(pair)));
    }
}

/// Assembly that promises nothing may look at any object.
contract PromotedBesideUnsafe {
    function peek(uint256 x) external pure returns (uint256 word, uint256 a) {
        uint256 at;
        assembly {
            at := mload(0x40)
        }
        Pair memory pair = Pair(x, 7);
        pair.b = 9;
        assembly {
            word := mload(add(at, 32))
            mstore(at, 3)
        }
        a = pair.a;
    }
}

/// Looking is enough.
contract PromotedBesideReads {
    function peek(uint256 x) external pure returns (uint256 word, uint256 b) {
        uint256 at;
        assembly {
            at := mload(0x40)
        }
        Pair memory pair = Pair(x, 7);
        pair.b += 2;
        assembly {
            word := mload(add(at, 32))
        }
        b = pair.b;
    }

    function hashed(uint256 x) external pure returns (bytes32 hash, uint256 size) {
        uint256 at;
        assembly {
            at := mload(0x40)
        }
        Pair memory pair = Pair(x, 7);
        assembly {
            hash := keccak256(at, 64)
            size := sub(mload(0x40), at)
        }
        pair.a = 1;
    }
}

/// Objects that assembly reads and writes where no word of theirs begins, and behind them, where memory is free.
contract PromotedAssembly {
    struct Two {
        uint256 a;
        uint256 b;
    }

    function overlapping(uint256 x, uint256 y, uint256 z) external pure returns (uint256 word, uint256 a, uint256 b) {
        Two memory two = Two(x, y);
        assembly ("memory-safe") {
            mstore(add(two, 0x10), z)
            mstore(two, x)
            word := mload(add(two, 0x10))
        }
        (a, b) = (two.a, two.b);
    }

    function behind(uint256 x, uint256 y) external pure returns (uint256 word, uint256 own, uint256 b) {
        Two memory two = Two(y, y);
        assembly ("memory-safe") {
            mstore(add(two, 0x40), x)
            own := mload(add(two, 0x40))
            word := mload(mload(0x40))
        }
        b = two.b;
    }
}
