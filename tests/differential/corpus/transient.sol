// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

type Shade is uint8;
enum Step { Idle, Running, Done }
interface Peer { function poke() external; }

contract Below {
    uint8 transient low;
    uint256 public first;
    bool transient flag;
    address internal transient who;
    function _mark(uint8 x) internal virtual { low = x; flag = x > 3; who = msg.sender; }
}

// Packed like storage, in a space of its own: equal slots of both never meet.
contract Transient is Below {
    uint128 stored = 7;
    uint128 public transient left;
    int64 transient signed;
    bytes5 public transient short;
    Step transient step;
    Shade transient shade;
    Peer transient peer;
    int8 public transient tiny;
    uint256 transient wide;
    bytes32 public transient digest;
    mapping(uint256 => uint256) counts;

    function _read() private view returns (bytes memory) {
        bytes memory first_ = abi.encode(low, flag, who, left, signed, short);
        return bytes.concat(first_, abi.encode(step, shade, peer, tiny, wide, digest, stored, first));
    }

    function fresh() external view returns (bytes memory) { return _read(); }

    function write(uint8 a, int64 b, bytes5 c, uint256 d) external returns (bytes memory all) {
        _mark(a);
        left = uint128(d);
        signed = b;
        short = c;
        step = Step(a % 3);
        shade = Shade.wrap(a);
        peer = Peer(address(uint160(d)));
        tiny = int8(b);
        wide = d;
        digest = keccak256(abi.encode(d));
        stored = uint128(d >> 128);
        first = d;
        all = _read();
        delete left;
        delete short;
        delete flag;
        delete peer;
        all = bytes.concat(all, _read());
    }

    function arithmetic(uint128 a, int8 b, uint256 c) external returns (uint128, int8, uint256, uint8) {
        left = a;
        left += 5;
        left *= 3;
        left--;
        tiny = b;
        tiny -= 3;
        tiny = 0 - tiny;
        ++tiny;
        wide = c;
        wide /= 3;
        wide |= 0xff00;
        wide <<= 4;
        low = uint8(a);
        low++;
        unchecked { low += 250; low--; }
        return (left, tiny, wide, low);
    }

    function step_(uint256 x) external returns (Step) { step = Step(x); return step; }

    function values(uint256 a) external returns (uint256, uint256, uint256, bool) {
        uint256 before = wide++;
        uint256 after_ = ++wide;
        uint256 all = (wide = a);
        all += (wide += 1);
        (wide, left, flag) = (left, uint128(a), !flag);
        return (before, after_, all + wide, flag);
    }

    // Within one transaction the value stays, through calls and after reverts of others.
    function through(uint256 x, bool fails) external returns (uint256, uint256) {
        wide = x;
        counts[x % 4]++;
        (bool ok, ) = address(this).call(abi.encodeCall(this.inner, (fails)));
        return (wide, ok ? counts[x % 4] : 99);
    }

    function inner(bool fails) external {
        wide += 1;
        stored += 1;
        require(!fails);
    }

    modifier locked() {
        require(!flag, "locked");
        flag = true;
        _;
        flag = false;
    }

    function enter(uint256 depth) external locked returns (uint256) {
        if (depth % 3 == 1) this.enter(0);
        stored += 1;
        return stored;
    }

    // The same slot numbers in both spaces: what is known of one says nothing of the other.
    function crossed(uint256 a, uint256 b) external returns (uint256 x, uint256 y, uint256 z) {
        assembly {
            let at := wide.slot
            sstore(at, a)
            tstore(at, b)
            x := sload(at)
            y := tload(at)
            tstore(at, add(y, 1))
        }
        z = wide;
        wide = z + 1;
        assembly { x := add(x, tload(wide.slot)) y := sload(wide.slot) }
    }

    function places() external pure returns (uint256[8] memory found) {
        assembly {
            mstore(found, low.slot)
            mstore(add(found, 0x20), flag.offset)
            mstore(add(found, 0x40), who.slot)
            mstore(add(found, 0x60), left.slot)
            mstore(add(found, 0x80), signed.offset)
            mstore(add(found, 0xa0), tiny.slot)
            mstore(add(found, 0xc0), tiny.offset)
            mstore(add(found, 0xe0), stored.slot)
        }
    }

    function twice(uint256 a) external returns (uint256 r) {
        wide = a;
        first = a + 0;
        r = wide;
        wide = 1;
        wide = 2;
        first = 3;
        r += wide * 10 + first;
    }
}

contract TransientConstructor {
    uint256 transient counter;
    uint256 public seen;
    constructor(uint256 x) { counter = x; _add(); seen = counter; }
    function _add() private { unchecked { counter += 3; } }
    function now_() external view returns (uint256) { return counter; }
}
